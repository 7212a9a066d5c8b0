import { EVERY_CONNECTION } from '../../db/agents.ts'
import { insertCallAction } from '../../db/call-actions.ts'
import type { Database } from '../../db/database.ts'
import { listExtensions } from '../../db/extensions.ts'
import { RingsideError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { PbxAnswer } from '../sources/pbx.ts'
import type { Actor } from './call-target.ts'
import { parseDialled } from './number.ts'
import type { Pbx } from './pbx.ts'

export interface ControlOptions {
  readonly database: Database
  readonly log: Log
  readonly clock: () => Date
  readonly pbx: Pbx
  readonly connectionIds: () => readonly string[]
  /** Applies what was accepted. */
  readonly applied: (connectionId: string) => Promise<void>
  /** How long a dial may take to be accepted before it counts as under way; shorter in tests. */
  readonly acceptMs?: number
}

/** What came of an action. */
export type Answer =
  | PbxAnswer
  | { readonly ok: false; readonly code: 'not-yours'; readonly message: string }

/** A number or extension that can be dialled on the connection; an error for anything else. */
export async function parseTarget(
  { database }: ControlOptions,
  connectionId: string,
  text: string,
  path: string,
): Promise<string> {
  const rows = [
    ...(await listExtensions(database.db, connectionId)),
    ...(await listExtensions(database.db, EVERY_CONNECTION)),
  ]
  const target = parseDialled(text, new Set(rows.map(({ extension }) => extension)))
  if (target !== null) return target
  const message = 'is not a number that can be dialled, nor an extension'
  throw new RingsideError('bad-input', `${path} ${message}`, { errors: [{ path, message }] })
}

/** Keeps an action and what came of it in the call's history. */
export async function keepAction(
  { database, clock }: ControlOptions,
  callId: string,
  { agentId }: Actor,
  what: { readonly action: string; readonly details: Readonly<Record<string, string>> },
  answer: Answer,
): Promise<void> {
  const result = answer.ok ? 'done' : answer.code
  const message = answer.ok ? '' : answer.message
  await insertCallAction(database.db, { callId, at: clock(), agentId, ...what, result, message })
}
