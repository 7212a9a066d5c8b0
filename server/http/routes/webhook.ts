import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../access.ts'
import { describe } from '../route.ts'
import type { WebhookKind, Webhooks } from '../webhooks.ts'

/**
 * The webhooks as routes of the app. Requests whose address is written as we give it never come here
 * (see `front.ts`); one that is written otherwise, with a `%2D` for a `-`, is the same request.
 */
export function webhookRoutes(webhooks: Webhooks): Hono<AppEnv> {
  const says = (summary: string) =>
    describe({ summary, tag: 'webhooks', access: 'public', answers: { 200: null } })
  const as = (kind: WebhookKind) => async (c: Context<AppEnv, '/:token'>) => {
    // The server always runs on node:http, which gives these bindings.
    const { incoming, outgoing } = c.env as HttpBindings
    await webhooks.answer(kind, c.req.param('token'), incoming, outgoing)
    return RESPONSE_ALREADY_SENT
  }
  return new Hono<AppEnv>()
    .post('/webhooks/asterisk/:token', says('An event of a call, or a recording'), as('asterisk'))
    .get('/webhooks/asterisk/:token', says('An event of a call, as a query'), as('asterisk'))
    .all('/webhooks/asterisk/:token', as('asterisk'))
    .post('/webhooks/cti/:token', says('An event of a call, as the generic CTI push'), as('cti'))
    .all('/webhooks/cti/:token', as('cti'))
}
