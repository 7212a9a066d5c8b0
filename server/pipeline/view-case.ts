import { loadCalls } from '../../db/calls.ts'
import { messagesOf } from '../../db/cases.ts'
import type { Db } from '../../db/database.ts'
import { type Case, toCaseSummary, toMessageView } from '../cases/case-view.ts'
import type { CaseView } from '../http/schemas.ts'
import { viewCalls } from './view-calls.ts'

/** A case with its messages and their calls. */
export async function viewWholeCase(db: Db, found: Case): Promise<CaseView> {
  const messages = await messagesOf(db, found.id)
  const callIds = messages.map((message) => message.callId).filter((callId) => callId !== null)
  const calls = await viewCalls(db, await loadCalls(db, callIds))
  const byId = new Map(calls.map((call) => [call.id, call]))
  return {
    ...toCaseSummary(found),
    messages: messages.map((message) =>
      toMessageView(message, byId.get(message.callId ?? '') ?? null),
    ),
  }
}
