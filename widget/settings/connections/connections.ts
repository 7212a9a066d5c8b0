import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { Client } from '../../client/client.ts'
import { errorText } from '../../elements/action.ts'
import { define } from '../../elements/define.ts'
import { enConnections } from '../../i18n/settings/en-connections.ts'
import { addEnglish, t } from '../../i18n/t.ts'
import { adminApi } from '../admin-api.ts'
import { goTo, pageProperties, type SettingsPage } from '../page.ts'
import { settingsStyles } from '../settings-styles.ts'
import type { Edits } from './assignments.ts'
import './connection.ts'
import { listStyles, renderList } from './connection-list.ts'
import type { Agent, Connection } from './contract.ts'
import { afterSaving, changesOf, type Draft, draftOf, newDraft } from './draft.ts'
import { browserTimeZone, countryOf } from './places.ts'
import { Poll } from './poll.ts'
import { type Step, toStep } from './steps.ts'

addEnglish(enConnections)

const EVERY_MS = 4_000
const NEW = 'new'

/** The PBXs: all of them with their state, or one on its way from nothing to a first right pop-up. */
export class RingsideSettingsConnections extends LitElement implements SettingsPage {
  static override properties = {
    ...pageProperties,
    connections: { state: true },
    agents: { state: true },
    trouble: { state: true },
  }
  declare client: Client | null
  declare path: readonly string[]
  /** Null until they have been loaded. */
  declare connections: readonly Connection[] | null
  declare agents: readonly Agent[]
  declare trouble: unknown
  /** What is typed stays while one looks at another connection or step. */
  readonly #drafts = new Map<string, Draft>()
  readonly #edits = new Map<string, Edits>()
  /** Made in this page: each step leads to the next. */
  readonly #guided = new Set<string>([NEW])
  /** Answers that were on their way when something was saved here are of before. */
  #turn = 0
  readonly #poll = new Poll(this, () => this.#load(), EVERY_MS)

  constructor() {
    super()
    this.client = null
    this.path = []
    this.connections = null
    this.agents = []
    this.trouble = null
  }

  get hasUnsaved(): boolean {
    const hasDraft = [...this.#drafts.keys()].some((id) => this.#isDirty(id))
    return hasDraft || [...this.#edits.values()].some(({ size }) => size > 0)
  }

  #isDirty(id: string): boolean {
    const draft = this.#drafts.get(id)
    if (draft === undefined) return (this.#edits.get(id)?.size ?? 0) > 0
    // What a new form begins with was not typed.
    if (id === NEW) return draft.name.trim() !== ''
    const connection = this.#find(id)
    const isChanged = connection !== null && changesOf(draft, connection) !== null
    return isChanged || (this.#edits.get(id)?.size ?? 0) > 0
  }

  #find(id: string): Connection | null {
    return this.connections?.find((one) => one.id === id) ?? null
  }

  async #load(): Promise<void> {
    const { client } = this
    if (client === null) return
    const turn = this.#turn
    const api = adminApi(client)
    try {
      const [connections, agents] = await Promise.all([
        api.list<Connection>('/api/connections'),
        api.list<Agent>('/api/agents', 5_000),
      ])
      if (turn !== this.#turn) return
      this.connections = connections
      this.agents = agents
      this.trouble = null
    } catch (error) {
      this.trouble = error
      throw error
    }
  }

  #put(connection: Connection): void {
    this.#turn += 1
    const others = (this.connections ?? []).filter(({ id }) => id !== connection.id)
    this.connections = [...others, connection].sort((a, b) => a.name.localeCompare(b.name))
  }

  #draft(id: string): Draft | null {
    const typed = this.#drafts.get(id)
    if (typed !== undefined) return typed
    if (id !== NEW) {
      const connection = this.#find(id)
      return connection === null ? null : draftOf(connection)
    }
    const zone = browserTimeZone()
    const fresh = newDraft(zone, countryOf(zone, navigator.language))
    this.#drafts.set(NEW, fresh)
    return fresh
  }

  #saved(id: string, connection: Connection, parts: readonly (keyof Draft)[]): void {
    const draft = this.#draft(id)
    this.#drafts.delete(id)
    this.#put(connection)
    if (id === NEW) {
      this.#guided.add(connection.id)
      goTo(this, ['connections', connection.id, 'link'], true)
      return
    }
    if (draft === null) return
    const rest = afterSaving(draft, connection, parts)
    if (changesOf(rest, connection) !== null) this.#drafts.set(id, rest)
  }

  readonly #go = (id: string, step?: Step) => {
    goTo(this, ['connections', id, ...(step === undefined ? [] : [step])])
  }

  protected override render() {
    const { client, connections, path } = this
    if (client === null) return nothing
    const trouble =
      this.trouble === null
        ? nothing
        : html`<p class="note error small" role="alert">${errorText(this.trouble)}</p>`
    const [id = ''] = path
    if (connections === null && id !== NEW) {
      return this.trouble === null
        ? html`<p class="muted" role="status">${t('loading')}</p>`
        : html`${trouble}<p><button @click=${() => this.#poll.now()}>${t('retry')}</button></p>`
    }
    return html`${trouble}${id === '' ? this.#renderList(client) : this.#renderOne(id)}`
  }

  #renderList(client: Client): TemplateResult {
    return renderList({
      connections: this.connections ?? [],
      agents: this.agents,
      now: client.now(),
      isUnsaved: (id) => this.#isDirty(id),
      onOpen: this.#go,
    })
  }

  #renderOne(id: string): TemplateResult {
    const connection = this.#find(id)
    const draft = this.#draft(id)
    if (draft === null) {
      return html`<p class="note error">${t('conn.gone')}</p>
        <p><button @click=${() => goTo(this, ['connections'])}>${t('conn.all')}</button></p>`
    }
    return html`<ringside-connection .client=${this.client} .connection=${connection} .draft=${draft}
      .agents=${this.agents} .edits=${this.#edits.get(id) ?? new Map()} .isGuided=${this.#guided.has(id)}
      .step=${id === NEW ? 'pbx' : toStep(this.path[1])}
      .onDraft=${(next: Draft) => {
        this.#drafts.set(id, next)
        this.requestUpdate()
      }}
      .onEdits=${(edits: Edits) => {
        this.#edits.set(id, edits)
        this.requestUpdate()
      }}
      .onSaved=${(saved: Connection, parts: readonly (keyof Draft)[]) => this.#saved(id, saved, parts)}
      .onChanged=${(changed: Connection) => this.#put(changed)}
      .onDeleted=${() => this.#deleted(id)}
      .onReload=${() => this.#poll.now()}
      .onList=${() => goTo(this, ['connections'])}
      .onStep=${(step: Step) => this.#go(id, step)}></ringside-connection>`
  }

  #deleted(id: string): void {
    this.#turn += 1
    this.#drafts.delete(id)
    this.#edits.delete(id)
    this.connections = (this.connections ?? []).filter((one) => one.id !== id)
    goTo(this, ['connections'], true)
  }

  static override styles = [
    ...settingsStyles,
    listStyles,
    css`
      :host { min-inline-size: 0; }
    `,
  ]
}

define('ringside-settings-connections', RingsideSettingsConnections)

declare global {
  interface HTMLElementTagNameMap {
    'ringside-settings-connections': RingsideSettingsConnections
  }
}
