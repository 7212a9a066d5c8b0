import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { Tables } from '../../db/schema.ts'

/** Agents' names by their ids. */
export type Agents = ReadonlyMap<string, string>
type Row<T extends keyof Tables> = Selectable<Tables[T]>
type Found = Awaited<ReturnType<typeof load>> & { readonly agents: Agents }

/**
 * What became of the calls of each of these people: calls with legs, cases with messages, users,
 * recordings, and what reports count. The same text means the same in every respect; ids, which
 * each database gives anew, are not in it. `timeOf`: an instant as it is to be compared.
 */
export async function readEnds(
  db: Db,
  agents: Agents,
  timeOf: (at: Date) => Date,
  people: readonly number[],
): Promise<readonly string[]> {
  const found = { ...(await load(db, timeOf, people)), agents }
  const callsOf = Map.groupBy(found.calls, ({ uniqueId }) => personOf(uniqueId))
  const casesOf = Map.groupBy(found.cases, ({ personKey }) => personOf(String(personKey)))
  const phonesOf = Map.groupBy(found.phones, ({ key }) => personOf(key))
  return people.map((person) => {
    const end = {
      calls: inOneOrder((callsOf.get(person) ?? []).map((call) => callEnd(found, call))),
      cases: inOneOrder((casesOf.get(person) ?? []).map((each) => caseEnd(found, each))),
      users: inOneOrder((phonesOf.get(person) ?? []).map((phone) => userEnd(found, phone))),
    }
    return anonymous(JSON.stringify(end, null, 1), person)
  })
}

/** `1795228934.0-p12` and `+79160000012` are the twelfth person's. */
function personOf(text: string): number {
  return Number(/-p(\d+)$/.exec(text)?.[1] ?? text.slice(-7))
}

async function load(db: Db, timeOf: (at: Date) => Date, people: readonly number[]) {
  const keys = people.map((person) => `+7916${String(person).padStart(7, '0')}`)
  const calls = await db
    .selectFrom('calls')
    .selectAll()
    .where(isOneOf(sql`substring(unique_id from '-p([0-9]+)$')`, people.map(String)))
    .execute()
  const cases = await db
    .selectFrom('cases')
    .selectAll()
    .where(isOneOf(sql.ref('person_key'), keys))
    .where('withdrawnTo', 'is', null)
    .execute()
  const ofCalls = isOneOf(
    sql.ref('call_id'),
    calls.map(({ id }) => id),
  )
  const ofCases = isOneOf(
    sql.ref('case_id'),
    cases.map(({ id }) => id),
  )
  const messages = await db.selectFrom('messages').selectAll().where(ofCases).execute()
  const caseFacts = await db.selectFrom('caseFacts').selectAll().where(ofCases).execute()
  const callFacts = await db.selectFrom('callFacts').selectAll().where(ofCalls).execute()
  const recordings = await db.selectFrom('recordings').selectAll().where(ofCalls).execute()
  const phones = await db
    .selectFrom('userPhones')
    .selectAll()
    .where(isOneOf(sql.ref('key'), keys))
    .execute()
  const users = await db
    .selectFrom('users')
    .selectAll()
    .where(
      isOneOf(
        sql.ref('id'),
        phones.map(({ userId }) => userId),
      ),
    )
    .execute()
  for (const row of [...calls, ...cases, ...messages, ...caseFacts, ...callFacts]) {
    for (const [name, value] of Object.entries(row)) {
      if (value instanceof Date) Object.assign(row, { [name]: timeOf(value) })
    }
  }
  return {
    calls,
    cases,
    phones,
    messages: Map.groupBy(messages, ({ caseId }) => caseId),
    caseFacts: Map.groupBy(caseFacts, ({ caseId }) => caseId),
    callFacts: Map.groupBy(callFacts, ({ callId }) => callId),
    recordings: Map.groupBy(recordings, ({ callId }) => callId),
    users: new Map(users.map((user) => [user.id, user])),
    callNames: new Map(calls.map(({ id, uniqueId }) => [id, uniqueId])),
  }
}

/** In one parameter, however many there are. */
function isOneOf(column: RawBuilder<unknown>, texts: readonly string[]) {
  const list = sql`select jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb)`
  return sql<boolean>`${column} in (${list})`
}

function callEnd(found: Found, call: Row<'calls'>): object {
  const { id, connectionId: _, agentId, userId, candidateUserIds, legs, ...rest } = call
  return {
    ...rest,
    agent: nameIn(found, agentId),
    isOfUser: userId !== null && found.users.has(userId),
    candidates: candidateUserIds.length,
    legs: legs.map(({ agentId: whose, ...leg }) => ({ ...leg, agent: nameIn(found, whose) })),
    recordings: (found.recordings.get(id) ?? []).map(({ sha256, mime }) => ({ sha256, mime })),
    facts: (found.callFacts.get(id) ?? []).map(({ callId: _id, ...fact }) => ({
      ...fact,
      agentId: nameIn(found, fact.agentId),
    })),
  }
}

/** Its number and version tell how often it was changed, and when: not what it is. */
function caseEnd(found: Found, each: Row<'cases'>): object {
  const { id, number: _, version: _version, updatedAt: _at, userId, assigneeId, ...rest } = each
  const messages = (found.messages.get(id) ?? []).map(
    ({ id: _id, caseId: _case, callId, authorId, ...message }) => ({
      ...message,
      call: found.callNames.get(callId ?? '') ?? null,
      author: nameIn(found, authorId),
    }),
  )
  const facts = (found.caseFacts.get(id) ?? []).map(
    ({ id: _id, caseId: _case, callId, agentId, ...fact }) => ({
      ...fact,
      call: found.callNames.get(callId ?? '') ?? null,
      agent: nameIn(found, agentId),
    }),
  )
  return {
    ...rest,
    isOfUser: userId !== null && found.users.has(userId),
    assignee: nameIn(found, assigneeId),
    messages: inOneOrder(messages),
    facts: inOneOrder(facts),
  }
}

function userEnd({ users }: Found, { raw, e164, display, userId }: Row<'userPhones'>): object {
  const { name, email, company, note, autoKey } = users.get(userId)!
  return { raw, e164, display, name, email, company, note, autoKey }
}

function nameIn({ agents }: Found, agentId: string | null): string | null {
  return agentId === null ? null : (agents.get(agentId) ?? 'a stranger')
}

function inOneOrder(items: readonly object[]): readonly object[] {
  const texts = items.map((each) => [JSON.stringify(each), each] as const)
  return texts.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, each]) => each)
}

/** Everybody's number becomes the same one, however it is written. */
function anonymous(text: string, person: number): string {
  const digits = `916${String(person).padStart(7, '0')}`
  const number = new RegExp([...digits].join('[ -]?'), 'g')
  return text
    .replace(number, (written) => written.replace(/\d/g, 'n'))
    .replaceAll(new RegExp(`-p${person}(?!\\d)`, 'g'), '')
}
