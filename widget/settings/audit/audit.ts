import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { InferOutput } from 'valibot'
import { toCsv } from '../../../server/http/csv.ts'
import type { AgentListItem, auditItem, keySchema } from '../../../server/http/setup-schemas.ts'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { plain } from '../../format.ts'
import { fullTime, when } from '../../format-time.ts'
import { enAdmin } from '../../i18n/settings/en-admin.ts'
import { addEnglish, t } from '../../i18n/t.ts'
import { saveAs } from '../../save-as.ts'
import { adminApi } from '../admin-api.ts'
import { type Column, empty, section, table } from '../blocks.ts'
import { selectField, textField } from '../form.ts'
import { Loader } from '../loader.ts'
import { pageProperties, type SettingsPage } from '../page.ts'
import { settingsStyles } from '../settings-styles.ts'
import { KINDS, wordsOf } from './words.ts'

addEnglish(enAdmin)

type Entry = InferOutput<typeof auditItem>
interface Page {
  readonly items: readonly Entry[]
  readonly next: string | null
}
interface Names {
  readonly agents: readonly AgentListItem[]
  readonly keys: readonly InferOutput<typeof keySchema>[]
}

const PAGE = 50
/** As much as a browser makes a file of without anybody waiting long. */
const MAX_IN_FILE = 20_000

