/** What the page asks for by methods of the element (EMBED-3); each refusal is a `RingsideError` with a `code`. */
import type { CallView } from '../server/http/schemas.ts'
import { ApiError } from './client/api.ts'
import * as control from './client/call-control.ts'
import type { Client } from './client/client.ts'
import type { CallAction } from './client/control-types.ts'
import { selectCurrentCalls, selectPopups } from './client/select.ts'
import { selectControls } from './client/select-controls.ts'
import type { RingsideWidget } from './elements/ringside-widget.ts'
import type { Route } from './elements/route.ts'
import { RingsideError, toRingsideError } from './errors.ts'

/** A method that is called before there is a connection waits for it this long. */
const PATIENCE_MS = 5000

/** Rings the agent's phone, then dials; says so on the screen meanwhile. */
export async function dial(widget: RingsideWidget, number: string): Promise<CallView> {
  // Pages that are not typed give numbers as such.
  const wanted = String(number).trim()
  const note = { number: wanted, error: null }
  widget.dialling = note
  try {
    const call = await run(widget, (client) => {
      if (/[\d*#]/.test(wanted)) return control.dial(client, wanted)
      throw new ApiError(400, { detail: `"${wanted}" is not a number to dial` })
    })
    if (widget.dialling === note) widget.dialling = null
    return call
  } catch (error) {
    const { cause } = error as RingsideError
    if (widget.dialling === note) widget.dialling = { number: wanted, error: cause ?? error }
    throw error
  }
}

/** Picks up the call that has been ringing longest. */
export function answer(widget: RingsideWidget): Promise<void> {
  return run(widget, (client) => {
    const calls = selectPopups(client.state).filter(({ kind }) => kind === 'ringing')
    return act(
      client,
      calls.map(({ call }) => call),
      { name: 'answer' },
    )
  })
}

/** Ends the newest of the agent's calls. */
export function hangUp(widget: RingsideWidget): Promise<void> {
  return run(widget, (client) => act(client, selectCurrentCalls(client.state), { name: 'hangup' }))
}

/** Opens a call in the panel. */
export function openCall(widget: RingsideWidget, id: string): Promise<void> {
  return run(widget, async (client) => {
    if (!client.state.calls.has(id)) await client.loadCall(id)
    await open(widget, { view: 'call', callId: id })
  })
}

/** Opens a user in the page, else in the panel. */
export function openUser(widget: RingsideWidget, id: string): Promise<void> {
  return run(widget, async (client) => {
    if (!client.state.users.has(id)) {
      const path = `/api/users/${encodeURIComponent(id)}`
      client.dispatch({ type: 'user', user: await client.api.get(path) })
    }
    await open(widget, { view: 'user', userId: id })
  })
}

/** Opens a case in the page, else in the panel. */
export function openCase(widget: RingsideWidget, id: string): Promise<void> {
  return run(widget, async (client) => {
    await client.loadCase(id)
    await open(widget, { view: 'case', caseId: id, callId: null })
  })
}

/** Opens the search for users with a text. */
export function search(widget: RingsideWidget, text: string): Promise<void> {
  return run(widget, async () => (await widget.desk()).search(text))
}

async function open(widget: RingsideWidget, route: Route): Promise<void> {
  await (await widget.desk()).open(route)
}

async function run<T>(widget: RingsideWidget, what: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await what(await connected(widget))
  } catch (error) {
    throw toRingsideError(error)
  }
}

async function act(client: Client, calls: readonly CallView[], action: CallAction): Promise<void> {
  const { name } = action
  if (calls.length === 0) throw new RingsideError('no-call', `there is no call to ${name}`)
  const call = calls.find((one) => selectControls(client.state, one).includes(name))
  if (call === undefined)
    throw new RingsideError('not-supported', `${name} does not work for this call or phone`)
  await control.act(client, call.id, action)
}

/** The client, once it knows who the agent is and what goes on. */
function connected(widget: RingsideWidget): Promise<Client> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      widget.removeEventListener('ringside-ready', look)
      widget.removeEventListener('ringside-connection', look)
    }
    const look = () => {
      const { client } = widget
      const isReady = client?.state.isReady && client.state.me !== null
      const isRefused = client?.state.connection === 'refused'
      if (!isReady && !isRefused) return
      stop()
      if (isReady) resolve(client)
      else reject(new RingsideError('signed-out', 'the token is not accepted'))
    }
    const timer = setTimeout(() => {
      stop()
      reject(
        widget.client === null
          ? new RingsideError('signed-out', 'the element has no token, or is not in the page')
          : new RingsideError('not-connected', 'the server has not answered yet'),
      )
    }, PATIENCE_MS)
    widget.addEventListener('ringside-ready', look)
    widget.addEventListener('ringside-connection', look)
    look()
  })
}
