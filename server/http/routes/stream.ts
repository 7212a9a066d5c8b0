import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { follow } from '../../stream/follow.ts'
import type { StreamHub } from '../../stream/hub.ts'
import { BEATS, createLive, type Live } from '../../stream/live.ts'
import type { Pages } from '../../stream/pages.ts'
import type { Snapshots } from '../../stream/snapshots.ts'
import type { Listener } from '../../stream/subscribers.ts'
import { type AppEnv, actorOf, type Identity, requireIdentity } from '../access.ts'
import type { Authenticator } from '../auth.ts'
import type { Leaving } from '../leaving.ts'
import { describe } from '../route.ts'

export interface StreamDeps {
  readonly hub: StreamHub
  readonly snapshots: Snapshots
  readonly pages: Pages
  readonly authenticator: Pick<Authenticator, 'onForget'>
  readonly clock: () => Date
  /** Aborted when the server stops: streams are told to come back. */
  readonly stopping: AbortSignal
  /** Before that, streams go elsewhere one after another. */
  readonly leaving?: Pick<Leaving, 'onTurn'>
  readonly controls?: () => Record<string, string[]>
  readonly heartbeatMs?: number
}

export const HEARTBEAT_MS = 15_000
const MAX_STREAM_MS = 15 * 60_000
const END_TIMEOUT_MS = 10_000

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Not kept: Chromium goes on filling its cache from a stream whose tab has gone, beside the next tab's.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'access-control-allow-origin': '*',
}

export function streamRoutes(deps: StreamDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  // One listener for all: each one more on a signal is compared with those that it has.
  const open = new Set<() => void>()
  const stop = (): void => {
    for (const end of [...open]) end()
  }
  deps.stopping.addEventListener('abort', stop)
  return app.get(
    '/api/stream',
    describe({
      summary: 'Server-sent events; resumes after Last-Event-ID',
      tag: 'stream',
      access: 'read',
      answers: { 200: null },
    }),
    async (c) => {
      const identity = requireIdentity(c)
      if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS)
      // The server always runs on node:http, which gives these bindings.
      const { outgoing } = c.env as HttpBindings
      await begin(deps, open, {
        outgoing,
        identity,
        listener: actorOf(identity),
        lastEventId: c.req.header('last-event-id') ?? c.req.query('lastEventId') ?? null,
      })
      return RESPONSE_ALREADY_SENT
    },
  )
}

interface Asked {
  readonly outgoing: HttpBindings['outgoing']
  readonly identity: Identity
  readonly listener: Listener
  readonly lastEventId: string | null
}

/**
 * Resolves when the stream has begun. Nothing of the request is kept as long as it goes on: what the app holds of one
 * that it still answers is more than all that a client needs (PERF-3).
 */
async function begin(
  deps: StreamDeps,
  open: Set<() => void>,
  { outgoing, identity, listener, lastEventId }: Asked,
): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  const end = (): void => over.abort()
  const timer = setTimeout(end, lifetimeMs(identity, deps.clock))
  open.add(end)
  const unturn = deps.leaving?.onTurn(end)
  const unhear = deps.authenticator.onForget(identity, end)
  outgoing.once('close', end)
  if (outgoing.destroyed || deps.stopping.aborted) end()
  const { agentId } = listener
  const leave = agentId === null ? () => undefined : deps.pages.enter(agentId)
  const finish = (): void => {
    clearTimeout(timer)
    open.delete(end)
    unturn?.()
    unhear()
    leave()
  }
  const live = createLive(outgoing, end)
  const chunks = follow({
    ...{
      hub: deps.hub,
      snapshots: deps.snapshots,
      clock: deps.clock,
      listener,
      lastEventId,
      signal,
    },
    ...(deps.controls === undefined ? {} : { controls: deps.controls }),
    writeNow: live.writeNow,
    onTooSlow: () => outgoing.destroy(),
  })
  try {
    // What fails here is still an answer: the database may be away.
    const snapshot = await chunks.next()
    if (snapshot.done || outgoing.destroyed) {
      await chunks.return(undefined)
      return finish()
    }
    letGo(outgoing, end)
    outgoing.writeHead(200, HEADERS)
    const isRead = outgoing.write(snapshot.value)
    live.begin()
    void goOn(live, isRead, chunks, { heartbeatMs: deps.heartbeatMs, signal })
      // The client comes back, and resumes.
      .catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined))
      .finally(finish)
  } catch (error) {
    finish()
    throw error
  }
}

/** Of whoever else waits for the answer's end: the adapter does, with all of the request (PERF-3). */
function letGo(outgoing: HttpBindings['outgoing'], keep: () => void): void {
  for (const listener of outgoing.listeners('close')) {
    if (listener !== keep) outgoing.off('close', listener as () => void)
  }
}

/** Until the token ends (SAFE-8), and not so long that the client's memory fills up. */
function lifetimeMs(identity: Identity, clock: () => Date): number {
  // In whole seconds: Node keeps a list of timers for each duration.
  const jittered = 1000 * Math.round((MAX_STREAM_MS / 1000) * (0.8 + 0.2 * Math.random()))
  if (identity.kind !== 'agent') return jittered
  return Math.max(0, Math.min(jittered, identity.expiresAt.getTime() - clock().getTime()))
}

/** Writes what is yielded, and a heartbeat comment when nothing is, as fast as the client reads. */
async function goOn(
  { outgoing, beat, count }: Live,
  isRead: boolean,
  chunks: AsyncGenerator<Buffer>,
  { heartbeatMs = HEARTBEAT_MS, signal }: { heartbeatMs: number | undefined; signal: AbortSignal },
): Promise<void> {
  const heartbeat = setInterval(beat, heartbeatMs / BEATS)
  try {
    if (!isRead) await drained(outgoing, signal)
    for await (const chunk of chunks) {
      if (!outgoing.write(chunk)) await drained(outgoing, signal)
      count(chunk)
      if (outgoing.destroyed || signal.aborted) break
    }
  } finally {
    clearInterval(heartbeat)
    endOrCut(outgoing)
  }
}

/** A client that does not even read the end is cut off: its socket would stay for hours. */
function endOrCut(outgoing: HttpBindings['outgoing']): void {
  if (outgoing.destroyed) return
  const timer = setTimeout(() => outgoing.destroy(), END_TIMEOUT_MS)
  outgoing.once('close', () => clearTimeout(timer))
  outgoing.end()
}

/** The client has read on, is gone, or the stream is over. */
function drained(outgoing: HttpBindings['outgoing'], signal: AbortSignal): Promise<void> {
  if (outgoing.destroyed || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    outgoing.on('drain', done)
    outgoing.on('close', done)
    signal.addEventListener('abort', done)
  })
}
