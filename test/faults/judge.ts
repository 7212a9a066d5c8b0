import type { Database } from '../../db/database.ts'
import { CALLS, type Person, type Sent, type Status, type TestCall } from './people.ts'

/** What became of what was told. */
export interface Verdict {
  readonly sent: number
  readonly acknowledged: number
  readonly kept: number
  /** Acknowledged and not there. */
  readonly lost: readonly string[]
  /** There more than once: an event, a call, a message, a case, a user, something told. */
  readonly doubled: readonly string[]
  /** Not what the events that are there come to. */
  readonly wrong: readonly string[]
  /** Callers whose last call was ended by the server itself, since nothing more was told of it (CALL-12): not compared. */
  readonly notCompared: number
}

interface Kept {
  readonly id: number
  readonly uniqueId: string
  readonly status: string
  readonly isApplied: boolean
}

/** Compares a database at rest with what was told, by rules of its own. */
export async function judge(
  database: Database,
  people: readonly Person[],
  sent: readonly Sent[],
  agentOf: (extension: string) => string,
): Promise<Verdict> {
  const rows = await loadKept(database)
  const acknowledged = sent.filter(({ answer }) => answer?.status === 200)
  const keptKeys = new Set(rows.map(keyOf))
  const state = await loadState(database)
  const expectations = people.map((person) => expectOf(person, keptKeys, agentOf))
  const compared = expectations.filter((each) => !isUnheard(each, state))
  const wrong = [
    ...rows.filter(({ isApplied }) => !isApplied).map((row) => `${keyOf(row)} is not applied`),
    ...strangers(rows, sent),
    ...compared.flatMap((expected) => compare(expected, state)),
  ]
  return {
    sent: sent.length,
    acknowledged: acknowledged.length,
    kept: rows.length,
    lost: acknowledged
      .filter((each) => !keptKeys.has(keyOf(each)))
      .map((each) => `${keyOf(each)}, acknowledged in round ${each.round}`),
    doubled: [...repeated(rows.map(keyOf), 'event'), ...doubledOf(state)],
    wrong,
    notCompared: expectations.length - compared.length,
  }
}

/** Events that stand behind ones that were sent after they had been acknowledged. */
export async function outOfOrder(database: Database, sent: readonly Sent[]): Promise<string[]> {
  const byKey = new Map(sent.map((each) => [keyOf(each), each]))
  let latestSent: Sent | null = null
  const found: string[] = []
  for (const row of await loadKept(database)) {
    const each = byKey.get(keyOf(row))
    if (each === undefined) continue
    if (latestSent !== null && each.answer !== null && each.answer.at < latestSent.sentAt) {
      found.push(`${keyOf(each)} stands behind ${keyOf(latestSent)}`)
    }
    if (latestSent === null || each.sentAt > latestSent.sentAt) latestSent = each
  }
  return found
}

function keyOf({ uniqueId, status }: { uniqueId: string; status: string }): string {
  return `${uniqueId} ${status}`
}

function strangers(rows: readonly Kept[], sent: readonly Sent[]): string[] {
  const told = new Set(sent.map(keyOf))
  return rows.filter((row) => !told.has(keyOf(row))).map((row) => `${keyOf(row)} was never told`)
}

function repeated(keys: readonly string[], what: string): string[] {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return [...counts].filter(([, count]) => count > 1).map(([key, n]) => `${what} ${key}: ${n}`)
}

/** What the PBX told: that nothing was heard of a call for minutes, the server says to itself (CALL-12). */
async function loadKept({ db }: Database): Promise<Kept[]> {
  const rows = await db
    .selectFrom('callEvents')
    .select(['id', 'uniqueId', 'raw', 'appliedAt'])
    .where('source', '!=', 'ringside')
    .where('uniqueId', 'like', `${CALLS}%`)
    .orderBy('id')
    .execute()
  return rows.map(({ id, uniqueId, raw, appliedAt }) => ({
    id,
    uniqueId,
    status: String(raw.status),
    isApplied: appliedAt !== null,
  }))
}

type State = Awaited<ReturnType<typeof loadState>>

async function loadState({ db }: Database) {
  const calls = await db
    .selectFrom('calls')
    .select(['id', 'uniqueId', 'state', 'outcome', 'agentId', 'fromE164', 'toE164'])
    .select('endNotReported')
    .execute()
  const messages = await db.selectFrom('messages').select(['callId', 'caseId']).execute()
  const cases = await db
    .selectFrom('cases')
    .select(['id', 'status', 'handset', 'assigneeId', 'phoneE164', 'withdrawnTo', 'missedCalls'])
    .execute()
  const phones = await db.selectFrom('userPhones').select(['userId', 'e164']).execute()
  const told = await db.selectFrom('outbox').select(['id', 'data', 'events']).execute()
  return {
    ...{ calls, messages, phones, told },
    callById: new Map(calls.map((call) => [call.uniqueId, call])),
    messagesOf: Map.groupBy(messages, ({ callId }) => callId),
    casesOf: Map.groupBy(cases, ({ phoneE164 }) => phoneE164),
    phonesOf: Map.groupBy(phones, ({ e164 }) => e164),
  }
}

/** What may be there once only. */
function doubledOf({ calls, messages, phones, told }: State): string[] {
  const events = told.flatMap(({ data, events: names }) =>
    (names ?? []).filter(isOnce).map((name) => `${name} ${(data as { id: string }).id}`),
  )
  return [
    ...repeated(
      calls.map(({ uniqueId }) => uniqueId),
      'call',
    ),
    ...repeated(
      messages.flatMap(({ callId }) => callId ?? []),
      'message',
    ),
    ...repeated(
      phones.map(({ e164 }) => String(e164)),
      'user',
    ),
    ...repeated(events, 'told'),
  ]
}

