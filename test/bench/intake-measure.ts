import postgres from 'postgres'
import { medianOf } from '../support/quantile.ts'
import { type Ringside, startBare, startRingside, type Taking } from './intake-servers.ts'
import { type LoadResult, playLoad, type Spread } from './play-load.ts'
import { cpuMsOf, cpuMsOfTree, parentOf } from './process-cpu.ts'
import { useBefore } from './used-before.ts'

export interface Size {
  /** The PostgreSQL server. */
  readonly server: string
  readonly calls: number
  readonly requests: number
  readonly runs: number
  readonly seed: number
  readonly print: (line: string) => void
}

/** What a load came to, on one server. */
export interface Turn extends LoadResult {
  readonly perSecond: number
  /** Milliseconds of CPU for each event; null where nobody counts them. */
  readonly serverCpuMs: number | null
  readonly postgresCpuMs: number | null
}

export const IN_FLIGHT = 64
const EVENTS_PER_CALL = 3.65
const WARM_UP_CALLS = 300
/** Until both servers are compiled: the figure is of what they sustain, and neither is fast in its first second. */
const ACCEPTING_WARM_UP_CALLS = 2000

/**
 * With applying held back, against the bare server that commits rows together; beside it one that keeps as much of an
 * event as the server does: how much of the difference that is.
 */
export async function measureAccepting(size: Size): Promise<boolean> {
  const { server, runs, print } = size
  print('Accepted, applying held back')
  const floors: Turn[] = []
  const wholes: Turn[] = []
  const ours: Turn[] = []
  const calls = toCalls(size.requests)
  for (let run = 0; run < runs; run += 1) {
    for (const [kind, turns] of [
      ['group', floors],
      ['whole', wholes],
    ] as const) {
      await using bare = disposable(await startBare(kind, server))
      turns.push(await takeAll({ ...size, calls }, bare, ACCEPTING_WARM_UP_CALLS))
    }
    await using ringside = disposable(await startRingside(server))
    const letGo = await ringside.holdBack()
    ours.push(await takeAll({ ...size, calls }, ringside, ACCEPTING_WARM_UP_CALLS))
    await checkHeld(ringside)
    await letGo()
  }
  describe(print, 'bare, group commit', floors)
  describe(print, 'bare, group commit of all that Ringside keeps', wholes)
  describe(print, 'Ringside', ours)
  print(`  Ringside / the bare server that keeps as much: ${inWords(ratiosOf(ours, wholes))}`)
  print(`  that one / the bare server: ${inWords(ratiosOf(wholes, floors))}`)
  return compare(print, 'accepting / bare server with group commit', [ours, floors], 0.7)
}

/** Until the call, its case and the stream's event are there, against one committed INSERT per request. */
export async function measureTold(size: Size): Promise<boolean> {
  const { server, runs, print } = size
  print('\nAccepted, applied and told')
  const peers: Turn[] = []
  const ours: Turn[] = []
  for (let run = 0; run < runs; run += 1) {
    await using bare = disposable(await startBare('single', server))
    const calls = toCalls(size.requests)
    peers.push(await takeAll({ ...size, calls }, bare))
    await using ringside = disposable(await startRingside(server))
    await useBefore(ringside, size.seed)
    ours.push(await tellAll(size, ringside))
  }
  describe(print, 'bare, one INSERT each', peers)
  describe(print, 'Ringside', ours)
  return compare(print, 'told / bare server with one INSERT each', [ours, peers], 0.25)
}

/** Events at their own times, however fast the answers are. */
export async function measurePaced(
  size: Size & { readonly rate: number; readonly seconds: number },
): Promise<boolean> {
  const { rate, seconds, print } = size
  print(`\n${rate} events/s for ${seconds} s, at random times`)
  const pace = { calls: rate * seconds, firstCall: 2_000_000, rate, seconds }
  {
    await using bare = disposable(await startBare('group', size.server))
    await playLoad({ ...jobOf(size, bare), calls: WARM_UP_CALLS })
    describe(print, 'bare, group commit', [
      await measured(bare, { ...jobOf(size, bare), ...pace, seconds: Math.min(seconds, 60) }),
    ])
  }
  await using ringside = disposable(await startRingside(size.server))
  await useBefore(ringside, size.seed)
  const turn = await measured(ringside, {
    ...jobOf(size, ringside),
    ...pace,
    streamToken: ringside.token,
  })
  describe(print, 'Ringside', [turn])
  const checks = [
    check(print, 'p99 of the answer, ms', turn.answer.p99, 50),
    check(print, 'furthest behind, ms', turn.behind?.max ?? Number.NaN, 1000),
    check(print, 'answers other than 200, and holes', turn.failures + turn.holes, 0),
  ]
  return checks.every(Boolean)
}

/** Calls that have about so many events. */
export function toCalls(events: number): number {
  return Math.ceil(events / EVENTS_PER_CALL)
}

function disposable<T extends Taking>(taking: T): T & AsyncDisposable {
  return { ...taking, [Symbol.asyncDispose]: taking.stop }
}

