/** Asks again and again while somebody looks: a checklist ticks by itself, a link that came up is seen. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'

export class Poll implements ReactiveController {
  readonly #run: () => Promise<unknown>
  readonly #everyMs: number
  #timer: ReturnType<typeof setTimeout> | undefined
  #isRunning = false
  #isConnected = false

  constructor(host: ReactiveControllerHost, run: () => Promise<unknown>, everyMs: number) {
    this.#run = run
    this.#everyMs = everyMs
    host.addController(this)
  }

  hostConnected(): void {
    this.#isConnected = true
    document.addEventListener('visibilitychange', this.#onVisible)
    this.#plan(0)
  }

  hostDisconnected(): void {
    this.#isConnected = false
    document.removeEventListener('visibilitychange', this.#onVisible)
    clearTimeout(this.#timer)
  }

  /** Asks now, and then as before. */
  now(): void {
    this.#plan(0)
  }

  readonly #onVisible = () => {
    if (!document.hidden) this.#plan(0)
  }

  #plan(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#isConnected || this.#isRunning) return
    this.#timer = setTimeout(() => void this.#ask(), ms)
  }

  async #ask(): Promise<void> {
    // A tab that nobody looks at asks when it is looked at.
    if (document.hidden) return
    this.#isRunning = true
    try {
      await this.#run()
    } catch {
      // Shown by the element that asks; the next round may do better.
    } finally {
      this.#isRunning = false
      this.#plan(this.#everyMs)
    }
  }
}
