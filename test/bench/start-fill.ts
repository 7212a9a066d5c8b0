import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'

/** Calls per user, and so many cases: each call one of its own. */
const CALLS_PER_USER = 5

/**
 * Writes what a server has after some months: calls with their events, cases with messages and users, all of the
 * past, a few of the cases still open, and a day of what streams are resumed from.
 */
export async function fillHistory(db: Db, calls: number): Promise<void> {
  const users = Math.ceil(calls / CALLS_PER_USER)
  for (const statement of STATEMENTS) {
    const text = statement.replaceAll('$CALLS', String(calls)).replaceAll('$USERS', String(users))
    await sql.raw(text).execute(db)
  }
}

const NUMBER = `(79160000000 + n % $USERS)::text`
const AT = `now() - interval '1 hour' - interval '90 days' * (1 - n::float8 / $CALLS)`

const STATEMENTS: readonly string[] = [
  `insert into connections (id, name, time_zone, country, internal_calls, recordings, phrases,
      timeouts, options, token_hash, token_sealed, created_at, updated_at)
    values ('pbx', 'PBX', 'UTC', 'RU', false, true, '{}', '{}', '{}', 'hash', 'sealed', now(), now())`,
  `insert into agents (id, external_id, name, role, created_at, updated_at)
    select 'agent-' || n, 'a' || n, 'Agent ' || n, 'agent', now(), now()
    from generate_series(0, 19) as n`,
  `insert into users (id, name, note, fields, search, created_at, updated_at)
    select 'user-' || n, 'Person ' || n, '', '{}', 'person ' || n || chr(10) || ${NUMBER} || chr(10),
      now(), now() from generate_series(0, $USERS - 1) as n`,
  `insert into user_phones (user_id, position, raw, e164, display, key)
    select 'user-' || n, 0, ${NUMBER}, '+' || ${NUMBER}, '+' || ${NUMBER}, '+' || ${NUMBER}
    from generate_series(0, $USERS - 1) as n`,
  `insert into calls (id, connection_id, unique_id, direction, state, outcome, from_raw, from_e164, from_display,
      to_raw, to_display, started_at, answered_at, ended_at, ring_seconds, talk_seconds, hold_seconds, agent_id,
      legs, end_not_reported, extra, person_key, user_id, candidate_user_ids, clock_shift_ms, first_event_at,
      last_event_at)
    select 'call-' || n, 'pbx', '1640000000.' || n, 'incoming', 'ended', 'answered', ${NUMBER}, '+' || ${NUMBER},
      '+' || ${NUMBER}, '74951000100', '74951000100', at, at + interval '8 seconds', at + interval '90 seconds', 8,
      82, 0, 'agent-' || n % 20, '[]', false, '{}', '+' || ${NUMBER}, 'user-' || n % $USERS, '[]', 0, at,
      at + interval '90 seconds'
    from (select n, ${AT} as at from generate_series(1, $CALLS) as n) as numbered`,
  `insert into call_events (receipt, connection_id, unique_id, call_id, source, type, at, at_known, arrived_at, event,
      raw, applied_at)
    select n || '-' || type, 'pbx', '1640000000.' || n, 'call-' || n, 'webhook', type, at, true, at, '{}',
      jsonb_build_object('status', type, 'from_user', ${NUMBER}), at
    from (select n, ${AT} as at from generate_series(1, $CALLS) as n) as numbered,
      unnest(array['started', 'answered', 'ended']) as type`,
  `insert into cases (id, subject, status, handset, user_id, person_key, phone_raw, phone_e164, phone_display,
      assignee_id, version, created_at, updated_at, closed_at)
    select 'case-' || n, 'Incoming call from +' || ${NUMBER}, case when n % 200 = 0 then 'open' else 'closed' end,
      'green', 'user-' || n % $USERS, '+' || ${NUMBER}, ${NUMBER}, '+' || ${NUMBER}, '+' || ${NUMBER},
      'agent-' || n % 20, 1, at, at + interval '1 hour', case when n % 200 = 0 then null else at + interval '1 hour' end
    from (select n, ${AT} as at from generate_series(1, $CALLS) as n) as numbered`,
  `insert into messages (id, case_id, kind, call_id, text, origin, created_at)
    select 'message-' || n, 'case-' || n, 'call', 'call-' || n, '', 'auto', ${AT}
    from generate_series(1, $CALLS) as n`,
  `insert into call_facts (call_id, at, ended_at, direction, outcome, agent_id, ring_seconds, talk_seconds,
      hold_seconds)
    select id, started_at, ended_at, direction::fact_direction, outcome::fact_outcome, agent_id, ring_seconds, talk_seconds, 0 from calls`,
  `insert into case_facts (case_id, kind, at, agent_id, call_id, direction, outcome, opened_at)
    select 'case-' || n, 'opened', ${AT}, 'agent-' || n % 20, 'call-' || n, 'incoming', 'answered', ${AT}
    from generate_series(1, $CALLS) as n`,
  `insert into outbox (at, type, data) select now() - interval '1 hour', 'user', jsonb_build_object('id', 'user-' || n)
    from generate_series(1, least($CALLS, 5000)) as n`,
  'vacuum analyze',
]
