import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { now } from '../bench/stream-client.ts'
import { createStreamLoad, type StreamLoad } from '../bench/stream-load.ts'
import { createStreamStage, type StreamStage } from '../bench/stream-stage.ts'
import { quantileOf } from '../support/quantile.ts'

export interface SlowReaders {
  readonly postgresUrl: string
  readonly clients: number
  /** Of them: half read nothing any more, half a little now and then. */
  readonly slow: number
  /** Events to all, in each part. */
  readonly events: number
  readonly perSecond: number
  /** Bytes of an event, about. */
  readonly bytes: number
}

export interface SlowFound {
  /** From the change on until each reader heard of it, p99: before, with the slow ones, after they were cut. */
  readonly p99: { readonly before: number; readonly meanwhile: number; readonly after: number }
  /** From when they read slowly until the server let go of each of them; who is still there is not in it. */
  readonly cutAfterSeconds: readonly number[]
  /** How much more memory the server had at most with them than before, for each of them. */
  readonly kibEach: number
  readonly wrong: readonly string[]
}

const PATIENCE_MS = 60_000
const LOOK_MS = 100
/** Who is ended after 1 MB has 10 s to take it. */
const LET_GO_MS = 15_000

/** Clients that read slowly or not at all among others, who must not notice (HOLD-11). */
export async function hearBesideSlow(options: SlowReaders): Promise<SlowFound> {
  const { clients, slow } = options
  await using stage = await createStreamStage(options.postgresUrl, clients)
  await using load = createStreamLoad(clients)
  await load.open('stream', stage.port, stage.tokens)
  const before = await tellMany(stage, load, options)
  const held = Array.from({ length: slow }, (_, index) => Math.floor((index * clients) / slow))
  const ports = [
    ...(await load.read('stuck', held.slice(0, slow / 2))),
    ...(await load.read('slow', held.slice(slow / 2))),
  ]
  const from = now()
  const watched = watchUntilGone(stage.port, ports)
  const meanwhile = await tellMany(stage, load, options)
  const goneAt = await watched.over()
  const after = await tellMany(stage, load, options)
  return {
    p99: { before: before.p99, meanwhile: meanwhile.p99, after: after.p99 },
    cutAfterSeconds: goneAt.map((at) => (at - from) / 1000),
    kibEach: (meanwhile.mostKib - before.mostKib) / slow,
    wrong: [...before.wrong, ...meanwhile.wrong, ...after.wrong],
  }
}

async function tellMany(
  stage: StreamStage,
  load: StreamLoad,
  { events, perSecond, bytes }: SlowReaders,
): Promise<{ p99: number; mostKib: number; wrong: readonly string[] }> {
  const toldAt = new Map<number, number>()
  let mostKib = 0
  for (let i = 0; i < events; i += 1) {
    const next = pause(1000 / perSecond)
    const { sequence, at } = await stage.tellAll(bytes)
    toldAt.set(sequence, at)
    mostKib = Math.max(mostKib, stage.rssKib())
    await next
  }
  await load.hear('stream', Math.max(...toldAt.keys()), PATIENCE_MS)
  const { all, wrong } = await load.report()
  const took = all.stream.flatMap(({ sequence, times }) =>
    [...times].map((at) => at - (toldAt.get(sequence) ?? Number.NaN)),
  )
  return { p99: quantileOf(took, 0.99), mostKib, wrong }
}

/** Looks when the server closes each of these connections: their own side does not see it, it reads nothing. */
function watchUntilGone(
  port: number,
  ports: readonly number[],
): { over(): Promise<readonly number[]> } {
  let deadline = Number.POSITIVE_INFINITY
  const work = (async () => {
    const goneAt: number[] = []
    while (now() < deadline && goneAt.length < ports.length) {
      await pause(LOOK_MS)
      const there = establishedAt(port)
      const gone = ports.filter((each) => !there.has(each)).length
      while (goneAt.length < gone) goneAt.push(now())
    }
    return goneAt
  })()
  return {
    over: () => {
      deadline = now() + LET_GO_MS
      return work
    },
  }
}

const ESTABLISHED = '01'

/** The ports of the clients to which a server has a connection, as Linux tells. */
function establishedAt(port: number): Set<number> {
  const lines = readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)
  const found = new Set<number>()
  for (const line of lines) {
    const [, local = '', remote = '', state] = line.trim().split(/\s+/)
    const isOurs = Number.parseInt(local.slice(local.indexOf(':') + 1), 16) === port
    if (isOurs && state === ESTABLISHED)
      found.add(Number.parseInt(remote.slice(remote.indexOf(':') + 1), 16))
  }
  return found
}
