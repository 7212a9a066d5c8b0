import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Database, openDatabase } from '../../db/database.ts'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { type PostgresServer, startPostgres } from '../support/postgres.ts'
import { createRandom } from '../support/random.ts'
import { judge, type Verdict } from './judge.ts'
import { sentInWords } from './people.ts'
import { createPhoneLoad } from './phone-load.ts'
import { settled, setUp, spooledAt, startReady } from './server.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'
import { createUploads, type Uploads } from './uploads.ts'

/** Whose disk is full: that of the data folder, of the embedded database, of PostgreSQL. */
export type Full = 'data folder' | 'PGlite' | 'PostgreSQL'

export interface BeingFull {
  readonly full: Full
  readonly rounds: number
  readonly rate: number
  readonly seed: number
  readonly say: (line: string) => void
}

export interface WasFull extends Verdict {
  /** Answers that are neither a yes nor a plain "not now". */
  readonly badAnswers: readonly string[]
  readonly refused: number
  /** Without refusals and without events in the spool, the disk was never full. */
  readonly mostSpooled: number
  readonly notHealed: readonly string[]
  /** What is left that nobody needs, or missing or changed. */
  readonly files: readonly string[]
}

const SIZES: Readonly<Record<Full, number>> = { 'data folder': 24, PGlite: 400, PostgreSQL: 768 }
/** So much is left at most: each round is full at another write. */
const MOST_LEFT = 400_000
const FULL_MS = 4000
const HEAL_SECONDS = 30

interface Stage extends AsyncDisposable {
  readonly disk: SmallDisk
  readonly env: Record<string, string>
  /** Where the spool is what fills the disk, the database is away in every other round, the first one first. */
  leave(round: number): void
  back(): void
  open(): Promise<Database>
}

/** Fills the disk while phones call, and gives it back; null with the reason where it cannot be done. */
export async function fullRounds(options: BeingFull): Promise<WasFull | { missing: string }> {
  const { full, rounds, rate, seed, say } = options
  const opened = await openStage(full)
  if ('missing' in opened) return opened
  await using stage = opened
  const random = createRandom(seed)
  let server = await startReady(stage.env)
  const notHealed: string[] = []
  let mostSpooled = 0
  try {
    const pbx = await setUp(server.url)
    const load = createPhoneLoad(pbx.path, random)
    const uploads = createUploads(pbx.path, random)
    for (let round = 1; round <= rounds; round += 1) {
      const left = Math.floor(random() * MOST_LEFT)
      stage.leave(round)
      await stage.disk.fill(left)
      const over = new AbortController()
      const playing = load.play(server.url, rate, round, over.signal)
      const uploading = uploads.go(server.url, over.signal)
      await pause(FULL_MS)
      over.abort()
      await Promise.all([playing, uploading])
      mostSpooled = Math.max(mostSpooled, await spooledAt(server.url))
      await stage.disk.free()
      stage.back()
      try {
        await settled(server.url, HEAL_SECONDS)
        await uploads.must(server.url)
      } catch (error) {
        notHealed.push(`round ${round}, ${left} bytes left: ${String(error).slice(0, 200)}`)
        // What was acknowledged has to be there even so.
        await server.stop('SIGKILL')
        server = await startReady(stage.env)
        await settled(server.url)
      }
      say(
        `  ${round}: ${left} bytes left; so far ${refusals(load.sent)} events refused, at most ${mostSpooled} in the spool`,
      )
    }
    await load.finish(server.url, rounds + 1)
    await settled(server.url)
    const dataDir = String(stage.env.DATA_DIR)
    const stray = await strayFiles(dataDir)
    await server.stop()
    await using database = await stage.open()
    const files = [...stray, ...(await missingRecordings(database, dataDir, uploads))]
    const verdict = await judge(database, load.people, load.sent, pbx.agentOf)
    return {
      ...verdict,
      notHealed,
      files,
      mostSpooled,
      refused: refusals(load.sent) + uploads.refused(),
      badAnswers: [...badAnswers(load.sent), ...uploads.badAnswers()],
    }
  } finally {
    await server.stop('SIGKILL')
  }
}

