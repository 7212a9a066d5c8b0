/** The line above a picture: what it shows, or the value of what is pointed at. */
import { html, type TemplateResult } from 'lit'

/** Hidden from screen readers: the picture has the one as its name, each point the other. */
export function renderSaid(finding: string, pointed: string | null): TemplateResult {
  return html`<p class="said" aria-hidden="true">
    <span class=${pointed === null ? '' : 'away'}>${finding}</span>
    <span class="pointed num ${pointed === null ? 'away' : ''}">${pointed ?? ''}</span></p>`
}
