import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../../db/database.ts'
import { createFakePbx, FAKE_ACCOUNT, type FakePbx } from '../support/model-pbx.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { freePort } from '../support/proxy.ts'
import { createRandom } from '../support/random.ts'
import { playCalls } from './partition-calls.ts'
import { actedTogether, judgeCalls, keptFromBoth, type Verdict } from './partition-judge.ts'
import type { Lost, Network } from './partition-network.ts'
import {
  amiStatus,
  isConnected,
  type PlacedServer,
  pauseInQueue,
  placeServer,
  until,
} from './partition-servers.ts'
import { ask, settled, setUp } from './server.ts'

/**
 * What becomes of the owner: `killed`, `stopped` (SIGSTOP) until another has taken over, `cut off` from
 * everything or from the database alone; `stalled` is stopped for about as long as its lease lasts.
 */
export const FAULTS = [
  'killed',
  'stopped',
  'cut off',
  'cut off from the database',
  'stalled',
] as const
export type Fault = (typeof FAULTS)[number]

export interface Partitioning {
  /** One after another. */
  readonly faults: readonly Fault[]
  readonly seed: number
  readonly network: Network
  readonly say: (line: string) => void
}

export interface Partitioned extends Verdict {
  readonly calls: number
  /** Seconds from each fault until another server says that its link is up; a stalled owner may go on. */
  readonly takenOver: readonly { readonly fault: Fault; readonly seconds: number }[]
  /** Of each fault after which nobody took over in time: what the heir had to say. */
  readonly missed: readonly string[]
  /** Acts of two sessions at the PBX at the same time. */
  readonly together: readonly string[]
  readonly logins: number
  /** Facts that the former owner heard, and the new one read from the PBX's state. */
  readonly fromBoth: number
}

const CALL_EVERY_MS = 1500
const GIVE_UP_MS = 30_000
/** About the time after which PostgreSQL gives the lease of a mute session to somebody else. */
const STALL_MS = [3500, 8500] as const
const LATER_MS = 3000

interface Stage {
  readonly random: () => number
  readonly pbx: FakePbx
  readonly servers: readonly PlacedServer[]
  readonly connectionId: string
}

/** Two servers over one PostgreSQL, whose owner of the PBX fails again and again while calls go on. */
export async function partition(options: Partitioning): Promise<Partitioned> {
  const { network, faults, seed, say } = options
  await using open = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'ringside-partition-'))
  open.defer(() => rmSync(folder, { recursive: true, force: true }))
  const postgres = await startPostgresOrFail(undefined, network.postgresSettings)
  open.defer(postgres.stop)
  const databaseUrl = postgres.url.replace('127.0.0.1', network.databaseHost)
  const pbx = open.use(await createFakePbx({ host: network.pbxHost, endpoints: ['101', 'trunk'] }))
  const servers: PlacedServer[] = []
  for (const [index, seat] of network.seats.entries()) {
    const server = await placeServer(seat, await freePort(), join(folder, `${index}`), databaseUrl)
    open.defer(server.stop)
    servers.push(server)
  }
  const connectionId = await connect(servers, pbx, network.pbxHost)
  const random = createRandom(seed)
  const stage: Stage = { random, pbx, servers, connectionId }
  const playing = playCalls(pbx, CALL_EVERY_MS, random)
  const takenOver: { fault: Fault; seconds: number }[] = []
  const missed: string[] = []
  for (const [index, fault] of faults.entries()) {
    const outcome = await failOwner(stage, fault)
    if (typeof outcome === 'number') takenOver.push({ fault, seconds: outcome })
    if (typeof outcome === 'string') missed.push(`${index + 1} ${fault}: ${outcome}`)
    const words = typeof outcome === 'number' ? `taken over after ${outcome.toFixed(1)} s` : outcome
    say(`  ${index + 1} ${fault}: ${words ?? 'it went on'}`)
  }
  await playing.finish()
  for (const { url } of servers) await settled(url)
  const database = await openDatabase({ url: postgres.url })
  open.defer(() => database.close())
  const verdict = await judgeCalls(database, playing.calls)
  const logins = pbx.actions.filter(({ name }) => name === 'Login').length
  const together = actedTogether(pbx.actions)
  const fromBoth = await keptFromBoth(database)
  return { ...verdict, calls: playing.calls.length, takenOver, missed, together, logins, fromBoth }
}

