/** Facts of cases and calls for tests of reports, written as they are, and told as they were meant. */
import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import { toJson } from '../../db/database.ts'

export type CaseKind = 'opened' | 'reopened' | 'handled' | 'responded' | 'closed' | 'assigned'

export interface TestFact {
  readonly kind: CaseKind
  readonly at: Date
  readonly agentId: string | null
}

/** A case with everything that happened in it, in order. */
export interface TestCase {
  readonly id: string
  readonly openedAt: Date
  readonly direction: 'incoming' | 'outgoing'
  readonly outcome: 'answered' | 'missed' | 'unanswered' | null
  readonly queue: string | null
  readonly facts: readonly TestFact[]
}

export interface TestCall {
  readonly id: string
  readonly at: Date
  readonly endedAt: Date
  readonly direction: 'incoming' | 'outgoing'
  readonly outcome: 'answered' | 'missed' | 'unanswered'
  readonly queue: string | null
  readonly agentId: string | null
  readonly ringSeconds: number | null
  readonly waitSeconds: number | null
  readonly talkSeconds: number | null
  readonly holdSeconds: number | null
  readonly calledBackAt: Date | null
}

/** Writes cases with their facts, each of which knows its neighbours. */
export async function writeCases(db: Db, cases: readonly TestCase[]): Promise<void> {
  await db
    .insertInto('cases')
    .values(
      cases.map(({ id, openedAt }) => ({
        id,
        subject: `Case ${id}`,
        status: 'open' as const,
        handset: 'green' as const,
        userId: null,
        personKey: null,
        phoneRaw: null,
        phoneE164: null,
        phoneDisplay: null,
        assigneeId: null,
        externalId: null,
        version: 1,
        withdrawnTo: null,
        createdAt: openedAt,
        updatedAt: openedAt,
      })),
    )
    .execute()
  const rows = cases.flatMap(rowsOf)
  await db.insertInto('caseFacts').values(rows).execute()
}

function rowsOf(of: TestCase) {
  const facts = of.facts.toSorted((a, b) => a.at.getTime() - b.at.getTime())
  const firstRecord = facts.find(({ kind }) => kind === 'responded')?.at
  return facts.map((fact, index) => {
    const isKind = (other: TestFact) => other.kind === fact.kind
    const isOwn = (other: TestFact) => isKind(other) && other.agentId === fact.agentId
    return {
      caseId: of.id,
      ...fact,
      callId: null,
      direction: of.direction,
      outcome: of.outcome,
      queue: of.queue,
      openedAt: of.openedAt,
      previousAt: facts.slice(0, index).findLast(isKind)?.at ?? null,
      previousOwnAt: facts.slice(0, index).findLast(isOwn)?.at ?? null,
      nextAt: facts.slice(index + 1).find(isKind)?.at ?? null,
      hasRecord: fact.kind === 'closed' && firstRecord !== undefined && firstRecord <= fact.at,
    }
  })
}

/** Writes ended calls with what reports count of them. */
export async function writeCalls(db: Db, calls: readonly TestCall[]): Promise<void> {
  await sql`
    insert into connections (id, name, time_zone, country, internal_calls, recordings, phrases,
      timeouts, options, token_hash, token_sealed, created_at, updated_at)
    values ('pbx', 'PBX', 'UTC', 'BY', false, true, '{}', '{}', '{}', 'hash', 'sealed', now(), now())
    on conflict do nothing
  `.execute(db)
  const none = toJson([])
  await db
    .insertInto('calls')
    .values(
      calls.map((call) => ({
        id: call.id,
        connectionId: 'pbx',
        uniqueId: call.id,
        direction: call.direction,
        state: 'ended' as const,
        outcome: call.outcome,
        fromRaw: '',
        fromE164: null,
        fromDisplay: '',
        toRaw: '',
        toE164: null,
        toDisplay: '',
        queue: call.queue,
        startedAt: call.at,
        endedAt: call.endedAt,
        ringSeconds: call.ringSeconds,
        talkSeconds: call.talkSeconds,
        holdSeconds: call.holdSeconds ?? 0,
        agentId: null,
        legs: none,
        endNotReported: false,
        extra: toJson({}),
        personKey: null,
        userId: null,
        candidateUserIds: none,
        clockShiftMs: 0,
        firstEventAt: call.at,
        lastEventAt: call.endedAt,
      })),
    )
    .execute()
  await db
    .insertInto('callFacts')
    .values(calls.map(({ id, ...facts }) => ({ callId: id, ...facts })))
    .execute()
}