/** Who did what, in plain words (ADMIN-6). */
export class RingsideSettingsAudit extends LitElement implements SettingsPage {
  static override properties = {
    ...pageProperties,
    filter: { state: true },
    saved: { state: true },
  }
  declare client: Client | null
  declare path: readonly string[]
  declare filter: {
    readonly agentId: string
    readonly action: string
    readonly from: string
    readonly to: string
  }
  /** How many entries the last file had. */
  declare saved: { readonly count: number; readonly isCut: boolean } | null
  readonly #actions = new Actions(this)
  readonly #names = new Loader<Names>(this, async (api) => {
    const [agents, keys] = await Promise.all([
      api.list<Names['agents'][number]>('/api/agents'),
      api.list<Names['keys'][number]>('/api/keys'),
    ])
    return { agents, keys }
  })
  readonly #entries = new Loader<Page>(this, (api) => api.get(this.#address(PAGE)))

  constructor() {
    super()
    this.client = null
    this.path = []
    this.filter = { agentId: '', action: '', from: '', to: '' }
    this.saved = null
  }

  #address(limit: number): string {
    const query = new URLSearchParams({ limit: String(limit) })
    const { agentId, action, from, to } = this.filter
    if (agentId !== '') query.set('agentId', agentId)
    if (action !== '') query.set('action', action)
    if (from !== '') query.set('from', midnight(from, 0))
    // To the end of that day.
    if (to !== '') query.set('to', midnight(to, 1))
    return `/api/audit?${query}`
  }

  #change(change: Partial<RingsideSettingsAudit['filter']>): void {
    this.filter = { ...this.filter, ...change }
    this.saved = null
    void this.#entries.reload()
  }

  async #more(): Promise<void> {
    const { client } = this
    const before = this.#entries.value
    if (client === null || before?.next == null) return
    const cursor = encodeURIComponent(before.next)
    const page = await this.#actions.run('more', () =>
      adminApi(client).get<Page>(`${this.#address(PAGE)}&cursor=${cursor}`),
    )
    // A filter that was changed meanwhile has brought others.
    if (page === undefined || this.#entries.value !== before) return
    this.#entries.value = { items: [...before.items, ...page.items], next: page.next }
  }

  async #save(): Promise<void> {
    const { client } = this
    if (client === null) return
    this.saved = null
    await this.#actions.run('csv', async () => {
      const address = this.#address(200).replace('limit=200&', '').replace('?limit=200', '')
      const entries = await adminApi(client).list<Entry>(address, MAX_IN_FILE)
      saveAs('audit-log.csv', 'text/csv;charset=utf-8', toCsv(this.#toRows(entries)))
      this.saved = { count: entries.length, isCut: entries.length >= MAX_IN_FILE }
    })
  }

  #toRows(entries: readonly Entry[]): string[][] {
    const head = ['at', 'who', 'what', 'action', 'target', 'fields', 'status', 'from']
    const rows = entries.map((entry) => {
      const target = Object.entries(entry.target).map(([name, id]) => `${name}=${id}`)
      const { at, action, fields, status, address } = entry
      const who = plain(this.#who(entry))
      return [
        at,
        who,
        what(action),
        action,
        target.join(' '),
        fields.join(' '),
        String(status),
        address,
      ]
    })
    return [head, ...rows]
  }

  #who({ agentId, keyId }: Entry): string {
    const { agents = [], keys = [] } = this.#names.value ?? {}
    if (agentId !== null) return plain(agents.find(({ id }) => id === agentId)?.name ?? agentId)
    if (keyId === 'environment') return t('audit.environmentKey')
    if (keyId === null) return t('audit.nobody')
    const key = keys.find(({ id }) => id === keyId)
    return key === undefined ? t('audit.keyGone') : t('audit.key', { name: plain(key.name) })
  }

  /** Whom or what it was done to, where that has a name. */
  #target({ target }: Entry): string {
    const { agents = [], keys = [] } = this.#names.value ?? {}
    const ids = Object.values(target)
    const found =
      agents.find(({ id }) => ids.includes(id)) ?? keys.find(({ id }) => ids.includes(id))
    return found === undefined ? '' : plain(found.name)
  }

  protected override render() {
    return section(
      {
        title: t('audit.title'),
        text: t('audit.about'),
        actions: html`<button aria-busy=${this.#actions.isBusy('csv')} @click=${() => this.#save()}>${t('audit.csv')}</button>`,
      },
      html`${this.#renderFilter()}
        ${this.#actions.error('csv')}
        <p class="small muted" role="status">${this.saved === null ? '' : t('audit.csvDone', { count: this.saved.count })}
          ${this.saved?.isCut ? t('audit.csvCut', { count: this.saved.count }) : ''}</p>
        ${this.#entries.show((page) => this.#renderPage(page))}`,
    )
  }

  #renderFilter(): TemplateResult {
    const { agents = [] } = this.#names.value ?? {}
    const { agentId, action, from, to } = this.filter
    return html`<div class="columns filter">
      ${selectField({
        name: 'who',
        label: t('audit.who'),
        value: agentId,
        choices: [
          { value: '', label: t('audit.anybody') },
          ...agents.map(({ id, name }) => ({ value: id, label: plain(name) })),
        ],
        onChange: (value) => this.#change({ agentId: value }),
      })}
      ${selectField({
        name: 'what',
        label: t('audit.what'),
        value: action,
        choices: [
          { value: '', label: t('audit.anything') },
          ...KINDS.map((kind) => ({ value: kind.action, label: t(`audit.kind.${kind.id}`) })),
        ],
        onChange: (value) => this.#change({ action: value }),
      })}
      ${textField({ name: 'from', label: t('audit.from'), type: 'date', value: from, max: to, onInput: (value) => this.#change({ from: value }) })}
      ${textField({ name: 'to', label: t('audit.to'), type: 'date', value: to, min: from, onInput: (value) => this.#change({ to: value }) })}
    </div>`
  }

  #renderPage({ items, next }: Page): TemplateResult {
    if (items.length === 0) return empty(t('audit.none'))
    return html`${table(t('audit.title'), this.#columns(), items)}
      ${
        next === null
          ? nothing
          : html`<button class="start" aria-busy=${this.#actions.isBusy('more')} @click=${() => this.#more()}>${t('audit.more')}</button>`
      }
      ${this.#actions.error('more')}`
  }

  #columns(): readonly Column<Entry>[] {
    const now = this.client?.now() ?? 0
    return [
      {
        label: t('audit.what'),
        cell: (entry) => {
          const target = this.#target(entry)
          return html`${what(entry.action)}${target === '' ? nothing : html`: <bdi>${target}</bdi>`}
            ${
              entry.fields.length === 0
                ? nothing
                : html`<span class="small muted fields">${t('audit.fields', { fields: shortList(entry.fields) })}</span>`
            }`
        },
      },
      { label: t('audit.who'), cell: (entry) => html`<bdi>${this.#who(entry)}</bdi>` },
      {
        label: t('audit.at'),
        className: 'num',
        cell: ({ at }) => html`<span title=${fullTime(at)}>${when(at, now)}</span>`,
      },
      { label: t('audit.outcome'), cell: ({ status }) => outcome(status) },
      {
        label: t('audit.address'),
        className: 'num',
        cell: ({ address }) => html`<bdi class="muted">${address || '–'}</bdi>`,
      },
    ]
  }

  static override styles = [
    ...settingsStyles,
    css`
      .filter { grid-template-columns: repeat(auto-fill, minmax(min(11em, 100%), 1fr)); gap: var(--_2) var(--_3); }
      .fields { display: block; }
      .start { align-self: start; }
    `,
  ]
}

function what(action: string): string {
  const key = wordsOf(action, enAdmin)
  return key === null ? plain(action) : t(key)
}

function outcome(status: number): TemplateResult {
  const kind = status < 400 ? 'done' : status < 500 ? 'refused' : 'failed'
  const colour = { done: 'green', refused: 'pending', failed: 'red' }[kind]
  return html`<span class="tag ${colour}">${t(`audit.${kind}`)}</span>`
}

/** `name, scopes`: fields inside others say enough by themselves. */
function shortList(fields: readonly string[]): string {
  const inner = fields.filter((field) => !fields.some((other) => other.startsWith(`${field}.`)))
  return inner.map((field) => plain(field)).join(', ')
}

/** The beginning of a day here, as an instant. */
function midnight(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + daysLater).toISOString()
}

define('ringside-settings-audit', RingsideSettingsAudit)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-audit': RingsideSettingsAudit
  }
}
