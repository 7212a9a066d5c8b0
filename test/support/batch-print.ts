import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'

/**
 * What the database holds of a connection's calls, table by table: without ids and numbers, which
 * differ from one run to the next.
 */
export async function printCalls(
  db: Db,
  connectionId: string,
  /** What stands for what differs by intent, such as a prefix of numbers. */
  replaced: ReadonlyMap<string, string>,
): Promise<Record<string, readonly unknown[]>> {
  const found: Record<string, unknown> = {}
  for (const [name, query] of Object.entries(QUERIES)) {
    const { rows } = await sql<{ row: unknown }>`
      with own as (select id, unique_id from calls where connection_id = ${connectionId}),
        own_cases as (
          select m.case_id as id, min(own.unique_id) as name from messages as m
          join own on own.id = m.call_id group by m.case_id
        )
      select to_jsonb(result) as row from (${sql.raw(query)}) as result`.execute(db)
    found[name] = rows.map(({ row }) => row)
  }
  let text = JSON.stringify(found)
  for (const [from, to] of replaced) text = text.replaceAll(from, to)
  return JSON.parse(text)
}

const WITHOUT_IDS = `'{id,connection_id,user_id,number,case_id,message_id,assignee_id,agent_id}'::text[]`

/** Each in an order that does not depend on ids. */
const QUERIES = {
  calls: `select to_jsonb(c) - ${WITHOUT_IDS} as call, c.agent_id,
      (c.user_id is not null) as has_user, own_cases.name as case
    from calls as c join own on own.id = c.id
    left join messages as m on m.call_id = c.id left join own_cases on own_cases.id = m.case_id
    order by c.unique_id, c.started_at`,
  names: `select ids.unique_id, own.unique_id as of from call_ids as ids
    join own on own.id = ids.call_id order by 1, 2`,
  cases: `select own_cases.name, to_jsonb(c) - ${WITHOUT_IDS} as case, c.assignee_id
    from cases as c join own_cases on own_cases.id = c.id order by own_cases.name, c.created_at`,
  messages: `select own.unique_id, to_jsonb(m) - ${WITHOUT_IDS} - 'call_id' as message
    from messages as m join own on own.id = m.call_id order by own.unique_id`,
  history: `select own_cases.name, h.at, h.kind, h.rule,
      case when h.kind in ('call', 'user') then null else h."from" end as from,
      case when h.kind in ('call', 'user') then null else h."to" end as to
    from case_history as h join own_cases on own_cases.id = h.case_id
    order by own_cases.name, h.id`,
  caseFacts: `select own_cases.name, own.unique_id,
      to_jsonb(f) - ${WITHOUT_IDS} - 'call_id' as fact, f.agent_id
    from case_facts as f join own_cases on own_cases.id = f.case_id
    left join own on own.id = f.call_id
    order by own_cases.name, f.kind, f.at, f.agent_id, own.unique_id`,
  callFacts: `select own.unique_id, to_jsonb(f) - 'call_id' as fact
    from call_facts as f join own on own.id = f.call_id order by own.unique_id`,
  recordings: `select own.unique_id, r.sha256 from recordings as r
    join own on own.id = r.call_id order by 1, 2`,
  events: `select e.unique_id, e.type, e.source, own.unique_id as of, e.agents,
      e.trace -> 'rule' as rule, e.trace -> 'agents' as shown
    from call_events as e left join own on own.id = e.call_id
    where e.connection_id = (select connection_id from calls where id = (select min(id) from own))
    order by e.unique_id, e.type, e.source, e.arrived_at, e.id`,
} as const
