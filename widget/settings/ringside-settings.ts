import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { type Client, ClientController } from '../client/client.ts'
import { define, later } from '../elements/define.ts'
import { controls } from '../elements/form-styles.ts'
import { LoneController, loneProperties } from '../elements/lone.ts'
import { enPanel } from '../i18n/en-panel.ts'
import { settingsCatalogs } from '../i18n/settings/catalogs.ts'
import { enSettings } from '../i18n/settings/en-settings.ts'
import { addCatalogs, addEnglish, t } from '../i18n/t.ts'
import { Parts } from '../parts.ts'
import { shared } from '../styles.ts'
import { confirmAction } from './confirm.ts'
import type { SettingsGoEvent, SettingsPage } from './page.ts'
import { PAGES, type PageEntry } from './pages.ts'

addEnglish(enPanel)
addEnglish(enSettings)

/**
 * The settings: connections to PBXs, people, fields and whatever else admins set up.
 *
 * @attr page - the page that is shown, such as `people` or `connections/ID`
 * @attr in-address - the page stands in the address of the document, after `#`
 */
export class RingsideSettings extends LitElement {
  static override properties = {
    ...loneProperties,
    client: { attribute: false },
    page: {},
    inAddress: { attribute: 'in-address', type: Boolean },
    shown: { state: true },
    hasFailed: { state: true },
  }
  declare client: Client | null
  declare page: string
  declare inAddress: boolean
  declare shown: SettingsPage | null
  declare hasFailed: boolean
  /** Which entry is shown, or on its way. */
  #entry: PageEntry | null = null
  #path = ''
  #isAsking = false

