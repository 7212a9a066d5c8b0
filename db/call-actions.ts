import { sql } from 'kysely'
import { type Db, isAnyOf, toJson } from './database.ts'

/** What somebody asked the PBX to do with a call, and what came of it (CTL-5). */
export interface CallAction {
  readonly callId: string
  readonly at: Date
  /** Null: another program, by its key. */
  readonly agentId: string | null
  readonly action: string
  readonly details: Readonly<Record<string, string>>
  /** `done`, or the reason's code. */
  readonly result: string
  /** The reason in words; empty where it was done. */
  readonly message: string
}

/** Keeps an action, in the history of the case that the call is in too. */
export async function insertCallAction(tx: Db, action: CallAction): Promise<void> {
  const row = await tx
    .insertInto('callActions')
    .values({ ...action, details: toJson(action.details) })
    .returning('id')
    .executeTakeFirstOrThrow()
  // Where it has none yet, this is copied when it comes into one.
  await sql`
    insert into case_history (case_id, at, agent_id, kind, "from", "to", rule)
    select message.case_id, action.at, action.agent_id, 'control', 'null'::jsonb,
      action.details || jsonb_build_object('callId', action.call_id, 'action', action.action,
        'result', action.result, 'message', action.message), null
    from call_actions as action join messages as message on message.call_id = action.call_id
    where action.id = ${row.id}
  `.execute(tx)
}

/** The actions on each call, in their order. */
export async function listCallActions(
  db: Db,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, readonly CallAction[]>> {
  if (callIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('callActions')
    .select(['callId', 'at', 'agentId', 'action', 'details', 'result', 'message'])
    .where(isAnyOf('callId', callIds))
    .orderBy('id')
    .execute()
  return Map.groupBy(rows, (row) => row.callId)
}

/** When the recording of each call was paused and went on, as far as the PBX did it (CTL-7). */
export async function listRecordingPauses(
  db: Db,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, readonly { readonly at: Date; readonly isPause: boolean }[]>> {
  if (callIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('callActions')
    .select(['callId', 'at', 'action'])
    .where(isAnyOf('callId', callIds))
    .where('action', 'in', ['pause-recording', 'resume-recording'])
    .where('result', '=', 'done')
    .orderBy('id')
    .execute()
  return Map.groupBy(
    rows.map(({ callId, at, action }) => ({ callId, at, isPause: action === 'pause-recording' })),
    (row) => row.callId,
  )
}
