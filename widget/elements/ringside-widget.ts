import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { CallView } from '../../server/http/schemas.ts'
import { choice, fillUrl, hiddenParts, localeTag, words } from '../attributes.ts'
import { type Client, ClientController } from '../client/client.ts'
import { type Connection, connect } from '../client/connect.ts'
import {
  currentCaseId,
  selectCallUsers,
  selectCurrentCalls,
  selectMissed,
  selectMyself,
  selectPopups,
} from '../client/select.ts'
import type { Message, State } from '../client/state.ts'
import { type EventName, errorDetail, eventsOf, RingsideEvent } from '../events.ts'
import { isRightToLeft, setLocale, t } from '../i18n/t.ts'
import type { Announcer } from './announcer.ts'
import { define, later } from './define.ts'
import { phoneIcon } from './icons.ts'
import type { RingsidePanel } from './panel.ts'
import { callIdOf, type Route } from './route.ts'
import { isTyping, shortcut } from './shortcuts.ts'
import { widgetStyles } from './widget-styles.ts'

/**
 * Everything an agent sees, in one element: pop-ups, the current call, the panel, the launcher.
 *
 * @attr server - address of the Ringside server; where the script came from
 * @attr token - the agent's token
 * @attr token-url - address of the page that gives a token, fetched shortly before the last one ends
 * @attr locale - language tag; the page's own
 * @attr theme - auto, light or dark
 * @attr position - top-right, top-left, bottom-right or bottom-left
 * @attr user-url - template such as `https://helpdesk.example/users/{externalId}`
 * @attr case-url - template such as `https://helpdesk.example/tickets/{externalId}`
 * @attr open-on-answer - user or none
 * @attr intercept-tel - clicks on the page's `tel:` links dial through the PBX
 * @attr fields - keys of the user fields shown in pop-ups
 * @attr hide - launcher, popups, call-bar, panel
 * @csspart launcher - the button that opens the panel
 * @csspart popups - the stack of pop-ups
 */
export class RingsideWidget extends LitElement {
  static override properties = {
    server: {},
    token: {},
    tokenUrl: { attribute: 'token-url' },
    locale: {},
    theme: {},
    position: {},
    userUrl: { attribute: 'user-url' },
    caseUrl: { attribute: 'case-url' },
    openOnAnswer: { attribute: 'open-on-answer' },
    interceptTel: { attribute: 'intercept-tel', type: Boolean },
    fields: {},
    hide: {},
    client: { attribute: false },
    routes: { state: true },
    announcement: { state: true },
    dialling: { state: true },
  }
  declare server: string
  declare token: string | null
  declare tokenUrl: string | null
  declare locale: string | null
  declare theme: string | null
  declare position: string | null
  declare userUrl: string | null
  declare caseUrl: string | null
  declare openOnAnswer: string | null
  declare interceptTel: boolean
  declare fields: string | null
  declare hide: string | null
  declare client: Client | null
  /** Where the panel is, the last one shown; empty: the panel is closed. */
  declare routes: readonly Route[]
  declare announcement: string
  /** What the page asked to dial, until the call is there. */
  declare dialling: { readonly number: string; readonly error: unknown } | null
  #announcer: Announcer | null = null
  readonly #opened = new Set<string>()
  #connection: Connection | null = null
  #unsubscribe: (() => void) | null = null
  #stopLinks: (() => void) | null = null

