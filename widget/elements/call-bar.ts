import { html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CallView } from '../../server/http/schemas.ts'
import { act } from '../client/call-control.ts'
import { type Client, ClientController } from '../client/client.ts'
import type { ActionName, CallAction } from '../client/control-types.ts'
import { keepMarks } from '../client/keep-marks.ts'
import { closeCall } from '../client/requests.ts'
import { secondsSince, selectCallUsers, selectColleague, selectMark } from '../client/select.ts'
import { isWaitingFor, selectConsultation, selectControls } from '../client/select-controls.ts'
import { callerName, duration, plain } from '../format.ts'
import { t } from '../i18n/t.ts'
import { Actions } from './action.ts'
import { callBarStyles } from './call-bar-styles.ts'
import { actionIcon, traceIcon } from './call-icons.ts'
import { define, later } from './define.ts'
import { closeIcon, moreIcon, phoneIcon } from './icons.ts'
import { refusalText } from './refusal.ts'
import { go } from './route.ts'

type Drawer = 'menu' | 'transfer' | 'keypad'
const DRAWERS: Partial<Record<ActionName, Drawer>> = { transfer: 'transfer', dtmf: 'keypad' }
/** Needed in few calls: behind “More”, where there is room to say what they do. */
const RARE: readonly ActionName[] = ['pause-recording', 'park']

/**
 * The call that goes on (POP-7): with whom, how long, and what can be done about it.
 * @csspart call-bar - the bar
 */
export class RingsideCallBar extends LitElement {
  static override properties = {
    client: { attribute: false },
    call: { attribute: false },
    drawer: { state: true },
  }
  declare client: Client | null
  declare call: CallView | null
  /** What is open below the buttons. */
  declare drawer: Drawer | null
  readonly #actions = new Actions(this)

  constructor() {
    super()
    this.client = null
    this.call = null
    this.drawer = null
    new ClientController(this)
  }

  override focus(): void {
    const [first] = ['.act', '.who'].flatMap(
      (one) => this.renderRoot.querySelector<HTMLElement>(one) ?? [],
    )
    first?.focus()
  }

  protected override willUpdate(): void {
    const { client, call } = this
    if (client === null || call === null) return
    keepMarks(client)
    const can = selectControls(client.state, call)
    const isGone =
      (this.drawer === 'transfer' && !can.includes('transfer')) ||
      (this.drawer === 'keypad' && !can.includes('dtmf'))
    if (isGone) this.drawer = null
  }

