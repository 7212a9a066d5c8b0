/** An element that stands alone in a page (EMBED-6): whose connection it uses, how it looks, where its clicks lead. */
import {
  css,
  html,
  type LitElement,
  type ReactiveController,
  type ReactiveControllerHost,
  render,
} from 'lit'
import { choice, hiddenParts, localeTag, serverOf } from '../attributes.ts'
import type { Client } from '../client/client.ts'
import {
  acquire,
  borrow,
  type Holder,
  type Lease,
  onConnection,
  widgetOf,
} from '../client/connections.ts'
import { isRightToLeft, setLocale } from '../i18n/t.ts'
import { later } from './define.ts'
import { askPage } from './openings.ts'
import type { RingsidePanel } from './panel.ts'
import { type Routes, withRoute } from './panel-routes.ts'
import type { RingsideWidget } from './ringside-widget.ts'
import type { GoEvent, Route } from './route.ts'

/**
 * What such an element can be told by attributes, besides its own.
 *
 * @attr server - address of the Ringside server; where the script came from
 * @attr token - the agent's token; without it and `token-url` the connection of the page's widget is used
 * @attr token-url - address of the page that gives a token
 * @attr locale - language tag; the widget's, else the page's own
 * @attr theme - auto, light or dark
 * @attr user-url - template such as `https://helpdesk.example/users/{externalId}`
 * @attr case-url - template such as `https://helpdesk.example/tickets/{externalId}`
 */
export const loneProperties = {
  server: {},
  token: {},
  tokenUrl: { attribute: 'token-url' },
  locale: {},
  theme: { reflect: true },
  userUrl: { attribute: 'user-url' },
  caseUrl: { attribute: 'case-url' },
}
type Texts = { readonly [K in keyof typeof loneProperties]?: string | null }
type Host = LitElement & Texts & { client: Client | null }

const loneStyles = css`
  :host {
    color-scheme: light dark; padding: 14px 16px; background: var(--_background);
    border: 1px solid var(--_border); border-radius: var(--_radius);
  }
  :host([theme='light']) { color-scheme: light; }
  :host([theme='dark']) { color-scheme: dark; }
  .lone:not([hidden]) ~ * { display: none !important; }
`

/** Gives its element a client where no widget around it does; nothing at all inside a widget. */
export class LoneController implements ReactiveController {
  readonly #host: Host
  readonly #holder: Holder
  #isLone = false
  #wish = ''
  #locale: string | null | undefined
  #lease: Lease | null = null
  #stopLooking: (() => void) | null = null
  #routes: Routes = []
  #place: HTMLElement | null = null

