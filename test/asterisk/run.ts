/**
 * `npm run test:asterisk [-- 16|22] [-- SCENARIO]`: calls through real Asterisk servers, each heard
 * by webhooks, by AMI alone, by ARI alone and by all of them, and compared with what the phones did; then some by AMI and
 * by ARI while the PBX and the servers are killed. Where no Asterisk can run it says so in one line.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type AsteriskVersion, VERSIONS } from '../../server/simulate/scenario.ts'
import { createFigures } from '../faults/figures.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { tellByLog } from './cel/told.ts'
import { compareCall } from './compare.ts'
import { CONTROL_SCENARIOS, type ControlScenario } from './control.ts'
import { startForwarder } from './forward.ts'
import {
  asHeardBy,
  type Observer,
  openLinks,
  startObserver,
  visitorsConf,
  WAYS,
} from './observer.ts'
import { type PlannedCall, planCalls } from './plan.ts'
import { type Asterisk, asteriskZone, installAsterisk, startAsterisk } from './rig.ts'

interface Counts {
  passed: number
  failed: number
  /** Calls and steps of agents that were run a second time; the first one's trouble is printed. */
  again: number
}

const SETTLE_MS = 5000
const POLL_MS = 250

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const asked = VERSIONS.filter((version) => args.includes(version))
  const versions = asked.length > 0 ? asked : VERSIONS
  const only = args.find((arg) => !VERSIONS.some((version) => version === arg))
  const isControl = CONTROL_SCENARIOS.some(
    ({ name }) => only !== undefined && name.startsWith(only),
  )
  if (only !== undefined && !isControl && (await planCalls('22', only)).length === 0) {
    say(`test:asterisk: there is no scenario "${only}"`)
    return 2
  }
  // One after the other: apt has one lock.
  for (const version of versions) {
    const obstacle = await installAsterisk(version, signal)
    if (obstacle !== null) {
      say(`skipped: ${obstacle}`)
      return 0
    }
  }
  const counts: Counts = { passed: 0, failed: 0, again: 0 }
  await Promise.all(versions.map((version) => testVersion(version, only, counts, signal)))
  if (only === undefined)
    await Promise.all(versions.map((version) => testByLog(version, counts, signal)))
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.again} run a second time`)
  return counts.failed === 0 ? 0 : 1
}

async function testVersion(
  version: AsteriskVersion,
  only: string | undefined,
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  const planned = await planCalls(version, only)
  await using open = new AsyncDisposableStack()
  let done = 0
  try {
    const observers: Observer[] = []
    // One after the other: each takes a processor to itself.
    for (const way of WAYS[version]) {
      const observer = await startObserver(way, asteriskZone(version))
      open.defer(observer.ringside.stop)
      observers.push(observer)
    }
    const posted = observers.filter(({ way }) => way === 'webhook' || way === 'all')
    const forwarder = await startForwarder(posted.map(({ webhookUrl }) => webhookUrl))
    open.defer(forwarder.close)
    const visited = observers.find(({ way }) => way === 'visit')
    const conf = visited === undefined ? null : await visitorsConf(visited)
    const asterisk = await startAsterisk(version, forwarder.url, signal, { conf })
    open.defer(asterisk.stop)
    for (const observer of observers) await openLinks(observer, asterisk, signal)
    for (const call of planned) {
      await testCall(version, asterisk, observers, call, counts, signal)
      done++
    }
    await testControl(version, asterisk, observers, only, counts, signal)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const left = (planned.length - done) * WAYS[version].length
    counts.failed += left
    say(`failed  Asterisk ${version}: ${message} (${left} calls not compared)`)
  }
}

/**
 * One call, as each of the ways has heard it. Phones that did not play their part, as on a machine that is busy, play
 * it a second time, for another customer.
 */
async function testCall(
  version: AsteriskVersion,
  asterisk: Asterisk,
  observers: readonly Observer[],
  call: PlannedCall,
  counts: Counts,
  signal: AbortSignal,
  isAgain = false,
): Promise<void> {
  const since = new Date()
  const { scenario, trunk, number } = call
  const trouble = await asterisk.call({ scenario, trunk, number, signal })
  if (trouble !== null && !isAgain) {
    say(`again   Asterisk ${version} ${call.name}: ${trouble}`)
    counts.again++
    await asterisk.clear()
    const other = { ...call, number: number.replace('7916123', '7916128') }
    return testCall(version, asterisk, observers, other, counts, signal, true)
  }
  for (const observer of observers) {
    const name = `Asterisk ${version} ${call.name} by ${observer.way}`
    if (trouble !== null) {
      report(name, [`the phones did not do what was planned:\n${trouble}`], counts)
    } else report(name, await differencesOf(observer, call, since, signal), counts)
  }
}

/** What agents do by the API, and what the phones see of it. */
async function testControl(
  version: AsteriskVersion,
  asterisk: Asterisk,
  observers: readonly Observer[],
  only: string | undefined,
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  const phones = asterisk.phones(signal)
  let calls = 0
  const run = async (scenario: ControlScenario, observer: Observer): Promise<readonly string[]> => {
    calls += 1
    const number = `7916124${1000 + calls}`
    const differences = await scenario
      .run({ version, observer, phones, number, signal })
      .then(() => [])
      .catch((error: unknown) => [error instanceof Error ? error.message : String(error)])
    await phones.end()
    if (differences.length > 0) await asterisk.clear()
    return differences
  }
  for (const scenario of CONTROL_SCENARIOS) {
    if (only !== undefined && !scenario.name.startsWith(only)) continue
    for (const observer of observers.filter(({ way }) => scenario.ways.includes(way))) {
      const name = `Asterisk ${version} ${scenario.name} by ${observer.way}`
      const differences = await run(scenario, observer)
      if (differences.length === 0) report(name, differences, counts)
      else {
        // Two PBXs and nine servers share the machine, and these steps have a person's patience.
        for (const difference of differences) say(`again   ${name}: ${difference}`)
        counts.again++
        report(name, await run(scenario, observer), counts)
      }
    }
  }
}

/** The short form of `npm run test:cel` (HOLD-5): the PBX killed once, the servers once. */
async function testByLog(
  version: AsteriskVersion,
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  const seed = pickSeed()
  const name = `Asterisk ${version} HOLD-5 PBX and servers killed, as its log has it, seed ${seed}`
  const said: string[] = []
  const say = (line: string): void => void said.push(line)
  const figures = createFigures(say)
  await using open = new AsyncDisposableStack()
  try {
    const postgres = await startPostgresOrFail()
    open.defer(postgres.stop)
    const size = { calls: 20, pbxKills: 1, serverKills: 1 }
    await tellByLog({ ...size, version, seed, postgresUrl: postgres.url, say, signal }, figures)
    report(name, figures.areMet() ? [] : said, counts)
  } catch (error) {
    report(name, [...said, error instanceof Error ? error.message : String(error)], counts)
  }
}

async function differencesOf(
  { way, ringside, agents }: Observer,
  call: PlannedCall,
  since: Date,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await ringside.atRest(signal)
  // What was applied shows within a second; a recording's length is measured after that.
  const until = Date.now() + SETTLE_MS
  const planned = asHeardBy(way, call)
  let differences = await compareCall(ringside, planned, agents, since, way)
  while (differences.length > 0 && Date.now() < until) {
    await wait(POLL_MS, undefined, { signal })
    differences = await compareCall(ringside, planned, agents, since, way)
  }
  return differences
}

function report(name: string, differences: readonly string[], counts: Counts): void {
  if (differences.length === 0) {
    counts.passed++
    say(`ok      ${name}`)
    return
  }
  counts.failed++
  say(`failed  ${name}`)
  for (const difference of differences) say(`          ${difference}`)
}

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
process.exitCode = await main(process.argv.slice(2), stop.signal)