async function connect(
  servers: readonly PlacedServer[],
  pbx: FakePbx,
  host: string,
): Promise<string> {
  const url = servers[0]?.url ?? ''
  const { connectionId } = await setUp(url)
  await ask(url, 'PATCH', `/api/connections/${connectionId}`, {
    ami: { host, port: pbx.port, ...FAKE_ACCOUNT, events: true },
    options: { queueExtensionFormat: 'PJSIP/{0}', traceQueuesState: true },
  })
  await until(() => areUp(servers, connectionId), GIVE_UP_MS, 'the link was not up')
  return connectionId
}

async function areUp(servers: readonly PlacedServer[], id: string): Promise<boolean> {
  const all = await Promise.all(servers.map((server) => amiStatus(server, id)))
  return all.every((status) => status?.state === 'up')
}

/**
 * One fault, from one quiet state to the next: the seconds until another had taken over, why none did
 * in time, or null where the owner was stalled and went on.
 */
async function failOwner(stage: Stage, fault: Fault): Promise<number | string | null> {
  const { random, pbx, servers } = stage
  const hasIt = ({ child }: PlacedServer): boolean => isConnected(child().pid ?? 0, pbx.port)
  const ownersNow = (): readonly PlacedServer[] => servers.filter(hasIt)
  await until(() => ownersNow().length === 1, GIVE_UP_MS, 'there was not one owner')
  const [owner] = ownersNow()
  const heir = servers.find((each) => each !== owner)
  if (owner === undefined || heir === undefined) throw new Error('there is nobody to take over')
  await pause(random() * LATER_MS)
  const from = performance.now()
  const actedBefore = pbx.actions.length
  const undo = await begin(owner, fault)
  // Waits there, and is answered by a server that still takes itself for the owner.
  const asked = fault === 'stopped' || fault === 'stalled' ? pauseInQueue(owner, true) : null
  asked?.catch(() => undefined)
  let whyNot: string | null = null
  let upAt = 0
  if (fault === 'stalled') await pause(STALL_MS[0] + random() * (STALL_MS[1] - STALL_MS[0]))
  else {
    whyNot = await whyNotTakenOver(stage, heir, hasIt)
    upAt = performance.now()
    await pause(random() * LATER_MS)
  }
  const login = pbx.actions.slice(actedBefore).find(({ name }) => name === 'Login')
  await undo()
  await asked?.catch(() => undefined)
  await until(() => areUp(servers, stage.connectionId), GIVE_UP_MS, 'the link was not up again')
  if (whyNot !== null) return whyNot
  if (fault !== 'stalled') return (upAt - from) / 1000
  return login === undefined ? null : (login.at - from) / 1000
}

/** A figure that is missed is not the end of the run. */
async function whyNotTakenOver(
  { connectionId, servers }: Stage,
  heir: PlacedServer,
  hasIt: (server: PlacedServer) => boolean,
): Promise<string | null> {
  try {
    await until(() => hasIt(heir), GIVE_UP_MS, 'nobody took over')
    await until(() => areUp([heir], connectionId), GIVE_UP_MS, 'the heir was not up')
    return null
  } catch (error) {
    const said = await Promise.all(servers.map((server) => amiStatus(server, connectionId)))
    const has = servers.map(hasIt)
    const logs = servers.map((server) => server.errors().slice(-8))
    return `${error}: ${JSON.stringify({ heir: servers.indexOf(heir), has, said, logs })}`
  }
}

/** Lets the owner fail; what is returned ends it. */
async function begin(owner: PlacedServer, fault: Fault): Promise<() => Promise<void>> {
  if (fault === 'killed') {
    await owner.kill()
    return owner.startAgain
  }
  if (fault === 'stopped' || fault === 'stalled') {
    owner.child().kill('SIGSTOP')
    return async () => void owner.child().kill('SIGCONT')
  }
  const lost: Lost = fault === 'cut off' ? 'everything' : 'the database'
  owner.seat.cut(lost)
  return async () => owner.seat.heal()
}
