import { css, html, LitElement, nothing } from 'lit'
import type { Client } from '../client/client.ts'
import { enPanel } from '../i18n/en-panel.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { closeIcon } from './icons.ts'
import './sign-in.ts'

addEnglish(enPanel)

/**
 * Stands in the panel's place while nobody is signed in by the personal link that this page wants (EMBED-7).
 * @csspart panel - the card
 */
export class RingsideSignInCard extends LitElement {
  static override properties = { client: { attribute: false }, onClose: { attribute: false } }
  declare client: Client | null
  declare onClose: (() => void) | null

  constructor() {
    super()
    this.client = null
    this.onClose = null
  }

  override focus(): void {
    this.renderRoot.querySelector('ringside-sign-in')?.focus()
  }

  protected override render() {
    if (this.client === null) return nothing
    return html`<section part="panel" aria-label=${t('panel.label')}>
      <button class="icon" aria-label=${t('panel.close')} title=${t('panel.close')}
        @click=${() => this.onClose?.()}>${closeIcon()}</button>
      <ringside-sign-in .client=${this.client}></ringside-sign-in>
    </section>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; }
      section {
        position: relative; padding: 16px; background: var(--_background);
        border: 1px solid var(--_border); border-radius: var(--_radius); box-shadow: var(--_shadow);
      }
      .icon { position: absolute; inset-block-start: 6px; inset-inline-end: 6px; }
    `,
  ]
}

define('ringside-sign-in-card', RingsideSignInCard)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-sign-in-card': RingsideSignInCard
  }
}
