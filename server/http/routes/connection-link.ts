import { Hono } from 'hono'
import { loadConnection } from '../../../db/connections.ts'
import type { Db } from '../../../db/database.ts'
import { listExtensions } from '../../../db/extensions.ts'
import { RingsideError } from '../../errors.ts'
import type { ConnectionAccounts } from '../../setup/accounts.ts'
import type { Check, Endpoint, LinkStatus } from '../../sources/pbx.ts'
import type { AppEnv } from '../access.ts'
import { describe, param } from '../route.ts'
import { listOf } from '../schemas.ts'
import { connectionTestSchema, endpointSchema } from '../setup-schemas.ts'

export interface ConnectionLinkDeps {
  readonly db: Db
  readonly accountsOf: (connectionId: string) => ConnectionAccounts | null
  readonly endpointsOf: (connectionId: string) => readonly Endpoint[]
  readonly linkStatus: (connectionId: string, kind: 'ari' | 'ami') => LinkStatus
  readonly check: (
    accounts: ConnectionAccounts,
  ) => Promise<{ readonly ari?: Check; readonly ami?: Check }>
}

const admin = { tag: 'connections', access: 'admin' } as const

const SEALED =
  'The passwords of this connection were kept with another RINGSIDE_SECRET: write them again, or start Ringside with the earlier secret.'

/** `/api/connections/:id/test` and `/endpoints`: what the accounts of a connection come to. */
export function connectionLinkRoutes(deps: ConnectionLinkDeps) {
  const accountsOf = async (id: string): Promise<ConnectionAccounts> => {
    const accounts = deps.accountsOf(id)
    if (accounts !== null) return accounts
    const isThere = (await loadConnection(deps.db, id)) !== undefined
    if (isThere) throw new RingsideError('conflict', SEALED)
    throw new RingsideError('not-found', 'there is no such connection')
  }
  return new Hono<AppEnv>()
    .post(
      '/api/connections/:id/test',
      describe({
        ...admin,
        summary: 'Try the accounts out, and say what is wrong',
        answers: { 200: connectionTestSchema },
      }),
      async (c) => c.json(await deps.check(await accountsOf(param(c, 'id')))),
    )
    .get(
      '/api/connections/:id/endpoints',
      describe({
        ...admin,
        summary: 'The phones and trunks that the PBX knows, and whose they are',
        answers: { 200: listOf(endpointSchema) },
      }),
      async (c) => {
        const { id } = await accountsOf(param(c, 'id'))
        const endpoints = deps.endpointsOf(id)
        if (endpoints.length === 0) throwIfAway(deps, id)
        const agents = new Map(
          (await listExtensions(deps.db, id)).map(({ extension, agentId }) => [extension, agentId]),
        )
        const items = endpoints.map(({ technology, resource, state }) => ({
          technology,
          resource,
          extension: resource,
          state,
          agentId: agents.get(resource) ?? null,
        }))
        return c.json({ items, next: null })
      },
    )
}

function throwIfAway({ linkStatus }: ConnectionLinkDeps, id: string): void {
  const links = (['ari', 'ami'] as const).map((kind) => linkStatus(id, kind))
  if (links.some(({ state }) => state === 'up')) return
  const why = links.find(({ error }) => error !== null)?.error
  throw new RingsideError('unavailable', why ?? 'there is no connection to the PBX')
}
