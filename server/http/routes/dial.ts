import { Hono } from 'hono'
import type { Db } from '../../../db/database.ts'
import type { CallController } from '../../control/control.ts'
import { viewCalls } from '../../pipeline/view-calls.ts'
import { type AppEnv, actorOf, requireIdentity } from '../access.ts'
import { dialInput } from '../control-schemas.ts'
import { body, describe } from '../route.ts'
import { callSchema } from '../schemas.ts'

/** `/api/dial`: click-to-call (CTL-2). */
export function dialRoutes({ db, control }: { db: Db; control: CallController }): Hono<AppEnv> {
  return new Hono<AppEnv>().post(
    '/api/dial',
    describe({
      tag: 'control',
      access: 'calls',
      summary: 'Rings the agent’s phone, then dials the number',
      answers: { 202: callSchema },
    }),
    body(dialInput),
    async (c) => {
      const call = await control.dial(c.req.valid('json'), actorOf(requireIdentity(c)))
      const [view] = await viewCalls(db, [call])
      return c.json(view, 202)
    },
  )
}
