import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Database, openDatabase } from '../../db/database.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { newDataFolder } from '../support/migrated.ts'
import { startServer } from '../support/process.ts'
import { createRandom } from '../support/random.ts'
import { judge, type Verdict } from './judge.ts'
import { createPhoneLoad } from './phone-load.ts'
import { ADMIN_KEY, settled, setUp, startReady } from './server.ts'

export interface Killing {
  /** So many kills under load; those of servers that are just starting come on top. */
  readonly rounds: number
  readonly rate: number
  readonly seed: number
  /** PostgreSQL's address; null: the embedded database. */
  readonly postgresUrl: string | null
  readonly say: (line: string) => void
}

export interface Killed extends Verdict {
  /** From each start after a kill under load to ready. */
  readonly readySeconds: readonly number[]
  readonly killedUnderLoad: number
  /** Besides: killed once more before they were ready, or just then. */
  readonly killedInStart: number
  readonly withoutAnswer: number
  /** Not told, though it was time: everybody waited for an answer. */
  readonly notTold: number
}

/** How long a server lives under load, at most. */
const LIFE_MS = 2500
/** After so many of the kills under load. */
const KILLED_IN_START = 0.15
const START_LIFE_MS = 900

/** Kills the server while phones call, again and again; what is left is compared at the end. */
export async function killRounds(options: Killing): Promise<Killed> {
  const { rounds, rate, seed, say } = options
  await using place = await openPlace(options.postgresUrl)
  const random = createRandom(seed)
  let server = await startReady(place.env)
  const pbx = await setUp(server.url)
  const load = createPhoneLoad(pbx.path, random)
  const readySeconds: number[] = []
  let [killedUnderLoad, killedInStart] = [0, 0]
  for (let round = 1; round <= rounds; round += 1) {
    const over = new AbortController()
    const playing = load.play(server.url, rate, round, over.signal)
    await pause(random() * LIFE_MS)
    await server.stop('SIGKILL')
    over.abort()
    await playing
    killedUnderLoad += 1
    if (random() < KILLED_IN_START) {
      await killInStart(place.env, random() * START_LIFE_MS)
      killedInStart += 1
    }
    server = await startReady(place.env)
    readySeconds.push(server.readySeconds)
    if (round % 10 === 0) say(`  ${round} kills under load, ${load.sent.length} events told`)
  }
  await load.finish(server.url, rounds + 1)
  await settled(server.url)
  const exitCode = await server.stop()
  if (exitCode !== 0) throw new Error(`the server ended with ${exitCode} at last`)
  const database = await place.open()
  try {
    const verdict = await judge(database, load.people, load.sent, pbx.agentOf)
    const withoutAnswer = load.sent.filter(({ answer }) => answer === null).length
    return {
      ...verdict,
      readySeconds,
      killedUnderLoad,
      killedInStart,
      withoutAnswer,
      notTold: load.notTold(),
    }
  } finally {
    await database.close()
  }
}

/** A server that is killed before it is ready, or just then. */
async function killInStart(env: Record<string, string>, life: number): Promise<void> {
  let child: ChildProcess | null = null
  const started = startServer({ ADMIN_API_KEY: ADMIN_KEY, ...env }, (spawned) => {
    child = spawned
  })
  const ended = started.catch(() => undefined)
  await pause(life)
  const spawned = child as ChildProcess | null
  if (spawned === null) throw new Error('no process was started')
  spawned.kill('SIGKILL')
  if (spawned.exitCode === null && spawned.signalCode === null) await once(spawned, 'exit')
  await ended
}

interface Place extends AsyncDisposable {
  readonly env: Record<string, string>
  /** The database, while no server has it. */
  open(): Promise<Database>
}

async function openPlace(postgresUrl: string | null): Promise<Place> {
  const folder = await newDataFolder('ringside-kill-')
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  if (postgresUrl === null) {
    return {
      env: { DATA_DIR: folder },
      open: () => openDatabase({ folder }),
      [Symbol.asyncDispose]: async () => remove(),
    }
  }
  const { url, drop } = await createPostgresDatabase(postgresUrl)
  return {
    env: { DATA_DIR: folder, DATABASE_URL: url },
    open: () => openDatabase({ url }),
    [Symbol.asyncDispose]: async () => {
      await drop().finally(remove)
    },
  }
}
