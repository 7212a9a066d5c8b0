import { css, html, LitElement, nothing } from 'lit'
import { type Client, ClientController } from '../client/client.ts'
import { selectCurrentCalls, selectPopups } from '../client/select.ts'
import { define } from '../elements/define.ts'
import { enAlerts } from '../i18n/en-alerts.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { allowNotifications, choose, notificationsIn, optionsOf } from './choice.ts'
import { ChoiceController } from './choice-controller.ts'

addEnglish(enAlerts)

/** One calm line below the panel that offers notifications, until it is answered (POP-11). */
export class RingsideAlertOffer extends LitElement {
  static override properties = { client: { attribute: false } }
  declare client: Client | null

  constructor() {
    super()
    this.client = null
    new ClientController(this)
    new ChoiceController(this)
  }

  readonly #onAllow = () => void allowNotifications()
  readonly #onNotNow = () => choose('no-notifications', true)

  protected override render() {
    const { client } = this
    if (client === null) return nothing
    // Not while somebody waits for an answer.
    if (selectCurrentCalls(client.state).length + selectPopups(client.state).length > 0)
      return nothing
    // Last: the browser asks another process.
    if (notificationsIn(optionsOf(client)) !== 'ask') return nothing
    return html`<section class="row" aria-label=${t('alerts.title')}>
      <p class="grow small">${t('alerts.offer')}</p>
      <span class="row"><button class="small" @click=${this.#onAllow}>${t('alerts.allow')}</button>
      <button class="small plain" @click=${this.#onNotNow}>${t('alerts.notNow')}</button></span>
    </section>`
  }

  static override styles = [
    ...shared,
    css`
      :host { display: block; flex: none; margin-block-start: auto; }
      section {
        flex-wrap: wrap; gap: 6px 10px; padding: 8px 8px 8px 16px; padding-inline: 16px 8px;
        background: var(--_surface); border-block-start: 1px solid var(--_border);
      }
      p { flex-basis: 150px; color: var(--_muted); }
      .row .row { gap: 2px; margin-inline-start: auto; }
      button { min-block-size: 28px; padding: 2px 10px; }
      .plain { border-color: transparent; background: transparent; font-weight: 400; }
      .plain:hover { text-decoration: underline; }
    `,
  ]
}

define('ringside-alert-offer', RingsideAlertOffer)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-alert-offer': RingsideAlertOffer
  }
}
