import { e164 } from '../compare.ts'
import type { Observer } from '../observer.ts'
import type { CallView, CaseSummaryView, List } from '../ringside.ts'
import type { LiveCall } from './live-call.ts'
import { pause, secondsBetween } from './stage.ts'

/** A time in which the server heard nothing of the PBX. */
export interface Gap {
  readonly from: Date
  readonly to: Date
}

/** What a phone and a server say of the same moment may be so far apart. */
const FUZZ_MS = 500
const TIME_MS = 2000
const POLL_MS = 150
export const RIGHT_WITHIN_S = 5

/** Waits until what Ringside tells is right; how long it took, counted from `since`. */
export async function untilRight(
  since: Date,
  differencesNow: () => Promise<readonly string[]>,
  signal: AbortSignal,
  withinSeconds = RIGHT_WITHIN_S,
): Promise<{ seconds: number; differences: readonly string[] }> {
  for (;;) {
    const askedAt = new Date()
    const differences = await differencesNow().catch((error: unknown) => [String(error)])
    const seconds = secondsBetween(since, askedAt)
    if (differences.length === 0 || seconds > withinSeconds) return { seconds, differences }
    await pause(POLL_MS, signal)
  }
}

/** How what is told of a call that goes on differs from what its phones see just now. */
export async function compareLive(observer: Observer, call: LiveCall): Promise<readonly string[]> {
  const state = stateOf(call)
  if (state === 'unknown' || state === 'ended') return []
  const told = await callsOf(observer, call)
  // It may have gone on while we asked.
  if (stateOf(call) !== state) return ['the call changes']
  const [found] = told
  if (found === undefined || told.length > 1) return [`${nameOf(call)}: ${told.length} calls`]
  const differences = numbersOf(call, found, true)
  if (found.state !== state) differences.push(`state is ${found.state}, expected ${state}`)
  const agentId = observer.agents.get(call.agent) ?? null
  if (state === 'answered' && found.agentId !== agentId) {
    differences.push(`agent is ${found.agentId}, expected ${agentId} (${call.agent})`)
  }
  return differences.map((difference) => `${nameOf(call)}: ${difference}`)
}

function stateOf(call: LiveCall): 'unknown' | 'ringing' | 'answered' | 'ended' {
  if (call.at('ended') !== null) return 'ended'
  if (call.at('answered') !== null) return 'answered'
  return call.at('ringing') === null ? 'unknown' : 'ringing'
}

/** How what is told of a call that is over differs from what happened, as far as it could be heard. */
export async function compareOver(
  observer: Observer,
  call: LiveCall,
  gaps: readonly Gap[],
): Promise<readonly string[]> {
  const told = await callsOf(observer, call)
  const [found] = told
  if (found === undefined && isHidden(gaps, call.at('ringing'), call.at('ended'))) return []
  if (found === undefined || told.length > 1) return [`${nameOf(call)}: ${told.length} calls`]
  const differences = numbersOf(
    call,
    found,
    !isHidden(gaps, call.at('ringing'), call.at('answered') ?? call.at('ended')),
  )
  differences.push(...endOf(observer, call, found, gaps))
  differences.push(...timesOf(call, found, gaps))
  differences.push(...(await caseOf(observer, call, found)))
  return differences.map((difference) => `${nameOf(call)}: ${difference}`)
}

/** What the gap left open: calls of which nobody can know, and calls whose answer nobody can know. */
export async function unheardOf(
  observer: Observer,
  calls: readonly LiveCall[],
  gap: Gap,
): Promise<string> {
  const told = await Promise.all(calls.map((call) => callsOf(observer, call)))
  const unknown = told.filter((found) => found.length === 0).length
  const open = calls.filter(
    (call, at) =>
      told[at]?.length !== 0 &&
      call.at('answered') !== null &&
      isHidden([gap], call.at('answered'), call.at('ended')),
  ).length
  const words = [
    ...(unknown > 0 ? [`${unknown} wholly inside the gap`] : []),
    ...(open > 0 ? [`${open} answered and ended inside it`] : []),
  ]
  return [`${calls.length} calls`, ...words].join(', ')
}

/** Calls that go on although every phone is down. */
export async function ghosts(observer: Observer): Promise<readonly string[]> {
  const { items } = await observer.ringside.request<List<CallView>>('GET', '/api/calls?limit=200')
  return items
    .filter(({ state }) => state !== 'ended')
    .map(({ id, state, from, to }) => `ghost call ${id}: ${state}, from ${from.raw} to ${to.raw}`)
}

function nameOf({ kind, number }: LiveCall): string {
  return `${kind} call of ${number}`
}

