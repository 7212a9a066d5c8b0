/** What goes on now, as a wallboard shows it: counts without names of callers. All pure. */
import type { CallView, ColleagueView } from '../../server/http/schemas.ts'
import type { AgentState } from '../client/control-types.ts'
import { selectMissed } from '../client/select.ts'
import type { State } from '../client/state.ts'

export interface WaitingIn {
  /** Null: the caller waits in no queue. */
  readonly queue: string | null
  readonly count: number
  /** Since when the first of them waits, in milliseconds. */
  readonly since: number
}

export interface Board {
  readonly waiting: {
    readonly count: number
    readonly since: number | null
    /** The longest wait first. */
    readonly queues: readonly WaitingIn[]
  }
  readonly progress: {
    readonly count: number
    readonly incoming: number
    readonly outgoing: number
    readonly dialling: number
    readonly onHold: number
  }
  readonly counts: Readonly<Record<AgentState, number>>
  /** Who takes calls: those who can be given one first, then by how long they are what they are. */
  readonly agents: readonly ColleagueView[]
  readonly owed: { readonly count: number; readonly since: number | null }
}

/** In the order in which they matter to who looks for somebody to take a call. */
export const AGENT_STATES: readonly AgentState[] = ['free', 'wrap-up', 'away', 'busy', 'offline']

/** The board of a state of the client. */
export function selectBoard(state: State): Board {
  const calls = [...state.calls.values()].filter(
    (call) =>
      call.state !== 'ended' && call.direction !== 'internal' && !state.unsure.includes(call.id),
  )
  const agents = [...state.agents.values()].filter(
    ({ extensions, hasLeft }) => extensions.length > 0 && !hasLeft,
  )
  const missed = selectMissed(state)
  const first = missed[0]
  return {
    waiting: waitingOf(calls.filter(isWaiting)),
    progress: progressOf(calls.filter((call) => !isWaiting(call))),
    counts: countsOf(agents),
    agents: agents.toSorted(byUse),
    owed: {
      count: missed.length,
      since: first === undefined ? null : Date.parse(first.waitingSince ?? first.createdAt),
    },
  }
}

/** A caller whom nobody has answered yet. */
function isWaiting(call: CallView): boolean {
  return call.direction === 'incoming' && call.answeredAt === null
}

function waitingOf(calls: readonly CallView[]): Board['waiting'] {
  const queues = new Map<string | null, WaitingIn>()
  for (const { queue, startedAt } of calls) {
    const before = queues.get(queue) ?? { count: 0, since: Number.POSITIVE_INFINITY }
    const since = Math.min(before.since, Date.parse(startedAt))
    queues.set(queue, { queue, count: before.count + 1, since })
  }
  const sorted = [...queues.values()].sort((a, b) => a.since - b.since)
  return { count: calls.length, since: sorted[0]?.since ?? null, queues: sorted }
}

function progressOf(calls: readonly CallView[]): Board['progress'] {
  const count = (is: (call: CallView) => boolean) => calls.filter(is).length
  return {
    count: calls.length,
    incoming: count(({ direction }) => direction === 'incoming'),
    outgoing: count((call) => call.direction === 'outgoing' && call.answeredAt !== null),
    dialling: count((call) => call.direction === 'outgoing' && call.answeredAt === null),
    onHold: count((call) => call.state === 'held'),
  }
}

function countsOf(agents: readonly ColleagueView[]): Board['counts'] {
  const counts: Record<AgentState, number> = {
    free: 0,
    'wrap-up': 0,
    away: 0,
    busy: 0,
    offline: 0,
  }
  for (const { state } of agents) counts[state] += 1
  return counts
}

function byUse(a: ColleagueView, b: ColleagueView): number {
  return (
    AGENT_STATES.indexOf(a.state) - AGENT_STATES.indexOf(b.state) ||
    sinceOf(a) - sinceOf(b) ||
    a.name.localeCompare(b.name)
  )
}

function sinceOf({ since }: ColleagueView): number {
  return since === null ? Number.POSITIVE_INFINITY : Date.parse(since)
}
