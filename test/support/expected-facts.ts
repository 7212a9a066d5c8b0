import assert from 'node:assert/strict'
import { type Selectable, sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import * as reports from '../../db/migrations/0012-reports.ts'
import * as narrowFacts from '../../db/migrations/0014-narrow-facts.ts'
import type { CallsTable, CaseFactsTable, CaseHistoryTable, Tables } from '../../db/schema.ts'

/** A fact without what it knows of its neighbours. */
interface Bare {
  readonly kind: CaseFactsTable['kind']
  readonly at: Date
  readonly agentId: string | null
  readonly callId: string | null
}

type Fact = Omit<Selectable<CaseFactsTable>, 'id'>
type CallFact = Selectable<Tables['callFacts']>
type CallRow = Selectable<CallsTable>

/** Everything that facts are told by, in memory. */
interface Records {
  readonly calls: readonly CallRow[]
  readonly cases: readonly Selectable<Tables['cases']>[]
  readonly messages: readonly Selectable<Tables['messages']>[]
  readonly history: readonly Selectable<CaseHistoryTable>[]
  readonly recorded: ReadonlySet<string | null>
  readonly unrecordedConnections: ReadonlySet<string>
}

/** The facts are what a slow look at all calls, messages and histories comes to. */
export async function assertFacts(db: Db): Promise<{ cases: Fact[]; calls: CallFact[] }> {
  const records = await loadRecords(db)
  const expected = records.cases
    .filter((each) => each.withdrawnTo === null)
    .flatMap((each) => factsOfCase(records, each))
  const found = await db.selectFrom('caseFacts').selectAll().execute()
  const cases = found.map(({ id: _, ...fact }) => fact)
  assert.deepEqual(lines(cases), lines(expected))
  const calls = await db.selectFrom('callFacts').selectAll().execute()
  assert.deepEqual(lines(calls), lines(callFactsOf(records.calls)))
  return { cases, calls }
}

const OF_FACTS = [
  'table case_facts',
  'table call_facts',
  'index calls_person_started',
  'type case_fact_kind',
  'type fact_direction',
  'type fact_outcome',
]

/** A database that had all this before there were facts gets the same ones. */
export async function assertBackfill(db: Db): Promise<void> {
  const before = await assertFacts(db)
  await db.transaction().execute(async (tx) => {
    for (const dropped of OF_FACTS) await sql.raw(`drop ${dropped}`).execute(tx)
    await reports.up(tx)
    await narrowFacts.up(tx)
  })
  const after = await assertFacts(db)
  assert.deepEqual(lines(after.cases), lines(before.cases))
  assert.deepEqual(lines(after.calls), lines(before.calls))
}

async function loadRecords(db: Db): Promise<Records> {
  const recordings = await db.selectFrom('recordings').select('callId').execute()
  const connections = await db
    .selectFrom('connections')
    .select('id')
    .where('recordings', '=', false)
    .execute()
  return {
    calls: await db.selectFrom('calls').selectAll().execute(),
    cases: await db.selectFrom('cases').selectAll().execute(),
    messages: await db.selectFrom('messages').selectAll().orderBy('id').execute(),
    history: await db.selectFrom('caseHistory').selectAll().orderBy('id').execute(),
    recorded: new Set(recordings.map(({ callId }) => callId)),
    unrecordedConnections: new Set(connections.map(({ id }) => id)),
  }
}

function factsOfCase(records: Records, found: Records['cases'][number]): Fact[] {
  const messages = records.messages.filter((each) => each.caseId === found.id)
  const calls = messages.flatMap(({ callId }) => records.calls.filter(({ id }) => id === callId))
  const history = records.history.filter((each) => each.caseId === found.id)
  const opening = openingOf(calls, history)
  // What somebody created or fixed by hand, programs included, stays as it was opened.
  const isAuto = messages.some(({ callId, origin }) => callId === opening.id && origin === 'auto')
  if (isAuto && found.touchedAt === null && opening.endedAt !== null) {
    assert.deepEqual(found.createdAt, opening.endedAt, `case ${found.number} opened`)
  }
  const bare = [
    ...factsOfHistory(found, history, opening.id),
    ...messages.flatMap(({ origin, authorId, chosenAt }) =>
      origin === 'auto' || authorId === null || chosenAt === null
        ? []
        : [{ kind: 'handled' as const, at: chosenAt, agentId: authorId, callId: null }],
    ),
    ...calls.flatMap((call) => factsOfCall(records, call)),
  ]
  const once = [...new Map(bare.map((fact) => [JSON.stringify(fact), fact])).values()]
  return inOrder(once, {
    caseId: found.id,
    direction: opening.direction,
    outcome: opening.outcome === 'failed' ? 'unanswered' : opening.outcome,
    queue: opening.queue,
    openedAt: found.createdAt,
  })
}

/** The first call that came in, or of those that are still there, the one that ended first. */
function openingOf(calls: readonly CallRow[], history: Records['history']): CallRow {
  const first = history.find(({ kind, to }) => kind === 'call' && to !== null)?.to
  const time = ({ endedAt }: CallRow): number => endedAt?.getTime() ?? Number.POSITIVE_INFINITY
  const rest = calls.toSorted((a, b) => time(a) - time(b) || (a.id < b.id ? -1 : 1))
  return calls.find(({ id }) => id === first) ?? rest[0]!
}

const BY_HAND = [
  'subject',
  'status',
  'reopened',
  'handset',
  'assignee',
  'externalId',
  'note',
  'essence',
  'claimed',
  'released',
]

function factsOfHistory(
  found: Records['cases'][number],
  history: Records['history'],
  openingCallId: string,
): Bare[] {
  const firstAssignee = history.find(({ kind }) => kind === 'assignee')
  const state = {
    status: history.find(({ kind }) => kind === 'opened')?.to,
    assigneeId: (firstAssignee ? firstAssignee.from : found.assigneeId) as string | null,
  }
  let opened = { ...state }
  let facts: Bare[] = []
  let isTouched = false
  for (const [index, entry] of history.entries()) {
    const { kind, at, agentId, to, rule } = entry
    const add = (fact: Bare['kind'], whose: string | null): void => {
      facts.push({ kind: fact, at, agentId: whose, callId: null })
    }
    // Status and assignee of one change have one time, and the assignee is that after it.
    const sameChange = history
      .slice(index)
      .find(
        (each) =>
          each.kind === 'assignee' &&
          each.at.getTime() === at.getTime() &&
          each.agentId === agentId &&
          each.rule === rule,
      )
    const assignee = (sameChange ? sameChange.to : state.assigneeId) as string | null
    const wasClosed = state.status === 'closed'
    if (kind === 'status' || kind === 'reopened') state.status = to
    if (kind === 'assignee') state.assigneeId = to as string | null
    if (
      !isTouched &&
      rule === 'CASE-16' &&
      ['subject', 'status', 'reopened', 'assignee'].includes(kind)
    ) {
      opened = { ...state }
      facts = []
      continue
    }
    if (agentId !== null && BY_HAND.includes(kind)) add('handled', agentId)
    if (rule === null && BY_HAND.includes(kind)) isTouched = true
    if (kind === 'assignee') add('assigned', state.assigneeId)
    if (kind !== 'status' && kind !== 'reopened') continue
    if (wasClosed) add('reopened', assignee)
    if (to === 'closed') add('closed', agentId ?? assignee)
  }
  const at = found.createdAt
  const first: Bare[] = [{ kind: 'opened', at, agentId: opened.assigneeId, callId: openingCallId }]
  if (opened.status === 'closed')
    first.push({ kind: 'closed', at, agentId: opened.assigneeId, callId: null })
  return [...first, ...facts]
}

function factsOfCall(records: Records, call: CallRow): Bare[] {
  const { id: callId, answeredAt, agentId, legs } = call
  if (answeredAt === null) return []
  const facts: Bare[] = []
  for (const leg of legs) {
    if (leg.agentId === null || leg.answeredAt === null) continue
    // JSON gives text.
    facts.push({ kind: 'handled', at: new Date(leg.answeredAt), agentId: leg.agentId, callId })
  }
  if (agentId !== null && !facts.some((fact) => fact.agentId === agentId)) {
    facts.push({ kind: 'handled', at: answeredAt, agentId, callId })
  }
  const hasRecord =
    records.recorded.has(callId) ||
    call.recordingsGone !== null ||
    records.unrecordedConnections.has(call.connectionId)
  if (hasRecord) facts.push({ kind: 'responded', at: answeredAt, agentId, callId })
  return facts
}

function inOrder(
  bare: readonly Bare[],
  known: Pick<Fact, 'caseId' | 'direction' | 'outcome' | 'queue' | 'openedAt'>,
): Fact[] {
  const before = (a: Bare, b: Bare): number => a.at.getTime() - b.at.getTime()
  return bare.map((fact) => {
    const same = bare.filter(({ kind }) => kind === fact.kind).toSorted(before)
    const own = same.filter(({ agentId }) => agentId === fact.agentId)
    const records = bare.filter(({ kind }) => kind === 'responded')
    return {
      ...known,
      ...fact,
      previousAt: same[same.indexOf(fact) - 1]?.at ?? null,
      previousOwnAt: own[own.indexOf(fact) - 1]?.at ?? null,
      nextAt: same[same.indexOf(fact) + 1]?.at ?? null,
      hasRecord: fact.kind === 'closed' && records.some(({ at }) => at <= fact.at),
    }
  })
}

function callFactsOf(calls: readonly CallRow[]): CallFact[] {
  return calls.flatMap((call) => {
    const { id, direction, outcome, endedAt, startedAt, answeredAt, personKey } = call
    if (direction === 'internal' || endedAt === null || outcome === null) return []
    const backs = calls.filter(
      (back) =>
        back.direction === 'outgoing' &&
        back.personKey !== null &&
        back.personKey === personKey &&
        back.startedAt >= endedAt,
    )
    const firstBack = Math.min(...backs.map((back) => back.startedAt.getTime()))
    const waited = Math.round(((answeredAt ?? endedAt).getTime() - startedAt.getTime()) / 1000)
    return [
      {
        callId: id,
        at: startedAt,
        endedAt,
        direction,
        outcome: outcome === 'failed' ? 'unanswered' : outcome,
        queue: call.queue,
        agentId: call.agentId,
        ringSeconds: call.ringSeconds,
        waitSeconds: direction === 'incoming' ? Math.max(0, waited) : null,
        talkSeconds: call.talkSeconds,
        holdSeconds: answeredAt === null ? null : call.holdSeconds,
        calledBackAt: outcome === 'missed' && backs.length > 0 ? new Date(firstBack) : null,
      },
    ]
  })
}

/** In one order, whatever their ids. */
function lines(rows: readonly object[]): string[] {
  const sorted = (row: object) => Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return rows.map((row) => JSON.stringify(Object.fromEntries(sorted(row)))).sort()
}
