/** Says each pop-up once to screen readers: when it is known who calls, or that nobody is (POP-13). */
import { isLoadingUsers, selectCallUsers, selectPopups } from '../client/select.ts'
import type { State } from '../client/state.ts'
import { t } from '../i18n/t.ts'
import { popupLabel } from './popup.ts'

const MOST = 100

export class Announcer {
  readonly #say: (text: string) => void
  readonly #said = new Set<string>()

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  /** Says what is new in this state. */
  follow(state: State): void {
    for (const { call, kind } of selectPopups(state)) {
      const key = `${kind} ${call.id}`
      if (isLoadingUsers(state, call) || this.#said.has(key)) continue
      this.#said.add(key)
      const label = popupLabel(call, selectCallUsers(state, call))
      this.#say(kind === 'ringing' ? label : `${t('popup.gaveUp')}. ${label}`)
    }
    for (const key of this.#said) if (this.#said.size > MOST) this.#said.delete(key)
  }
}
