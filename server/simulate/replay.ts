import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import type { PbxRequest } from './scenario.ts'

export interface ReplayOptions {
  /** 2 is twice as fast; Infinity does not wait at all. */
  readonly speed?: number
  /** Sends each request twice, as a network that repeats does. */
  readonly doubled?: boolean
  /** Sends the requests in another order, the same for the same seed. */
  readonly shuffleSeed?: number
  readonly signal?: AbortSignal
  /** Hears each answer as it comes. */
  readonly onAnswer?: (answer: Answer) => void
}

/** What the receiver said to one request. */
export interface Answer {
  readonly index: number
  /** 0 where there was no answer; then `body` says why. */
  readonly status: number
  readonly body: string
  readonly tookMs: number
}

const ANSWER_TIMEOUT_MS = 30_000

/**
 * Sends a call's requests to a webhook address, one after the other as Asterisk does: its dialplan
 * waits for each answer.
 */
export async function replay(
  requests: readonly PbxRequest[],
  url: URL,
  options: ReplayOptions = {},
): Promise<readonly Answer[]> {
  const { speed = 1, signal } = options
  const startedAt = performance.now()
  const answers: Answer[] = []
  for (const { index, afterMs } of plan(requests, options)) {
    const waitMs = afterMs / speed - (performance.now() - startedAt)
    if (waitMs > 0) await wait(waitMs, undefined, { signal })
    signal?.throwIfAborted()
    const answer = await send(requests[index]!, index, url, signal)
    answers.push(answer)
    options.onAnswer?.(answer)
  }
  return answers
}

/** Which request goes out when. */
function plan(
  requests: readonly PbxRequest[],
  { doubled = false, shuffleSeed }: ReplayOptions,
): readonly { index: number; afterMs: number }[] {
  const order = requests.map((_, index) => index).flatMap((i) => (doubled ? [i, i] : [i]))
  const times = order.map((index) => requests[index]!.afterMs)
  const sent = shuffleSeed === undefined ? order : shuffle(order, shuffleSeed)
  return sent.map((index, slot) => ({ index, afterMs: times[slot]! }))
}

/** Fisher–Yates with mulberry32, so that a printed seed brings the same order back. */
function shuffle(items: readonly number[], seed: number): readonly number[] {
  const shuffled = [...items]
  let state = seed >>> 0
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = shuffled[i]!
    shuffled[i] = shuffled[j]!
    shuffled[j] = kept
  }
  return shuffled
}

/** Not `fetch`: that adds `Sec-Fetch-Mode`, by which a webhook knows (and refuses) a browser. */
function send(
  { method, headers, body }: PbxRequest,
  index: number,
  url: URL,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const startedAt = performance.now()
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
  const answered = (status: number, text: string): Answer => ({
    index,
    status,
    body: text,
    tookMs: performance.now() - startedAt,
  })
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      if (signal?.aborted) reject(signal.reason)
      else resolve(answered(0, timeout.aborted ? 'no answer within 30 s' : reasonOf(error)))
    }
    const outgoing = request(
      url,
      {
        method,
        headers: ['Host', url.host, ...headers.flat()],
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', fail)
        response.on('end', () =>
          resolve(answered(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))),
        )
      },
    )
    outgoing.on('error', fail)
    outgoing.end(body)
  })
}

/** A refused connection to a name with two addresses has its reasons one level down. */
function reasonOf(error: Error): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error
  return inner instanceof Error && inner.message !== '' ? inner.message : String(error)
}
