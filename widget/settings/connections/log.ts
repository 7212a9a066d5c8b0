import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { fullTime, when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { empty, section } from '../blocks.ts'
import { settingsStyles } from '../settings-styles.ts'
import { type List, type LogItem, pathOf } from './contract.ts'
import { Poll } from './poll.ts'

const EVERY_MS = 3_000
const PAGE = 50
const KINDS = ['', 'refused', 'unmatched'] as const
type Kind = (typeof KINDS)[number]

/** What the PBX sent that could not be used, with what to do about it, live (ADMIN-4, CALL-7). */
export class RingsideConnectionLog extends LitElement {
  static override properties = {
    client: { attribute: false },
    connectionId: { attribute: 'connection-id' },
    kind: { state: true },
    text: { state: true },
    items: { state: true },
    next: { state: true },
    isLost: { state: true },
  }
  declare client: Client | null
  declare connectionId: string
  declare kind: Kind
  declare text: string
  /** Newest first; null until it has been loaded. */
  declare items: readonly LogItem[] | null
  declare next: string | null
  declare isLost: boolean
  readonly #actions = new Actions(this)
  readonly #poll = new Poll(this, () => this.#load(), EVERY_MS)
  #typing: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.client = null
    this.connectionId = ''
    this.kind = ''
    this.text = ''
    this.items = null
    this.next = null
    this.isLost = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#typing)
  }

  #path(cursor: string | null): string {
    const query = new URLSearchParams({ limit: String(PAGE) })
    if (this.kind !== '') query.set('kind', this.kind)
    if (this.text.trim() !== '') query.set('q', this.text.trim())
    if (cursor !== null) query.set('cursor', cursor)
    return `${pathOf(this.connectionId, 'log')}?${query}`
  }

  async #load(): Promise<void> {
    const { client, connectionId } = this
    if (client === null || connectionId === '') return
    const path = this.#path(null)
    try {
      const page = await adminApi(client).get<List<LogItem>>(path)
      this.isLost = false
      if (path !== this.#path(null)) return
      this.#take(page)
    } catch (error) {
      this.isLost = true
      throw error
    }
  }

  /** What is new goes in front; older pages that were asked for stay. */
  #take({ items, next }: List<LogItem>): void {
    const had = this.items ?? []
    const last = items.at(-1)
    const at = last === undefined ? -1 : had.findIndex((one) => isSame(one, last))
    const older = at === -1 ? [] : had.slice(at + 1)
    if (older.length === 0) this.next = next
    this.items = [...items, ...older]
  }

  #ask(): void {
    this.items = null
    this.next = null
    this.#poll.now()
  }

  readonly #onText = (event: Event) => {
    this.text = (event.target as HTMLInputElement).value
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => this.#ask(), 250)
  }

  readonly #onMore = () => {
    const { client, next } = this
    if (client === null || next === null) return
    void this.#actions.run('more', async () => {
      const page = await adminApi(client).get<List<LogItem>>(this.#path(next))
      this.items = [...(this.items ?? []), ...page.items]
      this.next = page.next
    })
  }

  protected override render() {
    return section(
      { title: t('conn.step.log'), text: t('conn.logText') },
      html`<div class="filters" role="search">
        <select aria-label=${t('conn.logKind')} @change=${(event: Event) => {
          this.kind = (event.target as HTMLSelectElement).value as Kind
          this.#ask()
        }}>${KINDS.map((kind) => html`<option value=${kind} .selected=${kind === this.kind}>${t(`conn.kind.${kind || 'all'}`)}</option>`)}</select>
        <input type="search" dir="auto" maxlength="200" aria-label=${t('conn.logFind')} placeholder=${t('conn.logFind')}
          .value=${this.text} @input=${this.#onText}></div>
      ${this.isLost ? html`<p class="note warn small" role="status">${t('conn.notLive')}</p>` : nothing}
      ${this.#renderItems()}`,
    )
  }

  #renderItems(): unknown {
    const { items } = this
    if (items === null) {
      return this.isLost ? nothing : html`<p class="muted" role="status">${t('loading')}</p>`
    }
    if (items.length === 0) {
      return empty(t(this.kind === '' && this.text === '' ? 'conn.logEmpty' : 'conn.logNone'))
    }
    return html`<ol class="log">${items.map((item) => this.#renderItem(item))}</ol>
      ${this.#actions.error('more')}
      ${this.next === null ? nothing : html`<p><button type="button" aria-busy=${this.#actions.isBusy('more')} @click=${this.#onMore}>${t('conn.older')}</button></p>`}`
  }

  #renderItem({ at, kind, reason, hint, source, fields }: LogItem): TemplateResult {
    const now = this.client?.now() ?? 0
    const entries = Object.entries(fields)
    return html`<li><div class="row wrap-row"><span class="tag ${kind === 'refused' ? 'red' : 'pending'}">${t(`conn.kind.${kind}`)}</span>
        <time class="small muted num" datetime=${at} title=${fullTime(at)}>${when(at, now)}</time>
        ${source === '' ? nothing : html`<span class="small muted">${t('conn.logFrom', { source: plain(source) })}</span>`}</div>
      <p class="wrap strong"><bdi>${plain(reason)}</bdi></p>
      ${hint === '' ? nothing : html`<p class="wrap"><span class="strong">${t('conn.whatToDo')}</span> <bdi>${plain(hint)}</bdi></p>`}
      ${
        entries.length === 0
          ? nothing
          : html`<details><summary class="small">${t('conn.logFields', { count: entries.length })}</summary>
        <dl>${entries.map(
          ([name, value]) =>
            html`<dt><bdi>${plain(name)}</bdi></dt><dd><bdi>${plain(value)}</bdi></dd>`,
        )}</dl></details>`
      }</li>`
  }

  static override styles = [
    ...settingsStyles,
    css`
      .filters { display: grid; grid-template-columns: minmax(10em, auto) minmax(0, 1fr); gap: var(--_2); max-inline-size: 44em; }
      .log > li { display: flex; flex-direction: column; gap: var(--_1); padding-block: var(--_3); border-block-end: 1px solid var(--_border); }
      .wrap-row { flex-wrap: wrap; }
      summary { min-block-size: 24px; cursor: pointer; color: var(--_muted); }
      dl {
        display: grid; grid-template-columns: minmax(6em, auto) minmax(0, 1fr); gap: 2px var(--_3); padding: var(--_2) var(--_3);
        border-radius: var(--_radius-small); background: var(--_surface); font-size: var(--_small);
      }
      dt { color: var(--_muted); }
      dt, dd { overflow-wrap: anywhere; }
      @container page (max-width: 30em) { .filters { grid-template-columns: minmax(0, 1fr); } }
    `,
  ]
}

const isSame = (one: LogItem, other: LogItem): boolean =>
  one.at === other.at && JSON.stringify(one) === JSON.stringify(other)

define('ringside-connection-log', RingsideConnectionLog)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-connection-log': RingsideConnectionLog
  }
}
