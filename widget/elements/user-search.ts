import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { UserView } from '../../server/http/schemas.ts'
import { type Client, ClientController } from '../client/client.ts'
import { linkUser, searchUsers } from '../client/requests.ts'
import { phone, plain, userName } from '../format.ts'
import { t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { Actions, errorText } from './action.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { icon } from './line-icons.ts'
import { go } from './route.ts'

const TYPING_MS = 180

/** Finds a user by anything, keyboard first; with a call, links its number to the one chosen (POP-4). */
export class RingsideUserSearch extends LitElement {
  static override properties = {
    client: { attribute: false },
    callId: { attribute: 'call-id' },
    text: { state: true },
    found: { state: true },
    active: { state: true },
    failure: { state: true },
    searching: { state: true },
  }
  declare client: Client | null
  declare callId: string | null
  declare text: string
  declare found: readonly UserView[] | null
  declare active: number
  declare failure: unknown
  declare searching: boolean
  readonly #actions = new Actions(this)
  #abort: AbortController | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.client = null
    this.callId = null
    this.text = ''
    this.found = null
    this.active = 0
    this.failure = undefined
    this.searching = false
    new ClientController(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
    this.#abort?.abort()
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  /** Searches for a text as if it had been typed. */
  search(text: string): void {
    this.text = text
    clearTimeout(this.#timer)
    void this.#search()
  }

  async #search(): Promise<void> {
    const { client } = this
    const text = this.text.trim()
    this.#abort?.abort()
    if (client === null || text === '') {
      this.found = null
      this.searching = false
      return
    }
    const abort = new AbortController()
    this.#abort = abort
    this.searching = true
    try {
      const found = await searchUsers(client, text, abort.signal)
      if (abort.signal.aborted) return
      this.found = found
      this.active = 0
      this.failure = undefined
    } catch (error) {
      if (abort.signal.aborted) return
      this.failure = error
    }
    this.searching = false
  }

  #choose(user: UserView | undefined): void {
    const { client, callId } = this
    if (client === null || user === undefined) return
    if (callId === null) {
      go(this, { view: 'user', userId: user.id })
      return
    }
    void this.#actions
      .run('link', () => linkUser(client, callId, user.id))
      .then((call) => {
        if (call !== undefined) go(this, { view: 'call', callId }, true)
      })
  }

  readonly #onInput = (event: InputEvent) => {
    this.text = (event.target as HTMLInputElement).value
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#search(), TYPING_MS)
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const found = this.found ?? []
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      this.active = (this.active + step + found.length) % found.length
      void this.updateComplete.then(() => {
        this.renderRoot.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
      })
    }
    if (event.key === 'Enter') {
      event.preventDefault()
      // What is shown may belong to fewer letters than are typed.
      if (this.searching) return
      this.#choose(found[this.active])
    }
  }

  protected override render() {
    const found = this.found ?? []
    return html`
      <div>
        <label for="q">${t('search.label')}</label>
        <div class="box">${icon('search')}
          <input id="q" type="search" dir="auto" autocomplete="off" spellcheck="false" role="combobox"
            aria-expanded=${found.length > 0} aria-controls="found" aria-autocomplete="list"
            aria-activedescendant=${found.length > 0 ? `option-${this.active}` : nothing}
            .value=${this.text} @input=${this.#onInput} @keydown=${this.#onKey}></div>
      </div>
      <p class="sr" role="status">${this.found === null ? '' : t('search.results', { count: found.length })}</p>
      ${this.failure === undefined ? nothing : html`<p class="note error small" role="alert">${errorText(this.failure)}</p>`}
      ${this.#actions.error('link')}
      <ul id="found" role="listbox" aria-label=${t('panel.find')} aria-busy=${this.searching}>
        ${found.map((user, index) => this.#renderUser(user, index))}</ul>
      ${this.#renderNone()}
      ${found.length > 0 ? html`<p class="small muted">${t('search.keys')}</p>` : nothing}
    `
  }

  #renderNone(): TemplateResult | typeof nothing {
    if (this.found === null || this.found.length > 0 || this.searching) return nothing
    return html`<div><p>${t('search.none', { text: plain(this.text) })}</p>
      <p class="muted small">${t('search.noneHint')}</p></div>`
  }

  #renderUser(user: UserView, index: number): TemplateResult {
    const about = [user.company, user.email].flatMap((one) => (one ? [plain(one)] : []))
    const isBusy = this.#actions.isBusy('link') && index === this.active
    return html`<li role="option" id="option-${index}" aria-selected=${index === this.active}
      aria-busy=${isBusy} @click=${() => {
        this.active = index
        this.#choose(user)
      }}>
      <span class="grow"><bdi class="line strong">${userName(user)}</bdi>
        <bdi class="line small muted">${about.join(' · ')}</bdi>
        <bdi class="line small muted num">${user.phones.map(phone).join(', ')}</bdi></span>
      ${this.callId === null ? nothing : html`<span class="small choose">${isBusy ? t('loading') : t('search.link')}</span>`}
    </li>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: flex; flex-direction: column; gap: var(--_3); }
      .box { position: relative; }
      .box svg { position: absolute; inset-block: 0; margin-block: auto; inset-inline-start: 10px; color: var(--_muted); }
      .box input { padding-inline-start: 32px; }
      ul { margin-inline: calc(var(--_2) * -1); }
      li { display: flex; align-items: center; gap: var(--_2); padding: var(--_2); cursor: pointer; border-radius: var(--_radius-small); }
      li:hover { background: var(--_surface); }
      li[aria-selected='true'] { background: var(--_accent-soft); }
      .choose { color: var(--_accent); font-weight: 500; visibility: hidden; }
      li:hover .choose, li[aria-selected='true'] .choose { visibility: visible; }
      @media (forced-colors: active) { li[aria-selected='true'] { outline: 2px solid Highlight; } }
    `,
  ]
}

define('ringside-user-search', RingsideUserSearch)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-user-search': RingsideUserSearch
  }
}
