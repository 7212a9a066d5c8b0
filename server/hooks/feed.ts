import { caseIdOfCall, loadCase } from '../../db/cases.ts'
import { type Db, inTransaction } from '../../db/database.ts'
import { appendDeliveries, type NewDelivery } from '../../db/hook-deliveries.ts'
import {
  type FeedRow,
  lockActiveHooks,
  lockFeed,
  readFeed,
  saveFeedPosition,
} from '../../db/hook-feed.ts'
import type { Hook } from '../../db/hooks.ts'
import { newId } from '../../db/new-id.ts'
import type { HookEvent } from '../../db/outbox.ts'
import { viewWholeCase } from '../pipeline/view-case.ts'

/** Few enough that a hook's finished attempts are not held up for long. */
const PAGE = 100

/**
 * Turns what was told since the last time into deliveries, and keeps how far it got, in one
 * transaction: a crash leaves no hole and no double. True: there is more to read.
 */
export function feedHooks(db: Db, now: Date): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const position = await lockFeed(tx)
    if (position === null) return false
    const rows = await readFeed(tx, position, PAGE)
    const last = rows.at(-1)
    if (last === undefined) return false
    const hooks = await lockActiveHooks(tx)
    const deliveries: NewDelivery[] = []
    for (const row of rows) deliveries.push(...(await deliveriesOf(tx, row, hooks)))
    if (deliveries.length > 0) await appendDeliveries(tx, deliveries, now)
    await saveFeedPosition(tx, last.id)
    return rows.length === PAGE
  })
}

async function deliveriesOf(tx: Db, row: FeedRow, hooks: readonly Hook[]): Promise<NewDelivery[]> {
  const deliveries: NewDelivery[] = []
  for (const type of row.events ?? []) {
    const wanting = hooks.filter((hook) => isFor(hook, type, row.id))
    if (wanting.length === 0) continue
    const subject = await subjectOf(tx, type, row.data)
    // Erased meanwhile: nobody is told of it any more.
    if (subject === null) continue
    const eventId = `evt_${newId()}`
    const body = JSON.stringify({ type, timestamp: row.at.toISOString(), data: subject.data })
    for (const hook of wanting) {
      deliveries.push({ hookId: hook.id, eventId, type, body, keys: subject.keys })
    }
  }
  return deliveries
}

function isFor(hook: Hook, type: HookEvent, outboxId: number): boolean {
  return outboxId > hook.afterOutbox && (hook.events === null || hook.events.includes(type))
}

interface Subject {
  readonly data: unknown
  /** What it tells of; two that share one are delivered in their order. */
  readonly keys: readonly string[]
}

/** What the pipeline and the routes put into the outbox, as far as it is looked at here. */
interface Told {
  readonly id: string
  readonly callId?: string | null
  readonly caseId?: string | null
  readonly message?: { readonly call: { readonly id: string } | null } | null
}

async function subjectOf(tx: Db, type: HookEvent, data: unknown): Promise<Subject | null> {
  // Ours: `appendOutbox` wrote it from a view of the API.
  const told = data as Told
  switch (type) {
    case 'call.started':
    case 'call.answered':
    case 'call.ended':
      return { data, keys: keysOf({ call: told.id, case: told.caseId }) }
    case 'recording.ready': {
      const caseId = told.callId == null ? null : await caseIdOfCall(tx, told.callId)
      return { data, keys: keysOf({ call: told.callId, case: caseId }) }
    }
    case 'user.created':
      return { data, keys: keysOf({ user: told.id }) }
    case 'user.linked':
      return { data, keys: keysOf({ user: told.id, call: told.callId }) }
    default:
      return caseSubject(tx, told)
  }
}

/** The stream leaves messages out; who is told by a webhook has nothing to add them to. */
async function caseSubject(tx: Db, told: Told): Promise<Subject | null> {
  const found = await loadCase(tx, told.id)
  if (found === null) return null
  const data = { ...(await viewWholeCase(tx, found)), withdrawnTo: found.withdrawnTo }
  return { data, keys: keysOf({ case: told.id, call: told.message?.call?.id }) }
}

function keysOf(ids: Readonly<Record<string, string | null | undefined>>): string[] {
  return Object.entries(ids).flatMap(([kind, id]) => (id == null ? [] : [`${kind} ${id}`]))
}
