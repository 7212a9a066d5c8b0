/**
 * `npm run test:dialplan [-- 16|22]`: the generated dialplan, Macro and Gosub, raw and URL-encoded,
 * pasted unchanged into real Asterisk servers. Phones make every kind of call; each call, its case
 * and its recording must arrive, and the checklist must complete itself (ADMIN-3). Where no
 * Asterisk can run it says so in one line.
 */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type AsteriskVersion, VERSIONS } from '../../server/simulate/scenario.ts'
import { compareCall } from './compare.ts'
import { freepbxStandIn } from './dialplan/freepbx-stand-in.ts'
import { ownDialplan } from './dialplan/own-dialplan.ts'
import { addAgents, setUpDialplan } from './dialplan/set-up.ts'
import { startForwarder } from './forward.ts'
import { type PlannedCall, planCalls, SCENARIOS } from './plan.ts'
import { type Asterisk, folderOf, installAsterisk, type Place, startAsterisk } from './rig.ts'
import { type CallView, type List, type Ringside, startRingside } from './ringside.ts'

interface Variant {
  readonly version: AsteriskVersion
  readonly flavour: 'macro' | 'gosub'
  readonly encoding: 'raw' | 'uri'
  /** What the generator is told of the Asterisk; null: nothing, the dialplan has to find out. */
  readonly told: string | null
  /** A file for FreePBX, under a stand-in of what leads to it. */
  readonly isFreepbx?: boolean
}

interface Step {
  readonly flow: string
  readonly done: boolean
  readonly hint: string
}

/** Beside the rig's own and the other runners' ports. */
const PLACE: Place = { instance: 'ringside-dialplan', portBases: { '16': 27_000, '22': 29_000 } }

const VARIANTS: readonly Variant[] = [
  { version: '16', flavour: 'macro', encoding: 'raw', told: null },
  { version: '16', flavour: 'macro', encoding: 'uri', told: '16.28.0' },
  { version: '16', flavour: 'gosub', encoding: 'raw', told: null },
  { version: '16', flavour: 'gosub', encoding: 'uri', told: '16.28.0' },
  { version: '22', flavour: 'gosub', encoding: 'raw', told: null },
  { version: '22', flavour: 'gosub', encoding: 'uri', told: '22.10.1' },
  { version: '16', flavour: 'gosub', encoding: 'uri', told: null, isFreepbx: true },
  { version: '22', flavour: 'gosub', encoding: 'uri', told: null, isFreepbx: true },
]

/** Each hostile caller has a number of their own. */
let hostile = 0

/** By the ready contexts every call; by own lines one of each kind that answers. */
const READY = SCENARIOS.filter((name) => name !== 'hold-resume')
const OWN = ['incoming-answered', 'incoming-queue-answered', 'outgoing-answered']

const SETTLE_MS = 20_000
/** An upload that hangs is given up after a minute, and tried again after another one. */
const AWAY_MS = 180_000
const POLL_MS = 250
let passed = 0
let again = 0
let failed = 0

const say = (line: string): void => void process.stdout.write(`${line}\n`)

function report(name: string, differences: readonly string[]): void {
  if (differences.length === 0) passed++
  else failed++
  say(`${differences.length === 0 ? 'ok    ' : 'failed'}  ${name}`)
  for (const difference of differences) say(`          ${difference}`)
}

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const asked = VERSIONS.filter((version) => args.includes(version))
  const versions = asked.length > 0 ? asked : VERSIONS
  for (const version of versions) {
    const obstacle = await installAsterisk(version, signal)
    if (obstacle !== null) {
      say(`skipped: ${obstacle}`)
      return 0
    }
  }
  const ringside = await startRingside()
  try {
    const agents = await addAgents(ringside)
    const ofVersion = async (version: AsteriskVersion): Promise<void> => {
      for (const variant of VARIANTS.filter((each) => each.version === version)) {
        await testVariant(variant, ringside, agents, signal)
      }
      if (version === '22') await testAway(VARIANTS[5]!, ringside, agents, signal)
    }
    await Promise.all(versions.map(ofVersion))
  } finally {
    await ringside.stop()
  }
  say(`${passed} passed, ${failed} failed, ${again} run a second time`)
  return failed === 0 ? 0 : 1
}

