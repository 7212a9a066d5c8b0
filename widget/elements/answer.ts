import { css, html, LitElement, nothing } from 'lit'
import type { CallView } from '../../server/http/schemas.ts'
import { act } from '../client/call-control.ts'
import { type Client, ClientController } from '../client/client.ts'
import { selectMark } from '../client/select.ts'
import { isWaitingFor, selectControls } from '../client/select-controls.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { define } from './define.ts'
import { phoneIcon } from './icons.ts'
import { refusalText } from './refusal.ts'

/** Picks up the agent's phone from the pop-up, where the phone can be told to (CTL-3). */
export class RingsideAnswer extends LitElement {
  static override properties = { client: { attribute: false }, call: { attribute: false } }
  declare client: Client | null
  declare call: CallView | null

  constructor() {
    super()
    this.client = null
    this.call = null
    new ClientController(this)
  }

  readonly #onAnswer = () => {
    const { client, call } = this
    if (client === null || call === null || isWaitingFor(client.state, call.id, 'answer')) return
    // Why not, if so, is in the state of the call.
    act(client, call.id, { name: 'answer' }).catch(() => undefined)
  }

  protected override render() {
    const { client, call } = this
    if (client === null || call === null) return nothing
    if (!selectControls(client.state, call).includes('answer')) return nothing
    const { refusal } = selectMark(client.state, call.id)
    return html`<button aria-busy=${isWaitingFor(client.state, call.id, 'answer')}
      @click=${this.#onAnswer}>${phoneIcon()}${t('do.answer')}</button>
      ${refusal === null ? nothing : html`<p class="note error small" role="alert">${refusalText(refusal)}</p>`}`
  }

  static override styles = [
    ...shared,
    css`
      :host { display: block; }
      button {
        inline-size: 100%; margin-block-start: var(--_3); background: var(--_green); border-color: var(--_green);
        color: var(--_background); font-weight: 600;
      }
      button:hover { background: var(--_green); filter: brightness(1.08); }
      button[aria-busy='true'] { color: var(--_background); opacity: 0.7; }
      .note { margin-block-start: var(--_2); }
    `,
  ]
}

define('ringside-answer', RingsideAnswer)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-answer': RingsideAnswer
  }
}