  constructor() {
    super()
    this.server = new URL(import.meta.url).origin
    this.token = null
    this.tokenUrl = null
    this.locale = null
    this.theme = null
    this.position = null
    this.userUrl = null
    this.caseUrl = null
    this.openOnAnswer = null
    this.interceptTel = false
    this.fields = null
    this.hide = null
    this.client = null
    this.routes = []
    this.announcement = ''
    this.dialling = null
    new ClientController(this)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#followLinks()
    document.addEventListener('keydown', this.#onPageKey)
    document.addEventListener('visibilitychange', this.#onWake)
    window.addEventListener('online', this.#onWake)
    window.addEventListener('pagehide', this.#onLeave)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopLinks?.()
    document.removeEventListener('keydown', this.#onPageKey)
    document.removeEventListener('visibilitychange', this.#onWake)
    window.removeEventListener('online', this.#onWake)
    window.removeEventListener('pagehide', this.#onLeave)
    // A page that only moves the element takes it out and puts it back at once: keep the stream.
    queueMicrotask(() => {
      if (!this.isConnected) this.#stop()
    })
  }

  /** Rings the agent's phone, then dials; refusals are `ApiError`s with a `code`. */
  async dial(number: string): Promise<CallView> {
    const note = { number, error: null }
    this.dialling = note
    try {
      const calls = await import('../page-calls.ts')
      const call = await calls.dial(this.client, number)
      if (this.dialling === note) this.dialling = null
      return call
    } catch (error) {
      if (this.dialling === note) this.dialling = { number, error }
      throw error
    }
  }

  /** Picks up the call that rings, where the phone can be told to. */
  async answer(): Promise<void> {
    await (await import('../page-calls.ts')).answer(this.client)
  }

  /** Ends the agent's call. */
  async hangUp(): Promise<void> {
    await (await import('../page-calls.ts')).hangUp(this.client)
  }

  /** Opens a call in the panel. */
  async openCall(id: string): Promise<void> {
    if (this.client !== null && this.client.state.calls[id] === undefined) {
      await this.client.loadCall(id)
    }
    await this.#show({ view: 'call', callId: id })
  }

  /** Opens a user: in the page where `user-url` says so, else in the panel. */
  async openUser(id: string): Promise<void> {
    this.client?.needUser(id)
    await this.#show({ view: 'user', userId: id })
  }

  /** Opens a case: in the page where `case-url` says so, else in the panel. */
  async openCase(id: string): Promise<void> {
    await this.client?.loadCase(id)
    await this.#openCase({ view: 'case', caseId: id, callId: null })
  }

  /** Opens the search for users with a text. */
  async search(text: string): Promise<void> {
    await this.#show({ view: 'find', callId: null })
    await this.#panel?.updateComplete
    this.#panel?.search(text)
  }

  get #panel(): RingsidePanel | null {
    return this.renderRoot.querySelector('ringside-panel')
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('locale')) {
      void setLocale(localeTag(this.locale)).then(() => this.requestUpdate())
    }
    const isOther = changed.has('server') || changed.has('token') || changed.has('tokenUrl')
    if (isOther || this.client === null) this.#start(changed)
    if (changed.has('client')) this.#follow()
    if (changed.has('interceptTel')) this.#followLinks()
  }

  #followLinks(): void {
    this.#stopLinks?.()
    this.#stopLinks = null
    if (!this.interceptTel) return
    let isWanted = true
    this.#stopLinks = () => {
      isWanted = false
    }
    const loading = import('../tel-links.ts').then(({ interceptTelLinks }) => {
      if (!isWanted) return
      this.#stopLinks = interceptTelLinks(
        () => this.client,
        (number) => later(this.dial(number)),
      )
    })
    later(loading)
  }

  #start(changed: PropertyValues<this>): void {
    if (this.client !== null && this.#connection === null) return
    const canRenew = this.#connection !== null && !changed.has('server')
    if (canRenew && this.#connection?.renew(this.token, this.tokenUrl)) return
    this.#stop()
    if (!this.token && !this.tokenUrl) return
    this.#connection = connect({
      server: new URL(this.server, document.baseURI).origin,
      token: this.token || null,
      tokenUrl: this.tokenUrl || null,
      onError: (error) => this.#tell('ringside-error', errorDetail(error)),
    })
    this.client = this.#connection.client
    this.#follow()
    this.client.start()
    later(this.#loadPopups())
  }

  /** Fetched while the stream is on its way; a failed fetch is tried again by the next call. */
  async #loadPopups(): Promise<void> {
    const { Announcer } = await import('./announcer.ts')
    this.#announcer ??= new Announcer((text) => {
      this.announcement = text
    })
    if (this.client !== null) this.#announcer.follow(this.client.state)
  }

  #stop(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = null
    if (this.#connection === null) return
    this.#connection.client.close()
    this.#connection = null
    this.client = null
    this.routes = []
  }

