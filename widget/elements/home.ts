import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { needQueues } from '../client/call-control.ts'
import { type Client, ClientController } from '../client/client.ts'
import { countMissed } from '../client/select.ts'
import { selectQueues } from '../client/select-controls.ts'
import { enCases } from '../i18n/en-cases.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { define, later } from './define.ts'
import { controls } from './form-styles.ts'
import { go, passOn } from './route.ts'
import './missed-list.ts'
import './queues.ts'

addEnglish(enCases)

export type Tab = 'missed' | 'cases'

const TABS: readonly Tab[] = ['missed', 'cases']
/** What the agent looked at last, for as long as the page stays. */
const last = new WeakMap<Client, Tab>()

/** Where the panel starts: queues and missed calls where there are any, else the cases; what was looked at last comes first. */
export class RingsideHome extends LitElement {
  static override properties = { client: { attribute: false }, tab: { attribute: false } }
  declare client: Client | null
  /** null: whatever suits. */
  declare tab: Tab | null

  constructor() {
    super()
    this.client = null
    this.tab = null
    new ClientController(this)
  }

  get #cases() {
    return this.renderRoot.querySelector('ringside-case-list')
  }

  /** Goes on where a case was opened from the list; false where none was. */
  resume(): boolean {
    const list = this.#cases
    if (!list?.isReading) return false
    list.focus()
    return true
  }

  /** Puts the cursor into the search of the list; false where there is no list. */
  search(): boolean {
    this.#cases?.focusSearch()
    return this.#cases !== null
  }

  #tab(client: Client): Tab {
    const suits = this.tab ?? last.get(client)
    if (suits !== undefined) return suits
    const isEmpty = countMissed(client.state) === 0 && selectQueues(client.state).length === 0
    return isEmpty && isLoaded(client) ? 'cases' : 'missed'
  }

  protected override willUpdate(): void {
    const { client } = this
    if (client === null) return
    client.needMissed()
    later(needQueues(client))
    const tab = this.#tab(client)
    // A list does not change under the agent because its last row went.
    if (this.tab !== null || isLoaded(client)) last.set(client, tab)
    if (tab === 'cases') later(import('./case-list.ts'))
  }

  // Nested shadow roots: what a list asks for goes on to the panel.
  readonly #onGo = (event: Event) => {
    passOn(this, event)
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>('[role=tab]')]
    const other = buttons.find((button) => !button.matches(':focus'))
    event.preventDefault()
    other?.click()
    other?.focus()
  }

  protected override render() {
    const { client } = this
    if (client === null) return nothing
    const tab = this.#tab(client)
    return html`<div class="tabs" role="tablist" aria-label=${t('home.tabs')} @keydown=${this.#onKey}>
        ${TABS.map((one) => this.#renderTab(client, one, one === tab))}</div>
      <div id="page" role="tabpanel" aria-labelledby=${tab} @ringside-go=${this.#onGo}>${
        tab === 'missed'
          ? html`<ringside-queues .client=${client}></ringside-queues>
            <ringside-missed-list .client=${client}></ringside-missed-list>`
          : html`<ringside-case-list .client=${client} .inPanel=${true}></ringside-case-list>`
      }</div>`
  }

  #renderTab(client: Client, tab: Tab, isOn: boolean): TemplateResult {
    const count = tab === 'missed' ? countMissed(client.state) : 0
    return html`<button id=${tab} role="tab" aria-selected=${isOn} aria-controls="page" tabindex=${isOn ? 0 : -1}
      @click=${() => go(this, { view: tab }, true)}>${t(tab === 'missed' ? 'missed.title' : 'home.cases')}
      ${count > 0 ? html`<span class="tag red num">${count}</span>` : nothing}</button>`
  }

  static override styles = [
    ...shared,
    controls,
    css`
      :host { display: block; }
      .tabs { display: flex; gap: 4px; margin: -14px -16px 12px; padding-inline: 8px; border-block-end: 1px solid var(--_border); }
      [role='tab'] {
        min-block-size: 38px; padding-inline: 8px; border: 0; border-block-end: 2px solid transparent; border-radius: 0;
        background: none; color: var(--_muted);
      }
      [role='tab']:hover { color: var(--_text); }
      [aria-selected='true'] { border-color: var(--_accent); color: var(--_text); }
      @media (forced-colors: active) {
        [role='tab'] { border: 0; }
        [aria-selected='true'] { border-block-end: 2px solid Highlight; }
      }
    `,
  ]
}

function isLoaded({ state: { loads } }: Client): boolean {
  return [loads.get('missed'), loads.get('queues')].every(
    (load) => load === 'done' || load === 'failed',
  )
}

define('ringside-home', RingsideHome)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-home': RingsideHome
  }
}
