import { randomBytes } from 'node:crypto'
import type { AsteriskVersion } from '../../../server/simulate/scenario.ts'
import { createPostgresDatabase } from '../../support/database.ts'
import { createRandom, shuffled } from '../../support/random.ts'
import { type Gap, ghosts } from '../faults/judge.ts'
import {
  type FaultLink,
  type LinkStatus,
  linkBecomes,
  pause,
  secondsBetween,
} from '../faults/stage.ts'
import { startForwarder } from '../forward.ts'
import { type Observer, openLinks, startObserver } from '../observer.ts'
import { type Asterisk, asteriskZone, type Place, startAsterisk } from '../rig.ts'
import { judgeByLog, type Verdict } from './judge.ts'
import { type Load, queuesConf, startLoad } from './load.ts'
import { celConf, newCelFile, readLoggedCalls } from './records.ts'

export interface CelOptions {
  readonly version: AsteriskVersion
  /** At least so many calls in the PBX's log. */
  readonly calls: number
  readonly pbxKills: number
  readonly serverKills: number
  readonly seed: number
  readonly postgresUrl: string
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

export interface Heard extends Verdict {
  readonly kind: 'ami' | 'ari'
  /** How long it could hear nothing, in all. */
  readonly deafSeconds: number
}

type Fault = 'pbx' | 'server' | 'none'
type Link = Pick<FaultLink, 'kind' | 'observer'> & {
  readonly databaseUrl: string
  readonly gaps: Gap[]
}

const PLACE: Place = { instance: 'ringside-cel', portBases: { '16': 20_000, '22': 30_000 } }
const KINDS = ['ami', 'ari'] as const
const SPREAD_MS = 20_000
/** Late enough that somebody talks, early enough that calls come after it. */
const FAULT_MS = [2000, 11_000] as const
const AWAY_MS = 3000
const UP_MS = 30_000
const REST_MS = 90_000

/** One Asterisk that logs its calls, and a Ringside for each protocol alone that has to know them. */
export async function callByLog(options: CelOptions): Promise<readonly Heard[]> {
  const { version, calls, seed, say, signal } = options
  await using open = new AsyncDisposableStack()
  const random = createRandom(seed + Number(version))
  const forwarder = await startForwarder([])
  open.defer(forwarder.close)
  const celFile = newCelFile(version, PLACE)
  const files = { ...celConf(), 'queues.conf': queuesConf() }
  const asterisk = await startAsterisk(version, forwarder.url, signal, { place: PLACE, files })
  open.defer(asterisk.stop)
  const links: Link[] = []
  for (const kind of KINDS) links.push(await startLink(kind, asterisk, options, open))
  const load = await startLoad(asterisk, signal)
  open.defer(load.close)
  const pbxKills: Date[] = []
  const faults = shuffled<Fault>(
    [
      ...Array.from({ length: options.pbxKills }, (): Fault => 'pbx'),
      ...Array.from({ length: options.serverKills }, (): Fault => 'server'),
    ],
    random,
  )
  const perRound = Math.ceil((calls * 1.1) / Math.max(1, faults.length))
  for (let round = 0; ; round += 1) {
    const fault = faults[round] ?? 'none'
    const logged = round === 0 ? 0 : readLoggedCalls(celFile).length
    if (fault === 'none' && logged >= calls) break
    say(`  ${version} round ${round + 1}: ${logged} calls so far; ${WORDS[fault]}`)
    const count = fault === 'none' ? Math.min(perRound, calls - logged + 5) : perRound
    await runRound({ asterisk, links, load, pbxKills, random, signal }, fault, count)
    if (fault !== 'none') say(`    nothing heard for ${links.map(deafLast).join(', ')}`)
  }
  const heard: Heard[] = []
  for (const link of links) {
    await link.observer.ringside.atRest(signal)
    await untilOver(link, signal)
    const logged = readLoggedCalls(celFile)
    const verdict = await judgeByLog(link.databaseUrl, logged, link.gaps, pbxKills)
    const deafMs = link.gaps.reduce((sum, { from, to }) => sum + (+to - +from), 0)
    heard.push({ ...verdict, kind: link.kind, deafSeconds: deafMs / 1000 })
  }
  return heard
}

const WORDS: Readonly<Record<Fault, string>> = {
  pbx: 'the PBX is killed',
  server: 'the servers are killed',
  none: 'nothing fails',
}

function deafLast({ kind, gaps }: Link): string {
  const gap = gaps.at(-1)
  const seconds = gap === undefined ? 0 : secondsBetween(gap.from, gap.to)
  return `${kind} ${seconds.toFixed(1)} s`
}

interface Stage {
  readonly asterisk: Asterisk
  readonly links: readonly Link[]
  readonly load: Load
  readonly pbxKills: Date[]
  readonly random: () => number
  readonly signal: AbortSignal
}

async function startLink(
  kind: 'ami' | 'ari',
  asterisk: Asterisk,
  { version, postgresUrl, signal }: CelOptions,
  open: AsyncDisposableStack,
): Promise<Link> {
  const { url: databaseUrl, drop } = await createPostgresDatabase(postgresUrl)
  open.defer(drop)
  const key = (): string => randomBytes(24).toString('hex')
  const observer: Observer = await startObserver(kind, asteriskZone(version), {
    databaseUrl,
    ringsideSecret: key(),
    embedSecret: key(),
    adminKey: key(),
  })
  open.defer(observer.ringside.stop)
  await openLinks(observer, asterisk, signal)
  return { kind, observer, databaseUrl, gaps: [] }
}

/** Calls, and one thing that fails among them. */
async function runRound(stage: Stage, fault: Fault, count: number): Promise<void> {
  const { load, random, signal } = stage
  const calling = load.call(count, SPREAD_MS)
  calling.catch(() => undefined)
  await pause(FAULT_MS[0] + random() * (FAULT_MS[1] - FAULT_MS[0]), signal)
  if (fault === 'pbx') await killPbx(stage)
  if (fault === 'server') await Promise.all(stage.links.map((link) => killServer(stage, link)))
  await calling
}

async function killPbx({ asterisk, links, pbxKills, random, signal }: Stage): Promise<void> {
  const from = new Date()
  pbxKills.push(from)
  await asterisk.kill()
  await pause(random() * AWAY_MS, signal)
  await asterisk.startAgain(signal)
  await Promise.all(links.map((link) => hearsAgain(link, from, signal)))
}

async function killServer({ random, signal }: Stage, link: Link): Promise<void> {
  const from = new Date()
  await link.observer.ringside.kill()
  await pause(random() * AWAY_MS, signal)
  await link.observer.ringside.startAgain()
  await hearsAgain(link, from, signal)
}

/** Notes from when to when it could hear nothing: as it says itself when it is up again. */
async function hearsAgain(link: Link, from: Date, signal: AbortSignal): Promise<void> {
  let to = from
  const isUp = ({ state, since }: LinkStatus): boolean => {
    to = new Date(since ?? 0)
    return state === 'up' && +to >= +from
  }
  await linkBecomes(link, isUp, UP_MS, signal)
  link.gaps.push({ from, to })
}

/** Until no call goes on; what does after that is judged as it is. */
async function untilOver({ observer }: Link, signal: AbortSignal): Promise<void> {
  const until = Date.now() + REST_MS
  while (Date.now() < until && (await ghosts(observer)).length > 0) await pause(1000, signal)
}
