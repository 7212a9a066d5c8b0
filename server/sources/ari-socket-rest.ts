import type { WebSocket } from 'ws'
import { AriError } from './ari-error.ts'
import { readNumber, readString } from './ari-fields.ts'
import { type AriRest, pathOf, readAnswer } from './ari-rest.ts'

export interface AriSocketRest extends AriRest {
  /** Takes a `RESTResponse`. */
  answer(message: unknown): void
  /** Rejects whatever waits for an answer, and all that is asked afterwards. */
  end(reason: string): void
}

interface Pending {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: AriError) => void
  readonly timer: NodeJS.Timeout
}

/** More than this is no use of ours: a caller asks again and again without waiting. */
const MAX_PENDING = 200

/** ARI's requests as `RESTRequest` messages on the websocket that the PBX opened (ARI-4). */
export function createAriSocketRest(
  socket: Pick<WebSocket, 'send'>,
  timeoutMs: number,
): AriSocketRest {
  const pending = new Map<string, Pending>()
  let lastId = 0
  let ended: string | null = null

  const send = (method: string, uri: string, body?: unknown): Promise<unknown> => {
    if (ended !== null) return Promise.reject(new AriError('unreachable', null, ended))
    if (pending.size >= MAX_PENDING)
      return Promise.reject(new AriError('refused', null, 'too many requests wait for an answer'))
    lastId += 1
    const id = String(lastId)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const timer = setTimeout(() => {
      pending.delete(id)
      reject(new AriError('timeout', null, `no answer within ${timeoutMs / 1000} s`))
    }, timeoutMs)
    pending.set(id, { resolve, reject, timer })
    const content =
      body === undefined
        ? {}
        : { content_type: 'application/json', message_body: JSON.stringify(body) }
    socket.send(JSON.stringify({ type: 'RESTRequest', request_id: id, method, uri, ...content }))
    return promise
  }

  return {
    get: (path) => send('GET', path),
    post: (path, query = {}, body) => send('POST', pathOf(path, query), body),
    delete: (path, query = {}) => send('DELETE', pathOf(path, query)),
    answer: (message) => {
      const id = readString(message, 'request_id') ?? ''
      const waiting = pending.get(id)
      // One that came after its time was up.
      if (waiting === undefined) return
      pending.delete(id)
      clearTimeout(waiting.timer)
      try {
        const status = readNumber(message, 'status_code') ?? 0
        waiting.resolve(readAnswer(status, readString(message, 'message_body') ?? ''))
      } catch (error) {
        waiting.reject(toAriError(error))
      }
    },
    end: (reason) => {
      ended = reason
      for (const { reject, timer } of pending.values()) {
        clearTimeout(timer)
        reject(new AriError('unreachable', null, reason))
      }
      pending.clear()
    },
  }
}

function toAriError(error: unknown): AriError {
  if (error instanceof AriError) return error
  return new AriError('not-ari', null, 'the answer cannot be read', error)
}
