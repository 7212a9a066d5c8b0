/** A secret that is shown: it can be copied, and nothing keeps it. */
import { html, type TemplateResult } from 'lit'
import './copy-button.ts'

export interface SecretLineOptions {
  readonly id: string
  readonly label: string
  readonly secret: string
}

/** The secret in a field of its own, with a button that copies it. */
export function secretLine({ id, label, secret }: SecretLineOptions): TemplateResult {
  const select = (event: Event) => (event.target as HTMLInputElement).select()
  return html`<div class="copy-line">
    <input id=${id} class="code" dir="ltr" readonly autocomplete="off" spellcheck="false"
      aria-label=${label} .value=${secret} @focus=${select}>
    <ringside-settings-copy .text=${secret}></ringside-settings-copy></div>`
}
