import { Hono } from 'hono'
import * as v from 'valibot'
import { listCallActions } from '../../../db/call-actions.ts'
import { loadJournal } from '../../../db/call-journal.ts'
import { listCalls } from '../../../db/calls.ts'
import type { Db } from '../../../db/database.ts'
import { loadDrafts } from '../../../db/drafts.ts'
import type { Call } from '../../calls/call.ts'
import { toTraceView } from '../../calls/trace-view.ts'
import { RingsideError } from '../../errors.ts'
import type { CallActs } from '../../pipeline/act.ts'
import { viewCalls } from '../../pipeline/view-calls.ts'
import {
  type AppEnv,
  actorOf,
  type Identity,
  onlyOwn,
  requireAgent,
  requireIdentity,
} from '../access.ts'
import { viewCase } from '../case-response.ts'
import { DEFAULT_LIMIT, decodeCursor, idPosition, toPage } from '../pagination.ts'
import { body, describe, param, query } from '../route.ts'
import {
  type CallView,
  callSchema,
  callsQuery,
  caseSchema,
  createCaseInput,
  draftInput,
  draftSchema,
  fixCallInput,
  instant,
  linkUserInput,
  listOf,
  traceSchema,
} from '../schemas.ts'
import { toDraftView } from '../view.ts'
import { visibleCall } from '../visible-call.ts'

export interface CallDeps {
  readonly db: Db
  readonly acts: CallActs
  /** Says that the call is over, and returns when that is true. */
  readonly closeCall: (call: Call, agentId: string | null) => Promise<void>
}

const position = v.tuple([instant, idPosition])
const TAG = 'calls'