async function testVariant(
  variant: Variant,
  ringside: Ringside,
  agents: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const { version, flavour, encoding, isFreepbx = false } = variant
  const name = `Asterisk ${version}, ${isFreepbx ? 'stand-in of FreePBX' : flavour}, ${encoding}`
  try {
    const { connectionId, generated } = await setUpDialplan(ringside, agents, variant)
    const own = isFreepbx
      ? freepbxStandIn(version === '22')
      : { 'extensions.conf': ownDialplan(generated, version === '22') }
    const files = { ...own, 'extensions.conf': own['extensions.conf'] + generated }
    const asterisk = await startAsterisk(version, '', signal, { place: PLACE, files })
    try {
      const loaded = readFileSync(join(folderOf(version, PLACE, 'etc'), 'extensions.conf'), 'utf8')
      report(`${name}: pasted unchanged`, loaded.includes(generated.trim()) ? [] : ['it is not'])
      for (const call of await plan(variant)) {
        report(`${name}: ${call.name}`, await testCall(asterisk, ringside, agents, call, signal))
      }
      if (encoding === 'raw') {
        report(`${name}: a hostile caller`, await testHostile(asterisk, ringside, signal))
      }
      await reportRest(name, version, ringside, connectionId, signal)
    } finally {
      await asterisk.stop()
    }
  } catch (error) {
    report(name, [error instanceof Error ? error.message : String(error)])
  }
}

/** A Ringside that is silent or gone holds no call up, and gets the recording when it is back. */
async function testAway(
  variant: Variant,
  ringside: Ringside,
  agents: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const { version } = variant
  const { connectionId, webhookUrl, generated } = await setUpDialplan(ringside, agents, variant)
  const door = createServer().listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as AddressInfo
  const elsewhere = generated.replaceAll(new URL(webhookUrl).origin, `http://127.0.0.1:${port}`)
  const files = { 'extensions.conf': ownDialplan(elsewhere, version === '22') + elsewhere }
  const asterisk = await startAsterisk(version, '', signal, { place: PLACE, files })
  const call = async (scenario: string, number: string): Promise<readonly string[]> => {
    const trouble = await asterisk.call({ scenario, trunk: 'raw', number, signal })
    return trouble === null ? [] : [trouble]
  }
  try {
    const silent = await call('incoming-answered', '79161260001')
    report(`Asterisk ${version}: a Ringside that never answers holds no call up`, silent)
    door.close()
    const gone = await call('incoming-answered', '79161260002')
    report(`Asterisk ${version}: nor does one that is gone`, gone)
    const forwarder = await startForwarder([webhookUrl], port)
    const waiting = async (): Promise<readonly string[]> => {
      const path = `/api/connections/${connectionId}/recordings`
      const { items } = await ringside.request<{ items: readonly unknown[] }>('GET', path)
      return items.length === 2 ? [] : [`${items.length} recordings have come, expected 2`]
    }
    const name = `Asterisk ${version}: both recordings come when it is back`
    report(name, await settled(waiting, signal, AWAY_MS))
    await forwarder.close()
  } finally {
    await asterisk.stop()
  }
}

/** Another customer for every call of every variant, so that the cases do not meet. */
async function plan(variant: Variant): Promise<readonly PlannedCall[]> {
  const first = 1000 + VARIANTS.indexOf(variant) * 100
  const all = await planCalls(variant.version, undefined)
  const ways = [
    { trunk: 'raw', scenarios: READY, way: variant.isFreepbx ? 'its hooks' : 'ready contexts' },
    { trunk: 'enc', scenarios: variant.isFreepbx ? [] : OWN, way: 'own lines' },
  ] as const
  const planned = ways.flatMap(({ trunk, scenarios, way }) =>
    scenarios.flatMap((scenario) => {
      const call = all.find((each) => each.scenario === scenario && each.trunk === trunk)
      return call === undefined ? [] : [{ ...call, name: `${scenario} by ${way}` }]
    }),
  )
  return planned.map((call, index) => ({
    ...call,
    number: `7916125${first + index}`,
    recorded: 'audio/wav',
    expected: { ...call.expected, recordingUploaded: call.expected.answeredBy !== null },
  }))
}

