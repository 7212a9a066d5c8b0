/** What the agent set going: nothing counts as done before the server said so. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { html, nothing, type TemplateResult } from 'lit'
import { ApiError } from '../client/api.ts'
import { enBase } from '../i18n/en-base.ts'
import { addEnglish, type Key, t } from '../i18n/t.ts'

addEnglish(enBase)

/** One controller per element; actions are told apart by a key of the element's choice. */
export class Actions implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #busy = new Set<string>()
  readonly #errors = new Map<string, unknown>()

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {}

  isBusy(key: string): boolean {
    return this.#busy.has(key)
  }

  /** Runs once at a time; returns what came out, or undefined where it failed and the error is shown. */
  async run<T>(key: string, action: () => Promise<T>): Promise<T | undefined> {
    if (this.#busy.has(key)) return undefined
    this.#busy.add(key)
    this.#errors.delete(key)
    this.#host.requestUpdate()
    try {
      return await action()
    } catch (error) {
      this.#errors.set(key, error)
      return undefined
    } finally {
      this.#busy.delete(key)
      this.#host.requestUpdate()
    }
  }

  hasFailed(key: string): boolean {
    return this.#errors.has(key)
  }

  failure(key: string): unknown {
    return this.#errors.get(key)
  }

  /** The error of an action, in place, with what to do. */
  error(key: string): TemplateResult | typeof nothing {
    const error = this.#errors.get(key)
    if (error === undefined) return nothing
    return html`<p class="note error small" role="alert">${errorText(error)}</p>`
  }

  clear(key: string): void {
    if (this.#errors.delete(key)) this.#host.requestUpdate()
  }
}

const BY_CODE: Readonly<Record<string, Key>> = {
  'not-answered': 'error.notAnswered',
}
const BY_STATUS: Readonly<Record<number, Key>> = {
  0: 'error.offline',
  401: 'error.signedOut',
  403: 'error.forbidden',
  404: 'error.gone',
  409: 'error.conflict',
  429: 'error.busy',
}

/** What happened and what to do, in one or two sentences. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.unknown')
  const known = BY_CODE[error.code] ?? BY_STATUS[error.status]
  if (known !== undefined) return t(known)
  if (error.status >= 500) return t('error.server')
  return error.errors[0]?.message ?? error.message
}
