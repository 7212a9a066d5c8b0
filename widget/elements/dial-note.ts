import { css, html, LitElement, nothing } from 'lit'
import { plain } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { define } from './define.ts'
import { closeIcon, phoneIcon } from './icons.ts'
import { whyText } from './refusal.ts'

const SHOWN_MS = 8_000

/** A number that the page asked to dial: until the call is there, or why it will not be (CTL-2). */
export class RingsideDialNote extends LitElement {
  static override properties = {
    number: { attribute: false },
    error: { attribute: false },
    onGone: { attribute: false },
  }
  declare number: string
  /** Null while the server has not answered. */
  declare error: unknown
  declare onGone: (() => void) | null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.number = ''
    this.error = null
    this.onGone = null
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  protected override updated(): void {
    clearTimeout(this.#timer)
    if (this.error !== null) this.#timer = setTimeout(() => this.onGone?.(), SHOWN_MS)
  }

  protected override render() {
    const number = plain(this.number)
    const isFailed = this.error !== null
    return html`<div class="row" role=${isFailed ? 'alert' : 'status'}>
      <span class=${isFailed ? 'red' : 'sign'}>${phoneIcon('outgoing')}</span>
      <p class="grow wrap">${
        isFailed
          ? html`<span class="strong">${t('dial.failed', { number })}</span> ${whyText(this.error)}`
          : t('dial.calling', { number })
      }</p>
      ${
        isFailed
          ? html`<button class="icon" aria-label=${t('dial.close')} title=${t('dial.close')}
            @click=${() => this.onGone?.()}>${closeIcon()}</button>`
          : nothing
      }</div>`
  }

  static override styles = [
    ...shared,
    css`
      :host {
        display: block; padding-block: 6px; padding-inline: var(--_4) 6px; background: var(--_background);
        border: 1px solid var(--_border); border-radius: var(--_radius); box-shadow: var(--_shadow);
      }
      .row { min-block-size: var(--_control); }
      .wrap { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 6; overflow: hidden; }
      .sign { color: var(--_accent); }
    `,
  ]
}

define('ringside-dial-note', RingsideDialNote)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-dial-note': RingsideDialNote
  }
}
