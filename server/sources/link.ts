import type { CallEvent } from '../calls/call.ts'
import type { Log } from '../log.ts'
import { backoffMs } from './backoff.ts'
import { catchUp, createHearing, takeSnapshot, toNewEvents } from './catch-up.ts'
import type { ChannelEvent, EventTime, OpenCall, PbxSnapshot } from './channel-event.ts'
import type { NewEvent } from './new-event.ts'
import type { Control, Endpoint, LinkStatus, PbxAnswer, PbxCommand } from './pbx.ts'
import { sleep } from './sleep.ts'
import { createTelling } from './telling.ts'

/** Something that a PBX told, with the fields in which it did (for the call's trace). */
export interface Heard {
  readonly events: readonly ChannelEvent[]
  readonly time: EventTime
  readonly raw: Readonly<Record<string, string>>
}

/** A logged in session with a PBX; what it hears went to `hear` from the login on. */
export interface PbxSession {
  readonly version: string | null
  readonly controls: ReadonlySet<Control>
  /** Null where the account may not ask. */
  readState(): Promise<PbxSnapshot | null>
  readEndpoints(): Promise<readonly Endpoint[]>
  run(command: PbxCommand): Promise<PbxAnswer>
  /** What else is to be done once the calls are right: queues, devices. */
  onUp(): Promise<void>
  /** Settles with the reason when the session is over. */
  readonly ended: Promise<string>
  close(): void
}

/** One kind of account: how a session with its PBX is opened. */
export interface PbxSource {
  readonly kind: 'ari' | 'ami'
  open(hear: (heard: Heard) => void, signal: AbortSignal): Promise<PbxSession>
  /** Places in a stream that is the same at each reading, such as a file's; absent: the clock's. */
  nextOrder?(): number
  /** True where the PBX does not want this account: trying at once again would change nothing. */
  isRefusal(error: unknown): boolean
}

/** What the link needs of the calls: the only state between the sessions. */
export interface CallTracker {
  /** Calls that have a live channel. */
  liveIds(): readonly string[]
  hear(event: ChannelEvent, time: EventTime): readonly CallEvent[]
  restore(
    snapshot: PbxSnapshot,
    openCalls: readonly OpenCall[],
    time: EventTime,
  ): readonly CallEvent[]
}

export interface LinkOptions {
  readonly connectionId: string
  readonly source: PbxSource
  readonly tracker: CallTracker
  /** False: an account for control only, whose events are not asked for calls. */
  readonly tellsCalls: boolean
  readonly log: Log
  readonly clock: () => Date
  /**
   * The calls that are going on by what is known so far; what was told before is in it. Waits for as
   * long as it takes.
   */
  readonly openCalls: (snapshot: PbxSnapshot, signal: AbortSignal) => Promise<readonly OpenCall[]>
  /** Keeps the events; tried again until it works. */
  readonly accept: (events: readonly NewEvent[]) => Promise<void>
  readonly onChange: (link: Link) => void
  /** Something about calls has changed; also told where the events are not used for calls. */
  readonly onCalls?: () => void
  /** Told of every state of the PBX that was read, with when it was asked for. */
  readonly onSnapshot: (snapshot: PbxSnapshot, askedAt: Date) => Promise<void>
  /** Rejects where another process may have the link; absent: it is always ours. */
  readonly sure?: () => Promise<void>
  /** Does what follows from something that was heard, unless another process has the link. */
  readonly pass?: (work: () => void) => void
  readonly random?: () => number
  readonly pace?: Partial<Pace>
}

/** How long things take; shorter in tests. */
export interface Pace {
  readonly retryMs: (attempt: number, random: number) => number
  readonly refusedMs: number
  readonly snapshotMs: number
}

const PACE: Pace = { retryMs: backoffMs, refusedMs: 60_000, snapshotMs: 60_000 }

/** A session that was up for so long was a good one; two servers that end each other's are not. */
const LASTED_MS = 5000

/** A PBX's events become call events, through every loss of the connection (ARI-2, AMI-6). */
export interface Link {
  readonly kind: 'ari' | 'ami'
  readonly tellsCalls: boolean
  status(): LinkStatus
  controls(): ReadonlySet<Control>
  endpoints(): readonly Endpoint[]
  run(command: PbxCommand): Promise<PbxAnswer>
  /** Call events that the server itself makes, in their place among those of the PBX. */
  tell(events: readonly CallEvent[], raw: Readonly<Record<string, string>>): Promise<void>
  close(): Promise<void>
}

interface Current {
  readonly session: PbxSession
  readonly endpoints: readonly Endpoint[]
}

const NO_CONTROLS: ReadonlySet<Control> = new Set()
const AWAY: PbxAnswer = {
  ok: false,
  code: 'pbx-away',
  message: 'there is no connection to the PBX',
}

