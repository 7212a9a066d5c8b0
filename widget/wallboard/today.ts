/** The day so far, as the report of calls counts it: read again after calls that ended, and when a new day begins. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ReportView } from '../../server/http/report-schemas.ts'
import type { Client } from '../client/client.ts'
import type { Message } from '../client/state.ts'
import { addDays, dayIn, isTimeZone } from '../reports/days.ts'

type Host = ReactiveControllerHost & { readonly client: Client | null }

/** However many calls end: the report is asked for at most this often. */
const REST_MS = 5_000
const AFTER_FAILURE_MS = 15_000
/** Corrections of older calls are not told as ended calls. */
const REFRESH_MS = 300_000
/** Where it is still the day that has ended everywhere else: nowhere a day begins later than this one. */
const LAST_ZONE = 'Etc/GMT+12'

export class TodayFigures implements ReactiveController {
  readonly #host: Host
  #client: Client | null = null
  #stop: (() => void) | null = null
  /** Of the client that it began with: an answer that comes for another one is dropped. */
  #turn = 0
  #isLoading = false
  #isStale = false
  #triedAt = 0
  /** Of the server's days; known from its first answer. */
  #tz = LAST_ZONE
  /** Where this browser does not know the zone: how many days it is ahead of the last one. */
  #ahead = 0
  #day = ''
  #readAt = 0
  #report: ReportView | null = null
  #hasFailed = false

  constructor(host: Host) {
    this.#host = host
    host.addController(this)
  }

  hostDisconnected(): void {
    this.#forget(null)
  }

  /** Null until it has been read for the first time. */
  get report(): ReportView | null {
    return this.#report
  }

  /** When what there is was asked for, by the server's clock. */
  get readAt(): number {
    return this.#readAt
  }

  /** The last try failed: what is there is old. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Reads the report where it is time to; `now` is the server's. Called whenever the board is drawn. */
  check(now: number): void {
    if (this.#host.client !== this.#client) this.#forget(this.#host.client)
    if (this.#client === null || this.#isLoading || !this.#isDue(now)) return
    void this.#read(this.#client, now)
  }

  #isDue(now: number): boolean {
    const rested = now - this.#triedAt
    if (this.#hasFailed) return rested >= AFTER_FAILURE_MS
    if (this.#report === null || this.#day !== this.#today(now)) return true
    return (this.#isStale && rested >= REST_MS) || rested >= REFRESH_MS
  }

  #today(now: number): string {
    return addDays(dayIn(this.#tz, now), this.#ahead)
  }

  async #read(client: Client, now: number): Promise<void> {
    const turn = this.#turn
    this.#isLoading = true
    this.#isStale = false
    this.#triedAt = now
    const day = this.#today(now)
    try {
      const report = await client.api.get<ReportView>(`/api/reports/calls?from=${day}&by=none`)
      if (turn !== this.#turn) return
      this.#hasFailed = false
      const isKnown = isTimeZone(report.tz)
      if (isKnown) {
        this.#tz = report.tz
        this.#ahead = 0
      }
      // From a day that is another one there it is the report of two days, and is asked for again.
      if (isKnown ? day === this.#today(now) : isOneDay(report)) {
        this.#day = day
        this.#report = report
        this.#readAt = now
      } else if (!isKnown) {
        this.#ahead += 1
        this.#report = null
      }
    } catch {
      if (turn !== this.#turn) return
      this.#ahead = 0
      this.#hasFailed = true
    }
    this.#isLoading = false
    this.#host.requestUpdate()
  }

  #forget(client: Client | null): void {
    this.#turn += 1
    this.#stop?.()
    this.#stop = client?.subscribe((message) => this.#hear(message)) ?? null
    this.#client = client
    this.#report = null
    this.#tz = LAST_ZONE
    this.#ahead = 0
    this.#day = ''
    this.#triedAt = 0
    this.#isLoading = false
    this.#isStale = false
    this.#hasFailed = false
  }

  #hear(message: Message): void {
    const isEnd = message.type === 'call' && message.call.state === 'ended'
    // After a hole in the stream nobody knows what ended in it; settings have the target and the zone.
    const isHole = message.type === 'hello' && message.hello.resumedFrom === null
    if (isEnd || isHole || message.type === 'fields') this.#isStale = true
  }
}

/** Days last up to 25 hours; two of them do not. */
function isOneDay({ from, to }: ReportView): boolean {
  return Date.parse(to) - Date.parse(from) < 36 * 3_600_000
}
