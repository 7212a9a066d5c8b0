import { Hono } from 'hono'
import type { Db } from '../../../db/database.ts'
import {
  hasten,
  listDeliveries,
  loadDelivery,
  repeatDelivery,
} from '../../../db/hook-deliveries.ts'
import { loadHook } from '../../../db/hooks.ts'
import { RingsideError } from '../../errors.ts'
import type { Hooks } from '../../hooks/hooks.ts'
import type { AppEnv } from '../access.ts'
import { deliveriesQuery, deliverySchema } from '../hook-schemas.ts'
import { toDeliveryView } from '../hook-view.ts'
import { DEFAULT_LIMIT, decodeCursor, numberPosition, toPage } from '../pagination.ts'
import { describe, param, query } from '../route.ts'
import { listOf } from '../schemas.ts'
import { found } from './hooks.ts'

const admin = { tag: 'hooks', access: 'admin' } as const

/** What was sent to a webhook, and what came of it; sending again, and a first try. */
export function hookDeliveryRoutes({
  db,
  clock,
  hooks,
}: {
  readonly db: Db
  readonly clock: () => Date
  readonly hooks: Hooks
}) {
  return new Hono<AppEnv>()
    .get(
      '/api/hooks/:id/deliveries',
      describe({
        ...admin,
        summary: 'What was sent to a webhook, newest first',
        answers: { 200: listOf(deliverySchema) },
      }),
      query(deliveriesQuery),
      async (c) => {
        const hook = found(await loadHook(db, param(c, 'id')))
        const { limit = DEFAULT_LIMIT, cursor, state = null } = c.req.valid('query')
        const before = decodeCursor(cursor, numberPosition)
        const rows = await listDeliveries(db, hook.id, { limit: limit + 1, before, state })
        const page = toPage(rows, limit, (last) => last.position)
        return c.json({ items: page.items.map(toDeliveryView), next: page.next })
      },
    )
    .post(
      '/api/hooks/:id/deliveries/:deliveryId/resend',
      describe({
        ...admin,
        summary: 'Send something again, now: as a delivery of its own where the first is over',
        answers: { 202: deliverySchema },
      }),
      async (c) => {
        const hook = found(await loadHook(db, param(c, 'id')))
        const delivery = await loadDelivery(db, hook.id, param(c, 'deliveryId'))
        if (delivery === null) throw new RingsideError('not-found', 'there is no such delivery')
        if (hook.state === 'disabled') {
          throw new RingsideError('conflict', 'the webhook is disabled; switch it on first')
        }
        if (delivery.state === 'waiting') {
          const detail = 'it waits for an earlier one of the same case or call; send that one again'
          throw new RingsideError('conflict', detail)
        }
        const isOver = delivery.state !== 'due'
        const again = isOver ? await repeatDelivery(db, delivery, clock()) : delivery
        if (!isOver) await hasten(db, delivery, clock())
        hooks.wake()
        return c.json(toDeliveryView(again), 202)
      },
    )
    .post(
      '/api/hooks/:id/test',
      describe({
        ...admin,
        summary: 'Send a ping, once, and say what came of it',
        answers: { 200: deliverySchema },
      }),
      async (c) => {
        const hook = found(await loadHook(db, param(c, 'id')))
        return c.json(toDeliveryView(await hooks.ping(hook)))
      },
    )
}
