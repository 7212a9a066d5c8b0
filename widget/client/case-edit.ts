/** Changes of a case that never write over what somebody else did meanwhile (CASE-15). */
import type { CasePatch, CaseSummaryView, CaseView } from '../../server/http/schemas.ts'
import { ApiError } from './api.ts'
import type { Client } from './client.ts'
import { type HistoryItem, patchCase } from './requests.ts'

export type CaseField = 'subject' | 'status' | 'assigneeId'

/** Somebody else was first: what it is now, and who did it as far as the history tells. */
export interface Overtaken {
  readonly what: CaseField | 'essence' | 'unknown'
  readonly current: string | null
  readonly by: HistoryItem | null
}

/** A case that others change all the time is tried so often; each try is for what the agent saw. */
const TRIES = 3
const KINDS: Readonly<Record<CaseField | 'essence', readonly string[]>> = {
  subject: ['subject'],
  status: ['status', 'reopened'],
  assigneeId: ['assignee', 'claimed', 'released'],
  essence: ['essence', 'note'],
}

/**
 * Sets a field from what the agent saw to what they want. Whatever else has changed in the case is no
 * hindrance; where this very field is another one now, nothing is sent, and who was first is told.
 */
export async function changeField(
  client: Client,
  caseId: string,
  field: CaseField,
  { seen, value }: { readonly seen: string | null; readonly value: string | null },
): Promise<Overtaken | null> {
  return untilCurrent(client, caseId, field, async (found) => {
    const current = found[field]
    if (current === value) return { isDone: true }
    if (current !== seen) return { isDone: false, current }
    // The form offers only what the field can be.
    await patchCase(client, caseId, found.version, { [field]: value } as CasePatch)
    return { isDone: true }
  })
}

/** Writes what a call was about, or a note, from the text that the agent saw. */
export async function changeText(
  client: Client,
  caseId: string,
  messageId: string,
  { seen, text }: { readonly seen: string; readonly text: string },
): Promise<Overtaken | null> {
  return untilCurrent(client, caseId, 'essence', async (found) => {
    const current = client.state.messages.get(caseId)?.find((one) => one.id === messageId)?.text
    if (current === undefined) throw new ApiError(404, { title: 'The message is not there' })
    if (current === text) return { isDone: true }
    if (current !== seen) return { isDone: false, current }
    const headers = { 'If-Match': `"${found.version}"` }
    const path = `/api/cases/${caseId}/messages/${messageId}`
    await client.api.send('PATCH', path, { body: { text }, headers })
    await client.loadCase(caseId)
    return { isDone: true }
  })
}

type Tried = { readonly isDone: true } | { readonly isDone: false; readonly current: string | null }

async function untilCurrent(
  client: Client,
  caseId: string,
  what: CaseField | 'essence',
  attempt: (found: CaseSummaryView) => Promise<Tried>,
): Promise<Overtaken | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found: CaseSummaryView = client.state.cases.get(caseId) ?? (await client.loadCase(caseId))
    try {
      const tried = await attempt(found)
      if (tried.isDone) return null
      return { what, current: tried.current, by: await lastOf(client, caseId, KINDS[what]) }
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error
      if (error.current === null || what === 'essence') await client.loadCase(caseId)
    }
  }
  return { what: 'unknown', current: null, by: null }
}

async function lastOf(client: Client, caseId: string, kinds: readonly string[]) {
  try {
    return (
      (await historyOf(client, caseId)).findLast((one) => kinds.includes(one.kind) && hasTo(one)) ??
      null
    )
  } catch {
    // The conflict is told without the name.
    return null
  }
}

/** A new note is no change of another one. */
function hasTo({ kind, from }: HistoryItem): boolean {
  return kind !== 'note' || from !== null
}

const PAGES = 10

/** The whole history of a case, oldest first. */
export async function historyOf({ api }: Client, caseId: string): Promise<readonly HistoryItem[]> {
  const items: HistoryItem[] = []
  let cursor: string | null = ''
  for (let page = 0; page < PAGES && cursor !== null; page += 1) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const path = `/api/cases/${caseId}/history?limit=200${query}`
    const found = await api.get<{ items: readonly HistoryItem[]; next: string | null }>(path)
    items.push(...found.items)
    cursor = found.next
  }
  return items
}

/** What was typed for a call that is in a case already, as a note there: nothing typed is lost. */
export async function addTyped(client: Client, caseId: string, text: string): Promise<CaseView> {
  await client.api.send('POST', `/api/cases/${caseId}/notes`, { body: { text } })
  return client.loadCase(caseId)
}
