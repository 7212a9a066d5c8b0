import { Worker } from 'node:worker_threads'
import type { Resolve } from '../net/address-guard.ts'
import type { AriClientData, AriClientMessage } from './ari-client.ts'
import { AriError } from './ari-error.ts'
import { type AriAccount, reachAri, readIsReadOnly } from './ari-reach.ts'
import type { AriRest } from './ari-rest.ts'
import { hostOf } from './ari-url.ts'

/** A connection to an ARI, whichever side opened it. */
export interface AriSession extends AsyncDisposable {
  /** Such as `22.10.1`; null where the PBX does not tell. */
  readonly version: string | null
  /** The account may not dial or hang up. */
  readonly isReadOnly: boolean
  readonly rest: AriRest
  /** Ends it without a word to `onClose`. */
  close(): Promise<void>
}

/** Who takes what a session has to say. */
export interface AriListener {
  /** As ARI sent it, in its order. */
  onEvent(event: unknown, arrivedAt: Date): void
  /** Said once, when the session ended by itself. */
  onClose(reason: string): void
}

export interface AriTimeouts {
  readonly requestMs: number
  /** From the start of the websocket until it is open. */
  readonly connectMs: number
  readonly pingEveryMs: number
  /** Without a sign of life for so long the connection counts as dead. */
  readonly silenceMs: number
}

/** A half-open connection is noticed after `silenceMs` and one more ping: 17 s (HOLD-4 asks for 20). */
export const ARI_TIMEOUTS: AriTimeouts = {
  requestMs: 10_000,
  connectMs: 10_000,
  pingEveryMs: 5_000,
  silenceMs: 12_000,
}

export interface AriOptions extends AriAccount, AriListener {
  /** Of this connection alone: a second websocket of the same name closes the first. */
  readonly app: string
  readonly signal?: AbortSignal
  readonly timeouts?: Partial<AriTimeouts>
  readonly resolve?: Resolve
}

/** Connects to an ARI and subscribes to everything (ARI-2); rejects with an `AriError`. */
export async function connectAri(options: AriOptions): Promise<AriSession> {
  const timeouts = { ...ARI_TIMEOUTS, ...options.timeouts }
  const reached = await reachAri(options, timeouts.requestMs, options.signal, options.resolve)
  const isReadOnly = await readIsReadOnly(reached.rest)
  const close = await startClient(options, timeouts, {
    isTls: reached.url.isTls,
    host: `${hostOf(reached.url)}${reached.url.prefix}`,
    address: reached.address,
    userName: options.userName,
    password: options.password.reveal(),
    app: options.app,
    pingEveryMs: timeouts.pingEveryMs,
    silenceMs: timeouts.silenceMs,
  })
  const { version, rest } = reached
  return { version, isReadOnly, rest, close, [Symbol.asyncDispose]: close }
}

function startClient(
  options: AriOptions,
  timeouts: AriTimeouts,
  data: AriClientData,
): Promise<() => Promise<void>> {
  const { promise, resolve, reject } = Promise.withResolvers<() => Promise<void>>()
  const worker = new Worker(new URL('./ari-client.ts', import.meta.url), {
    workerData: data,
    name: 'ari-client',
    // Nothing of the server's environment, and nothing on its output: the library prints notices.
    env: data.isTls && !options.verifyTls ? { NODE_TLS_REJECT_UNAUTHORIZED: '0' } : {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  })
  worker.stdout.resume()
  worker.stderr.resume()
  let state: 'opening' | 'open' | 'over' = 'opening'
  const timer = setTimeout(
    () => end('the websocket did not open in time', true),
    timeouts.connectMs,
  )
  const end = (reason: string, isTimeout = false): void => {
    if (state === 'over') return
    const wasOpen = state === 'open'
    stop()
    if (wasOpen) options.onClose(reason)
    else reject(new AriError(isTimeout ? 'timeout' : 'no-websocket', null, reason))
  }
  const stop = (): void => {
    state = 'over'
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', onAbort)
    void worker.terminate()
  }
  const close = async (): Promise<void> => {
    if (state !== 'over') stop()
    await worker.terminate()
  }
  const onAbort = (): void => {
    if (state === 'opening')
      reject(new AriError('unreachable', null, 'the connection was given up'))
    if (state !== 'over') stop()
  }
  worker.on('message', (message: AriClientMessage) => {
    if (state === 'over') return
    if (message.type === 'closed') return end(message.reason)
    if (message.type === 'open') {
      state = 'open'
      clearTimeout(timer)
      return resolve(close)
    }
    worker.postMessage(1)
    options.onEvent(message.event, new Date(message.arrivedAt))
  })
  worker.on('error', (error: unknown) =>
    end(error instanceof Error ? error.message : String(error)),
  )
  worker.on('exit', () => end('the thread of ari-client ended'))
  options.signal?.addEventListener('abort', onAbort, { once: true })
  if (options.signal?.aborted === true) onAbort()
  return promise
}
