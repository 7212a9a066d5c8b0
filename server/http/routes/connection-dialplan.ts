import { Hono } from 'hono'
import { listSeen } from '../../../db/connection-seen.ts'
import { type ConnectionRecord, loadConnection } from '../../../db/connections.ts'
import type { Db } from '../../../db/database.ts'
import { RingsideError } from '../../errors.ts'
import type { Seal } from '../../seal.ts'
import { createChecklist } from '../../setup/checklist.ts'
import { FIRST_WITHOUT_MACRO } from '../../setup/dialplan/contexts.ts'
import { createDialplan, majorOf } from '../../setup/dialplan/dialplan.ts'
import { openToken } from '../../setup/new-connection.ts'
import type { LinkStatus } from '../../sources/pbx.ts'
import type { AppEnv } from '../access.ts'
import { plainAnswer } from '../plain-answer.ts'
import { badInput, describe, param, query } from '../route.ts'
import { checklistSchema, dialplanQuery } from '../setup-schemas.ts'
import { toChecklistView, toWebhookUrl } from '../view.ts'

export interface ConnectionDialplanDeps {
  readonly db: Db
  readonly seal: Seal
  readonly publicUrl: string
  readonly linkStatus: (connectionId: string, kind: 'ari' | 'ami') => LinkStatus
}

const admin = { tag: 'connections', access: 'admin' } as const

/** `/api/connections/:id/dialplan` and `/checklist`: what the PBX has to send, and what it has sent (ADMIN-3). */
export function connectionDialplanRoutes(deps: ConnectionDialplanDeps) {
  const { db } = deps
  return new Hono<AppEnv>()
    .get(
      '/api/connections/:id/dialplan',
      describe({
        ...admin,
        summary: 'A dialplan for this PBX, as text, to be pasted unchanged',
        answers: { 200: null },
      }),
      query(dialplanQuery),
      async (c) => {
        const connection = found(await loadConnection(db, param(c, 'id')))
        const { version: asked, ...kind } = c.req.valid('query')
        const version = asked ?? versionOf(deps, connection.id)
        if (kind.flavour === 'macro') throwWithoutMacro(version)
        const { name, timeZone, recordings } = connection
        const webhookUrl = urlOf(deps, connection)
        const text = createDialplan({ ...kind, name, timeZone, recordings, webhookUrl, version })
        return plainAnswer(200, text)
      },
    )
    .get(
      '/api/connections/:id/checklist',
      describe({
        ...admin,
        summary: 'Which events of which call flows have come so far, and what is missing',
        answers: { 200: checklistSchema },
      }),
      async (c) => {
        const { id } = found(await loadConnection(db, param(c, 'id')))
        return c.json(toChecklistView(createChecklist(await listSeen(db, id))))
      },
    )
}

/** The first version whose number cannot be that of the manager interface. */
const OVER_AMI_VERSIONS = 16

/**
 * What an account of the connection said last; null where none has said anything. An AMI account
 * without `reporting` is told the interface's version only, 11.0.0 in Asterisk 22.
 */
function versionOf({ linkStatus }: ConnectionDialplanDeps, id: string): string | null {
  const ari = linkStatus(id, 'ari').version
  if (majorOf(ari) !== null) return ari
  const ami = linkStatus(id, 'ami').version
  return (majorOf(ami) ?? 0) >= OVER_AMI_VERSIONS ? ami : null
}

function throwWithoutMacro(version: string | null): void {
  if (version === null || (majorOf(version) ?? 0) < FIRST_WITHOUT_MACRO) return
  const message = `is "macro", expected gosub: Asterisk ${version} has no Macro, it was removed in ${FIRST_WITHOUT_MACRO}`
  throw badInput([{ path: 'flavour', message }])
}

function urlOf({ seal, publicUrl }: ConnectionDialplanDeps, connection: ConnectionRecord): string {
  try {
    return toWebhookUrl(publicUrl, openToken(connection, seal).reveal())
  } catch (error) {
    const detail =
      'the webhook address was kept with another RINGSIDE_SECRET: rotate it, or start Ringside with the earlier secret'
    throw new RingsideError('conflict', detail, {}, error)
  }
}

function found(connection: ConnectionRecord | undefined): ConnectionRecord {
  if (connection !== undefined) return connection
  throw new RingsideError('not-found', 'there is no such connection')
}
