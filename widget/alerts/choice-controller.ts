import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { followChoice } from './choice.ts'

/** Renders its element again when the agent chooses something about alerts, in this tab or another. */
export class ChoiceController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  #stop: (() => void) | null = null

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#stop = followChoice(() => this.#host.requestUpdate())
  }

  hostDisconnected(): void {
    this.#stop?.()
    this.#stop = null
  }
}
