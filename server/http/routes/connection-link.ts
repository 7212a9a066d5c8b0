import { Hono } from 'hono'
import { loadConnection } from '../../../db/connections.ts'
import type { Db } from '../../../db/database.ts'
import { listExtensions } from '../../../db/extensions.ts'
import { RingsideError } from '../../errors.ts'
import type { Seal } from '../../seal.ts'
import type { ConnectionAccounts } from '../../setup/accounts.ts'
import { accountsInForm, SEALED } from '../../setup/try-accounts.ts'
import { CHECKS, HOW_TO_OPEN } from '../../sources/check-table.ts'
import type { Check, Endpoint, LinkStatus } from '../../sources/pbx.ts'
import type { AppEnv } from '../access.ts'
import { body, describe, param } from '../route.ts'
import { accountsInFormInput, connectionTestSchema, endpointsSchema } from '../setup-schemas.ts'

export interface ConnectionLinkDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly seal: Seal
  readonly accountsOf: (connectionId: string) => ConnectionAccounts | null
  readonly endpointsOf: (connectionId: string) => readonly Endpoint[]
  readonly linkStatus: (connectionId: string, kind: 'ari' | 'ami') => LinkStatus
  readonly check: (
    accounts: ConnectionAccounts,
  ) => Promise<{ readonly ari?: Check; readonly ami?: Check }>
}

const admin = { tag: 'connections', access: 'admin' } as const

/** `/api/connections/:id/test` and `/endpoints`: what the accounts of a connection come to. */
export function connectionLinkRoutes(deps: ConnectionLinkDeps) {
  const accountsOf = async (id: string): Promise<ConnectionAccounts> => {
    const accounts = deps.accountsOf(id)
    if (accounts !== null) return accounts
    const isThere = (await loadConnection(deps.db, id)) !== undefined
    if (isThere) throw new RingsideError('conflict', SEALED)
    throw new RingsideError('not-found', 'there is no such connection')
  }
  /** The connection whose stored passwords may stand in for those that a form leaves out. */
  const savedOf = async (id: string | undefined) => {
    if (id === undefined) return null
    const saved = await loadConnection(deps.db, id)
    if (saved !== undefined) return saved
    throw new RingsideError('not-found', 'there is no such connection')
  }
  return new Hono<AppEnv>()
    .post(
      '/api/connections/test',
      describe({
        ...admin,
        summary: 'Try accounts out before they are saved',
        answers: { 200: connectionTestSchema },
      }),
      body(accountsInFormInput),
      async (c) => {
        const { connectionId, ...form } = c.req.valid('json')
        const saved = await savedOf(connectionId)
        return c.json(await deps.check(accountsInForm(form, saved, deps.seal, deps.clock())))
      },
    )
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
        answers: { 200: endpointsSchema },
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
        return c.json({ items, next: null, ...(items.length === 0 ? { hint: NO_ENDPOINTS } : {}) })
      },
    )
}

/** An empty list of a PBX that is not there would say that it has no phones (ADMIN-2). */
function throwIfAway({ linkStatus }: ConnectionLinkDeps, id: string): void {
  const links = (['ari', 'ami'] as const).map((kind) => linkStatus(id, kind))
  if (links.some(({ state }) => state === 'up')) return
  const isOff = links.every(({ state }) => state === 'off')
  const why = links.find(({ error }) => error !== null)?.error ?? 'there is no connection to it yet'
  throw new RingsideError(
    isOff ? 'conflict' : 'pbx-away',
    isOff
      ? 'this connection has neither ARI nor AMI'
      : `the PBX cannot be reached from here: ${why}`,
    { extensions: { hint: isOff ? NO_ACCOUNT : HOW_TO_OPEN } },
  )
}

const NO_ACCOUNT =
  'Fill in ARI or AMI, then the extensions are read from the PBX; or write the extensions by hand.'
const NO_ENDPOINTS = `The PBX answers and names no phones. ${CHECKS.ok.ari.replace('Nothing. ', '')} For AMI the account needs write = system,reporting.`
