/** Whether a board shows what is now: the stream is there, and the machine has not slept since it last spoke. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Client } from '../client/client.ts'
import type { Message } from '../client/state.ts'

type Host = ReactiveControllerHost & { readonly client: Client | null }

const TICK_MS = 1_000
/** The clock has gone on this much further than the timer: the machine slept, and the line may be dead. */
const LATE_MS = 5_000

export class Liveness implements ReactiveController {
  readonly #host: Host
  #timer: ReturnType<typeof setInterval> | undefined
  #client: Client | null = null
  #stop: (() => void) | null = null
  #tickedAt = 0
  #lostAt: number | null = null
  #hasSlept = false

  constructor(host: Host) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#tickedAt = Date.now()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    // Moved within its page: it listens again from the next update on.
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    clearInterval(this.#timer)
    this.#follow(null)
  }

  hostUpdate(): void {
    if (this.#host.client !== this.#client) this.#follow(this.#host.client)
  }

  /** Since when nothing has been heard, by the server's clock; null: what is shown is what is now. */
  get lostAt(): number | null {
    return this.#lostAt
  }

  /** The machine slept: nobody knows yet whether the line is still there. */
  get hasSlept(): boolean {
    return this.#hasSlept
  }

  #follow(client: Client | null): void {
    this.#stop?.()
    this.#client = client
    this.#lostAt = null
    this.#hasSlept = false
    this.#stop = client?.subscribe((message) => this.#hear(message)) ?? null
  }

  #hear(message: Message): void {
    const { state } = this.#client ?? {}
    if (state === undefined || message.type === 'tick') return
    if (message.type === 'connection') {
      if (state.isReady && state.connection !== 'open') this.#lostAt ??= state.now
    } else if (state.connection === 'open' && HEARD.has(message.type)) {
      this.#lostAt = null
      this.#hasSlept = false
    }
  }

  #tick(): void {
    const client = this.#client
    const before = this.#tickedAt
    this.#tickedAt = Date.now()
    if (client === null) return
    // Browsers slow the timers of hidden pages down: nobody looks at those.
    if (!document.hidden && Math.abs(this.#tickedAt - before - TICK_MS) > LATE_MS) {
      this.#lostAt ??= client.state.now
      this.#hasSlept = true
    }
    if (client.state.connection !== 'open') this.#host.requestUpdate()
    else client.dispatch({ type: 'tick', now: client.now() })
  }
}

/** What only the stream brings. */
const HEARD: ReadonlySet<Message['type']> = new Set(['hello', 'call', 'case', 'queue', 'recording'])