  constructor(host: ReactiveControllerHost & HTMLElement & { client: Client | null }) {
    // Its properties are `loneProperties`, which TypeScript does not see.
    this.#host = host as Host
    this.#holder = {
      host,
      isWidget: false,
      onError: () => undefined,
      onFirst: () => undefined,
      onOver: () => this.#reconnect(),
    }
    host.addController(this)
  }

  hostConnected(): void {
    const root = this.#host.getRootNode()
    const isInside = root instanceof ShadowRoot && root.host.localName.startsWith('ringside-')
    const isGiven = this.#host.client !== null && this.#lease === null
    this.#isLone = !isInside && !isGiven
    if (!this.#isLone) return
    this.#host.addEventListener('ringside-go', this.#onGo as EventListener)
    const sheets = this.#host.shadowRoot?.adoptedStyleSheets
    if (loneStyles.styleSheet && !sheets?.includes(loneStyles.styleSheet))
      sheets?.push(loneStyles.styleSheet)
    this.#stopLooking ??= onConnection(() => {
      if (this.#lease === null) this.#connect()
    })
    this.#connect()
  }

  hostDisconnected(): void {
    this.#host.removeEventListener('ringside-go', this.#onGo as EventListener)
    this.#stopLooking?.()
    this.#stopLooking = null
    // A page that only moves the element keeps its connection.
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.#leave()
    })
  }

  hostUpdated(): void {
    if (!this.#isLone || !this.#host.isConnected) return
    choice('theme', this.#host.theme ?? null)
    this.#followLocale()
    if (this.#lease !== null && JSON.stringify(this.#texts) === this.#wish) return
    // After the update: the element looks at its client when the next one begins.
    queueMicrotask(() => this.#connect())
  }

  get #texts() {
    const { server, token, tokenUrl } = this.#host
    return { server: serverOf(server ?? null), token: token || null, tokenUrl: tokenUrl || null }
  }

  #connect(): void {
    const wish = { ...this.#texts, signIn: false }
    const key = JSON.stringify(this.#texts)
    if (!this.#host.isConnected || (this.#lease !== null && key === this.#wish)) return
    const isOwn = wish.token !== null || wish.tokenUrl !== null
    const canStay = isOwn && this.#lease?.renew(wish)
    this.#wish = key
    if (canStay) return
    this.#lease?.release(true)
    this.#lease = isOwn ? acquire(wish, this.#holder) : borrow(wish.server, this.#holder)
    const client = this.#lease?.client ?? null
    if (client !== this.#host.client) this.#close()
    this.#host.client = client
    if (isOwn) client?.start()
  }

  #reconnect(): void {
    this.#leave()
    this.#connect()
  }

  #leave(): void {
    if (this.#lease === null) return
    this.#lease.release(false)
    this.#lease = null
    this.#host.client = null
    this.#close()
  }

  #followLocale(): void {
    const locale = this.#host.locale ?? null
    const isWidgets = locale === null && document.querySelector('ringside-widget') !== null
    if (isWidgets || locale === this.#locale) return
    this.#locale = locale
    const tag = localeTag(locale)
    const isRtl = isRightToLeft(tag)
    if (locale !== null || isRtl) this.#host.dir = isRtl ? 'rtl' : 'ltr'
    later(setLocale(tag).then(() => this.#host.requestUpdate()))
  }

  readonly #onGo = (event: GoEvent) => {
    event.stopPropagation()
    const { route, replace } = event.detail
    if (route === 'back') this.#back()
    else later(this.#open(route, replace))
  }

  /** The page is asked, then its addresses, then the widget of this page; else it opens in place. */
  async #open(route: Route, replace: boolean): Promise<void> {
    const host = this.#host
    const { client } = host
    if (client === null) return
    const widget = widgetOf(client) as RingsideWidget | null
    const userUrl = host.userUrl ?? widget?.userUrl ?? null
    const caseUrl = host.caseUrl ?? widget?.caseUrl ?? null
    const ours = await askPage({ host, client, userUrl, caseUrl }, route)
    if (ours === null) return
    if (widget === null || hiddenParts(widget.hide).has('panel')) await this.#show(ours, replace)
    else await (await widget.desk()).show(ours, replace)
  }

  async #show(route: Route, replace: boolean): Promise<void> {
    await import('./panel.ts')
    this.#routes = withRoute(this.#routes, route, replace)
    this.#draw()
    const panel = this.#place?.querySelector<RingsidePanel>('ringside-panel')
    await panel?.updateComplete
    panel?.focus()
  }

  #back(): void {
    this.#routes = this.#routes.slice(0, -1)
    if (this.#routes.length === 0) this.#close()
    else this.#draw()
  }

  #close(): void {
    this.#routes = []
    if (this.#place === null || this.#place.hidden) return
    this.#draw()
    this.#host.focus()
  }

  #draw(): void {
    if (this.#place === null) {
      this.#place = document.createElement('div')
      this.#place.className = 'lone'
      this.#place.addEventListener('ringside-go', this.#onGo as EventListener)
      this.#host.renderRoot.prepend(this.#place)
    }
    const route = this.#routes.at(-1)
    this.#place.hidden = route === undefined
    const panel =
      route === undefined
        ? null
        : html`<ringside-panel .client=${this.#host.client} .route=${route} .canGoBack=${true}
            .onClose=${() => this.#close()}></ringside-panel>`
    render(panel, this.#place)
  }
}
