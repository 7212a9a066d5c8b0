import { sql } from 'kysely'
import type { Db } from './database.ts'

/** Writes an ended call as reports count it; a call that is internal, or goes on, is not there. */
export async function saveCallFacts(tx: Db, callId: string): Promise<void> {
  await sql`
    with counted as (
      select * from calls where id = ${callId} and ended_at is not null and direction <> 'internal'
    ), gone as (
      delete from call_facts where call_id = ${callId} and not exists (select from counted)
    )
    insert into call_facts (call_id, at, ended_at, direction, outcome, queue, agent_id,
      ring_seconds, wait_seconds, talk_seconds, hold_seconds, called_back_at)
    select call.id, call.started_at, call.ended_at, call.direction,
      case call.outcome when 'failed' then 'unanswered' else call.outcome end,
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

/** Somebody calls a person at this instant: whom this person had missed before is called back. */
export async function noteCallBack(tx: Db, personKey: string, startedAt: Date): Promise<void> {
  await sql`
    update call_facts as fact set called_back_at = ${startedAt}
    from calls as call
    where call.id = fact.call_id and call.person_key = ${personKey}
      and call.started_at <= ${startedAt} and fact.outcome = 'missed'
      and fact.ended_at <= ${startedAt}
      and (fact.called_back_at is null or fact.called_back_at > ${startedAt})
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