export async function callsOf(
  { ringside }: Observer,
  { number }: Pick<LiveCall, 'number'>,
): Promise<readonly CallView[]> {
  const { items } = await ringside.request<List<CallView>>('GET', '/api/calls?limit=200')
  return items.filter(({ from, to }) => [from.e164, to.e164].includes(e164(number)))
}

function numbersOf(call: LiveCall, found: CallView, isRingHeard: boolean): string[] {
  const differences: string[] = []
  const expect = (what: string, is: unknown, expected: unknown): void => {
    if (is !== expected) differences.push(`${what} is ${is}, expected ${expected}`)
  }
  expect('direction', found.direction, call.isIncoming ? 'incoming' : 'outgoing')
  expect(
    'from',
    call.isIncoming ? found.from.e164 : found.from.raw,
    call.isIncoming ? e164(call.number) : call.agent,
  )
  expect('to', found.to.e164, e164(call.isIncoming ? call.called : call.number))
  const rang = found.legs.map(({ extension }) => extension)
  const others = rang.filter((extension) => !call.rung.includes(extension))
  if (others.length > 0) differences.push(`${others.join()} never rang`)
  if (new Set(rang).size !== rang.length) differences.push(`extensions rang twice: ${rang.join()}`)
  // Nobody knows before the queue has rung.
  if (isRingHeard && found.state !== 'started') {
    const missing = call.rung.filter((extension) => !rang.includes(extension))
    if (missing.length > 0 && call.at('answered') === null) {
      differences.push(`${missing.join()} rang too, expected among ${rang.join()}`)
    }
  }
  return differences
}

/** Who talked, and how it ended; open where the gap held both the answer and the end. */
function endOf(
  observer: Observer,
  call: LiveCall,
  found: CallView,
  gaps: readonly Gap[],
): readonly string[] {
  const differences: string[] = []
  const expect = (what: string, is: unknown, expected: unknown): void => {
    if (is !== expected) differences.push(`${what} is ${is}, expected ${expected}`)
  }
  expect('state', found.state, 'ended')
  if (found.endedAt === null) differences.push('endedAt is null')
  const isTalkHidden =
    call.at('answered') !== null && isHidden(gaps, call.at('answered'), call.at('ended'))
  if (isTalkHidden) return differences
  const isAnswered = call.at('answered') !== null
  const otherwise = call.isIncoming ? 'missed' : 'unanswered'
  expect('outcome', found.outcome, isAnswered ? 'answered' : otherwise)
  const agentId = observer.agents.get(call.agent) ?? null
  expect('agent', found.agentId, isAnswered || !call.isIncoming ? agentId : null)
  const talked = found.legs.filter(({ result }) => result === 'answered')
  if (isAnswered && call.isIncoming)
    expect('who talked', talked.map((leg) => leg.extension).join(), call.agent)
  else expect('who talked', talked.length, 0)
  return differences
}

/** HOLD-4: a time inside the gap is that of the reconnect. */
function timesOf(call: LiveCall, found: CallView, gaps: readonly Gap[]): readonly string[] {
  const told = { ringing: found.ringingAt, answered: found.answeredAt, ended: found.endedAt }
  const differences: string[] = []
  for (const step of ['answered', 'ended'] as const) {
    const [was, is] = [call.at(step), told[step]]
    if (was === null || is === null) continue
    const gap = gaps.find((each) => isHidden([each], was, was))
    const [first, last] = gap === undefined ? [was, was] : [gap.from, gap.to]
    const at = Date.parse(is)
    if (at < first.getTime() - TIME_MS || at > last.getTime() + TIME_MS) {
      const [from, to] = [first.toISOString(), last.toISOString()]
      differences.push(`${step} at ${is}, expected ${from === to ? from : `${from} to ${to}`}`)
    }
  }
  return differences
}

async function caseOf(
  { ringside }: Observer,
  call: LiveCall,
  found: CallView,
): Promise<readonly string[]> {
  const path = '/api/cases?limit=200'
  const { items } = await ringside.request<List<CaseSummaryView>>('GET', path)
  const own = items.filter(({ phone }) => phone?.e164 === e164(call.number))
  if (own.length !== 1) return [`${own.length} cases, expected 1`]
  return found.caseId === own[0]?.id ? [] : [`the case is ${found.caseId}, not ${own[0]?.id}`]
}

/** Everything from one moment to the other may have gone unheard, in one gap. */
export function isHidden(gaps: readonly Gap[], from: Date | null, to: Date | null): boolean {
  if (from === null || to === null) return false
  return gaps.some(
    (gap) =>
      from.getTime() >= gap.from.getTime() - FUZZ_MS && to.getTime() <= gap.to.getTime() + FUZZ_MS,
  )
}
