/** What the filters choose from: agents with those who have left, and the queues that had anything in the period. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ReportView } from '../../server/http/report-schemas.ts'
import type { ColleagueView } from '../../server/http/schemas.ts'
import type { Client } from '../client/client.ts'
import { later } from '../elements/define.ts'
import { plain } from '../format.ts'
import { currentLocale, t } from '../i18n/t.ts'
import type { SeveralItem } from './several.ts'
import type { Names } from './words.ts'

interface Page {
  readonly items: readonly ColleagueView[]
  readonly next: string | null
}

export class Lists implements ReactiveController {
  readonly #host: ReactiveControllerHost
  #client: Client | null = null
  #names: Names = new Map()
  #queues: readonly string[] = []
  #asked = ''

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {}

  /** Agents by id. */
  get names(): Names {
    return this.#names
  }

  /** Nobody comes last. */
  get agentItems(): readonly SeveralItem[] {
    const items = [...this.#names].map(([value, name]) => ({
      value,
      label: plain(name) || t('noName'),
    }))
    items.sort((a, b) => a.label.localeCompare(b.label, currentLocale()))
    return [...items, { value: 'nobody', label: t('reports.nobody') }]
  }

  get queues(): readonly string[] {
    return this.#queues
  }

  /** The agents are asked for once for each client. */
  load(client: Client): void {
    if (client === this.#client) return
    this.#client = client
    this.#names = new Map()
    this.#queues = []
    this.#asked = ''
    later(this.#loadAgents(client))
  }

  /** The queues of a period, when somebody opens the list of them. */
  loadQueues(client: Client, question: URLSearchParams): void {
    const query = new URLSearchParams({ by: 'queue' })
    for (const key of ['from', 'to', 'tz']) query.set(key, question.get(key) ?? '')
    const path = `/api/reports/calls?${query}`
    if (path === this.#asked) return
    this.#asked = path
    later(this.#loadQueues(client, path))
  }

  async #loadAgents(client: Client): Promise<void> {
    const names = new Map<string, string>()
    let cursor = ''
    do {
      const page: Page = await client.api.get(`/api/agents?limit=200${cursor}`)
      for (const { id, name } of page.items) names.set(id, name)
      cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`
    } while (cursor !== '')
    if (client !== this.#client) return
    this.#names = names
    this.#host.requestUpdate()
  }

  async #loadQueues(client: Client, path: string): Promise<void> {
    try {
      const { rows } = await client.api.get<ReportView>(path)
      if (path === this.#asked) this.#queues = rows.map(({ group }) => group.queue ?? '')
    } catch {
      // Opened again, it is asked again.
      if (path === this.#asked) this.#asked = ''
    }
    this.#host.requestUpdate()
  }
}