function jobOf({ seed, calls }: Size, { url, paths }: Taking) {
  const base = { url, paths, seed, calls, inFlight: IN_FLIGHT, firstCall: 1_000_000 }
  return { ...base, rate: null, seconds: 0, streamToken: null }
}

/** Everything is acknowledged, and what was acknowledged is there. */
export async function takeAll(
  size: Size,
  taking: Taking,
  warmUpCalls = WARM_UP_CALLS,
): Promise<Turn> {
  const job = jobOf(size, taking)
  await playLoad({ ...job, calls: warmUpCalls, firstCall: 0 })
  const before = await taking.kept()
  const turn = await measured(taking, job)
  const kept = (await taking.kept()) - before
  if (turn.failures > 0 || kept !== turn.requests) {
    throw new Error(`${turn.requests} sent, ${turn.failures} not taken, ${kept} kept`)
  }
  return turn
}

/** Everything is told, and nothing is pending. */
export async function tellAll(
  size: Size,
  ringside: Ringside,
  onWarm: () => Promise<void> = async () => undefined,
): Promise<Turn> {
  const job = { ...jobOf(size, ringside), streamToken: ringside.token }
  await playLoad({ ...job, calls: Math.min(WARM_UP_CALLS, size.calls), firstCall: 0 })
  await onWarm()
  const turn = await measured(ringside, job)
  const pending = await ringside.pending()
  if (turn.failures > 0 || pending !== 0) {
    throw new Error(`${turn.requests} sent, ${turn.failures} not taken, ${pending} pending`)
  }
  return turn
}

async function measured(
  { databaseUrl, pid }: Taking,
  job: Parameters<typeof playLoad>[0],
): Promise<Turn> {
  const sql = postgres(databaseUrl, { max: 1 })
  const backend = Number((await sql`select pg_backend_pid() as pid`)[0]?.pid)
  // Null where the server runs elsewhere.
  const postmaster = parentOf(backend)
  const cpuOf = () => [cpuMsOf(pid), postmaster === null ? null : cpuMsOfTree(postmaster)] as const
  const before = cpuOf()
  const result = await playLoad(job)
  const after = cpuOf()
  await sql.end()
  const each = (index: 0 | 1): number | null =>
    before[index] === null || after[index] === null
      ? null
      : (after[index] - before[index]) / result.requests
  return {
    ...result,
    perSecond: (result.requests * 1000) / result.toldMs,
    serverCpuMs: each(0),
    postgresCpuMs: each(1),
  }
}

async function checkHeld(ringside: Ringside): Promise<void> {
  const [kept, pending] = [await ringside.kept(), await ringside.pending()]
  if (kept === pending && (await ringside.isHeld())) return
  throw new Error(`${kept} events, ${pending} of them pending: not held back`)
}

export function describe(print: Size['print'], name: string, turns: readonly Turn[]): void {
  const of = (value: (turn: Turn) => number | null, digits = 1): string => {
    const known = turns.map(value).filter((each) => each !== null)
    return known.length === 0 ? '–' : medianOf(known).toFixed(digits)
  }
  const times = (value: (turn: Turn) => Spread | null): string =>
    `p50 ${of((turn) => value(turn)?.p50 ?? null)}, p99 ${of((turn) => value(turn)?.p99 ?? null)}, max ${of((turn) => value(turn)?.max ?? null)} ms`
  print(`  ${name}: ${of((turn) => turn.perSecond, 0)}/s of ${turns[0]?.requests} events`)
  print(`    answer ${times((turn) => turn.answer)}`)
  if (turns[0]?.behind != null) {
    print(
      `    behind ${times((turn) => turn.behind)}; accepted in ${of((turn) => turn.answeredMs / 1000)} s, told in ${of((turn) => turn.toldMs / 1000)} s`,
    )
  }
  const busy = of((turn) => (100 * turn.cpuMs) / turn.toldMs, 0)
  print(
    `    CPU per event: server ${of((turn) => turn.serverCpuMs, 2)} ms, PostgreSQL ${of((turn) => turn.postgresCpuMs, 2)} ms; load generator ${busy} % of one core`,
  )
}

function compare(
  print: Size['print'],
  what: string,
  [ours, floors]: readonly [readonly Turn[], readonly Turn[]],
  required: number,
): boolean {
  const ratios = ratiosOf(ours, floors)
  const isMet = medianOf(ratios) >= required
  print(`  ${isMet ? 'pass' : 'FAIL'}  ${what}: ${inWords(ratios)}, required ${required}`)
  return isMet
}

/** Each turn with the one beside it: what else the machine does befalls both. */
function ratiosOf(ours: readonly Turn[], floors: readonly Turn[]): number[] {
  return ours.map(({ perSecond }, run) => perSecond / floors[run]!.perSecond)
}

function inWords(ratios: readonly number[]): string {
  return `${medianOf(ratios).toFixed(3)} (${ratios.map((each) => each.toFixed(3)).join(', ')})`
}

function check(print: Size['print'], what: string, value: number, allowed: number): boolean {
  const isMet = value <= allowed
  print(`  ${isMet ? 'pass' : 'FAIL'}  ${what}: ${value.toFixed(1)}, allowed ${allowed}`)
  return isMet
}
