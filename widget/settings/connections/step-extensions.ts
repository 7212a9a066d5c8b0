import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { Client } from '../../client/client.ts'
import { define } from '../../elements/define.ts'
import { closeIcon } from '../../elements/icons.ts'
import { icon } from '../../elements/line-icons.ts'
import { plain } from '../../format.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { type Column, section, table } from '../blocks.ts'
import { Saver } from '../saver.ts'
import { settingsStyles } from '../settings-styles.ts'
import { type Edits, isExtension, itemsOf, type Row, rowsOf } from './assignments.ts'
import {
  type Agent,
  type Assignment,
  type Connection,
  type Endpoint,
  type List,
  pathOf,
} from './contract.ts'
import { renderNoPhones } from './no-phones.ts'
import { Poll } from './poll.ts'

const EVERY_MS = 5_000
/** So many rows are shown at once; the filter finds the others. */
const SHOWN = 100

/** The phones of the PBX with their state, each given to an agent (ADMIN-2). */
export class RingsideConnectionExtensions extends LitElement {
  static override properties = {
    client: { attribute: false },
    connection: { attribute: false },
    agents: { attribute: false },
    edits: { attribute: false },
    onEdits: { attribute: false },
    onSaved: { attribute: false },
    stored: { state: true },
    endpoints: { state: true },
    why: { state: true },
    filter: { state: true },
    adding: { state: true },
    addError: { state: true },
  }
  declare client: Client | null
  declare connection: Connection | null
  declare agents: readonly Agent[]
  declare edits: Edits
  declare onEdits: (edits: Edits) => void
  /** The list was saved: agents have other extensions now. */
  declare onSaved: () => void
  /** Null until it has been loaded. */
  declare stored: readonly Assignment[] | null
  /** Null while the PBX has not been asked. */
  declare endpoints: readonly Endpoint[] | null
  /** Why it could not be asked. */
  declare why: unknown
  declare filter: string
  declare adding: string
  declare addError: string
  readonly #saver = new Saver(this)
  readonly #poll = new Poll(this, () => this.#load(), EVERY_MS)

  constructor() {
    super()
    this.client = null
    this.connection = null
    this.agents = []
    this.edits = new Map()
    this.onEdits = () => undefined
    this.onSaved = () => undefined
    this.stored = null
    this.endpoints = null
    this.why = null
    this.filter = ''
    this.adding = ''
    this.addError = ''
  }

