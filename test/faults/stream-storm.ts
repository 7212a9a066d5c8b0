import { setTimeout as pause } from 'node:timers/promises'
import { now } from '../bench/stream-client.ts'
import { createStreamLoad, type StreamLoad } from '../bench/stream-load.ts'
import type { Ring } from '../bench/stream-ring.ts'
import type { StormStage } from '../bench/stream-stage.ts'
import { quantileOf } from '../support/quantile.ts'
import { createRandom } from '../support/random.ts'

/**
 * `killed`: the server, and started again; `cut`: the network, while the server goes on; `instant`: killed, and all come
 * back in one instant, as no widget does, which waits for a time of its own.
 */
export type How = 'killed' | 'cut' | 'instant'

export interface Storm {
  /** With nobody there yet. */
  readonly stage: StormStage
  readonly how: How
  /** Calls that ring, in a second, all the while. */
  readonly rate: number
  readonly seed: number
  /** Rings go on for so long from when all could come back, so that two servers are compared over the same time. */
  readonly watchMs: number
}

export interface Weathered {
  /** From when all of them could come until each had its stream again. */
  readonly backSeconds: readonly number[]
  /** How long webhooks took that came meanwhile; one without an answer is not a time but a fault. */
  readonly webhookMs: readonly number[]
  /** As `webhookMs`, of `watchMs`. */
  readonly watchedMs: readonly number[]
  readonly webhooksWithout: number
  /** Of events and rings. */
  readonly wrong: readonly string[]
  readonly acknowledged: number
  readonly told: number
}

const PATIENCE_MS = 120_000
const BEFORE_MS = 1000
/** So many events are told while everybody is away. */
const MISSED = 5
const TELL_EVERY_MS = 500

/** All clients lose their stream and come back at once with their last ids, while calls ring (HOLD-6). */
export async function weather(storm: Storm): Promise<Weathered> {
  const { stage, how, rate, seed, watchMs } = storm
  await using load = createStreamLoad(stage.tokens.length)
  const random = createRandom(seed)
  await load.open('stream', stage.port, stage.tokens)
  await load.hear('stream', (await stage.tellAll()).sequence, PATIENCE_MS)
  const rings = playRings(stage, rate, random)
  await pause(BEFORE_MS)
  if (how !== 'cut') await stage.kill()
  await load.drop('stream')
  if (how !== 'cut') await stage.start()
  for (let i = 0; i < MISSED; i += 1) await stage.tellAll()
  const telling = tellOn(stage)
  const from = now()
  await load.comeBack(how === 'instant')
  // Told until then also where they do not: the server goes as soon as this is over.
  await load.up(PATIENCE_MS).finally(telling.stop)
  const until = now()
  await pause(Math.max(0, from + watchMs - until))
  const all = await rings.stop()
  const { wrong, back, told } = await settle(stage, load, all)
  const within = (end: number) => all.filter(({ at }) => at >= from && at <= end)
  const meanwhile = within(until)
  return {
    backSeconds: back.map((at) => (at - from) / 1000),
    webhookMs: meanwhile.flatMap(({ tookMs }) => tookMs ?? []),
    watchedMs: within(from + watchMs).flatMap(({ tookMs }) => tookMs ?? []),
    webhooksWithout: meanwhile.filter(({ status }) => status !== 200).length,
    wrong,
    acknowledged: all.filter(({ status }) => status === 200).length,
    told,
  }
}

/** The 99th of a hundred webhooks: that came meanwhile, or in the time that was watched. */
export function webhookP99(of: Weathered, which: 'webhookMs' | 'watchedMs' = 'webhookMs'): number {
  return quantileOf(of[which], 0.99)
}

/** Waits until everybody has heard everything; what is missing then does not come any more. */
async function settle(
  stage: StormStage,
  load: StreamLoad,
  rings: readonly Ring[],
): Promise<{ wrong: readonly string[]; back: readonly number[]; told: number }> {
  await stage.settled()
  const { sequence } = await stage.tellAll()
  await load.hear('stream', sequence, PATIENCE_MS)
  const { one, wrong, back } = await load.report()
  const agentOf = new Map(rings.map(({ uniqueId, client }) => [uniqueId, client]))
  const heard = new Set(one.map(({ client, uniqueId }) => `${client} ${uniqueId}`))
  const missing = rings
    .filter(({ status, client, uniqueId }) => status === 200 && !heard.has(`${client} ${uniqueId}`))
    .map(({ client, uniqueId }) => `client ${client} did not hear of call ${uniqueId}`)
  const strange = one
    .filter(({ client, uniqueId }) => agentOf.get(uniqueId) !== client)
    .map(({ client, uniqueId }) => `client ${client} heard of call ${uniqueId} of another agent`)
  return { wrong: [...wrong, ...missing, ...strange], back, told: sequence }
}

/** Calls ring at agents chosen by chance, whatever becomes of the server. */
function playRings(
  stage: StormStage,
  rate: number,
  random: () => number,
): { stop(): Promise<readonly Ring[]> } {
  const ringing: Promise<Ring>[] = []
  const timer = setInterval(() => {
    ringing.push(stage.ring(Math.floor(random() * stage.tokens.length)))
  }, 1000 / rate)
  return {
    stop: () => {
      clearInterval(timer)
      return Promise.all(ringing)
    },
  }
}

/** Everybody is told something again and again, one after another. */
function tellOn(stage: StormStage): { stop(): Promise<void> } {
  const over = new AbortController()
  const work = (async () => {
    while (!over.signal.aborted) {
      await stage.tellAll()
      await pause(TELL_EVERY_MS)
    }
  })()
  return {
    stop: () => {
      over.abort()
      return work
    },
  }
}
