import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { CallEvent } from '../../server/calls/call.ts'
import type { NewEvent } from '../../server/sources/new-event.ts'
import type { Open } from '../support/database.ts'
import { shuffled } from '../support/random.ts'
import { createWorld, type World } from '../support/world.ts'
import { BEGIN, CUSTOMERS } from './order-calls.ts'
import { type Agents, readEnds } from './order-ends.ts'
import { arrivalsOf, type Schedule, SILENCE_MS } from './order-schedules.ts'

/** A server that hears of calls, each of somebody else, and says how they ended. */
export interface OrderLine extends AsyncDisposable {
  /** Plays all of them at the same time, mixed with one another; gives each one's end as text. */
  play(schedules: readonly Schedule[], random: () => number): Promise<readonly string[]>
  readonly events: () => number
}

/** The clock stands still while events are applied, so that nothing depends on how fast that is. */
const NOW = BEGIN + 60_000
const LATER = NOW + SILENCE_MS
const PAST = BEGIN - 10 * 60_000
const CHUNK = 500
const CLOSED_WITHIN_MS = 60_000
/** Fewer than what the clock of a PBX is judged by (CALL-17). */
const LATE_IN_A_ROW = 25

export async function openOrderLine(open: Open): Promise<OrderLine> {
  // The PBX was added before it told anything.
  let now = PAST
  const database = await open()
  const world = await createWorld(
    async () => database,
    {},
    undefined,
    undefined,
    () => new Date(now),
  )
  now = NOW
  const agents: Agents = new Map(Object.entries(world.agents).map(([name, id]) => [id, name]))
  let told = 0
  let people = 0

  const tell = async (batch: readonly CallEvent[]): Promise<void> => {
    const events = batch.map((event): NewEvent => ({ receipt: randomUUID(), event, raw: {} }))
    for (let at = 0; at < events.length; at += CHUNK) {
      await world.context.intake.accept(events.slice(at, at + CHUNK))
    }
    told += events.length
    while (world.context.intake.pendingInSpool() > 0) await pause(20)
    await world.settled()
  }
  const play = async (
    schedules: readonly Schedule[],
    random: () => number,
  ): Promise<readonly string[]> => {
    const takes = schedules.map((schedule) => {
      people += 1
      return { schedule, person: people, of: takeOf(world, people) }
    })
    await tell(takes.flatMap(({ schedule, of }) => pastOf(schedule).map(of)))
    const early: CallEvent[][] = []
    const late: CallEvent[][] = []
    for (const { schedule, of } of takes) {
      const arrivals = arrivalsOf(schedule).map(of)
      const cut = schedule.lateMs === SILENCE_MS ? schedule.lateFrom! : arrivals.length
      early.push(arrivals.slice(0, cut))
      if (cut < arrivals.length) late.push(arrivals.slice(cut))
    }
    await tell(mix(early, random))
    if (late.length > 0) {
      now = LATER
      await allClosed(world)
      await tell(withPunctual(world, mix(late, random)))
      now = NOW
    }
    await allApplied(world)
    const { db } = world.context.database
    // What the server did late has its own time, by its clock, as whatever it did at once has.
    const timeOf = (at: Date): Date => (at.getTime() === LATER ? new Date(NOW) : at)
    return readEnds(
      db,
      agents,
      timeOf,
      takes.map(({ person }) => person),
    )
  }
  return {
    play,
    events: () => told,
    [Symbol.asyncDispose]: world.close,
  }
}

/** None of them was set aside. */
async function allApplied({ context }: World): Promise<void> {
  const { db } = context.database
  const left = await db
    .selectFrom('callEvents')
    .selectAll()
    .where('appliedAt', 'is', null)
    .execute()
  if (left.length === 0) return
  throw new Error(`${left.length} events are not applied, such as ${JSON.stringify(left[0])}`)
}

/** The server itself says of calls that nothing was heard of that they are over. */
async function allClosed(world: World): Promise<void> {
  const until = performance.now() + CLOSED_WITHIN_MS
  const isOpen = () =>
    world.context.database.db
      .selectFrom('calls')
      .select('id')
      .where('state', '<>', 'ended')
      .limit(1)
      .executeTakeFirst()
  while ((await isOpen()) !== undefined) {
    if (performance.now() > until) throw new Error('silent calls are not closed')
    await pause(50)
    await world.settled()
  }
}

/** The same event of a call of somebody else: everybody has a number and ids of their own. */
function takeOf({ connectionId }: World, person: number): (event: CallEvent) => CallEvent {
  const number = `916${String(person).padStart(7, '0')}`
  const renumbered = (text: string): string =>
    CUSTOMERS.reduce((result, each) => result.replace(each, number), text)
  const named = (id: string): string => `${id}-p${person}`
  return (event) => {
    const { channelIds } = event
    const own = {
      ...event,
      connectionId,
      uniqueId: named(event.uniqueId),
      ...(channelIds === undefined ? {} : { channelIds: channelIds.map(named) }),
    }
    if (!('from' in own)) return own
    if (!('to' in own)) return { ...own, from: renumbered(own.from) }
    return { ...own, from: renumbered(own.from), to: renumbered(own.to) }
  }
}

/** An earlier call of the same person: ten minutes before, in order and in time. */
function pastOf({ plot: { past } }: Schedule): readonly CallEvent[] {
  if (past === 'nothing') return []
  const base = (seconds: number) => {
    const at = new Date(PAST + seconds * 1000)
    const fixed = { connectionId: '', uniqueId: 'past', atKnown: true, order: 0, extra: {} }
    const from = CUSTOMERS[0]!
    const parties = { direction: 'incoming', from: `7${from}`, to: '74951000101' } as const
    return { ...fixed, ...parties, source: 'webhook', at, arrivedAt: at } as const
  }
  const ring = { ...base(1), type: 'ringing', extensions: ['103'], queue: null } as const
  const answer = { ...base(3), type: 'answered', to: '103', extension: '103' } as const
  const end = { ...base(9), type: 'ended', durationSeconds: null, failure: null } as const
  const started = { ...base(0), type: 'started' } as const
  return [started, ring, ...(past === 'a conversation' ? [answer] : []), end]
}

/** Late events among some that are not: a PBX of which nothing else is heard would have a wrong clock. */
function withPunctual({ connectionId }: World, late: readonly CallEvent[]): CallEvent[] {
  const at = new Date(LATER)
  return late.flatMap((event, index): CallEvent[] => {
    if (index % LATE_IN_A_ROW > 0) return [event]
    const uniqueId = `punctual-${randomUUID()}`
    const base = { connectionId, uniqueId, at, arrivedAt: at, atKnown: true, order: 0, extra: {} }
    const parties = { direction: 'internal', from: '101', to: '102' } as const
    const end = { durationSeconds: null, failure: null }
    return [{ ...base, ...parties, ...end, source: 'webhook', type: 'ended' }, event]
  })
}

/** Calls that go on at the same time, some of them: each one's events stay in their order. */
function mix(
  tellings: readonly (readonly CallEvent[])[],
  random: () => number,
): readonly CallEvent[] {
  const result: CallEvent[] = []
  const atOnce = [1, 4, 16, 64, 1000][Math.floor(random() * 5)]!
  for (let from = 0; from < tellings.length; from += atOnce) {
    const group = tellings.slice(from, from + atOnce)
    const turns = shuffled(
      group.flatMap((events, index) => events.map(() => index)),
      random,
    )
    const next = group.map(() => 0)
    for (const index of turns) {
      result.push(group[index]![next[index]!]!)
      next[index]! += 1
    }
  }
  return result
}