  #follow(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = this.client?.subscribe(this.#onMessage) ?? null
  }

  readonly #onMessage = (message: Message, before: State, after: State) => {
    for (const event of eventsOf(message, before, after)) this.dispatchEvent(event)
    if (this.#announcer !== null) this.#announcer.follow(after)
    else if (selectPopups(after).length > 0) later(this.#loadPopups())
    if (message.type === 'tick' || message.type === 'load') return
    const had = new Set(selectCurrentCalls(before).map((call) => call.id))
    const [answered] = selectCurrentCalls(after).filter((call) => !had.has(call.id))
    // A call that was on hold comes back to what the agent had on the screen.
    if (answered === undefined || this.#opened.has(answered.id)) return
    this.#opened.add(answered.id)
    this.#onAnswered(answered, message.type === 'hello')
  }

  /** The profile opens by itself (POP-3, POP-6), but never over what somebody is writing. */
  #onAnswered(call: CallView, isReload: boolean): void {
    const { client } = this
    if (client === null || choice('open-on-answer', this.openOnAnswer) === 'none') return
    const isWriting = this.routes.length > 0 && isTyping(this.#panel)
    if (isWriting || (isReload && call.caseId !== null)) return
    const draft = client.state.drafts[call.id]
    const hasDraft = draft !== undefined && `${draft.subject}${draft.essence}`.trim() !== ''
    if (isReload && hasDraft) {
      this.routes = [
        { view: 'call', callId: call.id },
        { view: 'form', callId: call.id },
      ]
    } else if (isReload || !this.#isOpenedByPage(call)) {
      this.#push({ view: 'call', callId: call.id }, false)
    }
  }

  /** True where the page opens the user itself, or is sent to its own address of the user. */
  #isOpenedByPage(call: CallView): boolean {
    const users = this.client === null ? [] : selectCallUsers(this.client.state, call)
    const [user] = users
    if (user === undefined || users.length > 1) return false
    if (!this.#tell('ringside-open-user', { v: 1, user, callId: call.id }, true)) return true
    const url = fillUrl(this.userUrl, { externalId: user.externalId, id: user.id })
    if (url !== null) location.assign(url)
    return false
  }

  #tell<N extends EventName>(
    name: N,
    detail: RingsideEvent<N>['detail'],
    cancelable = false,
  ): boolean {
    return this.dispatchEvent(new RingsideEvent(name, detail, cancelable))
  }

  #push(route: Route, replace: boolean): void {
    const top = this.routes.at(-1)
    if (top !== undefined && JSON.stringify(top) === JSON.stringify(route)) return
    if (route.view === 'home') this.routes = [route]
    else this.routes = [...this.routes.slice(0, replace ? -1 : undefined), route].slice(-20)
  }

  /** Shows a page of the panel and puts the focus there: the agent asked for it. */
  async #show(route: Route, replace = false): Promise<void> {
    await import('./panel.ts')
    this.#push(route, replace)
    await this.#focusPanel()
  }

  async #focusPanel(): Promise<void> {
    await this.updateComplete
    await this.#panel?.updateComplete
    this.#panel?.focus()
  }

  async #openCase(route: Extract<Route, { view: 'case' }>, replace = false): Promise<void> {
    const { client } = this
    const caseId = client === null ? route.caseId : currentCaseId(client.state, route.caseId)
    const detail = { v: 1, caseId, callId: route.callId } as const
    if (!this.#tell('ringside-open-case', detail, true)) return
    const found = client?.state.cases[caseId]
    const url = fillUrl(this.caseUrl, {
      externalId: found?.externalId ?? null,
      id: caseId,
      number: found === undefined ? null : String(found.number),
    })
    if (url !== null) location.assign(url)
    else await this.#show({ ...route, caseId }, replace)
  }

  readonly #onGo = (event: Event) => {
    const { route, replace } = (event as CustomEvent<{ route: Route | 'back'; replace: boolean }>)
      .detail
    if (route === 'back') this.#back()
    else if (route.view === 'case') void this.#openCase(route, replace)
    else void this.#show(route, replace)
  }

  #back(): void {
    if (this.routes.length <= 1) {
      this.#close()
      return
    }
    this.routes = this.routes.slice(0, -1)
    void this.#focusPanel()
  }

  readonly #onClosePanel = () => this.#close()

  #close(): void {
    this.routes = []
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>('.launcher')?.focus()
    })
  }

  readonly #onDialGone = () => {
    this.dialling = null
  }
  readonly #onLauncher = () => void this.#show({ view: 'home' })
  readonly #onLeave = () => this.client?.drafts.flush()
  readonly #onWake = () => {
    if (document.visibilityState === 'visible') this.client?.wake()
  }

  /** From anywhere on the page: to the call that rings, else to the panel. */
  readonly #onPageKey = (event: KeyboardEvent) => {
    if (!event.altKey || !event.shiftKey || event.code !== 'KeyC' || event.defaultPrevented) return
    event.preventDefault()
    const popup = this.renderRoot.querySelector<HTMLElement>('ringside-popup')
    if (popup !== null) popup.focus()
    else if (this.routes.length > 0) void this.#focusPanel()
    else void this.#show({ view: 'home' })
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const top = this.routes.at(-1)
    const callId =
      callIdOf(top) ?? (this.client && selectCurrentCalls(this.client.state)[0]?.id) ?? null
    const asked = shortcut(event, callId)
    if (asked === null) return
    event.preventDefault()
    event.stopPropagation()
    if (asked === 'back') this.#back()
    else if (asked === 'note') this.#panel?.focusNote()
    else void this.#show(asked)
  }

  protected override render() {
    const { client } = this
    const isRtl = isRightToLeft(localeTag(this.locale)) && this.locale !== null
    const hidden = hiddenParts(this.hide)
    const isOpen = this.routes.length > 0 && !hidden.has('panel')
    const calls = client === null || hidden.has('call-bar') ? [] : selectCurrentCalls(client.state)
    // Fetched while the phone still rings.
    if (client !== null && Object.keys(client.state.calls).length > 0)
      later(import('./call-bar.ts'))
    return html`<div class="frame ${choice('position', this.position)} ${choice('theme', this.theme)}"
      dir=${isRtl ? 'rtl' : nothing} @ringside-go=${this.#onGo} @keydown=${this.#onKey}>
      <div class="sr" role="alert">${this.announcement}</div>
      ${client === null || hidden.has('popups') ? nothing : this.#renderPopups(client)}
      ${
        calls.length > 0 || isOpen || this.dialling !== null
          ? html`<div class="side">
            ${this.#renderDialling()}
            ${calls.map((call) => html`<ringside-call-bar .client=${client} .call=${call} exportparts="call-bar"></ringside-call-bar>`)}
            ${client !== null && isOpen ? this.#renderPanel(client) : nothing}
          </div>`
          : nothing
      }
      ${hidden.has('launcher') || isOpen ? nothing : this.#renderLauncher(client)}
    </div>`
  }

  #renderPopups(client: Client): TemplateResult {
    const fields = this.fields === null ? null : words(this.fields)
    return html`<div class="popups" part="popups">${selectPopups(client.state).map(
      (entry) =>
        html`<ringside-popup .client=${client} .entry=${entry} .fields=${fields} exportparts="popup"></ringside-popup>`,
    )}</div>`
  }

  #renderDialling(): TemplateResult | typeof nothing {
    if (this.dialling === null) return nothing
    later(import('./dial-note.ts'))
    const { number, error } = this.dialling
    return html`<ringside-dial-note .number=${number} .error=${error} .onGone=${this.#onDialGone}></ringside-dial-note>`
  }

  #renderPanel(client: Client): TemplateResult {
    later(import('./panel.ts'))
    return html`<ringside-panel .client=${client} .route=${this.routes.at(-1) ?? null}
      .canGoBack=${this.routes.length > 1} .onClose=${this.#onClosePanel} exportparts="panel"></ringside-panel>`
  }

  #renderLauncher(client: Client | null): TemplateResult {
    const count = client === null ? 0 : selectMissed(client.state).length
    const connection = client?.state.connection ?? 'refused'
    const trouble =
      connection === 'waiting' || connection === 'refused' ? t(`connection.${connection}`) : null
    const open = count > 0 ? t('panel.openMissed', { count }) : t('panel.open')
    const mine = client === null ? undefined : selectMyself(client.state)?.state
    const isAbsent = mine === 'away' || mine === 'wrap-up' || mine === 'offline'
    const label = isAbsent ? `${open}. ${t(`state.${mine}`)}` : open
    return html`<button class="launcher" part="launcher" title=${trouble ?? label}
      aria-label=${trouble === null ? label : `${label}. ${trouble}`} @click=${this.#onLauncher}>
      ${phoneIcon()}
      ${count > 0 ? html`<span class="count num">${count > 99 ? '99+' : count}</span>` : nothing}
      ${isAbsent ? html`<span class="absent"></span>` : nothing}
      ${trouble === null ? nothing : html`<span class="trouble"></span>`}
    </button>`
  }

  static override styles = widgetStyles
}

define('ringside-widget', RingsideWidget)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-widget': RingsideWidget
  }
}
