import { Hono } from 'hono'
import * as v from 'valibot'
import { loadPresenceFacts } from '../../../db/agent-states.ts'
import {
  type Agent,
  type AgentExtension,
  agentsByExtensions,
  EVERY_CONNECTION,
  extensionsOfAgents,
  insertAgent,
  listAgents,
  loadAgent,
  lockAgent,
  replaceExtensions,
  saveAgentLeft,
  updateAgent,
} from '../../../db/agents.ts'
import { listConnectionIds } from '../../../db/connections.ts'
import { type Db, inTransaction } from '../../../db/database.ts'
import { appendOutbox } from '../../../db/outbox.ts'
import { loadSettings } from '../../../db/settings.ts'
import { revokeSignIns } from '../../../db/sign-in.ts'
import { showPresence } from '../../control/agent-state.ts'
import { RingsideError } from '../../errors.ts'
import { type AppEnv, type Identity, mayUse, requireIdentity } from '../access.ts'
import type { Authenticator } from '../auth.ts'
import { DEFAULT_LIMIT, decodeCursor, idPosition, toPage } from '../pagination.ts'
import { badInput, body, describe, param, query } from '../route.ts'
import { agentPatchInput, agentSchema, listOf, listQuery, newAgentInput, text } from '../schemas.ts'
import { agentExtensionsInput, agentListItem, signInLinkSchema } from '../setup-schemas.ts'
import { createSignInLink } from '../sign-in-link.ts'
import { toAgentListItem, toAgentView, toColleagueView } from '../view.ts'

export interface AgentRoutesDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly authenticator: Authenticator
  readonly publicUrl: string
  /** Called after the commit, with what pages were told of: streams look for what is new, and presence whom it concerns. */
  readonly onChanged?: (agentId: string) => void
}

const agentCursor = v.strictTuple([text(500), idPosition])
const admin = { tag: 'agents', access: 'admin' } as const

/** `/api/agents`: the colleagues, and for admins their roles and sign-in links. */
export function agentRoutes(deps: AgentRoutesDeps) {
  const { db, clock, authenticator, publicUrl, onChanged = () => undefined } = deps
  /** Changes an agent, and tells every page: names and extensions are shown there. */
  const change = async <T>(id: string, work: (tx: Db) => Promise<T>): Promise<T> => {
    const result = await inTransaction(db, async (tx) => {
      const done = await work(tx)
      await appendOutbox(
        tx,
        [{ type: 'agent', audience: null, data: await shown(tx, id) }],
        clock(),
      )
      return done
    })
    onChanged(id)
    return result
  }
  const shown = async (tx: Db, id: string) => {
    const agent = found(await loadAgent(tx, id))
    const extensions = await extensionsOfAgents(tx, [id])
    const state = (await presenceOf(tx, [id], clock())).get(id) ?? NEVER_HERE
    return toColleagueView(agent, extensions.get(id) ?? [], state)
  }
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
        const states = await presenceOf(db, ids, clock())
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
        await change(agent.id, async () => undefined)
        return c.json(await toView(agent), 201)
      },
    )
    .patch(
      '/api/agents/:id',
      describe({ ...admin, summary: 'Change an agent', answers: { 200: agentSchema } }),
      body(agentPatchInput),
      async (c) => {
        const id = param(c, 'id')
        const { hasLeft, ...facts } = c.req.valid('json')
        const [before, after] = await change(id, async (tx) => {
          const agent = found(await lockAgent(tx, id))
          if (facts.role !== undefined && facts.role !== 'admin') {
            refuseOwn(requireIdentity(c), agent, 'take the role of admin from yourself')
          }
          if (hasLeft === false) await saveAgentLeft(tx, id, null, clock())
          return [agent, await updateAgent(tx, agent, facts, clock())] as const
        })
        if (after.role !== before.role) authenticator.forget(id)
        return c.json(await toView(found(await loadAgent(db, id))))
      },
    )
    .delete(
      '/api/agents/:id',
      describe({
        ...admin,
        summary: 'An agent leaves: signed out, without extensions; the name stays in old cases',
        answers: { 204: null },
      }),
      async (c) => {
        const agent = found(await loadAgent(db, param(c, 'id')))
        refuseOwn(requireIdentity(c), agent, 'remove yourself')
        await change(agent.id, async (tx) => {
          await revokeSignIns(tx, agent.id, clock())
          await saveAgentLeft(tx, agent.id, clock(), clock())
        })
        authenticator.forget(agent.id)
        return c.body(null, 204)
      },
    )
    .put(
      '/api/agents/:id/extensions',
      describe({
        ...admin,
        summary: 'Replace the extensions of an agent, taking them from whoever had them',
        answers: { 200: agentSchema },
      }),
      body(agentExtensionsInput),
      async (c) => {
        const agent = present(await loadAgent(db, param(c, 'id')))
        const { items } = c.req.valid('json')
        await checkConnections(db, items)
        const before = new Set((await listOwners(db, items)).filter((id) => id !== agent.id))
        await change(agent.id, (tx) => replaceExtensions(tx, agent.id, items))
        for (const id of before) await change(id, async () => undefined)
        return c.json(await toView(agent))
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
        const { id } = present(await loadAgent(db, param(c, 'id')))
        const { url, expiresAt } = await createSignInLink(db, id, publicUrl, clock())
        return c.json({ url, expiresAt: expiresAt.toISOString() }, 201)
      },
    )
}

const NEVER_HERE = { state: 'offline', reason: null, since: null, until: null } as const

/** The states of agents at this moment. */
async function presenceOf(db: Db, ids: readonly string[], now: Date) {
  const { wrapUpSeconds } = await loadSettings(db)
  const facts = await loadPresenceFacts(db, ids, now)
  return new Map(facts.map((each) => [each.agentId, showPresence(each, { now, wrapUpSeconds })]))
}

/** Somebody has to stay who can set things up. */
function refuseOwn(identity: Identity, agent: Agent, what: string): void {
  if (identity.kind !== 'agent' || identity.agentId !== agent.id) return
  throw new RingsideError('conflict', `you cannot ${what}: another admin has to do it`, {
    type: 'own-role',
  })
}

async function checkConnections(db: Db, items: readonly AgentExtension[]): Promise<void> {
  const known = new Set([EVERY_CONNECTION, ...(await listConnectionIds(db))])
  const errors = items.flatMap(({ connectionId }, index) => {
    if (known.has(connectionId)) return []
    const message = `is "${connectionId}", expected the id of a connection or "*"`
    return [{ path: `items.${index}.connectionId`, message }]
  })
  if (errors.length > 0) throw badInput(errors)
}

/** Whose these extensions are now. */
async function listOwners(db: Db, items: readonly AgentExtension[]): Promise<string[]> {
  const owners: string[] = []
  for (const { connectionId, extension } of items) {
    const owner = (await agentsByExtensions(db, connectionId, [extension])).get(extension)
    if (owner) owners.push(owner)
  }
  return owners
}

function present(agent: Agent | undefined): Agent {
  const known = found(agent)
  if (known.leftAt === null) return known
  throw new RingsideError('conflict', 'this agent has left', { type: 'agent-left' })
}

function found(agent: Agent | undefined): Agent {
  if (agent !== undefined) return agent
  throw new RingsideError('not-found', 'there is no such agent')
}
