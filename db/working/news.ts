import { type CallBack, noteCallBacks, refreshCallBacks, saveCallFacts } from '../call-facts.ts'
import type { AppliedEvent } from '../call-journal.ts'
import { markApplied } from '../call-journal.ts'
import { saveCallMessages } from '../call-messages.ts'
import { type CallName, nameCalls, saveCalls } from '../calls.ts'
import { appendHistory, type HistoryRow } from '../case-history.ts'
import { type CaseRow, insertCases, updateCases } from '../case-rows.ts'
import { appendConnectionLogs, type ConnectionLogEntry } from '../connection-log.ts'
import { noteSeen, type SeenEvent } from '../connection-seen.ts'
import { type Db, together } from '../database.ts'
import { type AutoUser, insertAutoUsers } from '../people.ts'
import { addFacts, type CallMeaning, type CaseFact, putCallFacts } from '../report-facts.ts'
import type { Rows } from './working-set.ts'

/** What a transaction adds, and nobody reads before it is written. */
export interface News {
  names: (CallName & { readonly callId: string })[]
  users: AutoUser[]
  history: HistoryRow[]
  facts: CaseFact[]
  /** Cases in which something happened that reports count. */
  readonly reportedCases: Set<string>
  /** What calls mean in their cases, by call. */
  readonly meanings: Map<string, CallMeaning>
  /** Calls that reports count otherwise than before. */
  readonly countedCalls: Set<string>
  callBacks: CallBack[]
  /** Persons whose call backs have to be looked for again. */
  readonly calledBack: Set<string>
  /** When they are written the cases that they name have numbers. */
  applied: (() => Promise<AppliedEvent>)[]
  seen: (SeenEvent & { readonly connectionId: string })[]
  log: ConnectionLogEntry[]
}

export function createNews(): News {
  return {
    names: [],
    users: [],
    history: [],
    facts: [],
    reportedCases: new Set(),
    meanings: new Map(),
    countedCalls: new Set(),
    callBacks: [],
    calledBack: new Set(),
    applied: [],
    seen: [],
    log: [],
  }
}

/** Writes everything, what is referred to before what refers to it. */
export async function writeNews(tx: Db, rows: Rows, news: News): Promise<void> {
  await together([
    insertAutoUsers(tx, taken(news, 'users')),
    saveCalls(tx, rows.calls.takeChanged()),
    nameCalls(tx, taken(news, 'names')),
    writeCases(tx, rows),
    saveCallMessages(tx, rows.messages.takeChanged()),
    appendHistory(tx, taken(news, 'history')),
    writeFacts(tx, news),
  ])
  const applied = await together(taken(news, 'applied').map((each) => each()))
  await together([
    markApplied(tx, applied),
    noteSeen(tx, taken(news, 'seen')),
    appendConnectionLogs(tx, taken(news, 'log')),
  ])
}

/** Those that are opened get their numbers. */
async function writeCases(tx: Db, { cases }: Rows): Promise<void> {
  const changed = cases.takeChanged()
  const [numbers] = await together([
    insertCases(tx, changed.filter(isNew)),
    updateCases(
      tx,
      changed.filter((row) => !isNew(row)),
    ),
  ])
  for (const row of changed) {
    const number = numbers.get(row.id)
    if (number !== undefined) cases.know(row.id, { ...row, number })
  }
}

function isNew({ number }: CaseRow): boolean {
  return number === 0
}

/** From what the tables hold now. */
async function writeFacts(tx: Db, news: News): Promise<void> {
  const [, changed] = await together([
    addFacts(tx, taken(news, 'facts')),
    putCallFacts(tx, [...news.meanings.values()]),
    saveCallFacts(tx, [...news.countedCalls]),
    noteCallBacks(tx, taken(news, 'callBacks')),
  ])
  for (const caseId of changed) news.reportedCases.add(caseId)
  // Afterwards: of a call that changed twice in this batch the list above holds what it was between.
  for (const personKey of news.calledBack) await refreshCallBacks(tx, personKey)
  for (const each of [news.meanings, news.countedCalls, news.calledBack]) each.clear()
}

type Lists = { [K in keyof News as News[K] extends unknown[] ? K : never]: News[K] }

/** What is in a list, which is empty from then on. */
function taken<K extends keyof Lists>(news: Lists, key: K): Lists[K] {
  return (news[key] as unknown[]).splice(0) as Lists[K]
}
