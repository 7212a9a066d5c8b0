/** What the page asks for by methods of the element (EMBED-3); each refusal is an `ApiError` with a `code`. */
import type { CallView } from '../server/http/schemas.ts'
import { ApiError } from './client/api.ts'
import * as control from './client/call-control.ts'
import type { Client } from './client/client.ts'
import type { CallAction } from './client/control-types.ts'
import { selectCurrentCalls, selectPopups } from './client/select.ts'
import { selectControls } from './client/select-controls.ts'

/** Rings the agent's phone, then dials. */
export async function dial(client: Client | null, number: string): Promise<CallView> {
  if (!/[\d*#]/.test(number)) throw refused('bad-input', `"${number}" is not a number to dial`)
  return control.dial(connected(client), number.trim())
}

/** Picks up the call that has been ringing longest. */
export async function answer(client: Client | null): Promise<void> {
  const { state } = connected(client)
  const calls = selectPopups(state).filter(({ kind }) => kind === 'ringing')
  await act(
    client,
    calls.map(({ call }) => call),
    { name: 'answer' },
  )
}

/** Ends the newest of the agent's calls. */
export async function hangUp(client: Client | null): Promise<void> {
  await act(client, selectCurrentCalls(connected(client).state), { name: 'hangup' })
}

async function act(
  client: Client | null,
  calls: readonly CallView[],
  action: CallAction,
): Promise<void> {
  const { state } = connected(client)
  if (calls.length === 0) throw refused('wrong-state', `there is no call to ${action.name}`)
  const call = calls.find((one) => selectControls(state, one).includes(action.name))
  if (call === undefined) {
    throw refused('not-supported', `${action.name} does not work for this call or phone`)
  }
  await control.act(connected(client), call.id, action)
}

function connected(client: Client | null): Client {
  if (client === null)
    throw new ApiError(401, { type: 'unauthorized', detail: 'there is no token' })
  return client
}

function refused(code: string, detail: string): ApiError {
  return new ApiError(409, { type: code, detail })
}