/** An update may be told several times; a beginning and an end may not. */
function isOnce(event: string): boolean {
  return ['call.started', 'call.answered', 'call.ended', 'case.created', 'user.created'].includes(
    event,
  )
}

interface ExpectedCall {
  readonly uniqueId: string
  readonly state: 'started' | 'ringing' | 'answered' | 'ended'
  readonly outcome: 'answered' | 'missed' | 'unanswered' | null
  readonly agentId: string | null
}

interface Expected {
  readonly number: string
  readonly calls: readonly ExpectedCall[]
  /** Of all its calls; null where none has ended. */
  readonly theCase: { readonly status: string; readonly handset: string } | null
  readonly assigneeId: string | null
  readonly missedCalls: number
}

function expectOf(
  { number, calls }: Person,
  kept: ReadonlySet<string>,
  agentOf: (extension: string) => string,
): Expected {
  const expected = calls.flatMap((call) => expectCall(call, kept, agentOf) ?? [])
  const ended = expected.filter(({ state }) => state === 'ended')
  const [first] = ended
  const isOutgoing = calls[0]?.steps[0] === 'outgoing_start'
  const isMissed = first?.outcome === 'missed'
  return {
    number: `+${number}`,
    calls: expected,
    theCase:
      first === undefined
        ? null
        : { status: isOutgoing ? 'closed' : 'open', handset: isMissed ? 'red' : 'green' },
    assigneeId: isMissed ? null : agentOf(calls[0]!.extension),
    missedCalls: isMissed ? ended.length : 0,
  }
}

/** The fold of the harness: the furthest that was told, whatever else was. */
function expectCall(
  { uniqueId, extension, steps }: TestCall,
  kept: ReadonlySet<string>,
  agentOf: (extension: string) => string,
): ExpectedCall | null {
  const told = steps.filter((status) => kept.has(keyOf({ uniqueId, status })))
  const has = (suffix: string): boolean => told.some((status: Status) => status.endsWith(suffix))
  if (told.length === 0) return null
  const isOutgoing = steps[0] === 'outgoing_start'
  const isAnswered = has('_answer')
  const notAnswered = isOutgoing ? 'unanswered' : 'missed'
  return {
    uniqueId,
    state: stateOf(has),
    outcome: has('_end') ? (isAnswered ? 'answered' : notAnswered) : null,
    agentId: isAnswered || isOutgoing ? agentOf(extension) : null,
  }
}

/** Who dials out hears it ring from the start. */
function stateOf(has: (suffix: string) => boolean): ExpectedCall['state'] {
  if (has('_end')) return 'ended'
  if (has('_answer')) return 'answered'
  return has('_ring') || has('outgoing_start') ? 'ringing' : 'started'
}

/** Whoever is not heard of for some minutes has hung up: the rest of it is another rule's. Whose end is kept was heard of. */
function isUnheard({ calls }: Expected, state: State): boolean {
  return calls.some((call) => {
    return call.state !== 'ended' && state.callById.get(call.uniqueId)?.endNotReported === true
  })
}

function compare(expected: Expected, state: State): string[] {
  const found = expected.calls.map(({ uniqueId }) => state.callById.get(uniqueId) ?? null)
  const wrong = expected.calls.flatMap((each, index) => compareCall(each, found[index] ?? null))
  const messages = found.flatMap((call) => (call && state.messagesOf.get(call.id)) ?? [])
  const ended = expected.calls.filter(({ state: is }) => is === 'ended').length
  if (messages.length !== ended) {
    wrong.push(`${expected.number}: ${messages.length} messages, ${ended} calls have ended`)
  }
  return [...wrong, ...compareCase(expected, state)]
}

function compareCall(expected: ExpectedCall, call: State['calls'][number] | null): string[] {
  const { uniqueId, ...should } = expected
  if (call === null) return [`call ${uniqueId} is not there`]
  const is = { state: call.state, outcome: call.outcome, agentId: call.agentId }
  // The agent of a call that nobody has answered yet is nobody's business.
  if (should.outcome === null) is.agentId = should.agentId
  if (should.outcome === 'unanswered') is.agentId = should.agentId
  const [a, b] = [JSON.stringify(is), JSON.stringify(should)]
  return a === b ? [] : [`call ${uniqueId} is ${a}, expected ${b}`]
}

function compareCase(expected: Expected, state: State): string[] {
  const { number, theCase, assigneeId, missedCalls } = expected
  const own = state.casesOf.get(number) ?? []
  const cases = own.filter(({ withdrawnTo }) => withdrawnTo === null)
  const users = state.phonesOf.get(number)?.length ?? 0
  const is = cases.map((each) => ({
    status: each.status,
    handset: each.handset,
    assigneeId: each.assigneeId,
    missedCalls: each.missedCalls,
  }))
  const should = theCase === null ? [] : [{ ...theCase, assigneeId, missedCalls }]
  const wrong: string[] = []
  const [a, b] = [JSON.stringify(is), JSON.stringify(should)]
  if (a !== b) wrong.push(`${number} has cases ${a}, expected ${b}`)
  if (users !== should.length) wrong.push(`${number} has ${users} users, ${should.length} cases`)
  return wrong
}
