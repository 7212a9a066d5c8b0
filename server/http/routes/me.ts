import { Hono } from 'hono'
import { extensionsOfAgents, loadAgent } from '../../../db/agents.ts'
import type { Db } from '../../../db/database.ts'
import { loadSettings } from '../../../db/settings.ts'
import { RingsideError } from '../../errors.ts'
import type { ConnectionRegistry } from '../../setup/connection.ts'
import { type AppEnv, isBelow, requireIdentity } from '../access.ts'
import { describe } from '../route.ts'
import { meSchema } from '../schemas.ts'
import { toKeyMeView, toMeView } from '../view.ts'

/** `/api/me`: who asks. */
export function meRoutes(deps: {
  readonly db: Db
  readonly registry: ConnectionRegistry
  /** What works on each connection. */
  readonly controls?: () => Record<string, string[]>
}) {
  const controls = deps.controls ?? (() => ({}))
  return new Hono<AppEnv>().get(
    '/api/me',
    describe({ tag: 'agents', access: 'anyone', summary: 'Who asks', answers: { 200: meSchema } }),
    async (c) => {
      const identity = requireIdentity(c)
      const { claimMinutes, downloadRole } = await loadSettings(deps.db)
      const rights = { controls: controls(), claimMinutes }
      if (identity.kind === 'key') return c.json(toKeyMeView(identity.scopes, rights))
      const { agentId } = identity
      const agent = await loadAgent(deps.db, agentId)
      if (agent === undefined) throw new RingsideError('unauthorized', 'the agent is gone')
      const extensions = await extensionsOfAgents(deps.db, [agentId])
      const all = deps.registry.all()
      return c.json(
        toMeView(agent, extensions.get(agentId) ?? [], {
          recordings: all.some(({ recordings }) => recordings),
          download: !isBelow(agent.role, downloadRole),
          ...rights,
          internalCalls: all.filter((each) => each.internalCalls).map(({ id }) => id),
        }),
      )
    },
  )
}
