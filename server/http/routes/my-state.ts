import { Hono } from 'hono'
import { loadPresenceFacts } from '../../../db/agent-states.ts'
import { extensionsOfAgents, loadAgent } from '../../../db/agents.ts'
import type { Db } from '../../../db/database.ts'
import { loadSettings } from '../../../db/settings.ts'
import { showPresence } from '../../control/agent-state.ts'
import type { Presence } from '../../control/presence.ts'
import { RingsideError } from '../../errors.ts'
import { type AppEnv, requireAgent } from '../access.ts'
import { myStateInput } from '../control-schemas.ts'
import { body, describe } from '../route.ts'
import { colleagueSchema } from '../schemas.ts'
import { toColleagueView } from '../view.ts'

export interface MyStateDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly presence: Presence
}

/** `/api/me/state`: what colleagues see of who asks (CTL-6). */
export function myStateRoutes({ db, clock, presence }: MyStateDeps): Hono<AppEnv> {
  return new Hono<AppEnv>().put(
    '/api/me/state',
    describe({
      tag: 'control',
      access: 'agent',
      summary: 'Says whether the agent takes calls; what results is what colleagues see',
      answers: { 200: colleagueSchema },
    }),
    body(myStateInput),
    async (c) => {
      const { agentId } = requireAgent(c)
      const { state, reason } = c.req.valid('json')
      await presence.choose(agentId, state, state === 'free' ? null : reason || null)
      const agent = await loadAgent(db, agentId)
      if (agent === undefined) throw new RingsideError('unauthorized', 'the agent is gone')
      const now = clock()
      const { wrapUpSeconds } = await loadSettings(db)
      const [facts] = await loadPresenceFacts(db, [agentId], now)
      const extensions = (await extensionsOfAgents(db, [agentId])).get(agentId) ?? []
      return c.json(
        toColleagueView(agent, extensions, showPresence(facts!, { now, wrapUpSeconds })),
      )
    },
  )
}
