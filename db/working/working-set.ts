import type { HeardEvent } from '../../server/calls/order.ts'
import type { CallAction } from '../call-actions.ts'
import type { Member, MessageRow } from '../call-messages.ts'
import type { KeptCall } from '../calls.ts'
import type { CaseRow } from '../case-rows.ts'
import type { Db } from '../database.ts'
import type { KeptDraft } from '../drafts.ts'
import type { Recording } from '../recordings.ts'
import type { User } from '../users.ts'
import type { Kept } from './kept.ts'
import { createNews, type News, writeNews } from './news.ts'
import { createRows } from './rows.ts'

/**
 * What one transaction has read and is going to write. The rules work on it in memory, event after
 * event; what they need is read in sets, and what they changed is written in sets, at the end.
 */
export interface WorkingSet extends Rows {
  readonly tx: Db
  /** What is added to tables that nobody reads from within the transaction. */
  readonly news: News
  /** A call that was made just now: the database has nothing of it. */
  learnNewCall(callId: string): void
  /** Writes everything that is to be written. */
  flush(): Promise<void>
  /** For what is rare: the database does it, after everything before it and unknown to us. */
  directly<T>(work: (tx: Db) => Promise<T>): Promise<T>
}

/** Rows that are read once; locked where they are changed. */
export interface Rows {
  /** By id, locked. */
  readonly calls: Kept<KeptCall>
  /** The calls that a unique id of a connection has meant, by `nameKey`. */
  readonly named: Kept<readonly string[]>
  /** What a call is folded from, by its id. */
  readonly journals: Kept<readonly HeardEvent[]>
  /** The message of a call, by the call's id. */
  readonly messages: Kept<MessageRow>
  /** By id, locked. */
  readonly cases: Kept<CaseRow>
  /** The messages of a case, by the case's id. */
  readonly members: Kept<readonly Member[]>
  /** Whose open missed cases are among `cases`, by `userKey` and `numberKey`. */
  readonly missedOf: Kept<true>
  /** When a person was last talked to in a call that is not among `calls`, by `personKey`. */
  readonly talks: Kept<Date>
  /** The users who have a number, in ascending order. */
  readonly holders: Kept<readonly string[]>
  readonly users: Kept<User>
  /** Whose an extension of a connection is, by `nameKey`. */
  readonly extensions: Kept<{ readonly agentId: string | null }>
  readonly drafts: Kept<KeptDraft>
  /** The recordings of a call. */
  readonly recordings: Kept<readonly Recording[]>
  /** Whether recordings came before their call, by `nameKey`. */
  readonly unattached: Kept<true>
  /** What the PBX was asked to do with a call. */
  readonly actions: Kept<readonly CallAction[]>
  /** Who closed the pop-up of a call. */
  readonly dismissals: Kept<readonly string[]>
  /** Which agents have a page open, at the time of the transaction. */
  readonly pages: Kept<true>
  /** How far the clock of a connection's PBX is behind, in milliseconds. */
  readonly clockErrors: Kept<number>
}

export function createWorkingSet(tx: Db, now: Date): WorkingSet {
  const rows = createRows(tx, now)
  const news = createNews()
  const flush = (): Promise<void> => writeNews(tx, rows, news)
  return {
    tx,
    ...rows,
    news,
    flush,
    learnNewCall: (callId) => {
      const ofCalls = [
        'calls',
        'journals',
        'messages',
        'drafts',
        'recordings',
        'dismissals',
        'actions',
      ] as const
      for (const kept of ofCalls) rows[kept].know(callId, null)
    },
    directly: async (work) => {
      await flush()
      const result = await work(tx)
      for (const kept of Object.values(rows)) kept.forget()
      return result
    },
  }
}
