/** Says each pop-up once to screen readers: when it is known who calls, or that nobody is (POP-13). */
import type { Client } from '../client/client.ts'
import { onTurnToSay } from '../client/said.ts'
import { isLoadingUsers, selectCallUsers, selectPopups } from '../client/select.ts'
import type { State } from '../client/state.ts'
import { t } from '../i18n/t.ts'
import { popupLabel } from './popup.ts'

export class Announcer {
  readonly #show: (texts: readonly string[]) => void
  /** Only ever added to while calls ring: what has been said stays as it is, or it would be said again. */
  #texts: readonly string[] = []
  /** What is there, and how to stop waiting for a turn to say it. */
  readonly #there = new Map<string, () => void>()

  constructor(show: (texts: readonly string[]) => void) {
    this.#show = show
  }

  /** Says what is new in this state. */
  follow(client: Client, state: State): void {
    const popups = selectPopups(state)
    const keys = new Set(popups.map(({ call, kind }) => `${kind} ${call.id}`))
    for (const [key, stop] of this.#there) if (!keys.has(key)) this.#forget(key, stop)
    // The same caller may ring again, in the same words.
    if (keys.size === 0 && this.#texts.length > 0) this.#set([])
    for (const { call, kind } of popups) {
      const key = `${kind} ${call.id}`
      if (isLoadingUsers(state, call) || this.#there.has(key)) continue
      const label = popupLabel(call, selectCallUsers(state, call))
      const text = kind === 'ringing' ? label : `${t('popup.gaveUp')}. ${label}`
      this.#there.set(
        key,
        onTurnToSay(client, key, () => this.#set([...this.#texts, text])),
      )
    }
  }

  /** Nothing is said any more. */
  stop(): void {
    for (const [key, stop] of this.#there) this.#forget(key, stop)
  }

  #set(texts: readonly string[]): void {
    this.#texts = texts
    this.#show(texts)
  }

  #forget(key: string, stop: () => void): void {
    this.#there.delete(key)
    stop()
  }
}
