// Longer than other files: the public contract of the element, attribute by attribute, stands here in one piece.
import { adoptStyles, LitElement, nothing, type PropertyValues } from 'lit'
import type { CallView } from '../../server/http/schemas.ts'
import { localeTag, serverOf } from '../attributes.ts'
import { type Client, ClientController } from '../client/client.ts'
import { acquire, type Holder, type Lease, type Wish } from '../client/connections.ts'
import { emptyState, type Message, type State } from '../client/state.ts'
import { errorDetail, eventsOf, RingsideEvent } from '../events.ts'
import { setLocale } from '../i18n/t.ts'
import { Parts } from '../parts.ts'
import { define, later } from './define.ts'
import type { Desk } from './desk.ts'
import { placeOf, type Routes } from './panel-routes.ts'
import type { GoEvent, Route } from './route.ts'
import { widgetStyles } from './widget-styles.ts'
import { renderWidget } from './widget-view.ts'

/**
 * Everything an agent sees, in one element: pop-ups, the current call, the panel, the launcher.
 *
 * @attr server - address of the Ringside server; where the script came from
 * @attr token - the agent's token
 * @attr token-url - address of the page that gives a token, fetched shortly before the last one ends
 * @attr sign-in - without a token, the agent signs in here by a personal link
 * @attr locale - language tag; the page's own
 * @attr theme - auto, light or dark
 * @attr position - top-right, top-left, bottom-right or bottom-left
 * @attr user-url - template such as `https://helpdesk.example/users/{externalId}`
 * @attr case-url - template such as `https://helpdesk.example/tickets/{externalId}`
 * @attr open-on-answer - user or none
 * @attr sound - on or off
 * @attr notifications - on or off
 * @attr intercept-tel - clicks on the page's `tel:` links dial through the PBX
 * @attr fields - keys of the user fields shown in pop-ups
 * @attr hide - launcher, popups, call-bar, panel
 * @csspart launcher - the button that opens the panel
 * @csspart popups - the stack of pop-ups
 * @csspart popup - one call that rings
 * @csspart call-bar - the call that goes on
 * @csspart panel - everything else, opened by the launcher
 */
