import { Hono } from 'hono'
import * as v from 'valibot'
import type { Db } from '../../../db/database.ts'
import type { Erasure, ErasureTarget } from '../../../db/erasures.ts'
import { loadSettings } from '../../../db/settings.ts'
import { loadUser } from '../../../db/users.ts'
import { personKey, toPhone } from '../../calls/phone.ts'
import { RingsideError } from '../../errors.ts'
import type { Eraser } from '../../privacy/erase.ts'
import type { AppEnv } from '../access.ts'
import { badInput, body, describe, param } from '../route.ts'
import { eraseInput, erasureSchema } from '../setup-schemas.ts'

export interface EraseDeps {
  readonly db: Db
  readonly eraser: Eraser
}

const admin = { tag: 'privacy', access: 'admin' } as const

/** `/api/erase`: everything personal of somebody goes (SAFE-9). */
export function eraseRoutes({ db, eraser }: EraseDeps) {
  return new Hono<AppEnv>()
    .post(
      '/api/erase',
      describe({
        ...admin,
        summary: 'Erase a person, by the user or by a number; it cannot be undone',
        answers: { 202: v.object({ id: v.string() }) },
      }),
      body(eraseInput),
      async (c) => {
        const { userId, phone } = c.req.valid('json')
        const target: ErasureTarget =
          userId === undefined ? { phone: await readable(db, phone ?? '') } : { userId }
        if (userId !== undefined && (await loadUser(db, userId)) === undefined) {
          throw new RingsideError('not-found', 'there is no such user')
        }
        return c.json({ id: await eraser.start(target) }, 202)
      },
    )
    .get(
      '/api/erase/:id',
      describe({ ...admin, summary: 'How far an erasure is', answers: { 200: erasureSchema } }),
      async (c) => {
        const erasure = await eraser.state(param(c, 'id'))
        if (erasure === null) throw new RingsideError('not-found', 'there is no such erasure')
        return c.json(toErasureView(erasure))
      },
    )
}

/** Everybody who hides their number would be erased by one that says nothing. */
async function readable(db: Db, phone: string): Promise<string> {
  const { country } = await loadSettings(db)
  const key = personKey(toPhone(phone, country))
  if (key !== null && /\d{3}/.test(key)) return phone
  throw badInput([
    { path: 'phone', message: 'is no number, expected one such as "+375 29 170-16-99"' },
  ])
}

function toErasureView({ id, requestedAt, finishedAt, counts }: Erasure) {
  return {
    id,
    state: finishedAt === null ? ('running' as const) : ('done' as const),
    requestedAt: requestedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    counts: { ...counts },
  }
}
