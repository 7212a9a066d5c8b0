import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import type { CuttableProxy } from '../../support/cuttable-proxy.ts'
import { startPostgres } from '../../support/postgres.ts'
import { type Observer, startObserver } from '../observer.ts'
import { type Ringside, startRingside } from '../ringside.ts'
import { nameOf } from './cuts.ts'
import { compareLive, compareOver, type Gap, ghosts, untilRight } from './judge.ts'
import { type LiveCall, startCall } from './live-call.ts'
import { inWords } from './report.ts'
import {
  type FaultStage,
  linkComesUp,
  openThrough,
  pause,
  secondsBetween,
  startProxyTo,
} from './stage.ts'

const KILLS = 5
/** ARI-3, HOLD-7 */
const TAKEN_OVER_WITHIN_S = 10
const UP_MS = 30_000
const LOOK_MS = 300

interface Pair {
  readonly kind: 'ami' | 'ari'
  readonly proxy: CuttableProxy
  readonly servers: readonly [Ringside, Ringside]
  readonly observer: Observer
  /** The most processes that have been connected to the PBX at the same time. */
  readonly mostOwners: () => number
}

/** Two processes over one PostgreSQL, of which the one that has the PBX is killed again and again. */
export async function killOwners(stage: FaultStage, timeZone: string): Promise<void> {
  const { version, report, signal } = stage
  const kind = version === '16' ? 'ami' : 'ari'
  const server = await startPostgres()
  if ('missing' in server) return report.say('owner killed', 'skipped', [server.missing])
  await using open = new AsyncDisposableStack()
  open.defer(() => server.stop())
  const key = (): string => randomBytes(24).toString('hex')
  const shared = {
    databaseUrl: server.url,
    ringsideSecret: key(),
    embedSecret: key(),
    adminKey: key(),
  }
  const proxy = open.use(await startProxyTo(stage.asterisk, kind))
  const observer = await startObserver(kind, timeZone, shared)
  open.defer(observer.ringside.stop)
  const other = await startRingside(shared)
  open.defer(other.stop)
  await openThrough(observer, proxy, signal)
  let most = 0
  const looking = setInterval(() => {
    most = Math.max(most, ownersOf(proxy).length)
  }, LOOK_MS)
  open.defer(() => clearInterval(looking))
  const servers = [observer.ringside, other] as const
  const pair: Pair = { kind, proxy, servers, observer, mostOwners: () => most }
  for (let kill = 1; kill <= KILLS; kill++) {
    await killOnce(stage, pair, kill).catch((error: unknown) =>
      report.say(`${nameOf(stage, pair)} owner killed ${kill}`, 'gave up', [String(error)]),
    )
  }
  const twice = await keptTwice(server.url)
  report.say(`${nameOf(stage, pair)} events kept twice`, String(twice.length), twice)
}

async function killOnce(stage: FaultStage, pair: Pair, kill: number): Promise<void> {
  const { random, signal } = stage
  const calls = await Promise.all([
    startCall(stage, { kind: 'answered', agent: '101', ringSeconds: 2, talkSeconds: 14 }),
    startCall(stage, { kind: 'queue', agent: '104', ringSeconds: 3, talkSeconds: 4 }),
    startCall(stage, { kind: 'outgoing', agent: '106', ringSeconds: 2, talkSeconds: 14 }),
  ])
  try {
    await Promise.race(calls.map((call) => call.reach('ringing')))
    await pause(random() * 5000, signal)
    await killOwner(stage, pair, calls, kill)
  } finally {
    await Promise.all(calls.map((call) => call.end()))
  }
}

async function killOwner(
  stage: FaultStage,
  pair: Pair,
  calls: readonly LiveCall[],
  kill: number,
): Promise<void> {
  const { signal, report } = stage
  const owners = ownersOf(pair.proxy)
  const owner = pair.servers.find((each) => owners.includes(each.pid()))
  const heir = pair.servers.find((each) => each !== owner)
  if (owner === undefined || heir === undefined) throw new Error(`no owner among ${owners.join()}`)
  const observer: Observer = { ...pair.observer, ringside: heir }
  const from = new Date()
  await owner.kill()
  const to = await linkComesUp({ kind: pair.kind, observer }, from, UP_MS, signal)
  const takenOver = secondsBetween(from, to)
  const differences: string[] = []
  if (takenOver > TAKEN_OVER_WITHIN_S) differences.push(`taken over after ${inWords(takenOver)}`)
  const gap: Gap = { from, to }
  const again = owner.startAgain()
  const live = await Promise.all(
    calls.map((call) => untilRight(to, () => compareLive(observer, call), signal)),
  )
  const over = await Promise.all(
    calls.map(async (call) => {
      const trouble = await call.over
      if (trouble !== null) differences.push(`the phones did not do what was planned: ${trouble}`)
      const since = new Date(Math.max(+to, +(call.at('ended') ?? to)))
      return untilRight(since, () => compareOver(observer, call, [gap]), signal)
    }),
  )
  await again
  const none = await untilRight(new Date(), () => ghosts(observer), signal)
  for (const each of [...live, ...over, none]) differences.push(...each.differences)
  if (pair.mostOwners() > 1) differences.push(`${pair.mostOwners()} owners at the same time`)
  const right = Math.max(...[...live, ...over].map(({ seconds }) => seconds))
  report.measure(`${pair.kind} taken over (limit ${TAKEN_OVER_WITHIN_S} s)`, takenOver)
  report.say(
    `${nameOf(stage, pair)} owner killed ${kill}`,
    `taken over after ${inWords(takenOver)}, right after ${inWords(right)}`,
    differences,
  )
}

/** The processes that are connected to the PBX through the proxy. */
function ownersOf(proxy: CuttableProxy): readonly number[] {
  const ports = new Set(proxy.clientPorts())
  if (ports.size === 0) return []
  const filter = `dport = :${proxy.port}`
  const listed = execFileSync('ss', ['-Htnp', 'state', 'established', filter], { encoding: 'utf8' })
  const pids = listed.split('\n').flatMap((row) => {
    const port = Number(/:(\d+)\s+\S+:\d+\s/.exec(row)?.[1])
    const pid = /pid=(\d+)/.exec(row)?.[1]
    return ports.has(port) && pid !== undefined ? [Number(pid)] : []
  })
  return [...new Set(pids)]
}

/** Nothing in these calls happens to the same extension twice. */
async function keptTwice(url: string): Promise<readonly string[]> {
  const sql = postgres(url, { max: 1 })
  try {
    const rows = await sql<{ uniqueId: string; told: string; times: number }[]>`
      select unique_id as "uniqueId", count(*)::int as times,
        (event - '{at,atKnown,arrivedAt,order,channelIds,extra,failure,result}'::text[])::text as told
      from call_events group by connection_id, unique_id, source, 3 having count(*) > 1`
    return rows.map(({ uniqueId, told, times }) => `${uniqueId}: ${times} times ${told}`)
  } finally {
    await sql.end()
  }
}
