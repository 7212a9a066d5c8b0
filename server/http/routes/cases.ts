import { Hono } from 'hono'
import * as v from 'valibot'
import { loadAgent } from '../../../db/agents.ts'
import { listCases } from '../../../db/case-list.ts'
import { listHistory } from '../../../db/cases.ts'
import type { Db } from '../../../db/database.ts'
import type { CaseStatus } from '../../cases/case.ts'
import { toCaseSummary } from '../../cases/case-view.ts'
import { RingsideError } from '../../errors.ts'
import type { CaseActs } from '../../pipeline/act-on-case.ts'
import { viewMessage } from '../../pipeline/view-calls.ts'
import { type AppEnv, actorOf, requireAgent, requireIdentity } from '../access.ts'
import { viewCase } from '../case-response.ts'
import { DEFAULT_LIMIT, decodeCursor, idPosition, numberPosition, toPage } from '../pagination.ts'
import { body, describe, param, query } from '../route.ts'
import {
  casePatchInput,
  caseSchema,
  caseSummarySchema,
  casesQuery,
  historySchema,
  instant,
  listOf,
  listQuery,
  messagePatchInput,
  messageSchema,
  noteInput,
} from '../schemas.ts'

export interface CaseDeps {
  readonly db: Db
  readonly acts: CaseActs
}

const position = v.tuple([v.nullable(instant), idPosition])
const TAG = 'cases'

