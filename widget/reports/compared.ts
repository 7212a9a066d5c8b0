/** A report, and the days of the period before for its picture. */
import type { ReactiveControllerHost } from 'lit'
import type { ReportView } from '../../server/http/report-schemas.ts'
import type { Client } from '../client/client.ts'
import { ReportSource } from './report-source.ts'

export class Compared {
  readonly now: ReportSource
  readonly #before: ReportSource
  #wasAway = false

  constructor(host: ReactiveControllerHost) {
    this.now = new ReportSource(host)
    this.#before = new ReportSource(host)
  }

  /** Asks for a report, and for the one before once that one says which period it is. */
  ask(client: Client, path: string, question: URLSearchParams): void {
    this.now.ask(client, `${path}?${question}`)
    this.#followConnection(client)
    const report = this.now.value
    if (report === null || this.now.isLoading) return
    if (report.by !== 'day') {
      this.#before.forget()
      return
    }
    const query = new URLSearchParams(question)
    query.set('from', report.previousFrom)
    query.set('to', report.previousTo)
    this.#before.ask(client, `${path}?${query}`)
  }

  forget(): void {
    this.now.forget()
    this.#before.forget()
  }

  /** The days before those of this report; null while they are still those of another one. */
  beforeOf({ report, previousFrom, previousTo }: ReportView): ReportView | null {
    const { value, isLoading } = this.#before
    if (value === null || isLoading || value.report !== report) return null
    return value.from === previousFrom && value.to === previousTo ? value : null
  }

  /** What could not be had while the server was away is asked for once it is back. */
  #followConnection({ state }: Client): void {
    const isAway = state.connection !== 'open'
    if (this.#wasAway && !isAway && this.now.error !== undefined) this.now.reload()
    this.#wasAway = isAway
  }
}
