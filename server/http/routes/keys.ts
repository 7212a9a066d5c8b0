import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { deleteApiKey, insertApiKey, listApiKeys } from '../../../db/api-keys.ts'
import type { Db } from '../../../db/database.ts'
import { RingsideError } from '../../errors.ts'
import { type AppEnv, actorOf, requireIdentity } from '../access.ts'
import { API_KEY_PREFIX, type Authenticator, hashToken } from '../auth.ts'
import { DEFAULT_LIMIT, decodeCursor, idPosition, toPage } from '../pagination.ts'
import { body, describe, param, query } from '../route.ts'
import { listOf, listQuery } from '../schemas.ts'
import { keySchema, newKeyInput, newKeySchema } from '../setup-schemas.ts'
import { toKeyView } from '../view.ts'

export interface KeyRoutesDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly authenticator: Authenticator
}

const admin = { tag: 'keys', access: 'admin' } as const

/** `/api/keys`: keys for other programs. */
export function keyRoutes({ db, clock, authenticator }: KeyRoutesDeps) {
  return new Hono<AppEnv>()
    .get(
      '/api/keys',
      describe({ ...admin, summary: 'The API keys', answers: { 200: listOf(keySchema) } }),
      query(listQuery),
      async (c) => {
        const { limit = DEFAULT_LIMIT, cursor } = c.req.valid('query')
        const before = decodeCursor(cursor, idPosition)
        const page = toPage(await listApiKeys(db, { limit: limit + 1, before }), limit, (k) => k.id)
        return c.json({ items: page.items.map(toKeyView), next: page.next })
      },
    )
    .post(
      '/api/keys',
      describe({
        ...admin,
        summary: 'Make an API key; it is shown this once',
        answers: { 201: newKeySchema },
      }),
      body(newKeyInput),
      async (c) => {
        const { name, scopes } = c.req.valid('json')
        const key = API_KEY_PREFIX + randomBytes(32).toString('base64url')
        const createdBy = actorOf(requireIdentity(c)).agentId
        const id = await insertApiKey(
          db,
          { name, scopes: [...new Set(scopes)], keyHash: hashToken(key), createdBy },
          clock(),
        )
        return c.json({ id, key }, 201)
      },
    )
    .delete(
      '/api/keys/:id',
      describe({ ...admin, summary: 'Delete an API key', answers: { 204: null } }),
      async (c) => {
        const id = param(c, 'id')
        if (!(await deleteApiKey(db, id))) {
          throw new RingsideError('not-found', 'there is no such key')
        }
        authenticator.forget(id)
        return c.body(null, 204)
      },
    )
}