  async #load(): Promise<void> {
    const { client, connection } = this
    if (client === null || connection === null) return
    const api = adminApi(client)
    if (this.stored === null) {
      this.stored = await api.list<Assignment>(pathOf(connection.id, 'extensions'), 10_000)
    }
    const { ari, ami } = connection.status
    // Who is not there is not asked: the state says why.
    const link = [ari, ami].find(({ state }) => state === 'up')
    this.why = null
    if (link === undefined) {
      this.endpoints = []
      return
    }
    try {
      const { items } = await api.get<List<Endpoint>>(pathOf(connection.id, 'endpoints'))
      this.endpoints = items
    } catch (error) {
      this.endpoints = []
      this.why = error
    }
  }

  #set(row: Assignment): void {
    this.#saver.touch()
    const { extension, agentId, canAnswer } = row
    this.onEdits(new Map(this.edits).set(extension, { extension, agentId, canAnswer }))
  }

  #remove(extension: string): void {
    this.#saver.touch()
    this.onEdits(new Map(this.edits).set(extension, null))
  }

  readonly #onAdd = (event: Event) => {
    event.preventDefault()
    const extension = this.adding.trim()
    if (!isExtension(extension)) {
      this.addError = t('conn.extensionBad')
      return
    }
    this.addError = ''
    this.adding = ''
    this.filter = ''
    if (
      this.stored?.some((one) => one.extension === extension) &&
      this.edits.get(extension) !== null
    )
      return
    this.#set({ extension, agentId: null, canAnswer: false })
  }

  readonly #onSave = async (event: Event) => {
    event.preventDefault()
    const { client, connection, stored } = this
    if (client === null || connection === null || stored === null) return
    const items = itemsOf(this.#rows(stored), stored)
    const saved = await this.#saver.run(() =>
      adminApi(client).put<List<Assignment>>(pathOf(connection.id, 'extensions'), { items }),
    )
    if (saved === undefined) return
    this.stored = saved.items
    this.onEdits(new Map())
    this.onSaved()
  }

  #rows(stored: readonly Assignment[]): readonly Row[] {
    return rowsOf(stored, this.endpoints ?? [], this.edits, this.agents)
  }

  protected override render() {
    const { stored, connection } = this
    if (connection === null) return nothing
    if (stored === null) return html`<p class="muted" role="status">${t('loading')}</p>`
    const rows = this.#rows(stored)
    const suggested = rows.filter((one) => one.suggested !== null)
    return html`${section(
      {
        title: t('conn.step.extensions'),
        text: t('conn.extensionsText'),
        actions:
          suggested.length === 0
            ? nothing
            : html`<button type="button" class="small suggest" @click=${() => this.#takeAll(suggested)}>${t('conn.suggestAll', { count: suggested.length })}</button>`,
      },
      html`${this.endpoints?.length === 0 ? renderNoPhones(connection, this.why, () => this.#poll.now()) : nothing}
        ${rows.length > 12 ? this.#renderFilter() : nothing}
        ${this.#renderRows(rows)}
        ${this.#renderAdd()}`,
    )}
    <form @submit=${this.#onSave}>${this.#saver.bar(this.edits.size > 0, this.edits.size > 0 ? () => this.onEdits(new Map()) : null)}</form>`
  }

  #takeAll(rows: readonly Row[]): void {
    const edits = new Map(this.edits)
    for (const { extension, canAnswer, suggested } of rows) {
      edits.set(extension, { extension, canAnswer, agentId: suggested?.id ?? null })
    }
    this.#saver.touch()
    this.onEdits(edits)
  }

  #renderFilter(): TemplateResult {
    return html`<input class="filter" type="search" dir="auto" aria-label=${t('conn.filterPhones')} placeholder=${t('conn.filterPhones')}
      .value=${this.filter} @input=${(event: Event) => {
        this.filter = (event.target as HTMLInputElement).value
      }}>`
  }

  #renderRows(rows: readonly Row[]): unknown {
    const wanted = this.filter.trim().toLowerCase()
    const nameOf = (id: string | null) => this.agents.find((one) => one.id === id)?.name ?? ''
    const found = rows.filter(
      ({ extension, agentId }) =>
        wanted === '' || `${extension} ${nameOf(agentId)}`.toLowerCase().includes(wanted),
    )
    if (found.length === 0) {
      return rows.length === 0 ? nothing : html`<p class="muted">${t('conn.noneFound')}</p>`
    }
    return html`${table(t('conn.step.extensions'), this.#columns(), found.slice(0, SHOWN))}
      ${found.length > SHOWN ? html`<p class="small muted">${t('conn.moreRows', { count: found.length - SHOWN })}</p>` : nothing}`
  }

  #columns(): readonly Column<Row>[] {
    return [
      { label: t('conn.extension'), className: 'num', cell: (row) => this.#renderName(row) },
      { label: t('conn.agent'), cell: (row) => this.#renderAgent(row) },
      {
        label: t('conn.canAnswer'),
        cell: (row) =>
          html`<label class="check"><input type="checkbox" .checked=${row.canAnswer} ?disabled=${row.agentId === null}
            aria-label="${t('conn.canAnswer')}: ${row.extension}"
            @change=${(event: Event) => this.#set({ ...row, canAnswer: (event.target as HTMLInputElement).checked })}></label>`,
      },
      {
        label: t('conn.remove'),
        isActions: true,
        cell: (row) =>
          row.endpoint === null
            ? html`<button type="button" class="icon" title=${t('conn.remove')} aria-label="${t('conn.remove')}: ${row.extension}"
                @click=${() => this.#remove(row.extension)}>${closeIcon()}</button>`
            : nothing,
      },
    ]
  }

  #renderName({ extension, endpoint }: Row): TemplateResult {
    const state = endpoint?.state ?? null
    return html`<span class="phone">${
      state === null ? nothing : html`<span class="dot ${state}" aria-hidden="true"></span>`
    }<bdi class="strong">${plain(extension)}</bdi>
      <span class="small muted">${endpoint === null ? t('conn.byHand') : html`${plain(endpoint.technology)}, ${t(`conn.phone.${endpoint.state}`)}`}</span></span>`
  }

  #renderAgent(row: Row): TemplateResult {
    const { suggested } = row
    const me = this.client?.state.me?.id
    return html`<div class="choose"><select aria-label="${t('conn.agent')}: ${row.extension}"
      @change=${(event: Event) => this.#set({ ...row, agentId: (event.target as HTMLSelectElement).value || null })}>
      <option value="" .selected=${row.agentId === null}>${t('conn.nobody')}</option>
      ${this.agents.map(
        ({ id, name }) =>
          html`<option value=${id} .selected=${id === row.agentId}>${id === me ? t('conn.me', { name: plain(name) }) : plain(name) || t('noName')}</option>`,
      )}</select>
      ${
        suggested === null
          ? nothing
          : html`<button type="button" class="link small" @click=${() => this.#set({ ...row, agentId: suggested.id })}>${t('conn.suggest', { name: plain(suggested.name) })}</button>`
      }</div>`
  }

  #renderAdd(): TemplateResult {
    return html`<form class="add" @submit=${this.#onAdd}>
      <label for="add">${t('conn.addExtension')}</label>
      <div class="row"><input id="add" dir="ltr" class="code" maxlength="40" placeholder="101" aria-describedby="add-bad" aria-invalid=${this.addError === '' ? nothing : 'true'}
        .value=${this.adding} @input=${(event: Event) => {
          this.adding = (event.target as HTMLInputElement).value
        }}><button type="submit">${icon('plus')}${t('conn.add')}</button></div>
      <p class="bad" id="add-bad" role="alert">${this.addError}</p></form>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .phone { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 2px var(--_2); }
      .choose { display: flex; flex-wrap: wrap; align-items: center; gap: var(--_1) var(--_2); }
      .choose select { inline-size: auto; min-inline-size: min(16em, 100%); max-inline-size: 100%; }
      .filter { max-inline-size: 24em; }
      form.add { gap: var(--_1); max-inline-size: 20em; }
      .add > label { margin: 0; font-size: 1em; color: var(--_text); }
      .add input { min-inline-size: 0; }
      .dot { flex: none; inline-size: 10px; block-size: 10px; border: 2px solid var(--_muted); border-radius: 50%; forced-color-adjust: none; }
      .dot.online { border-color: var(--_green); background: var(--_green); }
      .dot.offline { border-radius: 0; }
    `,
  ]
}

define('ringside-connection-extensions', RingsideConnectionExtensions)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-connection-extensions': RingsideConnectionExtensions
  }
}