/** Phones that did not play their part, as on a machine that is busy, play it a second time, for another customer. */
async function testCall(
  asterisk: Asterisk,
  ringside: Ringside,
  agents: ReadonlyMap<string, string>,
  call: PlannedCall,
  signal: AbortSignal,
  isAgain = false,
): Promise<readonly string[]> {
  const { scenario, trunk, number } = call
  const since = new Date()
  const trouble = await asterisk.call({ scenario, trunk, number, signal })
  if (trouble !== null) {
    const why = `the phones did not do what was planned:\n${trouble}`
    if (isAgain) return [why]
    again++
    say(`again   ${call.name}: ${why}`)
    const other = { ...call, number: number.replace(/^7916125/, '7916127') }
    return testCall(asterisk, ringside, agents, other, signal, true)
  }
  await ringside.atRest(signal)
  return settled(() => compareCall(ringside, call, agents, since, 'webhook'), signal)
}

/** A caller who wants to be something else: an event, an agent, a command (SAFE-1). */
async function testHostile(
  asterisk: Asterisk,
  ringside: Ringside,
  signal: AbortSignal,
): Promise<readonly string[]> {
  hostile += 1
  const own = `79161${String(hostile).padStart(4, '0')}`
  const number = `${own}%26to_user%3D106%26status%3Drecord%27%60id%60%24%28id%29%2C`
  const trouble = await asterisk.call({ scenario: 'incoming-missed', trunk: 'raw', number, signal })
  if (trouble !== null) return [trouble]
  await ringside.atRest(signal)
  const seen = async (): Promise<readonly string[]> => {
    const { items } = await ringside.request<List<CallView>>('GET', '/api/calls?limit=200')
    const found = items.filter(({ from }) => from.raw.startsWith(own))
    const said = found.map(({ from, to, legs, state, outcome }) =>
      [from.raw, to.raw, legs[0]?.extension, legs.length, state, outcome].join(' '),
    )
    const expected = `${own}to_user106statusrecordidid 74951000101 101 1 ended missed`
    return said.join() === expected ? [] : [`it is ${said.join()}, expected ${expected}`]
  }
  return settled(seen, signal)
}

/** What is so at the end: the checklist, the connection's log, the recordings on the PBX. */
async function reportRest(
  name: string,
  version: AsteriskVersion,
  ringside: Ringside,
  connectionId: string,
  signal: AbortSignal,
): Promise<void> {
  const path = `/api/connections/${connectionId}`
  const isDone = async (): Promise<readonly string[]> => {
    const { items } = await ringside.request<{ items: readonly Step[] }>('GET', `${path}/checklist`)
    return items.filter(({ done }) => !done).map(({ flow, hint }) => `${flow} is open: ${hint}`)
  }
  report(`${name}: the checklist is complete`, await settled(isDone, signal))
  const log = await ringside.request<{ items: readonly { reason: string }[] }>('GET', `${path}/log`)
  report(
    `${name}: nothing was refused`,
    log.items.map(({ reason }) => reason),
  )
  const monitor = join(folderOf(version, PLACE, 'spool'), 'monitor')
  const left = async (): Promise<readonly string[]> => readdirSync(monitor)
  report(`${name}: no file stays on the PBX`, await settled(left, signal))
}

async function settled(
  look: () => Promise<readonly string[]>,
  signal: AbortSignal,
  withinMs = SETTLE_MS,
): Promise<readonly string[]> {
  const until = Date.now() + withinMs
  let differences = await look()
  while (differences.length > 0 && Date.now() < until) {
    await wait(POLL_MS, undefined, { signal })
    differences = await look()
  }
  return differences
}

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
process.exitCode = await main(process.argv.slice(2), stop.signal)
