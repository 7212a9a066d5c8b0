import { css, html, LitElement, nothing } from 'lit'
import type { CallView } from '../../server/http/schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { secondsSince, selectCallUsers } from '../client/select.ts'
import { callerName, duration } from '../format.ts'
import { t } from '../i18n/t.ts'
import { controls, shared } from '../styles.ts'
import { Actions } from './action.ts'
import { define } from './define.ts'
import { moreIcon, phoneIcon } from './icons.ts'
import { go } from './route.ts'

/**
 * The call that goes on (POP-7): with whom, how long, and what can be done about it.
 * @csspart call-bar - the bar
 */
export class RingsideCallBar extends LitElement {
  static override properties = {
    client: { attribute: false },
    call: { attribute: false },
    menuOpen: { state: true },
  }
  declare client: Client | null
  declare call: CallView | null
  declare menuOpen: boolean
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.call = null
    this.menuOpen = false
    new ClientController(this)
  }

  readonly #onOpen = () => {
    if (this.call !== null) go(this, { view: 'call', callId: this.call.id })
  }

  readonly #onMenu = () => {
    this.menuOpen = !this.menuOpen
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !this.menuOpen) return
    event.stopPropagation()
    this.menuOpen = false
    this.renderRoot.querySelector<HTMLElement>('.more')?.focus()
  }

  readonly #onOver = () => {
    const { client, call } = this
    if (client === null || call === null) return
    void this.#actions.run('over', () => client.closeCall(call.id))
  }

  protected override render() {
    const { client, call } = this
    if (client === null || call === null) return nothing
    const name = callerName(call, selectCallUsers(client.state, call))
    const isTalking = call.answeredAt !== null
    const since = call.answeredAt ?? call.ringingAt ?? call.startedAt
    const state = t(`call.${call.state}`)
    return html`<div class="bar ${call.state}" part="call-bar" @keydown=${this.#onKey}>
      <span class="sign">${phoneIcon(call.direction === 'outgoing' ? 'outgoing' : 'incoming')}</span>
      <button class="who grow" @click=${this.#onOpen} title=${t('call.open')}>
        <bdi class="line strong">${name}</bdi>
      </button>
      <span class="small state">${state}</span>
      <span class=${isTalking ? 'num strong' : 'num'} role="timer" aria-live="off">
        ${duration(secondsSince(client.state, since))}</span>
      <button class="icon more" aria-label=${t('call.more')} title=${t('call.more')}
        aria-expanded=${this.menuOpen} @click=${this.#onMenu}>${moreIcon()}</button>
    </div>
    ${
      this.menuOpen
        ? html`<div class="menu stack" @keydown=${this.#onKey}>
          <p class="small muted">${t('call.overHint')}</p>
          <button @click=${this.#onOver} aria-busy=${this.#actions.isBusy('over')}>${t('call.over')}</button>
          ${this.#actions.error('over')}
        </div>`
        : nothing
    }`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; border: 1px solid var(--_border); border-radius: var(--_radius);
        background: var(--_background); box-shadow: var(--_shadow); overflow: hidden; }
      .bar {
        display: flex; align-items: center; gap: 8px; min-block-size: 44px; padding-inline: 14px 6px;
        background: var(--_green-soft); color: var(--_text);
      }
      .bar.held { background: var(--_amber-soft); }
      .bar.started, .bar.ringing { background: var(--_accent-soft); }
      .sign { color: var(--_green); }
      .held .sign { color: var(--_amber); }
      .started .sign, .ringing .sign { color: var(--_accent); }
      .who { min-block-size: 32px; padding: 0; border: 0; background: none; justify-content: start; }
      .who:hover { background: none; text-decoration: underline; }
      .icon, .icon:hover { color: inherit; background: none; }
      .menu { padding: 10px 14px 12px; border-block-start: 1px solid var(--_border); }
    `,
  ]
}

define('ringside-call-bar', RingsideCallBar)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-call-bar': RingsideCallBar
  }
}
