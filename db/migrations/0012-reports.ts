import { type Kysely, sql } from 'kysely'

/**
 * What reports count, written when it happens. A fact knows its neighbours of the same kind in its case, so that
 * "cases, each once in a period" is a count of rows: of a case's facts in the period, one has no earlier in it.
 */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const ID = 'text collate "C"'

/** What people change of a case. */
const BY_HAND = `('subject', 'status', 'reopened', 'handset', 'assignee', 'externalId', 'note', 'essence', 'claimed', 'released')`

/** A failed call was not answered either. */
const OUTCOME = `case call.outcome when 'failed' then 'unanswered' else call.outcome end`

/** What happened before there were facts, from histories, messages and calls. */
const BACKFILL = [
  // How a case was opened; a correction of an untouched one made it anew (CASE-16).
  `create temporary table openings as
    select c.id as case_id, c.created_at as at, first.call_id, coalesce(remade.id, 0) as after_id,
      (select h."to" #>> '{}' from case_history as h
        where h.case_id = c.id and (h.kind = 'opened' or h.kind in ('status', 'reopened') and h.id <= remade.id)
        order by h.id desc limit 1) as status,
      case when remade_to.id is not null then remade_to.assignee
        when changed.id is not null then changed.assignee else c.assignee_id end as assignee
    from cases as c
    cross join lateral (
      select call.id as call_id from messages as m join calls as call on call.id = m.call_id
      where m.case_id = c.id
      order by call.id = (select h."to" #>> '{}' from case_history as h
          where h.case_id = c.id and h.kind = 'call' and h."to" <> 'null'::jsonb order by h.id limit 1
        ) desc nulls last, call.ended_at nulls last, call.id
      limit 1
    ) as first
    left join lateral (
      select max(h.id) as id from case_history as h
      where h.case_id = c.id and h.rule = 'CASE-16'
        and h.kind in ('subject', 'status', 'reopened', 'assignee')
        and not exists (select from case_history as touch where touch.case_id = c.id
          and touch.id < h.id and touch.rule is null and touch.kind in ${BY_HAND})
    ) as remade on true
    left join lateral (
      select h.id, h."to" #>> '{}' as assignee from case_history as h
      where h.case_id = c.id and h.kind = 'assignee' and h.id <= remade.id
      order by h.id desc limit 1
    ) as remade_to on true
    left join lateral (
      select h.id, h."from" #>> '{}' as assignee from case_history as h
      where h.case_id = c.id and h.kind = 'assignee' order by h.id limit 1
    ) as changed on true
    where c.withdrawn_to is null`,
  'create unique index on openings (case_id)',
  'analyze openings',

  `insert into case_facts (case_id, kind, at, agent_id, call_id, direction, outcome, queue, opened_at,
      previous_at, previous_own_at, next_at, has_record)
    with changes as (
      select h.*, o.assignee as first_assignee from case_history as h
      join openings as o on o.case_id = h.case_id and h.id > o.after_id
      where h.kind in ${BY_HAND}
    ), moves as (
      select h.case_id, h.kind, h."to" #>> '{}' as status, h.at, h.agent_id,
        case when found.id is null then h.first_assignee else found.assignee end as assignee
      from changes as h left join lateral (
        -- Status and assignee of one change have one time, and the assignee is that after it.
        select later.id, later."to" #>> '{}' as assignee from case_history as later
        where later.case_id = h.case_id and later.kind = 'assignee' and (later.id <= h.id
          or later.at = h.at and later.agent_id is not distinct from h.agent_id
            and later.rule is not distinct from h.rule)
        order by later.id desc limit 1
      ) as found on true
      where h.kind in ('status', 'reopened')
    ), answered as (
      select m.case_id, call.id as call_id, call.answered_at, call.agent_id, call.legs,
        call.recordings_gone is not null or not connection.recordings
          or exists (select from recordings where recordings.call_id = call.id) as has_record
      from messages as m join calls as call on call.id = m.call_id
      join connections as connection on connection.id = call.connection_id
      where call.answered_at is not null
    ), talks as (
      select answered.case_id, (leg ->> 'answeredAt')::timestamptz as at, leg ->> 'agentId' as agent_id,
        answered.call_id
      from answered cross join jsonb_array_elements(answered.legs) as leg
      where leg ->> 'answeredAt' is not null and leg ->> 'agentId' is not null
    ), facts (case_id, kind, at, agent_id, call_id) as (
      select case_id, 'opened', at, assignee, call_id from openings
      union select case_id, 'closed', at, assignee, null from openings where status = 'closed'
      union select case_id, 'handled', at, agent_id, null from changes where agent_id is not null
      union select case_id, 'assigned', at, "to" #>> '{}', null from changes where kind = 'assignee'
      union select case_id, 'reopened', at, assignee, null from moves where kind = 'reopened'
      union select case_id, 'closed', at, coalesce(agent_id, assignee), null from moves where status = 'closed'
      union select case_id, 'handled', chosen_at, author_id, null from messages
        where origin in ('created', 'fixed') and author_id is not null and chosen_at is not null
      union select case_id, 'handled', at, agent_id, call_id from talks
      union select case_id, 'handled', answered_at, agent_id, call_id from answered
        where agent_id is not null and not exists (select from talks
          where talks.call_id = answered.call_id and talks.agent_id = answered.agent_id)
      union select case_id, 'responded', answered_at, agent_id, call_id from answered where has_record
    )
    select fact.case_id, fact.kind, fact.at, fact.agent_id, fact.call_id,
      call.direction, ${OUTCOME}, call.queue, o.at,
      lag(fact.at) over of_kind,
      lag(fact.at) over (partition by fact.case_id, fact.kind, fact.agent_id order by fact.at),
      lead(fact.at) over of_kind,
      fact.kind = 'closed' and coalesce(fact.at >= min(fact.at) filter (where fact.kind = 'responded')
        over (partition by fact.case_id), false)
    from facts as fact join openings as o on o.case_id = fact.case_id
    join calls as call on call.id = o.call_id
    window of_kind as (partition by fact.case_id, fact.kind
      order by fact.at, fact.agent_id, fact.call_id)`,

  `insert into call_facts (call_id, at, ended_at, direction, outcome, queue, agent_id,
      ring_seconds, wait_seconds, talk_seconds, hold_seconds, called_back_at)
    select call.id, call.started_at, call.ended_at, call.direction, ${OUTCOME}, call.queue,
      call.agent_id, call.ring_seconds,
      case when call.direction = 'incoming' then greatest(0, round(extract(epoch from
        coalesce(call.answered_at, call.ended_at) - call.started_at)))::integer end,
      call.talk_seconds, case when call.answered_at is not null then call.hold_seconds end,
      case when call.outcome = 'missed' then (
        select min(back.started_at) from calls as back
        where back.person_key = call.person_key and back.direction = 'outgoing'
          and back.started_at >= call.ended_at
      ) end
    from calls as call where call.ended_at is not null and call.direction <> 'internal'`,
  'drop table openings',
]

