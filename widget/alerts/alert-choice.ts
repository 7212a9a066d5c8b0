import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { type Client, ClientController } from '../client/client.ts'
import { define } from '../elements/define.ts'
import { enAlerts } from '../i18n/en-alerts.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { allowNotifications, choose, hasChosen, notificationsIn, optionsOf } from './choice.ts'
import { ChoiceController } from './choice-controller.ts'

addEnglish(enAlerts)

/** Switches for sound and notifications of this browser, in the menu of the agent's state. */
export class RingsideAlertChoice extends LitElement {
  static override properties = { client: { attribute: false } }
  declare client: Client | null

  constructor() {
    super()
    this.client = null
    new ClientController(this)
    new ChoiceController(this)
  }

  readonly #onSound = () => choose('no-sound', !hasChosen('no-sound'))
  readonly #onNotify = () => {
    const { client } = this
    if (client === null) return
    if (notificationsIn(optionsOf(client)) === 'on') choose('no-notifications', true)
    else void allowNotifications()
  }

  protected override render() {
    const { client } = this
    if (client === null) return nothing
    const options = optionsOf(client)
    const notifications = notificationsIn(options)
    if (!options.sound && notifications === 'none') return nothing
    return html`<div role="group" aria-label=${t('alerts.title')}>
      <p class="small muted">${t('alerts.title')}</p>
      ${options.sound ? renderSwitch(t('alerts.sound'), !hasChosen('no-sound'), this.#onSound) : nothing}
      ${
        notifications === 'none'
          ? nothing
          : notifications === 'blocked'
            ? html`<p class="small muted blocked">${t('alerts.blocked')}</p>`
            : renderSwitch(t('alerts.notify'), notifications === 'on', this.#onNotify)
      }
    </div>`
  }

  static override styles = [
    ...shared,
    css`
      :host { display: block; }
      div { margin-block-start: 4px; padding-block: 8px 2px; border-block-start: 1px solid var(--_border); }
      p { padding-inline: 8px; }
      .blocked { padding-block: 4px; }
      button {
        inline-size: 100%; justify-content: space-between; gap: 12px; padding: 4px 8px; border-color: transparent;
        background: transparent; font-weight: 400; text-align: start;
      }
      .track {
        flex: none; inline-size: 30px; block-size: 18px; padding: 2px; border: 1px solid var(--_field);
        border-radius: 999px; background: var(--_background);
      }
      .track::before {
        content: ''; display: block; inline-size: 12px; block-size: 12px; border-radius: 50%; background: var(--_field);
      }
      [aria-checked='true'] .track { border-color: var(--_accent); background: var(--_accent); }
      [aria-checked='true'] .track::before { margin-inline-start: auto; background: var(--_on-accent); }
      @media (forced-colors: active) {
        .track { border-color: ButtonText; }
        .track::before { background: ButtonText; }
        [aria-checked='true'] .track { background: Highlight; forced-color-adjust: none; }
      }
    `,
  ]
}

function renderSwitch(text: string, isOn: boolean, onClick: () => void): TemplateResult {
  return html`<button role="switch" aria-checked=${isOn} @click=${onClick}>
    <span>${text}</span><span class="track" aria-hidden="true"></span></button>`
}

define('ringside-alert-choice', RingsideAlertChoice)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-alert-choice': RingsideAlertChoice
  }
}
