/**
 * `npm run test:asterisk [-- 16|22] [-- SCENARIO]`: calls through real Asterisk servers, each
 * compared with what the phones did. Where no Asterisk can run it says so in one line.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type AsteriskVersion, VERSIONS } from '../../server/simulate/scenario.ts'
import { compareCall } from './compare.ts'
import { type PlannedCall, planCalls } from './plan.ts'
import { type Asterisk, asteriskZone, installAsterisk, startAsterisk } from './rig.ts'
import { type Ringside, startRingside } from './ringside.ts'

interface Counts {
  passed: number
  failed: number
}

const AGENTS = [
  ['101', 'Anna'],
  ['102', 'Boris'],
  ['103', 'Clara'],
  ['104', 'Dmitry'],
  ['105', 'Elena'],
  ['106', 'Fyodor'],
] as const

const SETTLE_MS = 5000
const POLL_MS = 250

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const asked = VERSIONS.filter((version) => args.includes(version))
  const versions = asked.length > 0 ? asked : VERSIONS
  const only = args.find((arg) => !VERSIONS.some((version) => version === arg))
  if (only !== undefined && (await planCalls('22', only)).length === 0) {
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
  const counts: Counts = { passed: 0, failed: 0 }
  await Promise.all(versions.map((version) => testVersion(version, only, counts, signal)))
  say(`${counts.passed} passed, ${counts.failed} failed`)
  return counts.failed === 0 ? 0 : 1
}

async function testVersion(
  version: AsteriskVersion,
  only: string | undefined,
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  const planned = await planCalls(version, only)
  let done = 0
  try {
    const ringside = await startRingside()
    try {
      const { webhookUrl, agents } = await setUp(ringside, asteriskZone(version))
      const asterisk = await startAsterisk(version, webhookUrl, signal)
      try {
        for (const call of planned) {
          const differences = await testCall(ringside, asterisk, call, agents, signal)
          report(`Asterisk ${version} ${call.name}`, differences, counts)
          done++
        }
      } finally {
        await asterisk.stop()
      }
    } finally {
      await ringside.stop()
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    counts.failed += planned.length - done
    say(`failed  Asterisk ${version}: ${message} (${planned.length - done} calls not tested)`)
  }
}

/** A connection and six agents with an extension each, by the API alone. */
async function setUp(
  ringside: Ringside,
  timeZone: string,
): Promise<{ webhookUrl: string; agents: ReadonlyMap<string, string> }> {
  const connection = await ringside.request<{ id: string; webhookUrl: string }>(
    'POST',
    '/api/connections',
    { name: 'Rig', timeZone, country: 'RU' },
  )
  const agents = new Map<string, string>()
  for (const [extension, name] of AGENTS) {
    const agent = await ringside.request<{ id: string }>('POST', '/api/agents', {
      externalId: `rig-${extension}`,
      name,
      role: 'agent',
    })
    agents.set(extension, agent.id)
  }
  await ringside.request('PUT', `/api/connections/${connection.id}/extensions`, {
    items: [...agents].map(([extension, agentId]) => ({ extension, agentId })),
  })
  return { webhookUrl: connection.webhookUrl, agents }
}

async function testCall(
  ringside: Ringside,
  asterisk: Asterisk,
  call: PlannedCall,
  agents: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const since = new Date()
  const { scenario, trunk, number } = call
  const trouble = await asterisk.call({ scenario, trunk, number, signal })
  if (trouble !== null) return [`the phones did not do what was planned:\n${trouble}`]
  await ringside.atRest(signal)
  // What was applied shows within a second; a recording's length is measured after that.
  const until = Date.now() + SETTLE_MS
  let differences = await compareCall(ringside, call, agents, since)
  while (differences.length > 0 && Date.now() < until) {
    await wait(POLL_MS, undefined, { signal })
    differences = await compareCall(ringside, call, agents, since)
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