const STATEMENTS = [
  `create table case_facts (
    id bigint generated always as identity primary key,
    case_id ${ID} not null references cases on delete cascade,
    kind text not null check (kind in ('opened', 'reopened', 'handled', 'responded', 'closed', 'assigned')),
    at timestamptz not null,
    agent_id ${ID},
    call_id ${ID} references calls on delete cascade,
    direction text not null check (direction in ('incoming', 'outgoing', 'internal')),
    outcome text check (outcome in ('answered', 'missed', 'unanswered')),
    queue text,
    opened_at timestamptz not null,
    previous_at timestamptz,
    previous_own_at timestamptz,
    next_at timestamptz,
    has_record boolean not null default false
  )`,
  'create index case_facts_at on case_facts (at)',
  // What was closed in a year is read from here, without the other facts. Not the queue: its name comes
  // from the phone network, and an index takes no text of any length.
  `create index case_facts_closed on case_facts (at)
    include (opened_at, next_at, has_record, direction, outcome, agent_id) where kind = 'closed'`,
  // Each thing once; also by which a case's facts are found.
  `create unique index case_facts_once on case_facts (case_id, kind, at, coalesce(agent_id, ''), coalesce(call_id, ''))`,
  'create index case_facts_call on case_facts (call_id) where call_id is not null',

  `create table call_facts (
    call_id ${ID} primary key references calls on delete cascade,
    at timestamptz not null,
    ended_at timestamptz not null,
    direction text not null check (direction in ('incoming', 'outgoing')),
    outcome text not null check (outcome in ('answered', 'missed', 'unanswered')),
    queue text,
    agent_id ${ID},
    ring_seconds integer,
    wait_seconds integer,
    talk_seconds integer,
    hold_seconds integer,
    called_back_at timestamptz
  )`,
  'create index call_facts_at on call_facts (at)',
  // Who is called back, and by which call.
  'create index calls_person_started on calls (person_key, started_at) where person_key is not null',
  ...BACKFILL,
]
