import { Hono } from 'hono'
import * as v from 'valibot'
import { loadPresenceFacts } from '../../../db/agent-states.ts'
import {
  type Agent,
  extensionsOfAgents,
  insertAgent,
  listAgents,
  loadAgent,
  updateAgent,
} from '../../../db/agents.ts'
import type { Db } from '../../../db/database.ts'
import { loadSettings } from '../../../db/settings.ts'
import { showPresence } from '../../control/agent-state.ts'
import { RingsideError } from '../../errors.ts'
import { type AppEnv, mayUse, requireIdentity } from '../access.ts'
import type { Authenticator } from '../auth.ts'
import { DEFAULT_LIMIT, decodeCursor, toPage } from '../pagination.ts'
import { body, describe, param, query } from '../route.ts'
import { agentPatchInput, agentSchema, listOf, listQuery, newAgentInput } from '../schemas.ts'
import { agentListItem, signInLinkSchema } from '../setup-schemas.ts'
import { createSignInLink } from '../sign-in-link.ts'
import { toAgentListItem, toAgentView, toColleagueView } from '../view.ts'

export interface AgentRoutesDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly authenticator: Authenticator
  readonly publicUrl: string
}

const agentCursor = v.strictTuple([v.string(), v.string()])
const admin = { tag: 'agents', access: 'admin' } as const

/** `/api/agents`: the colleagues, and for admins their roles and sign-in links. */
export function agentRoutes(deps: AgentRoutesDeps) {
  const { db, clock, authenticator, publicUrl } = deps
  const toView = async (agent: Agent) => {
    const extensions = await extensionsOfAgents(db, [agent.id])
    return toAgentView(agent, extensions.get(agent.id) ?? [])
  }

  return new Hono<AppEnv>()
    .get(
      '/api/agents',
      describe({
        tag: 'agents',
        access: 'read',
        summary: 'The agents by name; admins see more of each',
        answers: { 200: listOf(agentListItem) },
      }),
      query(listQuery),
      async (c) => {
        const { limit = DEFAULT_LIMIT, cursor } = c.req.valid('query')
        const after = decodeCursor(cursor, agentCursor)
        const found = await listAgents(db, { limit: limit + 1, after })
        const page = toPage(found, limit, ({ name, id }) => [name, id])
        const ids = page.items.map(({ id }) => id)
        const extensions = await extensionsOfAgents(db, ids)
        const now = clock()
        const { wrapUpSeconds } = await loadSettings(db)
        const facts = await loadPresenceFacts(db, ids, now)
        const states = new Map(
          facts.map((each) => [each.agentId, showPresence(each, { now, wrapUpSeconds })]),
        )
        const toItem = mayUse(requireIdentity(c), 'admin') ? toAgentListItem : toColleagueView
        const items = page.items.map((agent) =>
          toItem(agent, extensions.get(agent.id) ?? [], states.get(agent.id) ?? NEVER_HERE),
        )
        return c.json({ items, next: page.next })
      },
    )
    .post(
      '/api/agents',
      describe({ ...admin, summary: 'Add an agent', answers: { 201: agentSchema } }),
      body(newAgentInput),
      async (c) => {
        const { email = null, ...facts } = c.req.valid('json')
        const agent = await insertAgent(db, { ...facts, email }, clock())
        return c.json(await toView(agent), 201)
      },
    )
    .patch(
      '/api/agents/:id',
      describe({ ...admin, summary: 'Change an agent', answers: { 200: agentSchema } }),
      body(agentPatchInput),
      async (c) => {
        const agent = found(await loadAgent(db, param(c, 'id')))
        const changed = await updateAgent(db, agent, c.req.valid('json'), clock())
        if (changed.role !== agent.role) authenticator.forget(agent.id)
        return c.json(await toView(changed))
      },
    )
    .post(
      '/api/agents/:id/sign-in-link',
      describe({
        ...admin,
        summary: 'A link by which the agent signs in, once, within 24 hours',
        answers: { 201: signInLinkSchema },
      }),
      async (c) => {
        const { id } = found(await loadAgent(db, param(c, 'id')))
        const { url, expiresAt } = await createSignInLink(db, id, publicUrl, clock())
        return c.json({ url, expiresAt: expiresAt.toISOString() }, 201)
      },
    )
}

const NEVER_HERE = { state: 'offline', reason: null, since: null, until: null } as const

function found(agent: Agent | undefined): Agent {
  if (agent !== undefined) return agent
  throw new RingsideError('not-found', 'there is no such agent')
}
