/** What screen readers are told when something comes by itself: a test's result, a tick of the checklist. */
import { html, type TemplateResult } from 'lit'

export function live(text: string): TemplateResult {
  return html`<p class="sr" role="status">${text}</p>`
}
