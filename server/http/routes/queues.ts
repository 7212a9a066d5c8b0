import { Hono } from 'hono'
import type { Db } from '../../../db/database.ts'
import { listQueues } from '../../../db/presence.ts'
import type { CallController } from '../../control/control.ts'
import { type AppEnv, requireAgent } from '../access.ts'
import { myQueueInput, queueSchema } from '../control-schemas.ts'
import { body, describe } from '../route.ts'
import { listOf } from '../schemas.ts'
import { toQueueView } from '../view.ts'

/** `/api/queues` and `/api/me/queues`: queues, who waits in them, who takes calls (CTL-6). */
export function queueRoutes({ db, control }: { db: Db; control: CallController }): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get(
      '/api/queues',
      describe({
        tag: 'control',
        access: 'read',
        summary: 'The queues that are followed, with their members',
        answers: { 200: listOf(queueSchema) },
      }),
      async (c) => c.json({ items: (await listQueues(db)).map(toQueueView), next: null }),
    )
    .put(
      '/api/me/queues',
      describe({
        tag: 'control',
        access: 'agent',
        summary: 'Pauses the agent in a queue, or ends the pause',
        answers: { 204: null },
      }),
      body(myQueueInput),
      async (c) => {
        await control.pauseInQueue(c.req.valid('json'), requireAgent(c).agentId)
        return c.body(null, 204)
      },
    )
}
