import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { setMyState } from '../client/call-control.ts'
import { type Client, ClientController } from '../client/client.ts'
import type { OwnState } from '../client/control-types.ts'
import { selectMyself } from '../client/select.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions } from './action.ts'
import { agentStateStyles, stateDot, stateText } from './agent-state.ts'
import { define, later } from './define.ts'
import { controls } from './form-styles.ts'
import { whyNot } from './refusal.ts'
import '../alerts/alert-choice.ts'

const REASONS = ['break', 'lunch', 'meeting', 'training'] as const

/** The agent's own state, and the menu that changes it (CTL-6). */
export class RingsideMyState extends LitElement {
  static override properties = { client: { attribute: false }, isOpen: { state: true } }
  declare client: Client | null
  declare isOpen: boolean
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.isOpen = false
    new ClientController(this)
  }

  readonly #onToggle = async () => {
    this.isOpen = !this.isOpen
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('.menu button')?.focus()
  }

  #close(): void {
    this.isOpen = false
    this.renderRoot.querySelector<HTMLElement>('.me')?.focus()
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !this.isOpen) return
    event.preventDefault()
    event.stopPropagation()
    this.#close()
  }

  /** Anything else gets the focus: the menu goes. */
  readonly #onFocusOut = (event: FocusEvent) => {
    const next = event.relatedTarget
    if (next instanceof Node && !this.renderRoot.contains(next)) this.isOpen = false
  }

  async #set(state: OwnState, reason = ''): Promise<void> {
    const { client } = this
    if (client === null) return
    const done = await this.#actions.run('state', async () => {
      await setMyState(client, state, reason)
      return true
    })
    if (done) this.#close()
  }

  readonly #onOther = (event: SubmitEvent) => {
    event.preventDefault()
    const field = this.renderRoot.querySelector('input')
    const reason = field?.value.trim() ?? ''
    if (reason === '') field?.focus()
    else void this.#set('away', reason)
  }

  protected override render() {
    const { client } = this
    const me = client === null ? null : selectMyself(client.state)
    if (client === null || me === null) return nothing
    const text = stateText(client.state, me)
    const isBusy = this.#actions.isBusy('state')
    return html`<div @keydown=${this.#onKey} @focusout=${this.#onFocusOut}>
      <button class="quiet me" aria-expanded=${this.isOpen} aria-busy=${isBusy}
        aria-label="${t('me.state')}: ${text}" title=${t('me.state')} @click=${this.#onToggle}>
        ${stateDot(me.state)}<bdi class="line">${text}</bdi></button>
      ${this.isOpen ? this.#renderMenu(me.state) : nothing}
    </div>`
  }

  #renderMenu(current: string): TemplateResult {
    const choice = (state: 'free' | 'offline') => html`<button class="quiet choice"
      aria-pressed=${current === state} @click=${() => this.#set(state)}>
      ${stateDot(state)}<span><span class="strong">${t(`me.${state}`)}</span>
      <span class="small muted">${t(`me.${state}Hint`)}</span></span></button>`
    return html`<div class="menu" role="group" aria-label=${t('me.state')}>
      ${choice('free')}
      <div class="away" role="group" aria-label=${t('state.away')}>
        <p class="choice">${stateDot('away')}<span><span class="strong">${t('state.away')}</span>
          <span class="small muted">${t('me.awayHint')}</span></span></p>
        <div class="reasons">${REASONS.map((reason) => {
          const text = t(`reason.${reason}`)
          return html`<button class="small" @click=${() => this.#set('away', text)}>${text}</button>`
        })}</div>
        <form class="row" @submit=${this.#onOther}>
          <input maxlength="80" dir="auto" autocomplete="off" aria-label=${t('reason.other')} placeholder=${t('reason.other')}>
          <button class="small">${t('me.set')}</button></form>
      </div>
      ${choice('offline')}
      ${whyNot(this.#actions, 'state')}
      <ringside-alert-choice .client=${this.client}></ringside-alert-choice>
      ${this.client?.api.signsIn ? renderSignOut(this.client) : nothing}
    </div>`
  }

  static override styles = [
    ...shared,
    controls,
    agentStateStyles,
    css`
      :host { display: block; flex: none; max-inline-size: 45%; }
      @media (max-width: 420px) { .me .line { display: none; } }
      .me { max-inline-size: 100%; gap: var(--_2); padding: var(--_1) var(--_2); font-weight: 400; }
      .menu {
        position: absolute; z-index: 1; inset-block-start: 44px; inset-inline-end: 8px; inline-size: min(20em, calc(100% - 16px));
        padding: 6px; background: var(--_background); border: 1px solid var(--_border);
        border-radius: var(--_radius); box-shadow: var(--_shadow);
      }
      .choice { display: flex; align-items: baseline; justify-content: start; gap: var(--_3); inline-size: 100%; padding: 6px var(--_2); font-weight: 400; text-align: start; }
      .choice > span:last-child > span { display: block; }
      .choice[aria-pressed='true'] { background: var(--_accent-soft); }
      .away { padding-block-end: 6px; }
      .reasons, form { margin-inline: 28px 8px; }
      .reasons { display: flex; flex-wrap: wrap; gap: 6px; margin-block-end: 6px; }
      .reasons button, form button { min-block-size: 28px; padding-inline: 10px; }
      form { gap: 6px; }
      form input { min-block-size: 28px; padding-block: 3px; }
    `,
  ]
}

function renderSignOut(client: Client): TemplateResult {
  later(import('./sign-out.ts'))
  return html`<ringside-sign-out .client=${client}></ringside-sign-out>`
}

define('ringside-my-state', RingsideMyState)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-my-state': RingsideMyState
  }
}
