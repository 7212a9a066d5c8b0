/** What agents ask of calls, cases and users: an answer becomes the state. Loaded with the parts that ask. */
import type {
  CallView,
  CasePatch,
  CaseView,
  UserPatch,
  UserView,
} from '../../server/http/schemas.ts'
import { ApiError } from './api.ts'
import type { Client } from './client.ts'

export interface HistoryItem {
  readonly at: string
  readonly agentId: string | null
  readonly kind: string
  readonly from: unknown
  readonly to: unknown
  readonly rule: string | null
}

interface ListOf<T> {
  readonly items: readonly T[]
}

export async function loadHistory(
  { api }: Client,
  caseId: string,
): Promise<readonly HistoryItem[]> {
  return (await api.get<ListOf<HistoryItem>>(`/api/cases/${caseId}/history`)).items
}

export async function searchUsers(
  { api }: Client,
  q: string,
  signal: AbortSignal,
): Promise<readonly UserView[]> {
  const path = `/api/users?q=${encodeURIComponent(q)}&limit=20`
  return (await api.get<ListOf<UserView>>(path, { signal })).items
}

export async function patchUser(client: Client, id: string, body: UserPatch): Promise<UserView> {
  const user = await client.api.send<UserView>('PATCH', `/api/users/${id}`, { body })
  client.dispatch({ type: 'user', user })
  return user
}

export function createCase(
  client: Client,
  callId: string,
  subject: string,
  essence: string,
): Promise<CaseView> {
  return fromDraft(client, callId, 'case', { subject, essence })
}

export function fixCall(
  client: Client,
  callId: string,
  caseId: string,
  essence: string,
): Promise<CaseView> {
  return fromDraft(client, callId, 'fix', { caseId, essence })
}

/** What was typed is the case's from now on. */
async function fromDraft(
  client: Client,
  callId: string,
  what: 'case' | 'fix',
  body: unknown,
): Promise<CaseView> {
  const { api, drafts } = client
  await drafts.settle(callId)
  const found = await caseAnswer(client, api.send('POST', `/api/calls/${callId}/${what}`, { body }))
  drafts.drop(callId)
  return found
}

export async function linkUser(client: Client, callId: string, userId: string): Promise<CallView> {
  const body = { userId }
  const call = await client.api.send<CallView>('POST', `/api/calls/${callId}/user`, { body })
  client.dispatch({ type: 'call', call, now: client.now() })
  return call
}

/** The agent says that the call is over (CALL-12). */
export async function closeCall(client: Client, callId: string): Promise<void> {
  await client.api.send('POST', `/api/calls/${callId}/close`)
  await client.loadCall(callId)
}

export function patchCase(
  client: Client,
  id: string,
  version: number,
  body: CasePatch,
): Promise<CaseView> {
  const headers = { 'If-Match': `"${version}"` }
  return caseAnswer(client, client.api.send('PATCH', `/api/cases/${id}`, { body, headers }))
}

export function claim(client: Client, id: string): Promise<void> {
  return caseChange(client, id, client.api.send('POST', `/api/cases/${id}/claim`))
}

export function release(client: Client, id: string): Promise<void> {
  return caseChange(client, id, client.api.send('POST', `/api/cases/${id}/release`))
}

export function addNote(client: Client, id: string, text: string): Promise<void> {
  const body = { text }
  return caseChange(client, id, client.api.send('POST', `/api/cases/${id}/notes`, { body }))
}

export function editMessage(
  client: Client,
  id: string,
  messageId: string,
  text: string,
): Promise<void> {
  const path = `/api/cases/${id}/messages/${messageId}`
  return caseChange(client, id, client.api.send('PATCH', path, { body: { text } }))
}

/** A case as an answer: also what somebody else made of it (409) becomes the state. */
async function caseAnswer(client: Client, request: Promise<CaseView>): Promise<CaseView> {
  try {
    const found = await request
    client.dispatch({ type: 'case-loaded', case: found })
    return found
  } catch (error) {
    if (error instanceof ApiError && error.current !== null) {
      const { messages, ...summary } = error.current
      client.dispatch({ type: 'cases', items: [summary] })
      if (Array.isArray(messages)) client.dispatch({ type: 'case-loaded', case: error.current })
    }
    throw error
  }
}

/** Answers that are a case or nothing: the case is read where it was not given. */
async function caseChange(client: Client, id: string, request: Promise<unknown>): Promise<void> {
  await caseAnswer(
    client,
    request.then(() => client.api.get<CaseView>(`/api/cases/${id}`)),
  )
}
