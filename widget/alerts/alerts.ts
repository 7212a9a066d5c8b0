/** Sound and notifications of calls that ring (POP-11). Loaded when the page has nothing else to do. */
import type { CallView } from '../../server/http/schemas.ts'
import type { Client } from '../client/client.ts'
import { isOnCall, secondsSince, selectCurrentCalls, selectPopups } from '../client/select.ts'
import type { State } from '../client/state.ts'
import { enAlerts } from '../i18n/en-alerts.ts'
import { addEnglish } from '../i18n/t.ts'
import {
  type AlertOptions,
  followChoice,
  hasChosen,
  notificationsIn,
  setOptions,
} from './choice.ts'
import { heldAmong, hold } from './locks.ts'
import { createNotices } from './notices.ts'
import { createRingSound, type RingSound, type Tone } from './ring-sound.ts'

addEnglish(enAlerts)

/** A call that waits is told of when it comes, not to every page that is opened meanwhile. */
const BEEP_SECONDS = 5

/** The element that alerts; a click on a notification opens the call in it. */
export type AlertsHost = HTMLElement & { openCall(id: string): Promise<void> }

/** Follows one widget: told of each change of state, it decides what sounds and what is shown. */
export class Alerts {
  readonly #host: HTMLElement
  readonly #notices
  #client: Client | null = null
  #options: AlertOptions = { sound: false, notifications: false }
  #names: { readonly sound: string; readonly visible: string } | null = null
  #sound: RingSound | null = null
  #leaveVisible: (() => void) | null = null
  #stopChoice: (() => void) | null = null
  #asked = 0

  constructor(host: HTMLElement) {
    this.#host = host
    this.#notices = createNotices((callId) => {
      const { openCall } = this.#host as Partial<AlertsHost>
      openCall?.call(this.#host, callId).catch(() => undefined)
    })
  }

  /** Takes in the state of a client; cheap where nothing rings. */
  follow(client: Client, options: AlertOptions): void {
    const me = client.state.me?.id
    if (me === undefined) return
    const server = client.api.resolve('/')
    const sound = `ringside:${server}:${me}:sound`
    if (client !== this.#client || sound !== this.#names?.sound) {
      this.stop()
      this.#client = client
      this.#names = { sound, visible: `ringside:${server}:${me}:visible` }
      this.#begin()
    }
    this.#options = options
    setOptions(client, options)
    this.#apply()
  }

  /** Silent, and nothing shown any more. */
  stop(): void {
    this.#client = null
    this.#asked += 1
    this.#sound?.close()
    this.#sound = null
    this.#notices.keep([])
    this.#onHide()
    this.#stopChoice?.()
    document.removeEventListener('visibilitychange', this.#onVisible)
    removeEventListener('pagehide', this.#onHide)
    removeEventListener('pageshow', this.#onVisible)
  }

  #begin(): void {
    this.#sound = createRingSound(this.#names?.sound ?? '')
    this.#stopChoice = followChoice(() => this.#apply())
    document.addEventListener('visibilitychange', this.#onVisible)
    addEventListener('pagehide', this.#onHide)
    addEventListener('pageshow', this.#onVisible)
    this.#onVisible()
  }

  /** Each tab that is looked at says so by a lock that all of them may hold. */
  readonly #onVisible = () => {
    this.#onHide()
    const { visibilityState } = document
    if (this.#client === null || this.#names === null) return
    if (visibilityState === 'visible') {
      this.#leaveVisible = hold(this.#names.visible, 'shared', () => undefined)
    }
    this.#apply()
  }

  readonly #onHide = () => {
    this.#leaveVisible?.()
    this.#leaveVisible = null
  }

  #apply(): void {
    if (this.#client === null) return
    const { state } = this.#client
    const calls = ringingCalls(state)
    const isQuiet = !this.#options.sound || hasChosen('no-sound')
    this.#sound?.set(isQuiet ? null : toneOf(state, calls))
    void this.#notify(state, calls)
  }

  async #notify(state: State, calls: readonly CallView[]): Promise<void> {
    this.#asked += 1
    const mine = this.#asked
    const names = this.#names
    const isWanted = calls.length > 0 && document.visibilityState !== 'visible'
    if (!isWanted || names === null || notificationsIn(this.#options) !== 'on') {
      this.#notices.keep([])
      return
    }
    this.#notices.keep(calls)
    const held = await heldAmong([names.visible, names.sound])
    if (mine !== this.#asked) return
    if (held.has(names.visible)) this.#notices.keep([])
    // What an earlier leader shows it takes away itself; the next one shows it under the same tag.
    else if (state.isLeader) this.#notices.show(state, calls, held.has(names.sound))
  }
}

/** While the line to the server is down nobody knows whether it still rings. */
function ringingCalls(state: State): readonly CallView[] {
  if (state.connection !== 'open') return []
  return selectPopups(state)
    .filter(({ kind }) => kind === 'ringing')
    .map(({ call }) => call)
}

/** What is to be heard: ringing, or one beep for a call that comes while the agent talks. */
export function toneOf(state: State, calls: readonly CallView[]): Tone {
  const newest = calls.at(-1)
  if (newest === undefined) return null
  const me = state.me?.id ?? null
  if (!selectCurrentCalls(state).some((call) => isOnCall(call, me))) return 'ring'
  const isNew = secondsSince(state, newest.ringingAt ?? newest.startedAt) < BEEP_SECONDS
  return isNew ? `beep ${newest.id}` : null
}
