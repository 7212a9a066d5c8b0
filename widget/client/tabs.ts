/**
 * One stream for all tabs of an agent (POP-11). A Web Lock chooses the tab that holds it, a channel tells
 * the others. A leader that answers nobody within a second loses the lock; who leads next resumes behind
 * the last event it has seen. Without locks (plain http, sandboxed frames) each tab has its own stream.
 */
import type { HelloView } from '../../server/http/schemas.ts'
import { backoffMs } from './backoff.ts'
import { createLead, type Lead } from './lead.ts'
import type { ConnectionState } from './state.ts'
import type { Stream, StreamOptions } from './stream.ts'
import { watchPage } from './waking.ts'

/** An event of the stream, as it is handed on. */
export type Told = readonly [name: string, data: unknown]

export interface SharedOptions {
  /** Names the server and the agent, who never share with others; null where nobody is signed in. */
  readonly name: () => Promise<string | null>
  /** Opens the real stream. */
  readonly open: (options: Pick<StreamOptions, 'onEvent' | 'onState' | 'lastEventId'>) => Stream
  readonly onEvent: (event: string, data: unknown) => void
  readonly onState: StreamOptions['onState']
  readonly onLeader: (isLeader: boolean) => void
  /** Somebody looks at this tab again, or the machine slept (`isLate`). */
  readonly onWake: (isLate: boolean) => void
  /** The page goes, for good or for a while. */
  readonly onLeave: () => void
  /** The events that make a new tab know what this one knows; null before the first hello. */
  readonly snapshot: () => readonly Told[] | null
}

/** What the leader says: events, and where it stands. */
interface News {
  readonly type: 'news'
  /** Higher with each leader: what a former one still says is not heard. */
  readonly term: number
  /** The tab that asked; null: all. */
  readonly to: string | null
  readonly state: ConnectionState
  /** The last event's id before these, and with them. */
  readonly since: string | null
  readonly lastId: string | null
  readonly events: readonly Told[]
  /** When it last tried its line anew after a sleep, in ms. */
  readonly rousedAt: number
}

/** What the others say: give me a snapshot, are you there, look after the stream. */
interface Question {
  readonly type: 'ask' | 'ping' | 'wake'
  readonly from: string
  readonly term: number
  readonly isLate: boolean
}

/** A leader answers within this time, or another tab takes over. */
const ANSWER_MS = 1_000
/** So long nothing need be heard of the leader: in tabs that are looked at, and in hidden ones. */
const QUIET_MS = { visible: 1_400, hidden: 15_000 }

/** So long a line is taken for good that was opened after a sleep. */
const ONE_SLEEP_MS = 5_000

