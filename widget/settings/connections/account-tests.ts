/** Tries accounts out as they stand in the form, by themselves once all is filled in (ADMIN-1, ADMIN-2). */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Client } from '../../client/client.ts'
import { Actions } from '../../elements/action.ts'
import { adminApi, type FieldErrors, fieldErrors } from '../admin-api.ts'
import type { Check, Connection, TestResult } from './contract.ts'
import { changesOf, type Draft, isComplete, toAmi, toAri } from './draft.ts'

export type Kind = 'ari' | 'ami'
export interface Typed {
  readonly client: Client | null
  readonly connection: Connection | null
  readonly draft: Draft | null
}

/** How long nothing is typed before the test runs by itself: half a password is not tried out. */
const PAUSE_MS = 1_500

export class AccountTests implements ReactiveController {
  readonly #host: ReactiveControllerHost & Typed
  readonly #actions: Actions
  readonly #timers = new Map<Kind, ReturnType<typeof setTimeout>>()
  /** What was tried out, and what came of it. */
  readonly #tried = new Map<Kind, { readonly of: string; readonly check: Check | null }>()
  readonly #watched = new Map<Kind, string>()

  constructor(host: ReactiveControllerHost & Typed) {
    this.#host = host
    this.#actions = new Actions(host)
    host.addController(this)
  }

  hostDisconnected(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  hostUpdated(): void {
    this.#plan('ari')
    this.#plan('ami')
  }

  /** What the last test found, as long as the account is as it was. */
  check(kind: Kind): Check | null {
    const tried = this.#tried.get(kind)
    return tried !== undefined && tried.of === this.#bodyOf(kind) ? tried.check : null
  }

  isBusy(kind: Kind): boolean {
    return this.#actions.isBusy(kind)
  }

  canTest(kind: Kind): boolean {
    const { draft, connection } = this.#host
    return draft !== null && isComplete(kind, draft, connection)
  }

  /** What the server says of fields. */
  get errors(): FieldErrors {
    return {
      ...fieldErrors(this.#actions.failure('ari')),
      ...fieldErrors(this.#actions.failure('ami')),
    }
  }

  failure(kind: Kind): unknown {
    return this.#actions.failure(kind)
  }

  /** Typing has paused, or the field was left: tries what has not been tried. */
  testIfNew(kind: Kind): void {
    if (this.canTest(kind) && this.#tried.get(kind)?.of !== this.#bodyOf(kind)) void this.test(kind)
  }

  async test(kind: Kind): Promise<void> {
    const { client, connection } = this.#host
    const of = this.#bodyOf(kind)
    if (client === null || of === null || this.#actions.isBusy(kind)) return
    clearTimeout(this.#timers.get(kind))
    const body = {
      [kind]: JSON.parse(of) as unknown,
      ...(connection !== null && { connectionId: connection.id }),
    }
    const result = await this.#actions.run(kind, () =>
      adminApi(client).post<TestResult>('/api/connections/test', body),
    )
    this.#tried.set(kind, { of, check: result?.[kind] ?? null })
    this.#host.requestUpdate()
    // Typed on meanwhile.
    if (of !== this.#bodyOf(kind)) this.#plan(kind)
  }

  #plan(kind: Kind): void {
    const body = this.#bodyOf(kind)
    if (body === null || body === this.#watched.get(kind)) return
    this.#watched.set(kind, body)
    this.#actions.clear(kind)
    if (!this.#isNews(kind)) return
    clearTimeout(this.#timers.get(kind))
    this.#timers.set(
      kind,
      setTimeout(() => this.testIfNew(kind), this.#isTyped(kind) ? PAUSE_MS : 0),
    )
  }

  /** What works as it is stored is left alone; what does not is tried, to say why. */
  #isNews(kind: Kind): boolean {
    return this.#isTyped(kind) || this.#host.connection?.status[kind].state === 'down'
  }

  #isTyped(kind: Kind): boolean {
    const { draft, connection } = this.#host
    return draft === null || changesOf(draft, connection, [kind]) !== null
  }

  #bodyOf(kind: Kind): string | null {
    const { draft } = this.#host
    if (draft === null) return null
    if (kind === 'ari') return draft.ari === null ? null : JSON.stringify(toAri(draft.ari))
    return draft.ami === null ? null : JSON.stringify(toAmi(draft.ami))
  }
}
