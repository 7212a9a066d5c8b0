import { Hono } from 'hono'
import { clockErrorsMs } from '../../../db/call-journal.ts'
import {
  type ConnectionRecord,
  deleteConnection,
  insertConnection,
  listConnections,
  loadConnection,
  loadWebhookSeen,
  lockConnection,
  saveConnection,
} from '../../../db/connections.ts'
import { type Db, inTransaction } from '../../../db/database.ts'
import { listExtensions, replaceConnectionExtensions } from '../../../db/extensions.ts'
import { newId } from '../../../db/new-id.ts'
import { RingsideError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { again } from '../../pipeline/again.ts'
import type { Seal } from '../../seal.ts'
import type { ConnectionRegistry } from '../../setup/connection.ts'
import { changeConnection } from '../../setup/edit-connection.ts'
import { newConnection, openToken, sealToken } from '../../setup/new-connection.ts'
import { createWebhookToken } from '../../setup/registry.ts'
import type { LinkStatus } from '../../sources/pbx.ts'
import type { AppEnv } from '../access.ts'
import { readElement, type WithElement } from '../asterisk-input.ts'
import { body, describe, param } from '../route.ts'
import { listOf } from '../schemas.ts'
import {
  connectionPatchInput,
  connectionSchema,
  extensionsInput,
  extensionsSchema,
  type NewConnection,
  newConnectionInput,
  rotatedTokenSchema,
} from '../setup-schemas.ts'
import { toConnectionView, toExtensionItem, toWebhookUrl } from '../view.ts'

export interface ConnectionRoutesDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly seal: Seal
  readonly registry: ConnectionRegistry
  readonly log: Log
  readonly publicUrl: string
  /** How the link of an account is. */
  readonly linkStatus?: (connectionId: string, kind: 'ari' | 'ami') => LinkStatus
}

const OFF: LinkStatus = { state: 'off', since: null, error: null, version: null }
const OLD_TOKEN_MS = 24 * 60 * 60_000
const admin = { tag: 'connections', access: 'admin' } as const

