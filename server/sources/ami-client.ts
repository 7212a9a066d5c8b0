import { AmiError } from './ami-error.ts'
import type { OnEvent } from './ami-inbox.ts'
import { type AmiLogin, logIn } from './ami-login.ts'
import { type AmiSocketOptions, openAmiSocket } from './ami-socket.ts'
import { type AmiEnd, type AmiWire, createAmiWire } from './ami-wire.ts'
import { createProgress, type Progress } from './check-cause.ts'

export interface AmiOptions extends AmiSocketOptions, Omit<AmiLogin, 'eventMask'> {
  /** `on` by default; the account's rights narrow it further. */
  readonly eventMask?: string
  /** Which events are of use: asked now and then, the answer for a name must not change; a list's are always read. */
  readonly wants?: (eventName: string) => boolean
  /** Hears the events in order from the login on, before `connectAmi` has settled too. */
  readonly onEvent: OnEvent
  /** Once, if the session was there. */
  readonly onClose: (end: AmiEnd) => void
  /** What was left out or went wrong without ending the session. */
  readonly onProblem?: (problem: string, cause?: unknown) => void
  /** From the first packet on the wire to the end of the login. */
  readonly connectTimeoutMs?: number
  readonly actionTimeoutMs?: number
  readonly pingEveryMs?: number
  readonly lostAfterMs?: number
  /** How many events may wait for `onEvent` before the session ends, to begin anew with the PBX's state. */
  readonly maxWaitingEvents?: number
  readonly clock?: () => Date
  /** Ends the try, and the session too. */
  readonly signal?: AbortSignal
}

/** A logged in session with the manager interface. */
export interface AmiSession extends Pick<AmiWire, 'send' | 'list'> {
  /** Such as `Asterisk Call Manager/11.0.0`. */
  readonly bannerLine: string
  /** The interface's version, `11.0.0`; Asterisk's own is another (`readAsteriskVersion`). */
  readonly version: string
  close(): void
}

/**
 * Connects and logs in; every failure is an `AmiError` whose message is for the admin.
 *
 * @example
 * const session = await connectAmi({ host, port: 5038, tls: false, verifyTls: true, userName, secret, onEvent, onClose })
 * const channels = await session.list({ name: 'CoreShowChannels', fields: [] })
 */
export async function connectAmi(options: AmiOptions): Promise<AmiSession> {
  const timeoutMs = options.connectTimeoutMs ?? 10_000
  const place = `${options.host}:${options.port}`
  const progress = createProgress()
  const late = new AbortController()
  const timer = setTimeout(() => {
    const message = `${place} gave no answer within ${timeoutMs} ms`
    late.abort(new AmiError('timeout', message, progress.lateness()))
  }, timeoutMs)
  const given = options.signal === undefined ? [] : [options.signal]
  try {
    return await openSession(options, AbortSignal.any([...given, late.signal]), progress)
  } finally {
    clearTimeout(timer)
  }
}

/** `starting` counts until the session is there; the caller's own signal for as long as it lasts. */
async function openSession(
  options: AmiOptions,
  starting: AbortSignal,
  progress: Progress,
): Promise<AmiSession> {
  const socket = await openAmiSocket({ ...options, onSocket: progress.connects }, starting)
  const greeted = Promise.withResolvers<string>()
  let isUp = false
  const wire = createAmiWire(socket, {
    ...(options.wants === undefined ? {} : { wants: options.wants }),
    onEvent: options.onEvent,
    onProblem: options.onProblem ?? (() => undefined),
    onBanner: greeted.resolve,
    onEnd: (end, error) => {
      greeted.reject(error)
      options.signal?.removeEventListener('abort', close)
      if (isUp) options.onClose(end)
    },
    actionTimeoutMs: options.actionTimeoutMs ?? 10_000,
    pingEveryMs: options.pingEveryMs ?? 5000,
    lostAfterMs: options.lostAfterMs ?? 9000,
    maxWaitingEvents: options.maxWaitingEvents ?? 100_000,
    clock: options.clock ?? (() => new Date()),
  })
  progress.hears(socket)
  const close = (): void => wire.end({ code: 'closed-here', message: 'closed by Ringside' })
  const onAbort = (): void => {
    const reason: unknown = starting.reason
    const error =
      reason instanceof AmiError ? reason : new AmiError('closed', 'the try was given up')
    wire.end({ code: 'closed-here', message: error.message }, error)
  }
  starting.addEventListener('abort', onAbort)
  if (starting.aborted) onAbort()
  try {
    const bannerLine = await greeted.promise
    await logIn(wire.send, { ...options, eventMask: options.eventMask ?? 'on' })
    isUp = true
    options.signal?.addEventListener('abort', close)
    const version = bannerLine.split('/')[1] ?? ''
    return { bannerLine, version, send: wire.send, list: wire.list, close }
  } catch (error) {
    close()
    throw error
  } finally {
    starting.removeEventListener('abort', onAbort)
  }
}
