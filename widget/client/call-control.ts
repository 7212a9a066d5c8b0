/** What agents ask of the PBX (CTL): sent, told to the state, and never taken for done. Loaded with the first use. */
import type { CallView } from '../../server/http/schemas.ts'
import { ApiError } from './api.ts'
import type { Client } from './client.ts'
import type { CallAction, OwnState, Queue } from './control-types.ts'

/** Asks for something about a call; a refusal is in the state of the call, and thrown. */
export async function act(client: Client, callId: string, action: CallAction): Promise<void> {
  const { name } = action
  client.dispatch({ type: 'action-sent', callId, name })
  try {
    const path = `/api/calls/${callId}/actions/${name}`
    await client.api.send('POST', path, { body: bodyOf(action) })
  } catch (error) {
    client.dispatch({ type: 'action-refused', callId, name, ...toReason(error) })
    throw error
  }
  client.dispatch({ type: 'action-accepted', callId, action })
}

/** Rings the agent's phone, then dials the number (CTL-2). */
export async function dial(client: Client, number: string): Promise<CallView> {
  const call = await client.api.send<CallView>('POST', '/api/dial', { body: { number } })
  client.dispatch({ type: 'call', call, now: client.now() })
  return call
}

/** Says what the agent is from now on; what became of it comes by the stream. */
export async function setMyState(client: Client, state: OwnState, reason: string): Promise<void> {
  await client.api.send('PUT', '/api/me/state', { body: withReason({ state }, reason) })
}

/** Pauses the agent in one queue, or takes calls again. */
export async function pauseQueue(client: Client, name: string, paused: boolean): Promise<void> {
  await client.api.send('PUT', '/api/me/queues', { body: { name, paused } })
}

/** Loads the queues once; the stream keeps them up to date. */
export async function needQueues(client: Client): Promise<void> {
  const key = 'queues'
  if (client.state.loads.has(key)) return
  client.dispatch({ type: 'load', key, state: 'loading' })
  try {
    const { items } = await client.api.get<{ items: readonly Queue[] }>('/api/queues')
    client.dispatch({ type: 'queues', items })
    client.dispatch({ type: 'load', key, state: 'done' })
  } catch {
    // Without queues the rest of the page is the same; after the next hello it is tried again.
    client.dispatch({ type: 'load', key, state: 'failed' })
  }
}

function bodyOf(action: CallAction): unknown {
  if (action.name === 'dtmf') return { digits: action.digits }
  if (action.name === 'transfer') return { to: action.to, mode: action.mode }
  return undefined
}

function withReason<T extends object>(body: T, reason: string): T & { reason?: string } {
  return reason === '' ? body : { ...body, reason }
}

function toReason(error: unknown): { readonly code: string; readonly detail: string } {
  if (!(error instanceof ApiError)) return { code: '', detail: String(error) }
  if (error.status === 0) return { code: 'offline', detail: '' }
  return { code: error.code, detail: error.message }
}