  constructor() {
    super()
    this.client = null
    this.page = ''
    this.inAddress = false
    this.shown = null
    this.hasFailed = false
    new LoneController(this)
    new ClientController(this)
    new Parts(this)
    later(addCatalogs(settingsCatalogs).then(() => this.requestUpdate()))
  }

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('popstate', this.#onAddress)
    window.addEventListener('beforeunload', this.#onUnload)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('popstate', this.#onAddress)
    window.removeEventListener('beforeunload', this.#onUnload)
  }

  get #isAdmin(): boolean {
    return this.client?.state.me?.role === 'admin'
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('client')) this.#forget()
    if (!this.#isAdmin) return
    if (this.#entry === null) this.#open((this.inAddress && inAddress()) || this.page)
    else if (changed.has('page') && this.page !== this.#path) later(this.#go(this.page))
  }

  #forget(): void {
    this.shown?.remove()
    this.shown = null
    this.#entry = null
  }

  /** Shows a page; one that there is not is the first. */
  #open(path: string): void {
    const [id = '', ...rest] = path.split('/').map(decode)
    const entry = PAGES.find((one) => one.id === id) ?? PAGES[0]
    if (entry === undefined) return
    const isKnown = entry.id === id
    this.#path = isKnown ? path : entry.id
    this.page = this.#path
    if (entry === this.#entry && this.shown !== null) this.shown.path = rest
    else later(this.#load(entry, isKnown ? rest : []))
  }

  async #load(entry: PageEntry, path: readonly string[]): Promise<void> {
    this.#entry = entry
    this.shown = null
    this.hasFailed = false
    try {
      await entry.load()
      if (this.#entry !== entry) return
      // The tag is that of the page's class, which has just been defined.
      const page = document.createElement(entry.tag) as SettingsPage
      page.client = this.client
      page.path = path
      this.shown = page
    } catch {
      if (this.#entry === entry) this.hasFailed = true
    }
  }

  /** Goes to a page, after asking where something typed would be lost; false where one stays. */
  async #go(path: string, replace = false): Promise<boolean> {
    if (path === this.#path) return true
    if (!(await this.#mayLeave(path))) {
      this.page = this.#path
      this.requestUpdate()
      return false
    }
    this.#open(path)
    if (this.inAddress) {
      const address = `#${this.#path}`
      if (replace) history.replaceState(history.state, '', address)
      else if (location.hash !== address) history.pushState(null, '', address)
    }
    return true
  }

  async #mayLeave(path: string): Promise<boolean> {
    // The page that stays the same keeps what is typed, or asks by itself.
    if (!this.shown?.hasUnsaved || path.split('/')[0] === this.#entry?.id) return true
    if (this.#isAsking) return false
    this.#isAsking = true
    const isLeaving = await confirmAction(this, {
      title: t('settings.unsaved'),
      text: t('settings.unsavedText'),
      action: t('settings.leave'),
      cancel: t('settings.stay'),
    })
    this.#isAsking = false
    return isLeaving
  }

  readonly #onAddress = () => {
    if (!this.inAddress || !this.#isAdmin) return
    const before = this.#path
    const wanted = inAddress()
    later(
      this.#go(wanted, true).then((isGone) => {
        if (!isGone) history.pushState(null, '', `#${before}`)
      }),
    )
  }
  readonly #onUnload = (event: BeforeUnloadEvent) => {
    if (this.shown?.hasUnsaved) event.preventDefault()
  }
  readonly #onGo = (event: SettingsGoEvent) => {
    event.stopPropagation()
    later(this.#go(event.detail.path, event.detail.replace))
  }

  protected override render() {
    const { client } = this
    const me = client?.state.me ?? null
    if (client === null) return nothing
    if (me === null) return this.#renderWaiting(client)
    if (me.role !== 'admin') return html`<p>${t('settings.forAdmins')}</p>`
    return html`<div class="frame">
      <nav aria-label=${t('settings.title')}>${this.#renderList()}${this.#renderSelect()}</nav>
      <div class="page" @ringside-settings-go=${this.#onGo}>
        ${this.#entry === null ? nothing : html`<h2 tabindex="-1">${t(this.#entry.title)}</h2>`}
        ${this.shown ?? this.#renderLoading()}</div>
    </div>`
  }

  #renderWaiting({ state }: Client): TemplateResult {
    const isRefused = state.connection === 'refused'
    return html`<p class="muted" role="status">${t(isRefused ? 'connection.refused' : 'loading')}</p>`
  }

  #renderLoading(): TemplateResult {
    if (!this.hasFailed) return html`<p class="muted" role="status">${t('loading')}</p>`
    const again = () => this.#entry && later(this.#load(this.#entry, []))
    return html`<div class="note error row" role="alert"><span class="grow">${t('settings.notLoaded')}</span>
      <button class="small" @click=${again}>${t('retry')}</button></div>`
  }

  #renderList(): TemplateResult {
    const groups = [...new Set(PAGES.map(({ group }) => group))]
    const link = ({ id, title }: PageEntry) => html`<li><button class="quiet"
      aria-current=${id === this.#entry?.id ? 'page' : nothing} @click=${() => this.#go(id)}>${t(title)}</button></li>`
    return html`<div class="list">${groups.map(
      (group) => html`<p class="small muted strong" id=${group}>${t(group)}</p>
        <ul aria-labelledby=${group}>${PAGES.filter((one) => one.group === group).map(link)}</ul>`,
    )}</div>`
  }

  #renderSelect(): TemplateResult {
    const onChange = (event: Event) => later(this.#go((event.target as HTMLSelectElement).value))
    return html`<select aria-label=${t('settings.page')} @change=${onChange}>${PAGES.map(
      ({ id, title }) =>
        html`<option value=${id} .selected=${id === this.#entry?.id}>${t(title)}</option>`,
    )}</select>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; container: settings / inline-size; }
      .frame { display: grid; grid-template-columns: 13em minmax(0, 1fr); gap: calc(var(--_1) * 8); align-items: start; }
      .list p { padding: var(--_3) var(--_3) var(--_1); }
      .list p:first-child { padding-block-start: 0; }
      .list button { inline-size: 100%; justify-content: start; text-align: start; font-weight: 400; }
      .list [aria-current] { background: var(--_accent-soft); color: var(--_accent); font-weight: 500; }
      nav select { display: none; }
      .page { display: flex; flex-direction: column; gap: var(--_4); min-inline-size: 0; max-inline-size: 68em; }
      h2 { font-size: var(--_name); }
      @container settings (max-width: 52em) {
        .frame { grid-template-columns: minmax(0, 1fr); gap: var(--_4); }
        .list { display: none; }
        nav select { display: block; font-weight: 600; }
        h2 { position: absolute; inline-size: 1px; block-size: 1px; clip-path: inset(50%); }
      }
      @media (forced-colors: active) {
        .list button { border-color: transparent; }
        .list [aria-current] { border-color: Highlight; }
      }
    `,
  ]
}

function inAddress(): string {
  return location.hash.slice(1)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // Typed by hand, and no address of ours.
    return ''
  }
}

define('ringside-settings', RingsideSettings)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings': RingsideSettings
  }
}