/** `/api/calls`: what a call is, and what agents do with it. */
export function callRoutes(deps: CallDeps): Hono<AppEnv> {
  const { db, acts } = deps
  const app = new Hono<AppEnv>()

  app.get(
    '/api/calls',
    describe({
      summary: 'Calls, newest first',
      tag: TAG,
      access: 'read',
      answers: { 200: listOf(callSchema) },
    }),
    query(callsQuery),
    async (c) => {
      const asked = c.req.valid('query')
      const limit = asked.limit ?? DEFAULT_LIMIT
      const after = decodeCursor(asked.cursor, position)
      const rows = await listCalls(db, {
        visibleTo: onlyOwn(actorOf(requireIdentity(c))),
        ...asked,
        from: asked.from === undefined ? undefined : new Date(asked.from),
        to: asked.to === undefined ? undefined : new Date(asked.to),
        after: after === null ? undefined : { startedAt: new Date(after[0]), id: after[1] },
        limit: limit + 1,
      })
      const page = toPage(rows, limit, (call) => [call.startedAt, call.id])
      return c.json({ items: await viewCalls(db, page.items), next: page.next })
    },
  )

  app.get(
    '/api/calls/:id',
    describe({ summary: 'One call', tag: TAG, access: 'read', answers: { 200: callSchema } }),
    async (c) => c.json(await view(db, await visibleCall(db, requireIdentity(c), param(c, 'id')))),
  )

  app.get(
    '/api/calls/:id/trace',
    describe({
      summary: 'Why: every event as received, how it was read, who saw it, which rule ran',
      tag: TAG,
      access: 'read',
      answers: { 200: traceSchema },
    }),
    async (c) => {
      const call = await visibleCall(db, requireIdentity(c), param(c, 'id'))
      const actions = (await listCallActions(db, [call.id])).get(call.id) ?? []
      return c.json(toTraceView(await loadJournal(db, call.id), actions))
    },
  )

  app.get(
    '/api/calls/:id/draft',
    describe({
      summary: 'What was typed on the call',
      tag: TAG,
      access: 'read',
      answers: { 200: draftSchema },
    }),
    async (c) => {
      const call = await visibleCall(db, requireIdentity(c), param(c, 'id'))
      const [draft] = await loadDrafts(db, [call.id])
      return c.json(toDraftView(draft))
    },
  )

  app.put(
    '/api/calls/:id/draft',
    describe({
      summary: 'Saves what is typed on the call',
      tag: TAG,
      access: 'calls',
      answers: { 200: draftSchema },
    }),
    body(draftInput),
    async (c) => {
      const identity = requireIdentity(c)
      const call = await ownCall(db, identity, param(c, 'id'))
      const draft = await acts.saveDraft(call.id, c.req.valid('json'), actorOf(identity).agentId)
      return c.json(toDraftView(draft))
    },
  )

  app.post(
    '/api/calls/:id/close',
    describe({
      summary: 'Says that the call is over',
      tag: TAG,
      access: 'calls',
      answers: { 200: callSchema },
    }),
    async (c) => {
      const identity = requireIdentity(c)
      const call = await ownCall(db, identity, param(c, 'id'))
      if (call.endedAt === null) await deps.closeCall(call, actorOf(identity).agentId)
      return c.json(await view(db, await visibleCall(db, identity, call.id)))
    },
  )

  app.post(
    '/api/calls/:id/case',
    describe({
      summary: 'Creates a case from the call',
      tag: TAG,
      access: 'calls',
      answers: { 201: caseSchema },
    }),
    body(createCaseInput),
    async (c) => {
      const identity = requireIdentity(c)
      const call = await visibleCall(db, identity, param(c, 'id'))
      const caseId = await acts.createCase(call.id, c.req.valid('json'), actorOf(identity).agentId)
      return c.json(await viewCase(db, caseId), 201)
    },
  )

  app.post(
    '/api/calls/:id/fix',
    describe({
      summary: 'Fixes the call in an earlier case',
      tag: TAG,
      access: 'calls',
      answers: { 200: caseSchema },
    }),
    body(fixCallInput),
    async (c) => {
      const identity = requireIdentity(c)
      const call = await visibleCall(db, identity, param(c, 'id'))
      const caseId = await acts.fixCall(call.id, c.req.valid('json'), actorOf(identity).agentId)
      return c.json(await viewCase(db, caseId))
    },
  )

  app.post(
    '/api/calls/:id/user',
    describe({
      summary: 'Links the caller to a user',
      tag: TAG,
      access: 'calls',
      answers: { 200: callSchema },
    }),
    body(linkUserInput),
    async (c) => {
      const identity = requireIdentity(c)
      const call = await visibleCall(db, identity, param(c, 'id'))
      await acts.linkUser(call.id, c.req.valid('json').userId, actorOf(identity).agentId)
      return c.json(await view(db, await visibleCall(db, identity, call.id)))
    },
  )

  app.post(
    '/api/calls/:id/dismiss',
    describe({
      summary: 'Closes the pop-up of this call for the agent',
      tag: TAG,
      access: 'agent',
      answers: { 204: null },
    }),
    async (c) => {
      const { agentId } = requireAgent(c)
      const call = await visibleCall(db, requireIdentity(c), param(c, 'id'))
      await acts.dismiss(call.id, agentId)
      return c.body(null, 204)
    },
  )

  return app
}

/**
 * A call that is the agent's own: only they, supervisors and admins type its draft or say that it is
 * over. Filing it in a case is for everybody it rang: the second one is told who was first (CASE-15).
 */
async function ownCall(db: Db, identity: Identity, id: string): Promise<Call> {
  const call = await visibleCall(db, identity, id)
  const own = onlyOwn(actorOf(identity))
  if (own === null || isOn(call, own)) return call
  throw new RingsideError('forbidden', 'somebody else has this call', { type: 'not-yours' })
}

/** Who talked or dialled, whose phone rings, and while nobody has talked everybody it rang. */
function isOn(call: Call, agentId: string): boolean {
  if (call.agentId === agentId) return true
  const legs = call.legs.filter((leg) => leg.agentId === agentId)
  return legs.some(
    (leg) => call.answeredAt === null || leg.answeredAt !== null || leg.result === 'ringing',
  )
}

async function view(db: Db, call: Call): Promise<CallView> {
  const [shown] = await viewCalls(db, [call])
  return shown!
}