/** `/api/cases`: the cases of the channel "telephony". */
export function caseRoutes({ db, acts }: CaseDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get(
    '/api/cases',
    describe({
      summary:
        'Cases, newest change first; with handset=red those who wait longest first, unless sort says otherwise',
      tag: TAG,
      access: 'read',
      answers: { 200: listOf(caseSummarySchema) },
    }),
    query(casesQuery),
    async (c) => {
      const asked = c.req.valid('query')
      const limit = asked.limit ?? DEFAULT_LIMIT
      const after = decodeCursor(asked.cursor, position)
      const sort = asked.sort ?? (asked.handset === 'red' ? 'waiting' : 'updated')
      const rows = await listCases(db, {
        statuses: asked.status?.split(',') as CaseStatus[] | undefined,
        assigneeId: assignee(asked.assigneeId, actorOf(requireIdentity(c)).agentId),
        userId: asked.userId,
        handset: asked.handset,
        q: asked.q,
        from: asked.from === undefined ? undefined : new Date(asked.from),
        to: asked.to === undefined ? undefined : new Date(asked.to),
        sort,
        after:
          after === null
            ? undefined
            : { at: after[0] === null ? null : new Date(after[0]), id: after[1] },
        limit: limit + 1,
      })
      const page = toPage(rows, limit, (last) => [
        sort === 'waiting' ? last.waitingSince : last.updatedAt,
        last.id,
      ])
      return c.json({ items: page.items.map(toCaseSummary), next: page.next })
    },
  )

  app.get(
    '/api/cases/:id',
    describe({
      summary: 'One case with its messages',
      tag: TAG,
      access: 'read',
      answers: { 200: caseSchema },
    }),
    async (c) => {
      const found = await viewCase(db, param(c, 'id'))
      c.header('etag', `"${found.version}"`)
      return c.json(found)
    },
  )

  app.patch(
    '/api/cases/:id',
    describe({
      summary: 'Changes subject, status, assignee',
      tag: TAG,
      access: 'cases',
      answers: { 200: caseSchema },
    }),
    body(casePatchInput),
    async (c) => {
      const id = param(c, 'id')
      const patch = c.req.valid('json')
      await checkAssignee(db, patch.assigneeId)
      const { agentId } = actorOf(requireIdentity(c))
      await acts.change(id, patch, { agentId, version: ifMatch(c.req.header('if-match')) })
      const changed = await viewCase(db, id)
      c.header('etag', `"${changed.version}"`)
      return c.json(changed)
    },
  )

  app.post(
    '/api/cases/:id/notes',
    describe({
      summary: 'Adds a note',
      tag: TAG,
      access: 'cases',
      answers: { 201: messageSchema },
    }),
    body(noteInput),
    async (c) => {
      const { agentId } = actorOf(requireIdentity(c))
      const note = await acts.note(param(c, 'id'), c.req.valid('json').text, agentId)
      return c.json(await viewMessage(db, note), 201)
    },
  )

  app.patch(
    '/api/cases/:id/messages/:messageId',
    describe({
      summary: 'Edits a note or the essence of a call',
      tag: TAG,
      access: 'cases',
      answers: { 200: messageSchema },
    }),
    body(messagePatchInput),
    async (c) => {
      const { agentId } = actorOf(requireIdentity(c))
      const { text } = c.req.valid('json')
      const version = ifMatch(c.req.header('if-match'))
      const edited = await acts.editMessage(param(c, 'id'), param(c, 'messageId'), text, {
        agentId,
        version,
      })
      return c.json(await viewMessage(db, edited))
    },
  )

  app.get(
    '/api/cases/:id/history',
    describe({
      summary: 'Every change with who, when and which rule',
      tag: TAG,
      access: 'read',
      answers: { 200: historySchema },
    }),
    query(listQuery),
    async (c) => {
      const { id } = await viewCase(db, param(c, 'id'))
      const asked = c.req.valid('query')
      const limit = asked.limit ?? DEFAULT_LIMIT
      const afterId = decodeCursor(asked.cursor, numberPosition) ?? 0
      const page = toPage(
        await listHistory(db, id, { afterId, limit: limit + 1 }),
        limit,
        (last) => last.id,
      )
      const items = page.items.map(({ id: _, ...entry }) => ({
        ...entry,
        at: entry.at.toISOString(),
      }))
      return c.json({ items, next: page.next })
    },
  )

  app.post(
    '/api/cases/:id/claim',
    describe({
      summary: 'Takes a missed-call case before calling back',
      tag: TAG,
      access: 'agent',
      answers: { 200: caseSchema },
    }),
    async (c) => {
      const id = param(c, 'id')
      await acts.claim(id, requireAgent(c).agentId)
      return c.json(await viewCase(db, id))
    },
  )

  app.post(
    '/api/cases/:id/release',
    describe({
      summary: 'Gives a taken case back',
      tag: TAG,
      access: 'cases',
      answers: { 200: caseSchema },
    }),
    async (c) => {
      const id = param(c, 'id')
      const { agentId, role } = actorOf(requireIdentity(c))
      await acts.release(id, role === 'agent' ? agentId : null)
      return c.json(await viewCase(db, id))
    },
  )

  return app
}

/** `me`: the agent who asks; `none`: nobody's; otherwise an agent's id. */
function assignee(asked: string | undefined, agentId: string | null): string | null | undefined {
  if (asked === 'me') return agentId ?? undefined
  return asked === 'none' ? null : asked
}

async function checkAssignee(db: Db, assigneeId: string | null | undefined): Promise<void> {
  if (assigneeId == null || (await loadAgent(db, assigneeId))?.leftAt === null) return
  const message = `is "${assigneeId}", expected the id of an agent or null`
  throw new RingsideError('bad-input', `assigneeId ${message}`, {
    errors: [{ path: 'assigneeId', message }],
  })
}

function ifMatch(header: string | undefined): number | null {
  if (header === undefined || header.trim() === '*') return null
  const version = /^\s*(?:W\/)?"?(\d{1,9})"?\s*$/.exec(header)?.[1]
  if (version !== undefined) return Number(version)
  const message = `is ${header.slice(0, 50)}, expected the version of the case in quotes`
  throw new RingsideError('bad-input', `If-Match ${message}`, {
    errors: [{ path: 'if-match', message }],
  })
}