  readonly #onOpen = () => {
    if (this.call !== null) go(this, { view: 'call', callId: this.call.id })
  }

  #toggle(drawer: Drawer): void {
    this.drawer = this.drawer === drawer ? null : drawer
  }

  readonly #onMenu = () => this.#toggle('menu')

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || this.drawer === null) return
    event.preventDefault()
    event.stopPropagation()
    this.#closeDrawer()
  }

  readonly #closeDrawer = () => {
    const { drawer } = this
    this.drawer = null
    this.renderRoot.querySelector<HTMLElement>(`[data-drawer=${drawer}]`)?.focus()
  }

  readonly #onOver = () => {
    const { client, call } = this
    if (client === null || call === null) return
    void this.#actions.run('over', () => closeCall(client, call.id))
  }

  #press(name: ActionName): void {
    const drawer = DRAWERS[name]
    if (drawer !== undefined) this.#toggle(drawer)
    else this.#act({ name } as CallAction)
    if (RARE.includes(name)) this.#closeDrawer()
  }

  #act(action: CallAction): void {
    const { client, call } = this
    if (client === null || call === null || isWaitingFor(client.state, call.id, action.name)) return
    // A refusal is in the state, from where it is shown.
    act(client, call.id, action).catch(() => undefined)
  }

  protected override render() {
    const { client, call } = this
    if (client === null || call === null) return nothing
    const colleague = selectColleague(client.state, call)
    const name =
      colleague === null
        ? callerName(call, selectCallUsers(client.state, call))
        : plain(colleague.name)
    const controls = selectControls(client.state, call)
    const since = call.answeredAt ?? call.ringingAt ?? call.startedAt
    const isParked = controls.includes('retrieve')
    const isInBar = (one: ActionName) => !RARE.includes(one) && one !== 'resume-recording'
    const shown = controls.filter(isInBar)
    const isWaiting = RARE.some((one) => isWaitingFor(client.state, call.id, one))
    return html`<div class="bar ${isParked ? 'held' : call.state}" part="call-bar" role="group"
        aria-label=${t('call.group', { name })} @keydown=${this.#onKey}>
      <div class="head">
        <span class="sign">${phoneIcon(call.direction === 'outgoing' ? 'outgoing' : 'incoming')}</span>
        <button class="who grow" @click=${this.#onOpen} title=${t('call.open')}>
          <bdi class="line strong">${name}</bdi>
        </button>
        <span class="small state" role="status">${this.#renderState(client, call, isParked)}</span>
        <span class=${call.answeredAt === null ? 'num' : 'num strong'} role="timer" aria-live="off">
          ${duration(secondsSince(client.state, since))}</span>
        <button class="icon more" data-drawer="menu" aria-label=${t('call.more')} title=${t('call.more')}
          aria-busy=${isWaiting} aria-describedby=${this.#isRareRefused(client, call) ? 'refusal' : nothing} aria-expanded=${this.drawer === 'menu'} @click=${this.#onMenu}>${moreIcon()}</button>
      </div>
      ${
        shown.length === 0
          ? nothing
          : html`<div class="acts">${shown.map((one) => this.#renderButton(client, call, one))}</div>`
      }
      ${this.#renderUnrecorded(client, call, controls)}
      ${this.#renderRefusal(client, call)}
    </div>
    ${this.#renderDrawer(client, call)}`
  }

  #renderState(client: Client, call: CallView, isParked: boolean): TemplateResult | string {
    const mark = selectMark(client.state, call.id)
    if (isParked) return t('call.parked')
    if (mark.consulting !== null) return this.#askingText(client, mark.consulting)
    const state = t(`call.${call.state}`)
    const isMuted = mark.isMuted && call.state === 'answered'
    return isMuted ? html`<span class="strong muted-now">${t('call.muted')}</span>` : state
  }

  /** That nothing is recorded is not to be forgotten: it stays in sight until it is over. */
  #renderUnrecorded(
    client: Client,
    call: CallView,
    controls: readonly ActionName[],
  ): TemplateResult | typeof nothing {
    if (!selectMark(client.state, call.id).isRecordingPaused) return nothing
    const name = 'resume-recording'
    return html`<div class="strip small">${actionIcon('pause-recording')}
      <span class="grow strong" role="status">${t('call.unrecorded')}</span>
      ${
        controls.includes(name)
          ? html`<button class="small" data-act=${name} title=${t('hint.resume-recording')}
            aria-busy=${isWaitingFor(client.state, call.id, name)}
            @click=${() => this.#press(name)}>${t('do.resume-recording')}</button>`
          : nothing
      }</div>`
  }

  #askingText(client: Client, consulting: string): string {
    const asked = selectConsultation(client.state)
    // After a change of page it is not known any more whom.
    const name = consulting || t('call.colleague')
    if (asked === null) return t('call.asking', { name })
    const isTalking = asked.answeredAt !== null
    return t(isTalking ? 'call.askingTalking' : 'call.askingRinging', { name })
  }

  #renderButton(client: Client, call: CallView, name: ActionName): TemplateResult {
    const drawer = DRAWERS[name]
    const isWaiting = isWaitingFor(client.state, call.id, name)
    const isRefused = selectMark(client.state, call.id).refusal?.name === name
    const hint = `hint.${name}` as const
    const label = t(`do.${name}`)
    const title =
      name === 'hangup' || name === 'retrieve' || name === 'answer' ? label : t(hint as 'hint.hold')
    return html`<button class="act ${name}" data-act=${name} data-drawer=${drawer ?? nothing} title=${title}
      aria-busy=${isWaiting} aria-expanded=${drawer === undefined ? nothing : this.drawer === drawer}
      aria-describedby=${isRefused ? 'refusal' : nothing} @click=${() => this.#press(name)}>
      ${actionIcon(name)}<span class="line">${label}</span></button>`
  }

  #isRareRefused(client: Client, call: CallView): boolean {
    const name = selectMark(client.state, call.id).refusal?.name
    return name !== undefined && RARE.includes(name)
  }

  #renderRefusal(client: Client, call: CallView): TemplateResult | typeof nothing {
    const { refusal } = selectMark(client.state, call.id)
    if (refusal === null || refusal.name === 'answer') return nothing
    return html`<p class="refusal small" id="refusal" role="alert">${refusalText(refusal)}</p>`
  }

  #renderDrawer(client: Client, call: CallView): TemplateResult | typeof nothing {
    switch (this.drawer) {
      case null:
        return nothing
      case 'menu':
        return this.#renderMenu(client, call)
      case 'transfer':
        later(import('./transfer.ts'))
        return html`<ringside-transfer class="drawer" .client=${client} .call=${call} .onDone=${this.#closeDrawer}
          @keydown=${this.#onKey}></ringside-transfer>`
      case 'keypad':
        later(import('./keypad.ts'))
        return html`<ringside-keypad class="drawer" .client=${client} .callId=${call.id}
          @keydown=${this.#onKey}></ringside-keypad>`
    }
  }

  #renderMenu(client: Client, call: CallView): TemplateResult {
    const rare = selectControls(client.state, call).filter((one) => RARE.includes(one))
    const item = (content: unknown, title: string, hint: string) =>
      html`${content}<span class="grow"><span>${title}</span><span class="hint small muted">${hint}</span></span>`
    return html`<div class="drawer menu" @keydown=${this.#onKey}>
      ${rare.map(
        (
          name,
        ) => html`<button class="item" data-act=${name} aria-busy=${isWaitingFor(client.state, call.id, name)}
          @click=${() => this.#press(name)}>${item(actionIcon(name), t(`do.${name}`), t(`hint.${name}` as 'hint.park'))}</button>`,
      )}
      <button class="item trace" @click=${() => go(this, { view: 'trace', callId: call.id })}>
        ${item(traceIcon(), t('trace.title'), t('trace.hint'))}</button>
      <button class="item over" @click=${this.#onOver} aria-busy=${this.#actions.isBusy('over')}>
        ${item(closeIcon(), t('call.over'), t('call.overHint'))}</button>
      ${this.#actions.error('over')}
    </div>`
  }

  static override styles = callBarStyles
}

define('ringside-call-bar', RingsideCallBar)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-call-bar': RingsideCallBar
  }
}