export class RingsideWidget extends LitElement {
  static override properties = {
    server: {},
    token: {},
    tokenUrl: { attribute: 'token-url' },
    signIn: { attribute: 'sign-in', type: Boolean },
    locale: {},
    theme: {},
    position: {},
    userUrl: { attribute: 'user-url' },
    caseUrl: { attribute: 'case-url' },
    openOnAnswer: { attribute: 'open-on-answer' },
    sound: {},
    notifications: {},
    interceptTel: { attribute: 'intercept-tel', type: Boolean },
    fields: {},
    hide: {},
    client: { attribute: false },
    routes: { state: true },
    announcements: { state: true },
    dialling: { state: true },
  }
  declare server: string | null
  declare token: string | null
  declare tokenUrl: string | null
  declare signIn: boolean
  declare locale: string | null
  declare theme: string | null
  declare position: string | null
  declare userUrl: string | null
  declare caseUrl: string | null
  declare openOnAnswer: string | null
  declare sound: string | null
  declare notifications: string | null
  declare interceptTel: boolean
  declare fields: string | null
  declare hide: string | null
  declare client: Client | null
  /** Where the panel is, the last one shown; empty: the panel is closed. */
  declare routes: Routes
  /** Said to screen readers, each once. */
  declare announcements: readonly string[]
  /** What the page asked to dial, until the call is there. */
  declare dialling: { readonly number: string; readonly error: unknown } | null
  readonly #holder: Holder = {
    host: this,
    isWidget: true,
    onError: (error) => this.#tell(new RingsideEvent('ringside-error', errorDetail(error))),
    onFirst: () => this.#follow(),
    onOver: () => {
      this.#stop(true)
      this.requestUpdate()
    },
  }
  #lease: Lease | null = null
  #desk: Desk | null = null
  #unsubscribe: (() => void) | null = null
  #stopLinks: (() => void) | null = null

  constructor() {
    super()
    Object.assign(this, { signIn: false, interceptTel: false, client: null })
    Object.assign(this, { routes: [], announcements: [], dialling: null })
    for (const name of TEXTS) this[name] = null
    this.server = serverOf(null)
    new ClientController(this)
    new Parts(this)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) {
      this.#followLinks()
      this.requestUpdate()
    }
    document.addEventListener('keydown', this.#onPageKey)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopLinks?.()
    document.removeEventListener('keydown', this.#onPageKey)
    // A page that only moves the element takes it out and puts it back at once: keep the stream.
    queueMicrotask(() => {
      if (!this.isConnected) this.#stop(false)
    })
  }

  /** Styles belong to one document: in another one, as of a frame, nothing is shown. */
  adoptedCallback(): void {
    if (!this.hasUpdated) return
    this.requestUpdate()
    if (this.ownerDocument === document)
      adoptStyles(this.renderRoot as ShadowRoot, RingsideWidget.elementStyles)
  }

  /** Rings the agent's phone, then dials; like all methods rejects with `RingsideError`s that have a `code`. */
  async dial(number: string): Promise<CallView> {
    return (await import('../page-calls.ts')).dial(this, number)
  }

  /** Picks up the call that rings, where the phone can be told to. */
  async answer(): Promise<void> {
    return (await import('../page-calls.ts')).answer(this)
  }

  /** Ends the agent's call. */
  async hangUp(): Promise<void> {
    return (await import('../page-calls.ts')).hangUp(this)
  }

  /** Opens a call in the panel. */
  async openCall(id: string): Promise<void> {
    return (await import('../page-calls.ts')).openCall(this, id)
  }

  /** Opens a user: in the page where `user-url` says so, else in the panel. */
  async openUser(id: string): Promise<void> {
    return (await import('../page-calls.ts')).openUser(this, id)
  }

  /** Opens a case: in the page where `case-url` says so, else in the panel. */
  async openCase(id: string): Promise<void> {
    return (await import('../page-calls.ts')).openCase(this, id)
  }

  /** Opens the search for users with a text. */
  async search(text: string): Promise<void> {
    return (await import('../page-calls.ts')).search(this, text)
  }

  /** For the parts of this widget: what it does besides drawing. */
  async desk(): Promise<Desk> {
    const loaded = await import('./desk.ts')
    if (this.#desk === null) {
      this.#desk = new loaded.Desk(this)
      const { client } = this
      if (client?.state.isReady && this.#isFirst) {
        this.#desk.follow(null, { ...emptyState, me: client.state.me }, client.state)
      }
    }
    return this.#desk
  }

  get #isFirst(): boolean {
    return this.#lease?.isFirst ?? true
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#readTexts()
    if (changed.has('locale')) {
      later(setLocale(localeTag(this.locale)).then(() => this.#drawAll()))
    }
    const isOther = WISHES.some((name) => changed.has(name))
    if (this.isConnected && (isOther || this.client === null)) this.#connect()
    if (changed.has('client')) this.#follow()
    if (changed.has('interceptTel')) this.#followLinks()
    if (this.client !== null && changed.has('routes')) placeOf(this.client).routes = this.routes
  }

  /** Frameworks hand over what they have: lists, numbers, nothing. */
  #readTexts(): void {
    for (const name of TEXTS) {
      const value: unknown = this[name]
      if (value === null || typeof value === 'string') continue
      this[name] = value === undefined ? null : String(value)
    }
  }

  /** Whatever shows the client draws again: the parts inside have not changed themselves. */
  #drawAll(): void {
    const { client } = this
    this.requestUpdate()
    client?.dispatch({ type: 'tick', now: client.now() })
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
        () => (this.#isFirst ? this.client : null),
        (number) => later(this.dial(number)),
      )
    })
    later(loading)
  }

  get #wish(): Wish | null {
    const { token, tokenUrl, signIn } = this
    if (!token && !tokenUrl && !signIn) return null
    return {
      server: serverOf(this.server),
      token: token || null,
      tokenUrl: tokenUrl || null,
      signIn,
    }
  }

  #connect(): void {
    // Given by whoever made the element.
    if (this.client !== null && this.#lease === null) return
    const wish = this.#wish
    if (wish !== null && this.#lease?.renew(wish)) return
    this.#stop(true)
    if (wish === null) return
    this.#lease = acquire(wish, this.#holder)
    this.client = this.#lease.client
    this.routes = placeOf(this.client).routes
    this.client.start()
    later(this.desk())
  }

  #stop(isOver: boolean): void {
    this.#unsubscribe?.()
    this.#unsubscribe = null
    this.#desk?.stop()
    if (this.#lease === null) return
    this.#lease.release(isOver)
    this.#lease = null
    this.client = null
    this.routes = []
  }

  #follow(): void {
    const { client } = this
    this.#unsubscribe?.()
    this.#unsubscribe = client?.subscribe(this.#onMessage) ?? null
    this.requestUpdate()
    // Another element of this page has made the connection: what is known is told to this one's listeners.
    if (client?.state.isReady && this.#lease !== null) {
      this.#onMessage(null, { ...emptyState, me: client.state.me }, client.state)
    }
  }

  readonly #onMessage = (message: Message | null, before: State, after: State) => {
    if (!this.#isFirst) return
    for (const event of eventsOf(message, before, after)) this.#tell(event)
    if (this.#desk !== null) this.#desk.follow(message, before, after)
    else if (after.isReady) later(this.desk())
  }

  #tell(event: Event): void {
    if (this.#isFirst) this.dispatchEvent(event)
  }

  readonly #onDialGone = () => {
    this.dialling = null
  }
  readonly #onLauncher = () => this.#open({ view: 'home' })
  readonly #onClosePanel = () => later(this.desk().then((desk) => desk.close()))

  #open(route: Route): void {
    later(this.desk().then((desk) => desk.open(route)))
  }

  readonly #onPageKey = (event: KeyboardEvent) => {
    if (!event.altKey || !event.shiftKey || event.code !== 'KeyC' || event.defaultPrevented) return
    event.preventDefault()
    later(this.desk().then((desk) => desk.onPageKey()))
  }
  readonly #onKey = (event: KeyboardEvent) => this.#desk?.onKey(event)
  readonly #onGo = (event: GoEvent) => this.#desk?.onGo(event)

  protected override render() {
    if (!this.#isFirst || this.ownerDocument !== document) return nothing
    return renderWidget(this, {
      go: this.#onGo,
      key: this.#onKey,
      launch: this.#onLauncher,
      closePanel: this.#onClosePanel,
      dialGone: this.#onDialGone,
    })
  }

  static override styles = widgetStyles
}

const WISHES = ['server', 'token', 'tokenUrl', 'signIn'] as const
/** Attributes that are texts; null: not set. */
const TEXTS = [
  'token',
  'tokenUrl',
  'locale',
  'theme',
  'position',
  'userUrl',
  'caseUrl',
  'openOnAnswer',
  'sound',
  'notifications',
  'fields',
  'hide',
] as const

define('ringside-widget', RingsideWidget)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-widget': RingsideWidget
  }
}