/** `/api/connections`: setting up PBXs. */
export function connectionRoutes(deps: ConnectionRoutesDeps) {
  const { db, clock, seal, registry, linkStatus = () => OFF } = deps

  const toViews = async (connections: readonly ConnectionRecord[]) => {
    const ids = connections.map(({ id }) => id)
    const seen = await loadWebhookSeen(db, ids)
    const clockErrors = await loadClockErrors(db, ids)
    return connections.map((connection) =>
      toConnectionView(connection, {
        webhookToken: shownToken(deps, connection),
        publicUrl: deps.publicUrl,
        seen: seen.get(connection.id) ?? { lastEventAt: null, aliases: [] },
        clockErrorSeconds: clockErrors.get(connection.id) ?? null,
        links: { ari: linkStatus(connection.id, 'ari'), ami: linkStatus(connection.id, 'ami') },
      }),
    )
  }
  const toView = async (connection: ConnectionRecord) => (await toViews([connection]))[0]

  /** Reads, changes and saves under a lock, and tells the intake. */
  const change = async (
    id: string,
    edit: (connection: ConnectionRecord) => ConnectionRecord,
  ): Promise<ConnectionRecord> => {
    const changed = await inTransaction(db, async (tx) => {
      const edited = edit(found(await lockConnection(tx, id)))
      await saveConnection(tx, edited)
      return edited
    })
    await registry.reload()
    return changed
  }

  return new Hono<AppEnv>()
    .get(
      '/api/connections',
      describe({ ...admin, summary: 'The PBXs', answers: { 200: listOf(connectionSchema) } }),
      async (c) => c.json({ items: await toViews(await listConnections(db)), next: null }),
    )
    .post(
      '/api/connections',
      describe({ ...admin, summary: 'Add a PBX', answers: { 201: connectionSchema } }),
      body(newConnectionInput),
      async (c) => {
        const made = createConnection(readElement(c.req.valid('json'), false), seal, clock())
        await insertConnection(db, made)
        await registry.reload()
        return c.json(await toView(made), 201)
      },
    )
    .get(
      '/api/connections/:id',
      describe({ ...admin, summary: 'One PBX', answers: { 200: connectionSchema } }),
      async (c) => c.json(await toView(found(await loadConnection(db, param(c, 'id'))))),
    )
    .patch(
      '/api/connections/:id',
      describe({ ...admin, summary: 'Change a PBX', answers: { 200: connectionSchema } }),
      body(connectionPatchInput),
      async (c) => {
        const input = c.req.valid('json')
        const changed = await change(param(c, 'id'), (connection) =>
          changeConnection(connection, readElement(input, connection.ami !== null), seal, clock()),
        )
        return c.json(await toView(changed))
      },
    )
    .delete(
      '/api/connections/:id',
      describe({ ...admin, summary: 'Remove a PBX without calls', answers: { 204: null } }),
      async (c) => {
        const id = param(c, 'id')
        const isDeleted = await again(() =>
          inTransaction(db, async (tx) => {
            found(await lockConnection(tx, id))
            return deleteConnection(tx, id)
          }),
        )
        if (!isDeleted) {
          throw new RingsideError('conflict', 'the connection has calls or recordings', {
            type: 'has-calls',
          })
        }
        await registry.reload()
        return c.body(null, 204)
      },
    )
    .post(
      '/api/connections/:id/rotate-token',
      describe({
        ...admin,
        summary: 'A new webhook address; the old one works for another day',
        answers: { 200: rotatedTokenSchema },
      }),
      async (c) => {
        const webhookToken = createWebhookToken()
        const oldWorksUntil = new Date(clock().getTime() + OLD_TOKEN_MS)
        await change(param(c, 'id'), (connection) => ({
          ...connection,
          ...sealToken(connection.id, webhookToken, seal),
          oldTokenHash: connection.tokenHash,
          oldWorksUntil,
          updatedAt: clock(),
        }))
        const webhookUrl = toWebhookUrl(deps.publicUrl, webhookToken)
        return c.json({ webhookToken, webhookUrl, oldWorksUntil: oldWorksUntil.toISOString() })
      },
    )
    .get(
      '/api/connections/:id/extensions',
      describe({ ...admin, summary: 'Whose extensions', answers: { 200: extensionsSchema } }),
      async (c) => {
        const { id } = found(await loadConnection(db, param(c, 'id')))
        return c.json({ items: (await listExtensions(db, id)).map(toExtensionItem), next: null })
      },
    )
    .put(
      '/api/connections/:id/extensions',
      describe({
        ...admin,
        summary: 'Replace the list of extensions',
        answers: { 200: extensionsSchema },
      }),
      body(extensionsInput),
      async (c) => {
        const { id } = found(await loadConnection(db, param(c, 'id')))
        const { items } = c.req.valid('json')
        const unknown = await replaceConnectionExtensions(db, id, items)
        if (unknown !== null) {
          throw new RingsideError('conflict', `there is no agent ${unknown}`, {
            type: 'unknown-agent',
          })
        }
        return c.json({ items: (await listExtensions(db, id)).map(toExtensionItem), next: null })
      },
    )
}

function createConnection(
  input: WithElement<NewConnection>,
  seal: Seal,
  now: Date,
): ConnectionRecord {
  const empty = newConnection({ ...input, id: newId() }, seal, now)
  return changeConnection(empty, input, seal, now)
}

/** Null where it was sealed with another secret: the others are shown all the same. */
function shownToken({ seal, log }: ConnectionRoutesDeps, connection: ConnectionRecord) {
  try {
    return openToken(connection, seal).reveal()
  } catch (error) {
    log.error('connection.token-unreadable', { connectionId: connection.id, error })
    return null
  }
}

function found(connection: ConnectionRecord | undefined): ConnectionRecord {
  if (connection !== undefined) return connection
  throw new RingsideError('not-found', 'there is no such connection')
}

/** The clock error of each PBX in seconds, where enough of its events are known (CALL-17). */
async function loadClockErrors(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  const errors = await clockErrorsMs(db, ids)
  return new Map([...errors].map(([id, error]) => [id, Math.round(error / 1000)]))
}
