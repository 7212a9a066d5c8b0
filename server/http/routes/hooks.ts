import { Hono } from 'hono'
import { type Db, inTransaction } from '../../../db/database.ts'
import {
  countHooks,
  deleteHook,
  type Hook,
  insertHook,
  listHooks,
  loadHook,
  lockHook,
  replaceHookSecret,
  updateHook,
  withPending,
} from '../../../db/hooks.ts'
import { RingsideError } from '../../errors.ts'
import { secretPlace } from '../../hooks/deliver.ts'
import { checkHookUrl } from '../../hooks/hook-url.ts'
import type { Hooks } from '../../hooks/hooks.ts'
import { createHookSecret } from '../../hooks/sign.ts'
import type { Seal } from '../../seal.ts'
import type { AppEnv } from '../access.ts'
import {
  hookPatchInput,
  hookSchema,
  newHookInput,
  newHookSchema,
  rotatedSecretSchema,
} from '../hook-schemas.ts'
import { toHookView } from '../hook-view.ts'
import { DEFAULT_LIMIT, decodeCursor, idPosition, toPage } from '../pagination.ts'
import { badInput, body, describe, param, query } from '../route.ts'
import { listOf, listQuery } from '../schemas.ts'

export interface HookRoutesDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly seal: Seal
  readonly hooks: Hooks
}

const admin = { tag: 'hooks', access: 'admin' } as const
const OLD_SECRET_WORKS_MS = 24 * 60 * 60_000
/** Each is sent everything that it asks for, and has sockets of its own. */
const MAX_HOOKS = 50

/** `/api/hooks`: where what happens is told to (ADMIN-7). */
export function hookRoutes({ db, clock, seal, hooks }: HookRoutesDeps) {
  const checkUrl = async (given: string): Promise<string> => {
    const checked = await checkHookUrl(given, hooks.rules)
    if ('url' in checked) return checked.url
    throw badInput([{ path: 'url', message: checked.problem }])
  }
  const view = async (hook: Hook) => {
    const [listed] = await withPending(db, [hook])
    return toHookView(listed!)
  }

  return new Hono<AppEnv>()
    .get(
      '/api/hooks',
      describe({
        ...admin,
        summary: 'The outgoing webhooks',
        answers: { 200: listOf(hookSchema) },
      }),
      query(listQuery),
      async (c) => {
        const { limit = DEFAULT_LIMIT, cursor } = c.req.valid('query')
        const before = decodeCursor(cursor, idPosition)
        const page = toPage(await listHooks(db, { limit: limit + 1, before }), limit, (h) => h.id)
        return c.json({ items: page.items.map(toHookView), next: page.next })
      },
    )
    .post(
      '/api/hooks',
      describe({
        ...admin,
        summary: 'Add an outgoing webhook; its secret is shown this once',
        answers: { 201: newHookSchema },
      }),
      body(newHookInput),
      async (c) => {
        const input = c.req.valid('json')
        const url = await checkUrl(input.url)
        if ((await countHooks(db)) >= MAX_HOOKS) {
          throw new RingsideError('conflict', `there are ${MAX_HOOKS} webhooks, delete one first`)
        }
        const secret = createHookSecret()
        const id = await insertHook(
          db,
          {
            url,
            events: input.events ?? null,
            seal: (made) => seal.seal(secret, secretPlace(made)),
          },
          clock(),
        )
        hooks.wake()
        return c.json({ id, secret }, 201)
      },
    )
    .get(
      '/api/hooks/:id',
      describe({ ...admin, summary: 'One outgoing webhook', answers: { 200: hookSchema } }),
      async (c) => c.json(await view(found(await loadHook(db, param(c, 'id'))))),
    )
    .patch(
      '/api/hooks/:id',
      describe({ ...admin, summary: 'Change a webhook', answers: { 200: hookSchema } }),
      body(hookPatchInput),
      async (c) => {
        const id = param(c, 'id')
        const { url, events, enabled } = c.req.valid('json')
        const patch = {
          url: url === undefined ? undefined : await checkUrl(url),
          events,
          isEnabled: enabled,
        }
        if (!(await updateHook(db, id, patch, clock()))) found(null)
        hooks.wake()
        return c.json(await view(found(await loadHook(db, id))))
      },
    )
    .delete(
      '/api/hooks/:id',
      describe({
        ...admin,
        summary: 'Delete a webhook, and what waits for it',
        answers: { 204: null },
      }),
      async (c) => {
        if (!(await deleteHook(db, param(c, 'id')))) found(null)
        return c.body(null, 204)
      },
    )
    .post(
      '/api/hooks/:id/rotate-secret',
      describe({
        ...admin,
        summary: 'Make a new secret; for 24 hours messages are signed with both',
        answers: { 200: rotatedSecretSchema },
      }),
      async (c) => {
        const id = param(c, 'id')
        const secret = createHookSecret()
        const now = clock()
        const oldWorksUntil = new Date(now.getTime() + OLD_SECRET_WORKS_MS)
        const secretSealed = seal.seal(secret, secretPlace(id))
        await inTransaction(db, async (tx) => {
          found(await lockHook(tx, id))
          await replaceHookSecret(tx, id, { secretSealed, oldWorksUntil }, now)
        })
        return c.json({ secret, oldWorksUntil: oldWorksUntil.toISOString() })
      },
    )
}

/** The hook, or the answer that there is none. */
export function found(hook: Hook | null): Hook {
  if (hook !== null) return hook
  throw new RingsideError('not-found', 'there is no such webhook')
}
