import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CaseSummaryView } from '../../server/http/schemas.ts'
import { type CaseList, createCaseList, panelListOf } from '../client/case-list.ts'
import { widestQuery } from '../client/case-query.ts'
import { type Client, ClientController } from '../client/client.ts'
import { keepPhoneColumn, phoneColumn } from '../client/column-choice.ts'
import { enCases } from '../i18n/en-cases.ts'
import { enPanel } from '../i18n/en-panel.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { shared } from '../styles.ts'
import { errorText } from './action.ts'
import { renderFilters } from './case-filters.ts'
import { renderCaseRow } from './case-list-row.ts'
import { caseListStyles } from './case-list-styles.ts'
import { define } from './define.ts'
import { controls } from './form-styles.ts'
import { LoneController, loneProperties } from './lone.ts'
import { go } from './route.ts'

addEnglish(enPanel)
addEnglish(enCases)

/**
 * Telephony cases with filters and search; what changes meanwhile shows by itself (CASE-14).
 *
 * @attr hide-phone - the phone column is off until the agent switches it on
 */
export class RingsideCaseList extends LitElement {
  static override properties = {
    ...loneProperties,
    client: { attribute: false },
    inPanel: { attribute: false },
    hidePhone: { attribute: 'hide-phone', type: Boolean },
    active: { state: true },
  }
  declare client: Client | null
  /** It shows the list of the panel, which is there again when one comes back. */
  declare inPanel: boolean
  declare hidePhone: boolean
  /** The row that the keyboard is on. */
  declare active: string
  readonly #onList = () => this.requestUpdate()
  readonly #end = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) this.#followed?.more()
  })
  #own: CaseList | null = null
  #followed: CaseList | null = null
  #unfollow: (() => void) | null = null
  #isHovered = false
  #watched: Element | null = null

  constructor() {
    super()
    this.client = null
    this.inPanel = false
    this.hidePhone = false
    this.active = ''
    new LoneController(this)
    new ClientController(this)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#isHovered = false
    this.#followed?.hold(false)
    this.#leave()
    // A page that only moves the element keeps what was read.
    queueMicrotask(() => {
      if (!this.isConnected) this.#closeOwn()
    })
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('client')) this.#closeOwn()
    if (this.client === null || !this.isConnected) return
    if (!this.inPanel) this.#own ??= createCaseList(this.client)
    const list = this.inPanel ? panelListOf(this.client) : this.#own
    if (list === this.#followed) return
    this.#leave()
    this.#followed = list
    this.#unfollow = list?.subscribe(this.#onList) ?? null
    this.active = list?.opened ?? ''
  }

  #closeOwn(): void {
    if (this.#followed === this.#own) this.#leave()
    this.#own?.close()
    this.#own = null
  }

  #leave(): void {
    this.#unfollow?.()
    this.#unfollow = null
    this.#followed = null
    this.#end.disconnect()
    this.#watched = null
  }

  /** A case was opened from here before, and is still in the list. */
  get isReading(): boolean {
    return this.#opened !== undefined
  }

  /** Where one was reading, else the search. */
  override focus(): void {
    const row = this.#opened
    if (row === undefined) this.focusSearch()
    else row.focus()
  }

  get #opened(): HTMLButtonElement | undefined {
    return this.#buttons.find((button) => button.dataset.case === this.#followed?.opened)
  }

  /** Puts the cursor into the search. */
  focusSearch(): void {
    this.renderRoot.querySelector<HTMLElement>('input')?.focus()
  }

  get #buttons(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('.subject')]
  }

  protected override updated(): void {
    const end = this.renderRoot.querySelector('.end')
    if (end === this.#watched) return
    this.#end.disconnect()
    this.#watched = end
    if (end !== null) this.#end.observe(end)
  }

  #open(found: CaseSummaryView): void {
    if (this.#followed !== null) this.#followed.opened = found.id
    this.active = found.id
    go(this, { view: 'case', caseId: found.id, callId: null })
  }

  // Rows keep their places while they are read.
  readonly #onPointer = (event: PointerEvent) => {
    this.#isHovered = event.type === 'pointerenter' && event.pointerType !== 'touch'
    this.#hold()
  }
  readonly #onFocus = () => queueMicrotask(() => this.#hold())

  #hold(): void {
    const isFocused = this.renderRoot.querySelector('tbody :focus') !== null
    this.#followed?.hold(this.isConnected && (this.#isHovered || isFocused))
  }

  readonly #onPhone = (event: Event) => {
    keepPhoneColumn(this.#place, (event.target as HTMLInputElement).checked)
    this.requestUpdate()
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.composedPath()[0] as Element
    const isField = target.matches('input, select')
    const step = STEPS[isField && event.key.length === 1 ? '' : event.key]
    if (event.key === '/' && !isField) this.focusSearch()
    else if (event.key === 'Escape' && this.#clearSearch(target)) event.stopPropagation()
    else if (step === undefined || target.matches('select, [type=date]') || !this.#move(step))
      return
    event.preventDefault()
    event.stopPropagation()
  }

  #clearSearch(target: Element): boolean {
    const list = this.#followed
    if (!target.matches('[type=search]') || list === null || list.query.text === '') return false
    list.ask({ text: '' })
    return true
  }

  /** From row to row; above the first one is the search. */
  #move(step: number): boolean {
    const buttons = this.#buttons
    const at = buttons.findIndex((button) => button.matches(':focus'))
    const isInSearch = this.renderRoot.querySelector('[type=search]:focus') !== null
    if (at < 0 && (step < 0 || !isInSearch) && isInSearch) return false
    const next = buttons[Math.min(buttons.length - 1, Math.max(at + step, -1))]
    if (next === undefined) this.focusSearch()
    else next.focus()
    this.active = next?.dataset.case ?? this.active
    return true
  }

  get #place(): 'panel' | 'page' {
    return this.inPanel ? 'panel' : 'page'
  }

  protected override render() {
    const { client } = this
    const list = this.#followed
    if (client === null || list === null) return nothing
    const hasPhone = phoneColumn(this.#place) ?? !(this.inPanel || this.hidePhone)
    return html`<div @keydown=${this.#onKey}>
      ${renderFilters(client, {
        query: list.query,
        onAsk: (change) => list.ask(change),
      })}
      ${this.#renderAbout(list, hasPhone)}
      ${this.#renderTrouble(client, list)}
      ${
        list.waiting > 0
          ? html`<button class="fresh" @click=${() => list.letIn()}>${t('cases.new', { count: list.waiting })}</button>`
          : nothing
      }
      ${list.rows.length > 0 ? this.#renderTable(client, list, hasPhone) : this.#renderEmpty(list)}
      ${list.hasMore ? html`<p class="end">${this.#renderMore(list)}</p>` : nothing}
      ${list.isFull ? html`<p class="small muted">${t('cases.full', { count: list.rows.length })}</p>` : nothing}
    </div>`
  }

  #renderAbout(list: CaseList, hasPhone: boolean): TemplateResult {
    const count = list.rows.filter((row) => !row.isGone).length
    const isKnown = list.state !== 'loading' || list.rows.length > 0
    const fresh = list.waiting > 0 ? t('cases.new', { count: list.waiting }) : ''
    return html`<div class="row about small">
      <span class="grow muted" role="status">${isKnown ? t(list.hasMore ? 'cases.countMore' : 'cases.count', { count }) : t('loading')}<span
        class="sr"> ${fresh}</span></span>
      <label class="phone"><input type="checkbox" .checked=${hasPhone} @change=${this.#onPhone}>${t('cases.phoneColumn')}</label>
      ${isWide(list) ? nothing : html`<button class="link small" @click=${() => list.ask(widestQuery)}>${t('cases.reset')}</button>`}
    </div>`
  }

  #renderTrouble(client: Client, list: CaseList): TemplateResult | typeof nothing {
    if (list.state === 'failed') {
      return html`<div class="note error small" role="alert">${errorText(list.error)}
        <button class="small" @click=${() => list.retry()}>${t('retry')}</button></div>`
    }
    if (client.state.connection !== 'waiting') return nothing
    return html`<p class="note warn small" role="status">${t('cases.offline')}</p>`
  }

  #renderEmpty(list: CaseList): TemplateResult | typeof nothing {
    if (list.state !== 'done') return nothing
    return html`<p class="empty muted">${t(isWide(list) ? 'cases.noneYet' : 'cases.none')}</p>`
  }

  #renderMore(list: CaseList): TemplateResult {
    return html`<button class="quiet" aria-busy=${list.state === 'more'} @click=${() => list.more()}>${t('cases.more')}</button>`
  }

  #renderTable(client: Client, list: CaseList, hasPhone: boolean): TemplateResult {
    const head = (name: string, text: string) =>
      html`<th class="c-${name}" role="columnheader" scope="col">${text}</th>`
    const isActive = list.rows.some((row) => row.case.id === this.active)
    const reached = isActive ? this.active : list.rows[0]?.case.id
    // The roles are said because the narrow layout takes the table's display away.
    return html`<table role="table" aria-label=${t('cases.title')} aria-busy=${list.state === 'loading'}
      @pointerenter=${this.#onPointer} @pointerleave=${this.#onPointer} @focusin=${this.#onFocus} @focusout=${this.#onFocus}>
      <thead role="rowgroup"><tr role="row">
        <th class="c-hand" role="columnheader" scope="col"><span class="sr">${t('cases.handset')}</span></th>${head('num', t('cases.number'))}${head('subject', t('cases.subject'))}
        ${head('user', t('cases.user'))}${hasPhone ? head('phone', t('cases.phone')) : nothing}
        ${head('status', t('cases.status'))}${head('assignee', t('cases.assignee'))}${head('updated', t('cases.updated'))}
      </tr></thead>
      <tbody role="rowgroup">${repeat(
        list.rows,
        (row) => row.case.id,
        (row) =>
          renderCaseRow(client, list, row, {
            hasPhone,
            isReached: row.case.id === reached,
            onOpen: () => this.#open(row.case),
          }),
      )}</tbody>
    </table>`
  }

  static override styles = [...shared, controls, caseListStyles]
}

const STEPS: Readonly<Record<string, number | undefined>> = {
  ArrowDown: 1,
  j: 1,
  ArrowUp: -1,
  k: -1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

function isWide(list: CaseList): boolean {
  const keys = Object.keys(widestQuery) as (keyof typeof widestQuery)[]
  return keys.every((key) => list.query[key] === widestQuery[key])
}

define('ringside-case-list', RingsideCaseList)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-case-list': RingsideCaseList
  }
}