type SentList = Parameters<typeof judge>[2]

function refusals(sent: SentList): number {
  return sent.filter(({ answer }) => answer?.status === 503).length
}

function badAnswers(sent: SentList): string[] {
  return sent
    .filter(({ answer }) => answer === null || ![200, 503].includes(answer.status))
    .map(sentInWords)
}

/** What was begun and not finished must not stay. Imports that were taken go on by themselves, one after the other. */
async function strayFiles(dataDir: string): Promise<string[]> {
  let least = Number.POSITIVE_INFINITY
  let until = 0
  for (;;) {
    const left = ['recordings/.incoming', 'imports'].flatMap((name) =>
      readdirSync(join(dataDir, name)).map((file) => `${name}/${file} is left`),
    )
    if (left.length < least) until = performance.now() + HEAL_SECONDS * 1000
    least = Math.min(least, left.length)
    if (left.length === 0 || performance.now() > until) return left
    await pause(100)
  }
}

/** Each recording that was taken is in the database, and its file has the bytes that were sent. */
async function missingRecordings(
  { db }: Database,
  dataDir: string,
  { taken }: Uploads,
): Promise<string[]> {
  const rows = await db.selectFrom('recordings').select(['uniqueId', 'storageKey']).execute()
  const keys = new Map(rows.map(({ uniqueId, storageKey }) => [uniqueId, storageKey]))
  return [...taken].flatMap(([uniqueId, sha256]) => {
    const key = keys.get(uniqueId)
    if (key === undefined) return [`recording ${uniqueId} is not in the database`]
    const bytes = readFileSync(join(dataDir, 'recordings', key))
    const found = createHash('sha256').update(bytes).digest('hex')
    return found === sha256 ? [] : [`recording ${uniqueId} has other bytes`]
  })
}

async function openStage(full: Full): Promise<Stage | { missing: string }> {
  const disk = mountSmallDisk(SIZES[full])
  if ('missing' in disk) return disk
  if (full === 'PGlite') return embedded(disk)
  const folder = full === 'PostgreSQL' ? disk.folder : undefined
  // Imports go on after each round: their journal alone must not fill the disk.
  const postgres = await startPostgres(folder, ['max_wal_size=64MB'])
  if ('missing' in postgres) {
    disk[Symbol.dispose]()
    return postgres
  }
  return beside(disk, postgres, full)
}

function embedded(disk: SmallDisk): Stage {
  return {
    disk,
    env: { DATA_DIR: disk.folder },
    leave: () => undefined,
    back: () => undefined,
    open: () => openDatabase({ folder: disk.folder }),
    [Symbol.asyncDispose]: async () => disk[Symbol.dispose](),
  }
}

async function beside(disk: SmallDisk, postgres: PostgresServer, full: Full): Promise<Stage> {
  const proxy = await startCuttableProxy(postgres.port)
  const { database, url } = await createPostgresDatabase(postgres.url)
  await database.close()
  const through = new URL(url)
  through.port = String(proxy.port)
  const folder = mkdtempSync(join(tmpdir(), 'ringside-full-'))
  const isOurs = full === 'data folder'
  return {
    disk,
    env: { DATA_DIR: isOurs ? disk.folder : folder, DATABASE_URL: through.href },
    leave: (round) => {
      if (isOurs && round % 2 === 1) proxy.cut()
    },
    back: () => {
      if (isOurs) proxy.become('pass')
      // Full at its journal, PostgreSQL ends: whoever runs it starts it again.
      else if (!isRunning(postgres)) postgres.start()
    },
    open: () => openDatabase({ url }),
    [Symbol.asyncDispose]: async () => {
      await proxy.close()
      postgres.stop()
      rmSync(folder, { recursive: true, force: true })
      disk[Symbol.dispose]()
    },
  }
}

function isRunning(postgres: PostgresServer): boolean {
  try {
    return postgres.pids().every((pid) => process.kill(pid, 0))
  } catch {
    // Its file of the process is gone, or the process.
    return false
  }
}
