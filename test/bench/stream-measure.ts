import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { StreamLoad } from './stream-load.ts'
import type { Ring } from './stream-ring.ts'
import type { StreamStage } from './stream-stage.ts'

/** Nothing takes so long: then it does not come any more. */
const PATIENCE_MS = 60_000
/** Memory is looked at when what it was got for is over. */
const SETTLE_MS = 250
/** By then a call is heard of, usually. */
const HEARD_MS = 1000

/** Calls that ring at agents chosen by chance, and how long each took until its agent heard of it. */
export async function ringSome(
  { stage, load }: { stage: StreamStage; load: StreamLoad },
  how: { readonly count: number; readonly perSecond: number; readonly random: () => number },
): Promise<{ readonly latencies: readonly number[]; readonly missing: readonly string[] }> {
  const ringing: Promise<Ring>[] = []
  for (let i = 0; i < how.count; i += 1) {
    ringing.push(stage.ring(Math.floor(how.random() * stage.tokens.length)))
    await pause(1000 / how.perSecond)
  }
  const rings = await Promise.all(ringing)
  // What asks the server how far it is (a look at ten thousand sockets) would hold up the last of them.
  await pause(HEARD_MS)
  // Events are told in the order of their commits: who has heard of this one has heard of all calls.
  await stage.settled()
  const { sequence } = await stage.tellAll()
  await load.hear('stream', sequence, PATIENCE_MS)
  const { one } = await load.report()
  const heard = new Map(one.map(({ client, uniqueId, at }) => [`${client} ${uniqueId}`, at]))
  const latencies: number[] = []
  const missing: string[] = []
  for (const { client, uniqueId, at } of rings) {
    const heardAt = heard.get(`${client} ${uniqueId}`)
    if (heardAt === undefined) missing.push(`client ${client} did not hear of call ${uniqueId}`)
    else latencies.push(heardAt - at)
  }
  return { latencies, missing }
}

/** What everybody hears: milliseconds from the first receipt to the last. */
export interface Spread {
  readonly stream: readonly number[]
  readonly plain: readonly number[]
}

/** Events to all by the server and the same bytes by a plain TCP writer, in turns. */
export async function tellAllInTurns(
  { stage, load, writer }: { stage: StreamStage; load: StreamLoad; writer: PlainWriter },
  events: number,
): Promise<Spread> {
  const spread = { stream: [] as number[], plain: [] as number[] }
  const take = async (kind: 'stream' | 'plain', sequence: number): Promise<void> => {
    await load.hear(kind, sequence, PATIENCE_MS)
    const heard = (await load.report()).all[kind].find((each) => each.sequence === sequence)
    const times = heard?.times ?? new Float64Array()
    if (times.length !== stage.tokens.length)
      throw new Error(`${times.length} of ${stage.tokens.length} heard of ${kind} ${sequence}`)
    spread[kind].push((times.at(-1) ?? 0) - (times[0] ?? 0))
  }
  for (let i = 0; i < events; i += 1) {
    const { sequence, text } = await stage.tellAll()
    await take('stream', sequence)
    writer.write(text)
    await take('plain', sequence)
  }
  return spread
}

export interface PlainWriter extends AsyncDisposable {
  readonly port: number
  readonly pid: number
  /** The same bytes to all. */
  write(text: string): void
}

export async function startPlainWriter(): Promise<PlainWriter> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./stream-writer.ts', import.meta.url)))
  const [port] = await once(child, 'message')
  return {
    port: Number(port),
    pid: child.pid ?? 0,
    write: (text) => void child.send(text),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** The smallest that the server's memory is within some seconds: garbage goes when it finds the time. */
export async function restingKib(stage: StreamStage, seconds: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let waited = 0; waited <= seconds * 1000; waited += SETTLE_MS) {
    least = Math.min(least, stage.rssKib())
    await pause(SETTLE_MS)
  }
  return least
}
