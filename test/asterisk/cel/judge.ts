import { openDatabase } from '../../../db/database.ts'
import type { CallEvent } from '../../../server/calls/call.ts'
import type { Gap } from '../faults/judge.ts'
import type { LoggedCall } from './records.ts'

/** What a Ringside made of the calls that the PBX logged. */
export interface Verdict {
  readonly logged: number
  /** Of them, known here. */
  readonly known: number
  /** Began and ended while Ringside could hear nothing, and are not known: AMI and ARI tell of no past. */
  readonly hidden: readonly string[]
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  /** In no case, or in several. */
  readonly notInOneCase: readonly string[]
  /** Known here, and not to the PBX. */
  readonly invented: readonly string[]
  /** Told otherwise than the PBX does, though no gap was near. */
  readonly wrong: readonly string[]
  /** How many calls no gap was near. */
  readonly undisturbed: number
}

/** What the process had been told, and not kept yet, when it was killed. */
const BEFORE_MS = 300

/** Compares a database at rest with the PBX's own log. */
export async function judgeByLog(
  databaseUrl: string,
  logged: readonly LoggedCall[],
  gaps: readonly Gap[],
  pbxKills: readonly Date[],
): Promise<Verdict> {
  const state = await loadState(databaseUrl)
  const hidden: string[] = []
  const lost: string[] = []
  const doubled: string[] = []
  const notInOneCase: string[] = []
  const wrong: string[] = []
  let [known, undisturbed] = [0, 0]
  const claimed = new Set<string>()
  for (const call of logged) {
    const found = state.calls.filter(({ uniqueId }) => call.uniqueIds.has(uniqueId))
    const [one] = found
    const name = nameOf(call)
    for (const { id } of found) claimed.add(id)
    const span = { from: call.startedAt, to: endOf(call, pbxKills) }
    if (one === undefined) {
      if (gaps.some((gap) => isWithin(span, gap))) hidden.push(name)
      else lost.push(`${name}${nearestOf(span, gaps)}${state.heardIn(call.uniqueIds)}`)
      continue
    }
    known += 1
    if (found.length > 1) doubled.push(`${name}: ${found.length} calls`)
    const inCases = found.map(({ id }) => state.casesOf(id))
    if (inCases.some((cases) => cases !== 1)) {
      notInOneCase.push(`${name} (${one.state}): in ${inCases.join(' and ')} cases`)
    }
    if (one.state !== 'ended') wrong.push(`${name}: is ${one.state}`)
    if (call.endedAt === null || gaps.some((gap) => isNear(span, gap))) continue
    undisturbed += 1
    wrong.push(...differences(call, one).map((each) => `${name}: ${each}`))
  }
  const invented = state.calls
    .filter(({ id, direction }) => !claimed.has(id) && direction !== 'internal')
    .map(({ uniqueId, startedAt }) => `${uniqueId} of ${startedAt.toISOString()}`)
  const lists = { hidden, lost, doubled, notInOneCase, invented, wrong }
  return { logged: logged.length, known, undisturbed, ...lists }
}

type Known = Awaited<ReturnType<typeof loadState>>['calls'][number]

async function loadState(url: string) {
  const database = await openDatabase({ url })
  try {
    const calls = await database.db
      .selectFrom('calls')
      .select(['id', 'uniqueId', 'state', 'outcome', 'direction', 'startedAt'])
      .execute()
    const messages = await database.db
      .selectFrom('messages')
      .select(['callId', 'caseId'])
      .where('callId', 'is not', null)
      .execute()
    const cases = new Map<string, number>()
    for (const { callId } of messages) cases.set(`${callId}`, (cases.get(`${callId}`) ?? 0) + 1)
    const heard = await database.db.selectFrom('callEvents').select(['uniqueId', 'event']).execute()
    /** Other calls in which these channels are. */
    const heardIn = (ids: ReadonlySet<string>): string => {
      const into = heard.filter(({ event }) =>
        (event as CallEvent).channelIds?.some((id) => ids.has(id)),
      )
      const names = [...new Set(into.map(({ uniqueId }) => uniqueId))]
      return names.length === 0 ? '' : `; its channels are in call ${names.join(', ')}`
    }
    return { calls, heardIn, casesOf: (id: string): number => cases.get(id) ?? 0 }
  } finally {
    await database.close()
  }
}

function nameOf({ uniqueIds, direction, startedAt, endedAt }: LoggedCall): string {
  const [first] = [...uniqueIds].sort()
  const to = endedAt === null ? 'the PBX was killed' : endedAt.toISOString()
  return `${direction} call ${first}, ${startedAt.toISOString()} to ${to}`
}

function nearestOf(span: Gap, gaps: readonly Gap[]): string {
  const near = gaps.filter((gap) => isNear(span, gap))
  return near
    .map(({ from, to }) => `; nothing heard ${from.toISOString()} to ${to.toISOString()}`)
    .join('')
}

/** A call without an end ended with the PBX. */
function endOf({ endedAt, lastAt }: LoggedCall, pbxKills: readonly Date[]): Date {
  return endedAt ?? pbxKills.find((at) => +at >= +lastAt - BEFORE_MS) ?? lastAt
}

function isWithin(span: Gap, gap: Gap): boolean {
  return +span.from >= +gap.from - BEFORE_MS && +span.to <= +gap.to
}

function isNear(span: Gap, gap: Gap): boolean {
  return +span.from <= +gap.to + 1000 && +span.to >= +gap.from - 1000
}

function differences(call: LoggedCall, { direction, outcome }: Known): string[] {
  const missed = call.direction === 'incoming' ? 'missed' : 'unanswered'
  const should = `${call.direction} ${call.isAnswered ? 'answered' : missed}`
  const is = `${direction} ${outcome}`
  return is === should ? [] : [`is ${is}, the PBX says ${should}`]
}
