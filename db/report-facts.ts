import { type RawBuilder, sql } from 'kysely'
import type { ReportFact } from '../server/cases/report-facts.ts'
import { type Db, toArray } from './database.ts'
import { rowsAs } from './table-rows.ts'

/** Something that happened in a case. `openedBy`: the call, where the case is only being opened. */
export interface CaseFact extends ReportFact {
  readonly caseId: string
  readonly openedBy: string | null
}

/**
 * Writes what happened in cases, each thing once. Their neighbours are put right by `refreshFacts`
 * at the end of the transaction.
 */
export async function addFacts(tx: Db, facts: readonly CaseFact[]): Promise<void> {
  if (facts.length === 0) return
  await sql`
    insert into case_facts (${COLUMNS})
    select c.id, fact.kind, fact.at, fact.agent_id, fact.call_id, ${OPENING}
    from ${rowsAs('fact', { ...FACT, openedBy: 'text' }, inOrder(facts))}
    join cases as c on c.id = fact.case_id
    left join calls as opening
      on opening.id = coalesce(fact.opened_by, (${openingCallOf(sql`c.id`)}))
    order by fact.nr
    on conflict do nothing
  `.execute(tx)
}

/** What a call means for the case that it is in. */
export interface CallMeaning {
  readonly callId: string
  readonly facts: readonly ReportFact[]
}

/**
 * Makes the facts of calls those given, in the case that each call is in now; `responded` only where
 * there is or was a record, or the PBX makes none. Gives the cases whose facts changed.
 */
export async function putCallFacts(
  tx: Db,
  calls: readonly CallMeaning[],
): Promise<readonly string[]> {
  if (calls.length === 0) return []
  const ids = toArray(calls.map(({ callId }) => callId))
  const facts = calls.flatMap(({ facts: own }) => own.map((fact) => ({ ...fact, caseId: null })))
  const { rows } = await sql<{ caseId: string }>`
    with place as (
      select m.call_id, m.case_id, (call.recordings_gone is not null or not connection.recordings
        or exists (select from recordings where call_id = call.id)) as has_record
      from messages as m join calls as call on call.id = m.call_id
      join connections as connection on connection.id = call.connection_id
      where m.call_id = any(${ids})
    ), wanted as (
      select place.case_id, fact.nr, fact.kind, fact.at, fact.agent_id, fact.call_id
      from ${rowsAs('fact', FACT, inOrder(facts))} join place on place.call_id = fact.call_id
      where fact.kind = 'handled' or place.has_record
    ), gone as (
      delete from case_facts as old
      where old.call_id = any(${ids}) and old.kind in ('handled', 'responded') and not exists (
        select from wanted where wanted.call_id = old.call_id and wanted.case_id = old.case_id
          and wanted.kind = old.kind and wanted.at = old.at
          and wanted.agent_id is not distinct from old.agent_id
      )
      returning old.case_id
    ), added as (
      insert into case_facts (${COLUMNS})
      select c.id, fact.kind, fact.at, fact.agent_id, fact.call_id, ${OPENING}
      from wanted as fact join cases as c on c.id = fact.case_id
      left join calls as opening on opening.id = (${openingCallOf(sql`c.id`)})
      order by fact.nr
      on conflict do nothing
      returning case_id
    )
    select case_id from gone union select case_id from added
  `.execute(tx)
  return rows.map(({ caseId }) => caseId)
}

const FACT = {
  nr: 'integer',
  caseId: 'text',
  kind: 'case_fact_kind',
  at: 'timestamptz',
  agentId: 'text',
  callId: 'text',
} as const

function inOrder<Fact>(facts: readonly Fact[]): (Fact & { readonly nr: number })[] {
  return facts.map((fact, nr) => ({ ...fact, nr }))
}

/** Puts right what the facts of these cases know of each other, and of the call that opened the case. */
export async function refreshFacts(tx: Db, caseIds: readonly string[]): Promise<void> {
  if (caseIds.length === 0) return
  await sql`
    update case_facts as fact set (${KNOWN}) = row(${sql.raw(qualified('found'))})
    from (${factsInOrder(caseIds)}) as found
    where fact.id = found.id and (${sql.raw(qualified('fact'))})
      is distinct from (${sql.raw(qualified('found'))})
  `.execute(tx)
}

/** The case is withdrawn: nothing of it counts. */
export function removeFacts(tx: Db, caseId: string): Promise<void> {
  return removeFactsBut(tx, caseId, [])
}

/** The case is to have been another one: what rules made of it counts no longer. */
export async function removeFactsBut(
  tx: Db,
  caseId: string,
  kinds: readonly ReportFact['kind'][],
): Promise<void> {
  await tx
    .deleteFrom('caseFacts')
    .where('caseId', '=', caseId)
    .where(sql<boolean>`kind::text <> all(${toArray(kinds)})`)
    .execute()
}

const COLUMNS = sql`case_id, kind, at, agent_id, call_id, direction, outcome, queue, opened_at`

/** An index takes no text of any length; what is told today is no longer than that anyway. */
const QUEUE = sql`left(opening.queue, 150)`

const OPENING = sql`coalesce(opening.direction, 'incoming')::fact_direction,
  ${outcomeOf('opening')}, ${QUEUE},
  c.created_at`

const KNOWN_COLUMNS = [
  'direction',
  'outcome',
  'queue',
  'opened_at',
  'previous_at',
  'previous_own_at',
  'next_at',
  'has_record',
]
const KNOWN = sql.raw(KNOWN_COLUMNS.join(', '))

function qualified(table: string): string {
  return KNOWN_COLUMNS.map((column) => `${table}.${column}`).join(', ')
}

function openingCallOf(caseId: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select call_id from case_facts where case_id = ${caseId} and kind = 'opened' limit 1`
}

/**
 * What each of these cases needs is looked up by its key: a limit keeps PostgreSQL from joining whole
 * tables, which it does where it does not know yet how few facts a case has.
 */
function factsInOrder(caseIds: readonly string[]): RawBuilder<unknown> {
  return sql`
    select own.id, opening.direction::fact_direction as direction,
      ${outcomeOf('opening')} as outcome,
      ${QUEUE} as queue, c.created_at as opened_at,
      lag(own.at) over of_kind as previous_at,
      lag(own.at) over (partition by own.case_id, own.kind, own.agent_id order by own.at, own.id)
        as previous_own_at,
      lead(own.at) over of_kind as next_at,
      own.kind = 'closed' and coalesce(own.at >= min(own.at) filter (where own.kind = 'responded')
        over (partition by own.case_id), false) as has_record
    from case_facts as own
    cross join lateral (select created_at from cases where id = own.case_id limit 1) as c
    cross join lateral (${openingCallOf(sql`own.case_id`)}) as first
    cross join lateral (
      select direction, outcome, queue from calls where id = first.call_id limit 1
    ) as opening
    where own.case_id = any(${toArray(caseIds)})
    window of_kind as (partition by own.case_id, own.kind order by own.at, own.id)
  `
}

/** A call that failed was not answered either. */
export function outcomeOf(call: string): RawBuilder<unknown> {
  const outcome = sql.ref(`${call}.outcome`)
  return sql`(case ${outcome} when 'failed' then 'unanswered' else ${outcome} end)::fact_outcome`
}
