/**
 * What a widget does of itself and on request once there is a server: says calls, opens the profile, goes through the
 * panel, sounds. Loaded in one piece with the pop-ups, while the stream is on its way.
 */
import type { LitElement } from 'lit'
import type { Alerts } from '../alerts/alerts.ts'
import { choice, warn, words } from '../attributes.ts'
import type { Client } from '../client/client.ts'
import { selectCurrentCalls } from '../client/select.ts'
import type { Message, State } from '../client/state.ts'
import { Announcer } from './announcer.ts'
import { later } from './define.ts'
import { FocusKeeper } from './focus-keeper.ts'
import { answeredCall, onlyUserId, routesOf } from './open-on-answer.ts'
import { askPage, isOpenedByPage, type Opener } from './openings.ts'
import type { RingsidePanel } from './panel.ts'
import { placeOf, type Routes, withRoute } from './panel-routes.ts'
import { callIdOf, type GoEvent, type Route } from './route.ts'
import { Shield } from './shield.ts'
import { isTyping, shortcut } from './shortcuts.ts'
import { TopLayer } from './top-layer.ts'
import './popup.ts'

/** The widget, as its desk sees it. */
export interface DeskHost extends LitElement {
  readonly client: Client | null
  readonly userUrl: string | null
  readonly caseUrl: string | null
  readonly openOnAnswer: string | null
  readonly fields: string | null
  readonly sound: string | null
  readonly notifications: string | null
  routes: Routes
  announcements: readonly string[]
}

export class Desk {
  readonly #host: DeskHost
  readonly #announcer: Announcer
  readonly #focus: FocusKeeper
  #alerts: Alerts | null = null
  #isLoadingAlerts = false

