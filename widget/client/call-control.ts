/** What agents ask of the PBX (CTL): sent, told to the state, and never taken for done. */
import type { CallView } from '../../server/http/schemas.ts'
import { type Api, ApiError } from './api.ts'
import type { CallAction, OwnState, Queue } from './control-types.ts'
import type { Message } from './state.ts'

export interface CallControl {
  /** Asks for something about a call; a refusal is in the state of the call, and thrown. */
  readonly act: (callId: string, action: CallAction) => Promise<void>
  /** Rings the agent's phone, then dials the number (CTL-2). */
  readonly dial: (number: string) => Promise<CallView>
  readonly setMyState: (state: OwnState, reason: string) => Promise<void>
  readonly pauseQueue: (name: string, paused: boolean, reason: string) => Promise<void>
  readonly loadQueues: () => Promise<void>
}

export interface CallControlOptions {
  readonly api: Api
  readonly dispatch: (message: Message) => void
  readonly now: () => number
}

/** Creates the commands of one client. */
export function createCallControl({ api, dispatch, now }: CallControlOptions): CallControl {
  async function act(callId: string, action: CallAction): Promise<void> {
    const { name } = action
    dispatch({ type: 'action-sent', callId, name })
    try {
      await api.send('POST', `/api/calls/${callId}/actions/${name}`, { body: bodyOf(action) })
    } catch (error) {
      dispatch({ type: 'action-refused', callId, name, ...toReason(error) })
      throw error
    }
    dispatch({ type: 'action-accepted', callId, action })
  }

  return {
    act,
    async dial(number) {
      const call = await api.send<CallView>('POST', '/api/dial', { body: { number } })
      dispatch({ type: 'call', call, now: now() })
      return call
    },
    // What became of it comes by the stream.
    async setMyState(state, reason) {
      await api.send('PUT', '/api/me/state', { body: withReason({ state }, reason) })
    },
    async pauseQueue(name, paused, reason) {
      await api.send('PUT', '/api/me/queues', { body: withReason({ name, paused }, reason) })
    },
    async loadQueues() {
      const { items } = await api.get<{ items: readonly Queue[] }>('/api/queues')
      dispatch({ type: 'queues', items })
    },
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
