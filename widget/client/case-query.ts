/** Which cases an agent wants to see (CASE-14): as the server is asked, and as a change is judged here. Pure. */
import type { CaseSummaryView, UserView } from '../../server/http/schemas.ts'
import type { State } from './state.ts'

export type Period = '' | 'today' | 'week' | 'month' | 'range'

export interface CaseQuery {
  /** One status, or `open,pending`; empty: any. */
  readonly status: string
  /** `me`, `none` or an agent's id; empty: anybody. */
  readonly assignee: string
  readonly isMissed: boolean
  /** When the case was opened. */
  readonly period: Period
  /** Days such as `2026-03-02`, both included; they count where the period is a range. */
  readonly from: string
  readonly to: string
  readonly text: string
}

/** What there is to do: everything that is not closed. */
export const firstQuery: CaseQuery = {
  status: 'open,pending',
  assignee: '',
  isMissed: false,
  period: '',
  from: '',
  to: '',
  text: '',
}

/** Everything there is. */
export const widestQuery: CaseQuery = { ...firstQuery, status: '' }

/** The address to ask, without the page. */
export function toParams(query: CaseQuery, now: number): URLSearchParams {
  const { from, to } = span(query, now)
  const params = new URLSearchParams({ sort: 'updated' })
  const set = (name: string, value: string | undefined) => {
    if (value) params.set(name, value)
  }
  set('status', query.status)
  set('assigneeId', query.assignee)
  set('handset', query.isMissed ? 'red' : '')
  set('q', query.text.trim())
  set('from', from?.toISOString())
  set('to', to?.toISOString())
  return params
}

/** A case that has changed belongs into the list; the same rules as the server's. */
export function fits(
  query: CaseQuery,
  found: CaseSummaryView,
  state: State,
  user: UserView | undefined,
): boolean {
  if (query.status !== '' && !query.status.split(',').includes(found.status)) return false
  if (query.isMissed && found.handset !== 'red') return false
  if (!fitsAssignee(query.assignee, found.assigneeId, state.me?.id ?? null)) return false
  const { from, to } = span(query, state.now)
  const createdAt = new Date(found.createdAt)
  if ((from !== null && createdAt < from) || (to !== null && createdAt >= to)) return false
  return fitsText(query.text, found, user)
}

function fitsAssignee(asked: string, assigneeId: string | null, me: string | null): boolean {
  if (asked === '') return true
  if (asked === 'none') return assigneeId === null
  return assigneeId === (asked === 'me' ? me : asked)
}

function fitsText(text: string, found: CaseSummaryView, user: UserView | undefined): boolean {
  const asked = text.trim().toLowerCase()
  if (asked === '') return true
  const digits = asked.replaceAll(/\D/g, '')
  const isNumbered = Number(digits) === found.number
  if (/^#\d{1,9}$/.test(asked)) return isNumbered
  if (/^\d{1,9}$/.test(asked) && isNumbered) return true
  const numbers = [found.phone, ...(user?.phones ?? [])].map((one) =>
    (one?.e164 ?? one?.raw ?? '').replaceAll(/\D/g, ''),
  )
  const isNumber = digits.length >= 4 && /^[\d\s()+./-]+$/.test(asked)
  if (isNumber && numbers.some((one) => one.includes(digits))) return true
  const texts = [found.subject, user?.name, user?.company, user?.email, user?.note]
  return texts.some((one) => one?.toLowerCase().includes(asked))
}

const DAYS = { today: 0, week: 6, month: 29 } as const

/** The days of a period in the agent's own time zone; the end is not included. */
function span(query: CaseQuery, now: number): { from: Date | null; to: Date | null } {
  const { period } = query
  if (period === '') return { from: null, to: null }
  if (period !== 'range') return { from: startOfDay(new Date(now), -DAYS[period]), to: null }
  const [from, to] = [toDay(query.from), toDay(query.to)]
  return { from, to: to === null ? null : startOfDay(to, 1) }
}

function toDay(text: string): Date | null {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  if (year === undefined) return null
  const date = new Date(Number(year), Number(month) - 1, Number(day))
  const isKept = date.getFullYear() >= 1971 && date.getFullYear() <= 9998
  return isKept ? date : null
}

function startOfDay(at: Date, days: number): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days)
}
