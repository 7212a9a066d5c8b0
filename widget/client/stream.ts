/**
 * The event stream, over sse.js. What sse.js leaves to us: a token that is new at each attempt, random
 * backoff, a watchdog, an end at 401, no HTML taken for events, no half event at the end of a stream.
 */
import { SSE } from 'sse.js'
import { backoffMs } from './backoff.ts'
import type { ConnectionState } from './state.ts'

export interface StreamOptions {
  readonly url: string
  /** The events to listen for. */
  readonly events: readonly string[]
  /** A token that is good now; `again` where the last one was refused. Null: there is none. */
  readonly getToken: (again: boolean) => Promise<string | null>
  readonly onEvent: (event: string, data: unknown, id: string | null) => void
  readonly onState: (state: ConnectionState, reason: string | null) => void
  /** The last event that is known already. */
  readonly lastEventId?: string | null
  readonly random?: () => number
  /** Bytes or heartbeats come every 15 s; after this long without any the line is dead. */
  readonly silenceMs?: number
  readonly backoff?: (attempt: number, random: number) => number
}

export interface Stream {
  /** Connects now if it waits, was refused, or has long been silent; `isLate`: or only looks alive. */
  readonly wake: (isLate?: boolean) => void
  readonly close: () => void
}

interface StreamEvent extends Event {
  readonly data?: string
  readonly lastEventId?: string
  readonly responseCode?: number
  readonly headers?: Record<string, string[]>
}

/** What the pinned version of sse.js has inside and its types do not tell. */
interface Internals {
  _onStreamLoaded: (event: Event) => void
  _onStreamProgress: (event: Event) => void
  _markClosed: () => void
}

/** An attempt that lived this long counts as a good one, however it ended. */
const GOOD_MS = 2_000

/** Opens the stream and keeps it open until `close()`. */
export function createStream(options: StreamOptions): Stream {
  const random = options.random ?? Math.random
  const backoff = options.backoff ?? backoffMs
  const silenceMs = options.silenceMs ?? 40_000
  let lastEventId = options.lastEventId ?? null
  let attempt = 0
  let refusals = 0
  let end: (() => void) | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false
  let isConnecting = false
  let lastBytesAt = 0
  let startedAt = 0

  function tell(state: ConnectionState, reason: string | null = null): void {
    if (!isClosed) options.onState(state, reason)
  }

  async function connect(again: boolean): Promise<void> {
    clearTimeout(timer)
    if (isClosed || isConnecting || end !== null) return
    isConnecting = true
    const token = await options.getToken(again).catch(() => undefined)
    isConnecting = false
    if (isClosed) return
    if (token === undefined) later('no-token')
    else if (token === null) tell('refused', 'no-token')
    else end = open(token)
  }

  function later(reason: string): void {
    tell('waiting', reason)
    attempt += 1
    timer = setTimeout(connect, backoff(attempt, random()), false)
  }

  function open(token: string): () => void {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` }
    if (lastEventId !== null) headers['Last-Event-ID'] = lastEventId
    const source = new SSE(options.url, { headers, start: false, useLastEventId: false })
    startedAt = Date.now()
    lastBytesAt = startedAt
    let isOver = false
    const watch = setInterval(() => {
      // By the clock, not by counting: after a laptop's sleep this fires at once, as when it was set back.
      if (Math.abs(Date.now() - lastBytesAt) > silenceMs) finish(() => later('silent'))
    }, silenceMs / 8)

    function finish(then: () => void): void {
      if (isOver) return
      isOver = true
      clearInterval(watch)
      end = null
      source.close()
      then()
    }

    source.addEventListener('open', (event: StreamEvent) => {
      if (isOver || event.responseCode !== 200) return
      const type = event.headers?.['content-type']?.[0] ?? ''
      if (!type.startsWith('text/event-stream')) return finish(() => later('not-a-stream'))
      refusals = 0
      tell('open')
    })
    source.addEventListener('error', (event: StreamEvent) => {
      const code = event.responseCode ?? 0
      finish(() =>
        code === 401 || code === 403 ? refused() : later(code ? String(code) : 'network'),
      )
    })
    for (const type of options.events) {
      source.addEventListener(type, (event: StreamEvent) => {
        if (isOver) return
        deliver(type, event)
      })
    }
    const inside = source as unknown as Internals
    // sse.js would deliver what is left at the end: half an event, cut in the middle.
    inside._onStreamLoaded = (event) => {
      inside._onStreamProgress(event)
      source.chunk = ''
      finish(() => (Date.now() - startedAt > GOOD_MS ? ended() : later('ended')))
    }
    source.stream()
    source.xhr?.addEventListener('readystatechange', (event) => {
      if (isOver || source.xhr?.readyState !== XMLHttpRequest.LOADING) return
      // Heartbeats are comments, which sse.js does not tell of: watch the bytes.
      lastBytesAt = Date.now()
      if (lastBytesAt - startedAt > GOOD_MS) attempt = 0
      // sse.js waits for progress, of which browsers tell once in 50 ms; of the state they tell at once.
      inside._onStreamProgress(event)
    })
    return () => finish(() => undefined)
  }

  function deliver(type: string, event: StreamEvent): void {
    let data: unknown
    try {
      data = JSON.parse(event.data ?? '')
    } catch {
      // One unreadable event must not stop those after it; the id still moves on.
      data = undefined
    }
    if (event.lastEventId) lastEventId = event.lastEventId
    if (data !== undefined) options.onEvent(type, data, lastEventId)
  }

  function ended(): void {
    attempt = 0
    timer = setTimeout(connect, backoff(0, random()), false)
  }

  function refused(): void {
    refusals += 1
    if (refusals === 1) void connect(true)
    else tell('refused', 'refused')
  }

  tell('connecting')
  void connect(false)
  return {
    wake(isLate = false) {
      refusals = 0
      attempt = 0
      const now = Date.now()
      // After a sleep the line may be gone and nobody has said so; several tabs may notice one sleep.
      const isDead = isLate && Math.abs(now - startedAt) > GOOD_MS
      // A page that is looked at again: one missed heartbeat is enough to try again.
      if (isDead || now - lastBytesAt > silenceMs / 2) end?.()
      void connect(false)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      end?.()
    },
  }
}
