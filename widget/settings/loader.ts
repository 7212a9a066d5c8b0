/** What a page shows is loaded once its client is there; while it comes, and where it does not, that is said. */
import { html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit'
import type { Client } from '../client/client.ts'
import { errorText } from '../elements/action.ts'
import { t } from '../i18n/t.ts'
import { type AdminApi, adminApi } from './admin-api.ts'

type Host = ReactiveControllerHost & { readonly client: Client | null }

export class Loader<T> implements ReactiveController {
  readonly #host: Host
  readonly #load: (api: AdminApi) => Promise<T>
  #client: Client | null = null
  #turn = 0
  #value: T | undefined
  #error: unknown
  #isLoading = false

  /** `load` is called when the element has a client, and by `reload()`. */
  constructor(host: Host, load: (api: AdminApi) => Promise<T>) {
    this.#host = host
    this.#load = load
    host.addController(this)
  }

  hostUpdate(): void {
    if (this.#host.client === this.#client) return
    this.#client = this.#host.client
    this.#value = undefined
    if (this.#client !== null) void this.reload()
  }

  get value(): T | undefined {
    return this.#value
  }

  /** In place of what was loaded: what the server answered to a change. */
  set value(value: T | undefined) {
    this.#value = value
    this.#host.requestUpdate()
  }

  get isLoading(): boolean {
    return this.#isLoading
  }

  /** Loads anew; what is shown stays until it has come. */
  async reload(): Promise<void> {
    const client = this.#client ?? this.#host.client
    if (client === null) return
    this.#turn += 1
    const turn = this.#turn
    this.#isLoading = true
    this.#error = undefined
    this.#host.requestUpdate()
    try {
      const value = await this.#load(adminApi(client))
      if (turn === this.#turn) this.#value = value
    } catch (error) {
      if (turn === this.#turn) this.#error = error
    }
    if (turn === this.#turn) this.#isLoading = false
    this.#host.requestUpdate()
  }

  /** The content, or that it is coming, or why not and a way to try again. */
  show(content: (value: T) => unknown): unknown {
    const trouble =
      this.#error === undefined
        ? nothing
        : html`<div class="note error row" role="alert"><span class="grow">${errorText(this.#error)}</span>
          <button class="small" @click=${() => this.reload()}>${t('retry')}</button></div>`
    if (this.#value !== undefined) return html`${trouble}${content(this.#value)}`
    if (this.#error !== undefined) return trouble
    return html`<p class="muted" role="status">${t('loading')}</p>`
  }
}