/** Connects, and again whenever the connection is lost, until it is closed. */
export function createLink(options: LinkOptions): Link {
  const { source, log, clock, connectionId, pass = atOnce } = options
  const pace = { ...PACE, ...options.pace }
  const random = options.random ?? Math.random
  const stop = new AbortController()
  const telling = createTelling(options.accept, log)
  let status: LinkStatus = { state: 'connecting', since: clock(), error: null, version: null }
  let current: Current | null = null

  const become = (state: LinkStatus['state'], error: string | null): void => {
    if (stop.signal.aborted || (status.state === state && status.error === error)) return
    const since = status.state === state ? status.since : clock()
    status = { state, since, error, version: current?.session.version ?? status.version }
    options.onChange(link)
  }

  const connected = async (): Promise<string> => {
    const opened = new AbortController()
    const signal = AbortSignal.any([stop.signal, opened.signal])
    const hearing = createHearing(options, telling, (why) => opened.abort(new Error(why)))
    await options.sure?.()
    const session = await source.open((heard) => pass(() => hearing.hear(heard)), signal)
    const onStop = (): void => session.close()
    signal.addEventListener('abort', onStop)
    // What was aborted meanwhile did not hear of it.
    if (signal.aborted) session.close()
    try {
      const ended = session.ended.then((why) => {
        opened.abort(new Error(why))
        return why
      })
      await orEnded(ended, catchUp(options, session, hearing, telling, signal))
      current = { session, endpoints: await orEnded(ended, readEndpoints(session, options)) }
      become('up', null)
      log.info('link.up', { connectionId, kind: source.kind, version: session.version })
      await orEnded(ended, session.onUp())
      const watching = watch(options, session, pace.snapshotMs, signal)
      const why = await ended
      await watching
      return why
    } finally {
      current = null
      signal.removeEventListener('abort', onStop)
      opened.abort()
      session.close()
    }
  }

  const loop = async (): Promise<void> => {
    let failures = 0
    while (!stop.signal.aborted) {
      const outcome = await connected().then(
        (why) => ({ why, refused: false }),
        (error: unknown) => ({ why: reasonOf(error), refused: source.isRefusal(error) }),
      )
      if (stop.signal.aborted) break
      // A session that lasted was no failure: the next one may come soon.
      const upMs = status.state === 'up' ? clock().getTime() - (status.since?.getTime() ?? 0) : 0
      failures = upMs > LASTED_MS ? 1 : failures + 1
      const isNews = status.state !== 'down' || status.error !== outcome.why
      const facts = { connectionId, kind: source.kind, reason: outcome.why }
      if (isNews) log.warn('link.down', facts)
      else log.debug('link.down', facts)
      become('down', outcome.why)
      await sleep(
        outcome.refused ? pace.refusedMs : pace.retryMs(failures - 1, random()),
        stop.signal,
      )
    }
  }

  const link: Link = {
    kind: source.kind,
    tellsCalls: options.tellsCalls,
    status: () => status,
    controls: () => current?.session.controls ?? NO_CONTROLS,
    endpoints: () => current?.endpoints ?? [],
    run: (command) => current?.session.run(command) ?? Promise.resolve(AWAY),
    tell: (events, raw) => telling.tell(toNewEvents(events, raw)),
    close: async () => {
      stop.abort(new Error('the link is closed'))
      await running
      await telling.close()
    },
  }
  const running = loop()
  return link
}

function atOnce(work: () => void): void {
  work()
}

/** Looks now and then whether the calls that are held to go on are still there (CALL-12). */
async function watch(
  options: LinkOptions,
  session: PbxSession,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, signal)
    if (signal.aborted) return
    await lookAgain(options, session).catch((error: unknown) =>
      options.log.warn('link.state-not-read', { connectionId: options.connectionId, error }),
    )
  }
}

async function lookAgain(options: LinkOptions, session: PbxSession): Promise<void> {
  await options.sure?.()
  await takeSnapshot(options, session)
}

/** An account that may not list endpoints still tells calls. */
async function readEndpoints(
  session: PbxSession,
  { log, connectionId }: LinkOptions,
): Promise<readonly Endpoint[]> {
  try {
    return await session.readEndpoints()
  } catch (error) {
    log.info('link.endpoints-not-read', { connectionId, reason: reasonOf(error) })
    return []
  }
}

async function orEnded<T>(ended: Promise<string>, work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    ended.then((why): never => {
      // What the work comes to does not matter any more.
      work.catch(() => undefined)
      throw new Error(why)
    }),
  ])
}

/**
 * Places in a source's stream: they go up over restarts and over owners, as long as their clocks are
 * not further apart than it takes to change owners.
 */
export function createOrder(clock: () => Date): { next(): number; atLeast(order: number): void } {
  let last = 0
  return {
    next: () => {
      last = Math.max(last + 1, clock().getTime() * 1000)
      return last
    },
    atLeast: (order) => {
      last = Math.max(last, order)
    },
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
