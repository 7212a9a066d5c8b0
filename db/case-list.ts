import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { CaseStatus, Handset } from '../server/cases/case.ts'
import type { Case } from '../server/cases/case-view.ts'
import { toCase } from './cases.ts'
import type { Db } from './database.ts'
import type { Tables } from './schema.ts'
import { fold } from './user-search.ts'

export interface CaseFilter {
  readonly statuses?: readonly CaseStatus[]
  /** null: nobody's. */
  readonly assigneeId?: string | null
  readonly userId?: string
  readonly handset?: Handset
  readonly q?: string
  /** When the case was opened. */
  readonly from?: Date
  readonly to?: Date
  readonly sort: CaseSort
  readonly after?: CaseCursor
  readonly limit: number
}

/** `updated`: newest change first; `waiting`: who waits longest first. */
export type CaseSort = 'updated' | 'waiting'

/** Where a page ended: by the last change, or, at the missed-call desk, by the time of waiting. */
export interface CaseCursor {
  readonly at: Date | null
  readonly id: string
}

type CaseQuery = SelectQueryBuilder<Tables, 'cases', object>

/** Said to be a case's number, and nothing else. */
const IS_NUMBER = /^#\d{1,9}$/
/** So many of the newest are looked through before the search goes by its indexes. */
const NEWEST = 2000

/** A page of cases (CASE-14, CASE-17). */
export async function listCases(db: Db, filter: CaseFilter): Promise<Case[]> {
  const found = filtered(db.selectFrom('cases'), filter)
  const q = filter.q?.trim() ?? ''
  if (IS_NUMBER.test(q))
    return (await rows(ordered(found.where(terms(q).number), filter), filter.limit)).map(toCase)
  if (q === '') return (await rows(ordered(found, filter), filter.limit)).map(toCase)
  // A frequent word fills its page from the newest cases; a rare one is found by the indexes. Either
  // is quick only where the other is slow.
  const newest = ordered(found, filter).select('id').limit(NEWEST)
  const among = db.selectFrom('cases').where('id', 'in', newest).where(looksLike(q))
  const near = await rows(ordered(among, filter), filter.limit)
  if (near.length >= filter.limit) return near.map(toCase)
  return (await rows(ordered(found.where(matches(q)), filter), filter.limit)).map(toCase)
}

function rows(query: CaseQuery, limit: number) {
  return query.selectAll().limit(limit).execute()
}

function filtered(start: CaseQuery, filter: CaseFilter): CaseQuery {
  let query = start.where('withdrawnTo', 'is', null)
  const { statuses, assigneeId, userId, handset, from, to } = filter
  if (statuses !== undefined) {
    query = query.where('status', 'in', [...statuses])
    // Said so that the index of cases that are not closed can serve.
    if (!statuses.includes('closed')) query = query.where('status', '<>', 'closed')
  }
  if (assigneeId === null) query = query.where('assigneeId', 'is', null)
  else if (assigneeId !== undefined) query = query.where('assigneeId', '=', assigneeId)
  if (userId !== undefined) query = query.where('userId', '=', userId)
  if (handset !== undefined) query = query.where('handset', '=', handset)
  if (from !== undefined) query = query.where('createdAt', '>=', from)
  if (to !== undefined) query = query.where('createdAt', '<', to)
  return query
}

function ordered(query: CaseQuery, { sort, after }: CaseFilter): CaseQuery {
  if (sort === 'waiting') {
    const rest = after === undefined ? query : query.where(waitsAfter(after))
    return rest.orderBy(sql`waiting_since asc nulls last`).orderBy('id')
  }
  const rest =
    after === undefined
      ? query
      : query.where(sql<boolean>`(updated_at, id) < (${after.at}, ${after.id})`)
  return rest.orderBy('updatedAt', 'desc').orderBy('id', 'desc')
}

function waitsAfter({ at, id }: CaseCursor): RawBuilder<boolean> {
  if (at === null) return sql<boolean>`(waiting_since is null and id > ${id})`
  return sql<boolean>`((waiting_since, id) > (${at}, ${id}) or waiting_since is null)`
}

/** A case's number, its subject, its caller's number, or anything that its user is found by. */
function terms(q: string) {
  const escaped = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&')
  const digits = q.replaceAll(/\D/g, '')
  return {
    subject: sql<boolean>`subject ilike ${`%${escaped(q)}%`}`,
    number: sql<boolean>`number = ${/^#?\d{1,9}$/.test(q) ? Number(digits) : -1}`,
    phone:
      digits.length >= 4 && /^[\d\s()+./-]+$/.test(q)
        ? sql<boolean>`person_key like ${`%${digits}%`}`
        : sql<boolean>`false`,
    user: sql<boolean>`search like ${`%${escaped(fold(q))}%`}`,
  }
}

/** Asked of each row. */
function looksLike(q: string): RawBuilder<boolean> {
  const { subject, number, phone, user } = terms(q)
  return sql<boolean>`(${subject} or ${number} or ${phone} or exists (
    select 1 from users where users.id = cases.user_id and ${user}
  ))`
}

/** Asked of one index after the other. */
function matches(q: string): RawBuilder<boolean> {
  const { subject, number, phone, user } = terms(q)
  return sql<boolean>`id in (
    select id from cases where ${subject} union all select id from cases where ${number}
    union all select id from cases where ${phone}
    union all select id from cases where user_id in (select id from users where ${user})
  )`
}
