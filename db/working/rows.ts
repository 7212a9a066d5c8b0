import { listCallActions } from '../call-actions.ts'
import { clockErrorsMs, loadHeard } from '../call-journal.ts'
import { listMembers, loadCallMessages } from '../call-messages.ts'
import { listNamedCalls, loadCallsForUpdate } from '../calls.ts'
import { lastTalks } from '../case-facts.ts'
import { loadCaseRows, loadOpenMissed } from '../case-rows.ts'
import type { Db } from '../database.ts'
import { listDismissals, loadDrafts } from '../drafts.ts'
import { listAssigned } from '../extensions.ts'
import { agentsWithOpenPage } from '../open-pages.ts'
import { listHolders } from '../people.ts'
import { listRecordingsOfCalls, listUnattachedNames } from '../recordings.ts'
import { loadUsers } from '../users.ts'
import { createKept } from './kept.ts'
import { nameKey, nameOf } from './keys.ts'
import type { Rows } from './working-set.ts'

/** Everything as the database has it, read when somebody looks. */
export function createRows(tx: Db, now: Date): Rows {
  const calls: Rows['calls'] = createKept((ids) => loadCallsForUpdate(tx, ids))
  const cases: Rows['cases'] = createKept(async (ids) => byId(await loadCaseRows(tx, ids)))
  return {
    calls,
    cases,
    named: createKept(async (keys) => {
      const found = await listNamedCalls(tx, keys.map(toName))
      return grouped(found, keyOfName, ({ callId }) => callId)
    }),
    journals: createKept((callIds) => loadHeard(tx, callIds)),
    messages: createKept(async (callIds) =>
      (await loadCallMessages(tx, callIds)).map((row) => [row.callId ?? '', row]),
    ),
    members: createKept((caseIds) => listMembers(tx, caseIds)),
    missedOf: createKept(async (keys) => {
      const found = await loadOpenMissed(tx, {
        userIds: keys.flatMap((key) => idIn('user', key)),
        personKeys: keys.flatMap((key) => idIn('number', key)),
      })
      for (const row of found) cases.learn(row.id, row)
      return keys.map((key) => [key, true])
    }),
    talks: createKept((people) =>
      lastTalks(
        tx,
        people,
        calls.values().map(({ call }) => call.id),
      ),
    ),
    holders: createKept((keys) => listHolders(tx, keys)),
    users: createKept(async (ids) => byId(await loadUsers(tx, ids))),
    extensions: createKept(async (keys) => {
      const assigned = await listAssigned(tx, keys.map(toName).map(toExtension))
      return assigned.map((each) => [nameKey(each.connectionId, each.extension), each])
    }),
    drafts: createKept(async (callIds) =>
      (await loadDrafts(tx, callIds)).map((draft) => [draft.callId, draft]),
    ),
    recordings: createKept((callIds) => listRecordingsOfCalls(tx, callIds)),
    unattached: createKept(async (keys) => {
      const found = await listUnattachedNames(tx, keys.map(toName))
      return found.map((name) => [keyOfName(name), true])
    }),
    actions: createKept((callIds) => listCallActions(tx, callIds)),
    dismissals: createKept(async (callIds) =>
      grouped(
        await listDismissals(tx, callIds),
        ({ callId }) => callId,
        ({ agentId }) => agentId,
      ),
    ),
    pages: createKept(async (agentIds) =>
      [...(await agentsWithOpenPage(tx, agentIds, now))].map((agentId) => [agentId, true]),
    ),
    clockErrors: createKept((connectionIds) => clockErrorsMs(tx, connectionIds)),
  }
}

interface Name {
  readonly connectionId: string
  readonly uniqueId: string
}

function toName(key: string): Name {
  const [connectionId, uniqueId] = nameOf(key)
  return { connectionId, uniqueId }
}

function keyOfName({ connectionId, uniqueId }: Name): string {
  return nameKey(connectionId, uniqueId)
}

function toExtension({ connectionId, uniqueId }: Name) {
  return { connectionId, extension: uniqueId }
}

function byId<T extends { readonly id: string }>(rows: readonly T[]): [string, T][] {
  return rows.map((row) => [row.id, row])
}

function grouped<T, V>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  pick: (row: T) => V,
): [string, V[]][] {
  return [...Map.groupBy(rows, keyOf)].map(([key, of]) => [key, of.map(pick)])
}

/** Of a key such as `user 1`. */
function idIn(kind: string, key: string): string[] {
  return key.startsWith(`${kind} `) ? [key.slice(kind.length + 1)] : []
}
