import { Hono } from 'hono'
import * as v from 'valibot'
import { loadCalls } from '../../../db/calls.ts'
import { type Db, inTransaction } from '../../../db/database.ts'
import { appendOutbox, type HookEvent } from '../../../db/outbox.ts'
import { loadFields, loadSettings } from '../../../db/settings.ts'
import { searchUsers } from '../../../db/user-search.ts'
import {
  callsOffering,
  deleteUser,
  keysOfUser,
  listUsers,
  loadUser,
  loadUsers,
  lockUsers,
  saveUsers,
  type User,
} from '../../../db/users.ts'
import { personKey, toPhone } from '../../calls/phone.ts'
import { RingsideError } from '../../errors.ts'
import { again } from '../../pipeline/again.ts'
import { createUnit, tellAll, tellCall } from '../../pipeline/unit.ts'
import { withLocks } from '../../pipeline/with-locks.ts'
import { saveByExternalId, withFacts } from '../../setup/save-users.ts'
import { type ChangedUser, changeUser, type UserRules } from '../../setup/user-edit.ts'
import type { AppEnv } from '../access.ts'
import { DEFAULT_LIMIT, decodeCursor, idPosition, toPage } from '../pagination.ts'
import { badInput, body, describe, param, parseInput, query } from '../route.ts'
import {
  externalIdInput,
  listOf,
  newUserInput,
  userPatchInput,
  userSchema,
  usersQuery,
} from '../schemas.ts'
import { toUserView } from '../view.ts'

export interface UserRoutesDeps {
  readonly db: Db
  readonly clock: () => Date
  /** Called after the commit, so that streams look for what is new. */
  readonly wake?: () => void
}

const reading = { tag: 'users', access: 'read' } as const
const writing = { tag: 'users', access: 'users' } as const
const hitCursor = v.strictTuple([v.number(), idPosition])

