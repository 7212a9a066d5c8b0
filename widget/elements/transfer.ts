import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CallView, ColleagueView } from '../../server/http/schemas.ts'
import { act } from '../client/call-control.ts'
import { type Client, ClientController } from '../client/client.ts'
import { isWaitingFor, selectColleagues } from '../client/select-controls.ts'
import { plain } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { agentStateStyles, stateDot, stateText } from './agent-state.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { phoneIcon } from './icons.ts'
import { icon } from './line-icons.ts'

/** Somebody or some number that the call can go to. */
interface Target {
  readonly to: string
  readonly label: string
  readonly agent: ColleagueView | null
}

/** Chooses where a call goes: a colleague by name or extension with their state, or any number (CTL-4). */
export class RingsideTransfer extends LitElement {
  static override properties = {
    client: { attribute: false },
    call: { attribute: false },
    onDone: { attribute: false },
    text: { state: true },
    active: { state: true },
  }
  declare client: Client | null
  declare call: CallView | null
  declare onDone: (() => void) | null
  declare text: string
  /** Whom the list marks, whoever moves around them; null: nobody yet. */
  declare active: string | null

  constructor() {
    super()
    this.client = null
    this.call = null
    this.onDone = null
    this.text = ''
    this.active = null
    new ClientController(this)
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  #targets(client: Client, call: CallView): readonly Target[] {
    const text = this.text.trim()
    const found = selectColleagues(client.state, call.connectionId, text).map(
      ({ agent, extension }) => ({ to: extension, label: plain(agent.name), agent }),
    )
    const number = toNumber(text)
    const isExtension = found.some((one) => one.to === number)
    if (number === null || isExtension) return found
    return [...found, { to: number, label: number, agent: null }]
  }

  /** Colleagues change places as they become free and busy. */
  #indexIn(targets: readonly Target[]): number {
    return Math.max(
      0,
      targets.findIndex(({ to }) => to === this.active),
    )
  }

  protected override willUpdate(): void {
    const { client, call } = this
    if (client === null || call === null) return
    const targets = this.#targets(client, call)
    this.active = targets[this.#indexIn(targets)]?.to ?? null
  }

  get #canAsk(): boolean {
    const { client, call } = this
    const can = client?.state.controls[call?.connectionId ?? ''] ?? []
    return can.includes('transfer-complete')
  }

  #transfer(target: Target | undefined, mode: 'blind' | 'attended'): void {
    const { client, call } = this
    if (client === null || call === null || target === undefined) return
    if (isWaitingFor(client.state, call.id, 'transfer')) return
    const { to, label } = target
    act(client, call.id, { name: 'transfer', to, mode, label }).then(
      () => this.onDone?.(),
      // Why not is said in the bar, and the choice stays as it was.
      () => undefined,
    )
  }

  readonly #onInput = (event: InputEvent) => {
    this.text = (event.target as HTMLInputElement).value
    this.active = null
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const { client, call } = this
    if (client === null || call === null) return
    const targets = this.#targets(client, call)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && targets.length > 0) {
      event.preventDefault()
      const next = (this.#indexIn(targets) + step + targets.length) % targets.length
      this.active = targets[next]?.to ?? null
      void this.updateComplete.then(() => {
        this.renderRoot.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
      })
    }
    if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault()
      const mode = event.shiftKey && this.#canAsk ? 'attended' : 'blind'
      this.#transfer(targets[this.#indexIn(targets)], mode)
    }
  }

  protected override render() {
    const { client, call } = this
    if (client === null || call === null) return nothing
    const targets = this.#targets(client, call)
    const index = this.#indexIn(targets)
    const active = targets[index]
    const isWaiting = isWaitingFor(client.state, call.id, 'transfer')
    return html`
      <div><label for="to">${t('transfer.label')}</label>
        <div class="box">${icon('search')}
          <input id="to" type="text" dir="auto" autocomplete="off" spellcheck="false" role="combobox"
            aria-expanded=${targets.length > 0} aria-controls="targets" aria-autocomplete="list"
            aria-activedescendant=${active === undefined ? nothing : `target-${index}`}
            .value=${this.text} @input=${this.#onInput} @keydown=${this.#onKey}></div></div>
      <ul id="targets" role="listbox" aria-label=${t('transfer.to')}>
        ${targets.map((one, index) => this.#renderTarget(client, one, index))}</ul>
      ${targets.length === 0 ? html`<p class="small muted" role="status">${t('transfer.none')}</p>` : nothing}
      <div class="row">
        <button class="primary grow" ?disabled=${active === undefined} aria-busy=${isWaiting}
          @click=${() => this.#transfer(active, 'blind')}>${t('transfer.now')}</button>
        ${
          this.#canAsk
            ? html`<button class="grow" ?disabled=${active === undefined} aria-busy=${isWaiting}
              @click=${() => this.#transfer(active, 'attended')}>${t('transfer.ask')}</button>`
            : nothing
        }
      </div>
      <p class="small muted">${t(this.#canAsk ? 'transfer.keys' : 'transfer.keysNow')}</p>`
  }

  #renderTarget(client: Client, { to, label, agent }: Target, index: number): TemplateResult {
    return html`<li role="option" id="target-${index}" aria-selected=${to === this.active}
      @click=${() => {
        this.active = to
      }}>
      ${agent === null ? html`<span class="muted">${phoneIcon('outgoing')}</span>` : stateDot(agent.state)}
      <span class="grow row"><bdi class="line">${agent === null ? t('transfer.number', { number: label }) : label}</bdi>
        ${agent === null ? nothing : html`<bdi class="muted num">${to}</bdi>`}</span>
      ${agent === null ? nothing : html`<bdi class="small muted line about">${stateText(client.state, agent)}</bdi>`}
    </li>`
  }

  static override styles = [
    ...shared,
    controls,
    agentStateStyles,
    css`
      :host { display: flex !important; flex-direction: column; gap: var(--_2); }
      .box { position: relative; }
      .box svg { position: absolute; inset-block: 0; margin-block: auto; inset-inline-start: 10px; color: var(--_muted); }
      .box input { padding-inline-start: 32px; }
      ul { max-block-size: 200px; margin-inline: calc(var(--_2) * -1); overflow: auto; overscroll-behavior: contain; }
      li { display: flex; align-items: center; gap: var(--_2); min-block-size: var(--_control); padding: var(--_1) var(--_2); cursor: pointer; border-radius: var(--_radius-small); }
      li:hover { background: var(--_surface); }
      li[aria-selected='true'] { background: var(--_accent-soft); }
      li .num { flex: none; }
      .about { flex: 0 1 auto; max-inline-size: 50%; }
      li svg { inline-size: var(--_size); block-size: var(--_size); margin-inline: -2px; }
      @media (forced-colors: active) { li[aria-selected='true'] { outline: 2px solid Highlight; } }
    `,
  ]
}

/** What can be dialled of a typed text: digits, `*`, `#`, a leading plus; null where it is a name. */
function toNumber(text: string): string | null {
  const number = text.replaceAll(/[\s().\-/]/g, '')
  return /^\+?[\d*#]+$/.test(number) ? number : null
}

define('ringside-transfer', RingsideTransfer)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-transfer': RingsideTransfer
  }
}
