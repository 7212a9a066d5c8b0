import type { CallEvent } from '../calls/call.ts'
import type { Heard, LinkOptions, PbxSession } from './link.ts'
import type { NewEvent } from './new-event.ts'
import { putBack } from './put-back.ts'
import type { Telling } from './telling.ts'

/** What may wait while the state is read; more means that we cannot follow, and begin anew. */
const MAX_BUFFERED = 50_000

/** What a session hears. */
export interface Hearing {
  hear(heard: Heard): void
  /** Takes what is older than this session: it comes before the state that is read. */
  takeOld(): void
  /** What has been kept back so far. */
  kept(): readonly Heard[]
  /** From here on things are taken as they come, after what has been kept back. */
  goLive(): void
}

/** Until the state of the PBX is known, what it tells is kept back. */
export function createHearing(
  { tracker, tellsCalls, onCalls }: LinkOptions,
  telling: Telling,
  onTooMuch: (why: string) => void,
): Hearing {
  let buffered: Heard[] | null = []
  const take = ({ events, time, raw }: Heard): void => {
    const told = events.flatMap((event) => tracker.hear(event, time))
    if (told.length === 0) return
    onCalls?.()
    if (!tellsCalls) return
    telling.tell(toNewEvents(told, raw)).catch(() => onTooMuch('too many events wait'))
  }
  return {
    hear: (heard) => {
      if (buffered === null) return take(heard)
      buffered.push(heard)
      if (buffered.length > MAX_BUFFERED) onTooMuch('too many events came while the state was read')
    },
    takeOld: () => {
      const waiting = buffered ?? []
      buffered = waiting.filter((heard) => !isOld(heard))
      for (const heard of waiting) if (isOld(heard)) take(heard)
    },
    kept: () => buffered ?? [],
    goLive: () => {
      const waiting = buffered ?? []
      buffered = null
      for (const heard of waiting) take(heard)
    },
  }
}

/** Events that a PBX kept while we were away come with their own times (ARI-4). */
const OLD_MS = 5000

function isOld({ time }: Heard): boolean {
  return time.atKnown && time.arrivedAt.getTime() - time.at.getTime() > OLD_MS
}

/** What the trace says of an event that nobody sent: the state did. */
const BY_STATE = { reading: 'the state read after the connection came back' }

/** Reads the state, puts right what was missed, then takes what was told meanwhile (AMI-6). */
export async function catchUp(
  options: LinkOptions,
  session: PbxSession,
  hearing: Hearing,
  telling: Telling,
  signal: AbortSignal,
): Promise<void> {
  const { tracker, clock, log } = options
  const askedAt = clock()
  const read = await session.readState()
  if (read === null) {
    log.warn('link.state-unknown', { connectionId: options.connectionId })
    return hearing.goLive()
  }
  const now = clock()
  // Only where it is known what they are about: a server that has just started learns that first.
  if (tracker.liveIds().length > 0) hearing.takeOld()
  await telling.flush()
  const calls = await options.openCalls(putBack(read, hearing.kept()), signal)
  signal.throwIfAborted()
  // Also what was told a moment after the lists: they and the events come by lines of their own.
  const heard = hearing.kept()
  const first = heard[0]?.time.arrivedAt ?? now
  const at = first < now ? first : now
  const time = { at, atKnown: false, arrivedAt: at }
  const told = tracker.restore(putBack(read, heard), calls, time)
  const toldOf = options.tellsCalls ? telling.tell(toNewEvents(told, BY_STATE)) : null
  hearing.goLive()
  await toldOf
  // What has ended meanwhile is kept before it is asked what the PBX has no channel of.
  await telling.flush()
  await options.onSnapshot(read, askedAt)
}

/** Reads the state for the calls that are held to go on and are not there (CALL-12). */
export async function takeSnapshot(options: LinkOptions, session: PbxSession): Promise<void> {
  const askedAt = options.clock()
  const snapshot = await session.readState()
  if (snapshot !== null) await options.onSnapshot(snapshot, askedAt)
}

/** Call events as they are kept: the same event of the same stream has the same receipt. */
export function toNewEvents(
  events: readonly CallEvent[],
  raw: Readonly<Record<string, string>>,
): NewEvent[] {
  return events.map((event) => ({
    receipt: `${event.connectionId} ${event.source} ${event.order}`,
    event,
    raw,
  }))
}
