/** Asks the server for a report; what is shown stays until another has come, and only a slow one is said to be on its way. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ReportView } from '../../server/http/report-schemas.ts'
import type { Client } from '../client/client.ts'

/** Nobody sees a wait that is shorter, but everybody sees flicker. */
const SLOW_MS = 200

export class ReportSource implements ReactiveController {
  readonly #host: ReactiveControllerHost
  #client: Client | null = null
  #path = ''
  #value: ReportView | null = null
  #error: unknown
  #at = 0
  #isSlow = false
  #abort: AbortController | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostDisconnected(): void {
    // Taken out of the page while it was asking: it asks again when it is back.
    if (this.isLoading) this.#path = ''
    this.#stop()
  }

  /** The report that came last, which may be that of an earlier question. */
  get value(): ReportView | null {
    return this.#value
  }

  get error(): unknown {
    return this.#error
  }

  /** When what is shown had come. */
  get at(): number {
    return this.#at
  }

  get isLoading(): boolean {
    return this.#abort !== null
  }

  /** It takes long enough to say so. */
  get isSlow(): boolean {
    return this.#isSlow
  }

  /** Asks once for each question; of another client nothing is kept. */
  ask(client: Client, path: string): void {
    if (client === this.#client && path === this.#path) return
    if (client !== this.#client) this.#value = null
    this.#client = client
    this.#path = path
    void this.#load()
  }

  reload(): void {
    if (this.#client !== null && this.#path !== '') void this.#load()
  }

  forget(): void {
    this.#stop()
    this.#client = null
    this.#path = ''
    this.#value = null
    this.#error = undefined
  }

  async #load(): Promise<void> {
    this.#stop()
    const client = this.#client
    if (client === null) return
    const abort = new AbortController()
    this.#abort = abort
    this.#error = undefined
    this.#timer = setTimeout(() => {
      this.#isSlow = true
      this.#host.requestUpdate()
    }, SLOW_MS)
    try {
      const value = await client.api.get<ReportView>(this.#path, { signal: abort.signal })
      if (this.#abort !== abort) return
      this.#value = value
      this.#at = client.now()
    } catch (error) {
      if (this.#abort !== abort) return
      this.#error = error
    }
    this.#stop()
    this.#host.requestUpdate()
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#isSlow = false
    this.#abort?.abort()
    this.#abort = null
  }
}