  constructor(host: DeskHost) {
    this.#host = host
    this.#announcer = new Announcer((texts) => {
      host.announcements = texts
    })
    new TopLayer(host).hostUpdated()
    new Shield(host)
    this.#focus = new FocusKeeper(host)
  }

  /** Takes in a change of state; `null`: there was none before. */
  follow(message: Message | null, before: State, after: State): void {
    const { client } = this.#host
    if (client !== null) this.#announcer.follow(client, after)
    this.#alert()
    if (after.fields.length > 0) this.#checkFields(after.fields.map(({ key }) => key))
    if (client === null || message?.type === 'tick' || message?.type === 'load') return
    const call = answeredCall(before, after, placeOf(client).opened)
    if (call === null || choice('open-on-answer', this.#host.openOnAnswer) === 'none') return
    // The profile opens by itself, but never over what somebody is writing.
    if (this.#host.routes.length > 0 && isTyping(this.#panel)) return
    const isReload = message === null || message.type === 'hello'
    const routes = routesOf(client, call, isReload)
    const userId = onlyUserId(client, call)
    const isTheirs = !isReload && userId !== null
    if (isTheirs && isOpenedByPage(this.#opener(client), userId, call.id)) return
    if (routes.length > 1) this.#host.routes = routes
    else for (const route of routes) this.#push(route, false)
  }

  #checkFields(known: readonly string[]): void {
    for (const key of words(this.#host.fields)) {
      if (!known.includes(key)) warn('fields', key, known)
    }
  }

  /** Sound and notifications as the page wants them now. */
  #alert(): void {
    const { client, sound, notifications } = this.#host
    if (client === null) return
    if (this.#alerts !== null) {
      this.#alerts.follow(client, {
        sound: choice('sound', sound) === 'on',
        notifications: choice('notifications', notifications) === 'on',
      })
    } else if (!this.#isLoadingAlerts) {
      this.#isLoadingAlerts = true
      later(this.#loadAlerts())
    }
  }

  async #loadAlerts(): Promise<void> {
    try {
      const { Alerts } = await import('../alerts/alerts.ts')
      this.#alerts = new Alerts(this.#host)
      this.#alert()
    } finally {
      this.#isLoadingAlerts = false
    }
  }

  /** The element has gone, or shows nothing any more. */
  stop(): void {
    this.#alerts?.stop()
    this.#announcer.stop()
  }

  get #panel(): RingsidePanel | null {
    return this.#host.renderRoot.querySelector('ringside-panel')
  }

  #opener(client: Client): Opener {
    const { userUrl, caseUrl } = this.#host
    return { host: this.#host, client, userUrl, caseUrl }
  }

  #push(route: Route, replace: boolean): void {
    this.#host.routes = withRoute(this.#host.routes, route, replace)
  }

  /** Opens a page of the panel, or lets the page of the helpdesk open it. */
  async open(route: Route, replace = false): Promise<void> {
    const { client } = this.#host
    const ours = client === null ? route : await askPage(this.#opener(client), route)
    if (ours !== null) await this.show(ours, replace)
  }

  /** Shows a page of the panel and puts the focus there: the agent asked for it. */
  async show(route: Route, replace = false): Promise<void> {
    await import('./panel.ts')
    this.#push(route, replace)
    await this.#focusPanel()
  }

  /** Opens the search for users with a text. */
  async search(text: string): Promise<void> {
    await this.show({ view: 'find', callId: null })
    this.#panel?.search(text)
  }

  async #focusPanel(): Promise<void> {
    await this.#host.updateComplete
    const panel = this.#host.renderRoot.querySelector<LitElement>(PANEL)
    if (panel?.localName === SIGN_IN) await import('./sign-in-card.ts')
    await panel?.updateComplete
    panel?.focus()
  }

  close(): void {
    this.#host.routes = []
    void this.#host.updateComplete.then(() => this.#focus.giveBack())
  }

  #back(): void {
    if (this.#host.routes.length <= 1) {
      this.close()
      return
    }
    this.#host.routes = this.#host.routes.slice(0, -1)
    void this.#focusPanel()
  }

  /** Out of the panel step by step; from a call at once back to where one was. */
  #onEscape(event: KeyboardEvent): void {
    const isInPanel = event
      .composedPath()
      .some((one) => one instanceof Element && one.matches(PANEL))
    if (isInPanel) this.#back()
    else this.#focus.giveBack()
  }

  /** What an element inside asked for. */
  onGo(event: GoEvent): void {
    const { route, replace } = event.detail
    if (route === 'back') this.#back()
    else later(this.open(route, replace))
  }

  /** From anywhere on the page: to the call that rings, else the panel, else the call; again: to the next of them. */
  onPageKey(): void {
    const { renderRoot } = this.#host
    const places = [...renderRoot.querySelectorAll<HTMLElement>(PLACES)].sort(byPlace)
    const at = places.findIndex((one) => one.matches(':focus-within'))
    const next = places[(at + 1) % places.length]
    if (next === undefined) later(this.show({ view: 'home' }))
    else if (next.matches(PANEL)) void this.#focusPanel()
    else next.focus()
  }

  /** Keys inside the widget. */
  onKey(event: KeyboardEvent): void {
    const { client, routes } = this.#host
    const current = client === null ? undefined : selectCurrentCalls(client.state)[0]
    const asked = shortcut(event, callIdOf(routes.at(-1)) ?? current?.id ?? null)
    if (asked === null) return
    event.preventDefault()
    event.stopPropagation()
    if (asked === 'back') this.#onEscape(event)
    else if (asked === 'note') this.#panel?.focusNote()
    else later(this.show(asked))
  }
}

const SIGN_IN = 'ringside-sign-in-card'
const PANEL = `ringside-panel, ${SIGN_IN}`
/** In the order in which the key goes through them. */
const PLACE_NAMES = ['ringside-popup', ...PANEL.split(', '), 'ringside-call-bar']
const PLACES = PLACE_NAMES.join()

function byPlace(a: Element, b: Element): number {
  return PLACE_NAMES.indexOf(a.localName) - PLACE_NAMES.indexOf(b.localName)
}
