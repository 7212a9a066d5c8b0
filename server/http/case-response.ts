import { loadCalls } from '../../db/calls.ts'
import { loadCase, messagesOf } from '../../db/cases.ts'
import type { Db } from '../../db/database.ts'
import { toCaseSummary, toMessageView } from '../cases/case-view.ts'
import { RingsideError } from '../errors.ts'
import { viewCalls } from '../pipeline/view-calls.ts'
import type { CaseView } from './schemas.ts'

/** A case with its messages and their calls. */
export async function viewCase(db: Db, id: string): Promise<CaseView> {
  const found = await loadCase(db, id)
  if (found === null || found.withdrawnTo !== null) {
    throw new RingsideError('not-found', `there is no case ${id.slice(0, 100)}`, {
      extensions: found === null ? {} : { movedTo: found.withdrawnTo },
    })
  }
  const messages = await messagesOf(db, id)
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
