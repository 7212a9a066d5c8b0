import { Hono } from 'hono'
import { loadAgent } from '../../../db/agents.ts'
import type { Db } from '../../../db/database.ts'
import { listBrowsers, revokeBrowser, revokeSignIns } from '../../../db/sign-in.ts'
import { RingsideError } from '../../errors.ts'
import { type AppEnv, requireAgent } from '../access.ts'
import type { Authenticator } from '../auth.ts'
import { DEFAULT_LIMIT, decodeCursor, idPosition, toPage } from '../pagination.ts'
import { describe, param, query } from '../route.ts'
import { listOf, listQuery } from '../schemas.ts'
import { browserSchema } from '../setup-schemas.ts'
import { toBrowserView } from '../view.ts'

export interface SignInsDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly authenticator: Pick<Authenticator, 'forget'>
}

const admin = { tag: 'agents', access: 'admin' } as const

/** Where agents are signed in by personal links, and the end of it (EMBED-7). */
export function signInsRoutes({ db, clock, authenticator }: SignInsDeps) {
  const idOf = async (id: string): Promise<string> => {
    const agent = await loadAgent(db, id)
    if (agent !== undefined) return agent.id
    throw new RingsideError('not-found', 'there is no such agent')
  }
  /** What the browser has open ends with it; the agent's other browsers come back at once. */
  const revoke = async (agentId: string, keyId: string): Promise<void> => {
    const isRevoked = await revokeBrowser(db, agentId, keyId, clock())
    if (!isRevoked) throw new RingsideError('not-found', 'there is no such sign-in (any more)')
    authenticator.forget(agentId)
  }

  return new Hono<AppEnv>()
    .get(
      '/api/agents/:id/sign-ins',
      describe({
        ...admin,
        summary: 'The browsers in which an agent is signed in by a link, newest first',
        answers: { 200: listOf(browserSchema) },
      }),
      query(listQuery),
      async (c) => {
        const { limit = DEFAULT_LIMIT, cursor } = c.req.valid('query')
        const agentId = await idOf(param(c, 'id'))
        const before = decodeCursor(cursor, idPosition)
        const found = await listBrowsers(db, agentId, { limit: limit + 1, before })
        const page = toPage(found, limit, ({ id }) => id)
        return c.json({ items: page.items.map(toBrowserView), next: page.next })
      },
    )
    .delete(
      '/api/agents/:id/sign-ins',
      describe({ ...admin, summary: 'End every sign-in of an agent', answers: { 204: null } }),
      async (c) => {
        const agentId = await idOf(param(c, 'id'))
        await revokeSignIns(db, agentId, clock())
        authenticator.forget(agentId)
        return c.body(null, 204)
      },
    )
    .delete(
      '/api/agents/:id/sign-ins/:keyId',
      describe({ ...admin, summary: 'End one sign-in of an agent', answers: { 204: null } }),
      async (c) => {
        await revoke(await idOf(param(c, 'id')), param(c, 'keyId'))
        return c.body(null, 204)
      },
    )
    .delete(
      '/api/session',
      describe({
        tag: 'sign-in',
        access: 'agent',
        audited: true,
        summary: 'Sign this browser out: no session can be made with its key any more',
        answers: { 204: null },
      }),
      async (c) => {
        const { agentId, browserKeyId } = requireAgent(c)
        if (browserKeyId === undefined) {
          throw new RingsideError('conflict', 'this token is not of a browser that signed in')
        }
        await revoke(agentId, browserKeyId)
        return c.body(null, 204)
      },
    )
}
