import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { FakePbx } from '../support/model-pbx.ts'
import type { PlayedCall } from './partition-calls.ts'

/** What became of the calls that the PBX had. */
export interface Verdict {
  /** Not there, or not in a case. */
  readonly lost: readonly string[]
  /** There more than once: a call, its case, its user, something told, a fact. */
  readonly doubled: readonly string[]
  readonly wrong: readonly string[]
}

/** Compares a database at rest with what the PBX had. */
export async function judgeCalls(
  database: Database,
  played: readonly PlayedCall[],
): Promise<Verdict> {
  const { db } = database
  const calls = await db
    .selectFrom('calls')
    .select(['id', 'uniqueId', 'direction', 'state', 'outcome', 'fromE164', 'toE164'])
    .execute()
  const messages = await db.selectFrom('messages').select(['callId', 'caseId']).execute()
  const cases = await db
    .selectFrom('cases')
    .select(['id', 'phoneE164'])
    .where('withdrawnTo', 'is', null)
    .execute()
  const told = await db.selectFrom('outbox').select(['data', 'events']).execute()
  const lost: string[] = []
  const doubled: string[] = []
  const wrong: string[] = []
  for (const call of played) {
    const name = `${call.name} ${call.uniqueId}`
    const found = calls.filter(({ uniqueId }) => uniqueId === call.uniqueId)
    const [one] = found
    if (one === undefined) {
      lost.push(`${name} is not there`)
      continue
    }
    if (found.length > 1) doubled.push(`${name}: ${found.length} calls`)
    const own = messages.filter(({ callId }) => callId === one.id).length
    if (own === 0) lost.push(`${name} is in no case`)
    if (own > 1) doubled.push(`${name} is in ${own} cases`)
    const ofNumber = cases.filter(({ phoneE164 }) => phoneE164 === `+${call.number}`).length
    if (ofNumber > 1) doubled.push(`${name}: ${ofNumber} cases of its number`)
    wrong.push(...differences(call, one).map((each) => `${name}: ${each}`))
  }
  const known = new Set(played.map(({ uniqueId }) => uniqueId))
  const strange = calls.filter(({ uniqueId }) => !known.has(uniqueId))
  doubled.push(...strange.map(({ uniqueId }) => `the PBX had no call ${uniqueId}`))
  doubled.push(...toldTwice(told), ...(await heardTwice(database)))
  return { lost, doubled, wrong }
}

interface Found {
  readonly direction: string
  readonly state: string
  readonly outcome: string | null
  readonly fromE164: string | null
  readonly toE164: string | null
}

function differences({ expected, number }: PlayedCall, found: Found): string[] {
  const isIncoming = expected.direction === 'incoming'
  const otherwise = isIncoming ? 'missed' : 'unanswered'
  const should = {
    direction: expected.direction,
    state: 'ended',
    outcome: expected.answeredBy === null ? otherwise : 'answered',
    number: `+${number}`,
  }
  const { direction, state, outcome, fromE164, toE164 } = found
  const is = { direction, state, outcome, number: isIncoming ? fromE164 : toE164 }
  const [a, b] = [JSON.stringify(is), JSON.stringify(should)]
  return a === b ? [] : [`is ${a}, expected ${b}`]
}

const ONCE = ['call.started', 'call.answered', 'call.ended', 'case.created', 'user.created']

function toldTwice(
  rows: readonly { readonly data: unknown; readonly events: readonly string[] | null }[],
): string[] {
  const counts = new Map<string, number>()
  for (const { data, events } of rows) {
    for (const event of events ?? []) {
      // An update may be told several times; a beginning and an end may not.
      if (!ONCE.includes(event)) continue
      const key = `${event} ${(data as { id: string }).id}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return [...counts].filter(([, count]) => count > 1).map(([key, n]) => `told ${n} times: ${key}`)
}

/**
 * What happens once in each of these calls, and was heard from the PBX and kept more than once: two were
 * listening. What the former owner heard and could keep only later (the spool), and the new one read
 * from the PBX's state, is one fact of the call for whoever folds it, and no sign of that.
 */
async function heardTwice({ db }: Database): Promise<string[]> {
  const { rows } = await sql<{ uniqueId: string; told: string; times: number }>`
    select unique_id, count(*)::int as times, told
    from (
      select connection_id, unique_id, (event - '{at,atKnown,arrivedAt,order,channelIds,extra,failure,result}'::text[])::text as told
      from call_events
      where event->>'type' not in ('held', 'resumed') and raw->>'reading' is null
    ) as heard
    group by connection_id, unique_id, told having count(*) > 1`.execute(db)
  return rows.map(({ uniqueId, told, times }) => `${uniqueId}: ${times} times ${told}`)
}

/** How many facts are kept from the PBX's words and from its state. */
export async function keptFromBoth({ db }: Database): Promise<number> {
  const { rows } = await sql<{ both: number }>`
    select count(*)::int as both from (
      select 1 from call_events where event->>'type' not in ('held', 'resumed')
      group by connection_id, unique_id, (event - '{at,atKnown,arrivedAt,order,channelIds,extra,failure,result}'::text[])::text
      having count(*) > 1) as facts`.execute(db)
  return rows[0]?.both ?? 0
}

/** Asking whether somebody is there, and saying goodbye, is not acting. */
const IDLE = ['Ping', 'Logoff', 'Challenge']

/** Sessions that still acted at the PBX after a later one had logged in. */
export function actedTogether(actions: FakePbx['actions']): string[] {
  const sessions = new Map<number, { at: number; name: string }[]>()
  for (const { connection, name, at } of actions) {
    if (IDLE.includes(name)) continue
    sessions.set(connection, [...(sessions.get(connection) ?? []), { at, name }])
  }
  const loggedIn = [...sessions].flatMap(([connection, acts]) => {
    const login = acts.find(({ name }) => name === 'Login')
    const last = acts.at(-1)
    return login === undefined || last === undefined ? [] : [{ connection, from: login.at, last }]
  })
  return loggedIn.flatMap(({ connection, from, last }) => {
    const later = loggedIn.find((other) => other.from > from && other.from < last.at)
    if (later === undefined) return []
    const ms = Math.round(last.at - later.from)
    return [
      `session ${connection}: ${last.name} ${ms} ms after session ${later.connection} logged in`,
    ]
  })
}
