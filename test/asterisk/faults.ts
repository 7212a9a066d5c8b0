/**
 * `npm run test:faults [-- 16|22] [-- cuts|half-open|pbx|server|owner]`: what fails between Ringside and
 * real Asterisk servers while phones call: lines cut and gone silent, Asterisk and Ringside killed
 * (HOLD-4, HOLD-5, HOLD-7). `TEST_SEED` repeats a schedule. Where no Asterisk can run it says so and fails.
 */
import { type AsteriskVersion, VERSIONS } from '../../server/simulate/scenario.ts'
import { createRandom, pickSeed } from '../support/random.ts'
import { someOf } from '../support/some-of.ts'
import { cutLines } from './faults/cuts.ts'
import { goSilent } from './faults/half-open.ts'
import { killOwners } from './faults/owner-killed.ts'
import { killPbx } from './faults/pbx-killed.ts'
import { createReport, type Report } from './faults/report.ts'
import { killServers } from './faults/server-killed.ts'
import { type FaultStage, startFaultLinks } from './faults/stage.ts'
import { startForwarder } from './forward.ts'
import type { Phones } from './phones.ts'
import { type Asterisk, asteriskZone, installAsterisk, type Place, startAsterisk } from './rig.ts'

const PLACE: Place = { instance: 'ringside-faults', portBases: { '16': 18_000, '22': 28_000 } }
/** Each cuts two lines on each version: 52 in all. */
const ROUNDS = 13

const PARTS = ['cuts', 'half-open', 'pbx', 'server', 'owner'] as const
type Part = (typeof PARTS)[number]

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const isVersion = (arg: string): boolean => /^\d/.test(arg)
  const versions = someOf(args.filter(isVersion), VERSIONS)
  const parts = someOf(
    args.filter((arg) => !isVersion(arg)),
    PARTS,
  )
  for (const version of versions) {
    const obstacle = await installAsterisk(version, signal)
    if (obstacle !== null) throw new Error(obstacle)
  }
  const seed = pickSeed()
  say(`seed ${seed}`)
  const report = createReport(say)
  await Promise.all(versions.map((version) => testVersion(version, parts, seed, report, signal)))
  report.sum()
  say(`seed ${seed}`)
  return report.failed() === 0 ? 0 : 1
}

async function testVersion(
  version: AsteriskVersion,
  parts: readonly Part[],
  seed: number,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  await using open = new AsyncDisposableStack()
  try {
    // Nobody is told by webhook here; the dialplan's requests have to be answered at once.
    const forwarder = await startForwarder([])
    open.defer(forwarder.close)
    const started = await startAsterisk(version, forwarder.url, signal, { place: PLACE })
    open.defer(started.stop)
    const asterisk = withPhonesEnded(started, open)
    const zone = asteriskZone(version)
    let calls = 0
    const nextNumber = (): string => `7916${version}${10_000 + ++calls}`
    const random = createRandom(seed + Number(version))
    const stage = { version, asterisk, report, random, nextNumber, signal }
    await testLinks(stage, parts, zone)
    if (parts.includes('owner')) await killOwners({ ...stage, links: [] }, zone)
  } catch (error) {
    report.say(`Asterisk ${version}`, 'gave up', [
      error instanceof Error ? String(error.stack) : String(error),
    ])
  }
}

/** Whatever way a part ends, its phones end with the Asterisk. */
function withPhonesEnded(asterisk: Asterisk, open: AsyncDisposableStack): Asterisk {
  const made: Phones[] = []
  open.defer(async () => {
    await Promise.all(made.map((phones) => phones.end()))
  })
  return {
    ...asterisk,
    phones: (signal, more) => {
      const phones = asterisk.phones(signal, more)
      made.push(phones)
      return phones
    },
  }
}

async function testLinks(
  bare: Omit<FaultStage, 'links'>,
  parts: readonly Part[],
  zone: string,
): Promise<void> {
  if (parts.every((part) => part === 'owner')) return
  await using open = new AsyncDisposableStack()
  const links = await startFaultLinks(bare.asterisk, zone, open, bare.signal)
  const stage: FaultStage = { ...bare, links }
  if (parts.includes('cuts')) await cutLines(stage, ROUNDS)
  if (parts.includes('half-open')) await goSilent(stage)
  if (parts.includes('server')) await killServers(stage)
  if (parts.includes('pbx')) await killPbx(stage)
}

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
process.exitCode = await main(process.argv.slice(2), stop.signal)
