import { sql } from 'kysely'
import { type Db, toArray } from './database.ts'
import { outcomeOf } from './report-facts.ts'
import { rowsAs } from './table-rows.ts'

/** Writes ended calls as reports count them; a call that is internal, or goes on, is not there. */
export async function saveCallFacts(tx: Db, callIds: readonly string[]): Promise<void> {
  if (callIds.length === 0) return
  const ids = toArray(callIds)
  await sql`
    with counted as (
      select * from calls
      where id = any(${ids}) and ended_at is not null and direction <> 'internal'
    ), gone as (
      delete from call_facts where call_id = any(${ids})
        and not exists (select from counted where counted.id = call_facts.call_id)
    )
    insert into call_facts (call_id, at, ended_at, direction, outcome, queue, agent_id,
      ring_seconds, wait_seconds, talk_seconds, hold_seconds, called_back_at)
    select call.id, call.started_at, call.ended_at, call.direction::fact_direction,
      ${outcomeOf('call')},
      call.queue, call.agent_id, call.ring_seconds,
      case when call.direction = 'incoming' then greatest(0, round(extract(epoch from
        coalesce(call.answered_at, call.ended_at) - call.started_at)))::integer end,
      call.talk_seconds,
      case when call.answered_at is not null then call.hold_seconds end,
      case when call.outcome = 'missed' then (${firstCallBack}) end
    from counted as call
    on conflict (call_id) do update set at = excluded.at, ended_at = excluded.ended_at,
      direction = excluded.direction, outcome = excluded.outcome, queue = excluded.queue,
      agent_id = excluded.agent_id, ring_seconds = excluded.ring_seconds,
      wait_seconds = excluded.wait_seconds, talk_seconds = excluded.talk_seconds,
      hold_seconds = excluded.hold_seconds,
      -- Whose number is erased was called back all the same.
      called_back_at = case when excluded.outcome = 'missed'
        and (select person_key is null from calls where id = excluded.call_id)
        then call_facts.called_back_at else excluded.called_back_at end
  `.execute(tx)
}

const firstCallBack = sql`
  select min(back.started_at) from calls as back
  where back.person_key = call.person_key and back.direction = 'outgoing'
    and back.started_at >= call.ended_at`

/** Somebody calls a person at an instant. */
export interface CallBack {
  readonly personKey: string
  readonly at: Date
}

/** Whom these persons' calls had missed before is called back. */
export async function noteCallBacks(tx: Db, made: readonly CallBack[]): Promise<void> {
  if (made.length === 0) return
  await sql`
    update call_facts as fact set called_back_at = back.at
    from (
      select call.id, min(back.at) as at
      from ${rowsAs('back', { personKey: 'text', at: 'timestamptz' }, made)}
      join calls as call on call.person_key = back.person_key and call.started_at <= back.at
        and call.ended_at <= back.at and call.outcome = 'missed'
      group by call.id
    ) as back
    where fact.call_id = back.id and fact.outcome = 'missed'
      and (fact.called_back_at is null or fact.called_back_at > back.at)
  `.execute(tx)
}

/** Looks again when a person was called back: an outgoing call turned out to be another one. */
export async function refreshCallBacks(tx: Db, personKey: string): Promise<void> {
  await sql`
    update call_facts as fact set called_back_at = found.at
    from (
      select call.id, (${firstCallBack}) as at from calls as call
      where call.person_key = ${personKey} and call.outcome = 'missed'
    ) as found
    where fact.call_id = found.id and fact.called_back_at is distinct from found.at
  `.execute(tx)
}