/** Creates this tab's part in the agent's one stream. */
export function createSharedStream(options: SharedOptions): Stream {
  const me = Math.random().toString(36)
  let channel: BroadcastChannel | null = null
  let place: Lead | null = null
  let stream: Stream | null = null
  let state: ConnectionState = 'connecting'
  let term = 0
  let lastId: string | null = null
  let heardAt = 0
  let rousedAt = 0
  /** When this tab noticed a sleep of which the leader has not shown to know; 0: none. */
  let wokeAt = 0
  let isAsking = false
  /** My token is not accepted: another tab's may be. */
  let isRefused = false
  let isJoining = false
  let isAway = false
  let attempt = 0
  let waiting: ReturnType<typeof setTimeout> | undefined

  function tell(next: ConnectionState, reason: string | null = null): void {
    if (next === state && reason === null) return
    state = next
    options.onState(next, reason)
  }

  // ---- joining and leaving ---------------------------------------------------

  async function join(): Promise<void> {
    if (isJoining || isAway || channel !== null || stream !== null) return
    if (!canShare()) return lead()
    isJoining = true
    const name = await options.name().catch(() => undefined)
    isJoining = false
    if (isAway) return
    if (name === null) return tell('refused', 'no-token')
    if (name === undefined) {
      tell('waiting', 'no-token')
      attempt += 1
      wait(backoffMs(attempt, Math.random()), () => void join())
      return
    }
    attempt = 0
    channel = new BroadcastChannel(name)
    channel.onmessage = ({ data }: MessageEvent<News | Question>) => {
      // This tab stood still, or the clock was set back.
      if (stream !== null && data.term > term) {
        term = data.term
        follow()
      }
      if (data.type === 'news') hear(data)
      else if (stream !== null) answer(data, stream)
    }
    place = createLead({ name, onHeld: lead, onStolen: follow, onUnable: leadAlone })
    follow()
  }

  /** Stands in line, and learns from the leader what there is. */
  function follow(): void {
    stepDown()
    place?.queue()
    reach('ask')
  }

  function leadAlone(): void {
    channel?.close()
    channel = null
    lead()
  }

  function leave(): void {
    if (isAway) return
    isAway = true
    wait(0)
    stepDown()
    channel?.close()
    channel = null
  }

  function wait(ms: number, then?: () => void): void {
    clearTimeout(waiting)
    waiting =
      then &&
      setTimeout(() => {
        waiting = undefined
        then()
      }, ms)
  }

  // ---- who leads -------------------------------------------------------------

  function lead(): void {
    wait(0)
    term = Math.max(term + 1, Date.now())
    isAsking = false
    wokeAt = 0
    options.onLeader(true)
    stream = options.open({
      lastEventId: lastId,
      onEvent(event, data, id) {
        const since = lastId
        lastId = id
        say([[event, data]], since)
        options.onEvent(event, data)
      },
      onState(next, reason) {
        if (next === 'refused' && channel !== null) {
          isRefused = true
          stepDown()
        }
        tell(next, reason)
        if (stream !== null || !isRefused) say([])
      },
    })
  }

  function stepDown(): void {
    stream?.close()
    if (stream !== null) options.onLeader(false)
    stream = null
    place?.giveUp()
  }

  function say(events: readonly Told[], since = lastId, to: string | null = null): void {
    post({ type: 'news', term, to, state, since, lastId, events, rousedAt })
  }

  function answer({ type, from, isLate }: Question, open: Stream): void {
    if (type === 'wake') rouse(open, isLate)
    const snapshot = type === 'ask' ? options.snapshot() : null
    say(snapshot ?? [], lastId, snapshot && from)
  }

  /** Every tab tells of the same sleep, some of them late. */
  function rouse(open: Stream, isLate: boolean): void {
    const isNew = isLate && !isOneSleep(rousedAt, Date.now())
    if (isNew) rousedAt = Date.now()
    open.wake(isNew)
  }

  // ---- those who follow ------------------------------------------------------

  function hear(news: News): void {
    if (stream !== null || news.term < term) return
    if (news.term > term) isAsking = false
    term = news.term
    heardAt = Date.now()
    if (isOneSleep(news.rousedAt, wokeAt)) wokeAt = 0
    wait(0)
    if (news.to !== null && news.to !== me) return
    // Who was refused is told of a stream that works.
    if (!isRefused || news.state === 'open') tell(news.state)
    const isWhole = news.to === me || news.events.some(isSnapshot)
    if (!isWhole && news.since !== lastId) {
      // Something was not heard here.
      if (!isAsking) reach('ask')
      return
    }
    if (isWhole) isAsking = false
    lastId = news.lastId
    for (const [event, data] of news.events) options.onEvent(event, data)
  }

  function reach(type: Question['type'], isLate = false): void {
    if (type === 'ask') isAsking = true
    post({ type, from: me, term, isLate })
    if (waiting !== undefined) return
    const askedAt = Date.now()
    wait(ANSWER_MS, () => {
      // This tab itself stood still: the answer may lie behind this timer.
      if (Date.now() - askedAt > ANSWER_MS * 1.5) reach('ping')
      else if (isRefused) tell('refused')
      else place?.steal()
    })
  }

  function post(message: News | Question): void {
    channel?.postMessage(message)
  }

  function tick(): void {
    if (stream !== null || channel === null) return
    const quietMs = document.hidden ? QUIET_MS.hidden : QUIET_MS.visible
    // What a leader is told while it stands still can be lost.
    if (wokeAt !== 0) reach('wake', true)
    else if (Date.now() - heardAt > quietMs) reach('ping')
  }

  function wake(isLate = false): void {
    if (stream !== null) rouse(stream, isLate)
    else if (channel === null) void join()
    else {
      if (isRefused) place?.queue()
      isRefused = false
      if (isLate) wokeAt = Date.now()
      reach('wake', isLate)
    }
  }

  const stop = watchPage({
    onWake(isLate) {
      options.onWake(isLate)
      wake(isLate)
    },
    onTick: tick,
    onLeave() {
      options.onLeave()
      leave()
    },
    onBack() {
      isAway = false
      void join()
    },
  })
  options.onLeader(false)
  void join()
  return {
    wake,
    close() {
      stop()
      leave()
    },
  }
}

const isOneSleep = (a: number, b: number): boolean => Math.abs(a - b) < ONE_SLEEP_MS

/** Only a snapshot stands alone; one after a short gap needs what was heard before. */
function isSnapshot([name, data]: Told): boolean {
  return name === 'hello' && (data as HelloView).resumedFrom === null
}

/** Browsers have no locks in pages that came by plain http. */
function canShare(): boolean {
  return 'locks' in navigator && 'BroadcastChannel' in globalThis
}