/** `/api/users`: the customers that the helpdesk knows (USER-1, USER-2). */
export function userRoutes(deps: UserRoutesDeps) {
  const { db, clock, wake = () => undefined } = deps

  const tell = (tx: Db, user: User, events: readonly HookEvent[] = []): Promise<void> =>
    appendOutbox(tx, [{ type: 'user', audience: null, data: toUserView(user), events }], clock())

  /** Runs `work` in a transaction, tells of the user that it changed, and wakes the streams. */
  const save = async (
    work: (tx: Db) => Promise<User>,
    events: readonly HookEvent[] = [],
  ): Promise<User> => {
    const user = await again(() =>
      inTransaction(db, async (tx) => {
        const saved = await work(tx)
        await tell(tx, saved, events)
        return saved
      }),
    )
    wake()
    return user
  }

  return new Hono<AppEnv>()
    .get(
      '/api/users',
      describe({
        ...reading,
        summary: 'Users, newest first; with q the best matches first; with ids just these',
        answers: { 200: listOf(userSchema) },
      }),
      query(usersQuery),
      async (c) => {
        const { q, phone, ids, ...page } = c.req.valid('query')
        if (ids !== undefined) {
          const known = await loadUsers(db, ids.split(','))
          return c.json({ items: known.map(toUserView), next: null })
        }
        const { country } = await loadSettings(db)
        const onlyPhoneKey = phone === undefined ? null : personKey(toPhone(phone, country))
        if (phone !== undefined && onlyPhoneKey === null) return c.json({ items: [], next: null })
        const found =
          q === undefined || q.trim() === ''
            ? await listPage(db, page, onlyPhoneKey)
            : await searchPage(db, page, { text: q, onlyPhoneKey, country })
        return c.json({ items: found.items.map(toUserView), next: found.next })
      },
    )
    .post(
      '/api/users',
      describe({ ...writing, summary: 'Add a user', answers: { 201: userSchema } }),
      body(newUserInput),
      async (c) => {
        const input = c.req.valid('json')
        const rules = await loadRules(db)
        const user = await save(
          async (tx) => {
            const made = withFacts(undefined, orThrow(changeUser(null, input, rules)), clock())
            await lockUsers(tx, [made])
            await saveUsers(tx, [made])
            return made
          },
          ['user.created'],
        )
        return c.json(toUserView(user), 201)
      },
    )
    .put(
      '/api/users/external/:externalId',
      describe({
        ...writing,
        summary: "Create or update the user of the helpdesk's record",
        answers: { 200: userSchema, 201: userSchema },
      }),
      body(newUserInput),
      async (c) => {
        const { externalId } = parseInput(externalIdInput, { externalId: param(c, 'externalId') })
        const input = c.req.valid('json')
        if (input.externalId !== undefined && input.externalId !== externalId) {
          throw badInput([{ path: 'externalId', message: `is not "${externalId}" as in the path` }])
        }
        const rules = await loadRules(db)
        const saved = await again(() =>
          inTransaction(db, async (tx) => {
            const [one] = await saveByExternalId(tx, [{ ...input, externalId }], rules, clock())
            if (one === undefined || one.result === 'failed') throw badInput(one?.errors ?? [])
            const events: HookEvent[] = one.result === 'created' ? ['user.created'] : []
            if (one.result !== 'unchanged') await tell(tx, one.user, events)
            return one
          }),
        )
        if (saved.result !== 'unchanged') wake()
        return c.json(toUserView(saved.user), saved.result === 'created' ? 201 : 200)
      },
    )
    .get(
      '/api/users/:id',
      describe({ ...reading, summary: 'One user', answers: { 200: userSchema } }),
      async (c) => c.json(toUserView(found(await loadUser(db, param(c, 'id'))))),
    )
    .patch(
      '/api/users/:id',
      describe({ ...writing, summary: 'Change a user', answers: { 200: userSchema } }),
      body(userPatchInput),
      async (c) => {
        const id = param(c, 'id')
        const input = c.req.valid('json')
        const rules = await loadRules(db)
        const user = await save(async (tx) => {
          const known = found(await loadUser(tx, id))
          const planned = orThrow(changeUser(known, input, rules))
          await lockUsers(tx, [known, { id, phones: planned.phones }])
          // A call may have added a number, or merged the user away, before the locks.
          const current = found(await loadUser(tx, id))
          const changed = withFacts(current, orThrow(changeUser(current, input, rules)), clock())
          await saveUsers(tx, [changed])
          return changed
        })
        return c.json(toUserView(user))
      },
    )
    .delete(
      '/api/users/:id',
      describe({
        ...writing,
        audited: true,
        summary: 'Delete a user without cases and calls',
        answers: { 204: null },
      }),
      async (c) => {
        const id = param(c, 'id')
        const isDeleted = await withLocks(
          db,
          async (tx) => ({
            callIds: await callsOffering(tx, id),
            people: keysOfUser(found(await loadUser(tx, id))),
          }),
          async (tx) => {
            const offering = await deleteUser(tx, id)
            if (offering === null) return false
            const unit = createUnit(tx, clock())
            for (const call of await loadCalls(tx, offering)) await tellCall(unit, call)
            await tellAll(unit)
            return true
          },
        )
        if (!isDeleted) {
          throw new RingsideError(
            'conflict',
            'the user has cases or calls; POST /api/erase removes a person with all of it',
            { type: 'has-cases' },
          )
        }
        wake()
        return c.body(null, 204)
      },
    )
}

interface Page {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

async function listPage(db: Db, { limit = DEFAULT_LIMIT, cursor }: Page, phoneKey: string | null) {
  const before = decodeCursor(cursor, idPosition)
  const users = await listUsers(db, { limit: limit + 1, before, phoneKey })
  return toPage(users, limit, (last) => last.id)
}

async function searchPage(
  db: Db,
  { limit = DEFAULT_LIMIT, cursor }: Page,
  search: { readonly text: string; readonly onlyPhoneKey: string | null; readonly country: string },
) {
  const { text, onlyPhoneKey, country } = search
  const after = decodeCursor(cursor, hitCursor)
  const phoneKey = /\d{3}/.test(text.replaceAll(/\D/g, ''))
    ? personKey(toPhone(text, country))
    : null
  const hits = await searchUsers(db, { text, phoneKey, onlyPhoneKey })
  const rest =
    after === null
      ? hits
      : hits.filter(({ score, id }) => score < after[0] || (score === after[0] && id < after[1]))
  const page = toPage(rest.slice(0, limit + 1), limit, ({ score, id }) => [score, id])
  const users = await loadUsers(
    db,
    page.items.map(({ id }) => id),
  )
  return { items: users, next: page.next }
}

/** By what a user's numbers and fields are read. */
export async function loadRules(db: Db): Promise<UserRules> {
  const { country } = await loadSettings(db)
  return { country, fields: await loadFields(db) }
}

function orThrow(changed: ChangedUser) {
  if ('errors' in changed) throw badInput(changed.errors)
  return changed.facts
}

function found(user: User | undefined): User {
  if (user !== undefined) return user
  throw new RingsideError('not-found', 'there is no such user')
}
