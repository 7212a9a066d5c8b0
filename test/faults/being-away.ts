import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../../db/database.ts'
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts'
import { createPostgresDatabase } from '../support/database.ts'
import type { PostgresServer } from '../support/postgres.ts'
import { createRandom } from '../support/random.ts'
import { judge, outOfOrder, type Verdict } from './judge.ts'
import { sentInWords } from './people.ts'
import { createPhoneLoad } from './phone-load.ts'
import { settled, setUp, spooledAt, startReady } from './server.ts'

export interface BeingAway {
  readonly rounds: number
  readonly rate: number
  readonly seed: number
  /** Each absence is of up to so many seconds. */
  readonly awaySeconds: number
  readonly postgres: PostgresServer
  readonly say: (line: string) => void
}

export interface WasAway extends Verdict {
  /** Answers of 500 and more, and requests without an answer: the server was there all the time. */
  readonly badAnswers: readonly string[]
  readonly disorder: readonly string[]
  readonly slowestAnswerMs: number
  /** From the return of the database until nothing was pending, each time. */
  readonly caughtUpSeconds: readonly number[]
  readonly mostSpooled: number
  /** What befell the database, and nothing went to the spool, however often. */
  readonly neverFelt: readonly string[]
}

/** What can befall a database; `back` ends it. */
interface Absence {
  readonly name: string
  leave(postgres: PostgresServer, proxy: CuttableProxy): () => void | Promise<void>
}

export const ABSENCES: readonly Absence[] = [
  {
    name: 'stopped at once',
    leave: (postgres) => {
      postgres.halt()
      return postgres.start
    },
  },
  {
    name: 'all its processes killed',
    leave: (postgres) => {
      for (const pid of postgres.pids()) tryKill(pid, 'SIGKILL')
      return () => startAgain(postgres)
    },
  },
  {
    name: 'frozen',
    leave: (postgres) => {
      const pids = postgres.pids()
      for (const pid of pids) tryKill(pid, 'SIGSTOP')
      return () => {
        for (const pid of pids) tryKill(pid, 'SIGCONT')
      }
    },
  },
  {
    name: 'network cut',
    leave: (_postgres, proxy) => {
      proxy.cut()
      return () => proxy.become('pass')
    },
  },
  {
    name: 'connections forgotten by the network, without a word',
    leave: (_postgres, proxy) => {
      proxy.become('swallow')
      return () => proxy.become('pass')
    },
  },
]

/** A little life before and after each absence. */
const PRESENT_MS = 1500

/** The database goes away while phones call, again and again; what is there is compared at the end. */
export async function awayRounds(options: BeingAway): Promise<WasAway> {
  const { rounds, rate, seed, awaySeconds, postgres, say } = options
  const folder = mkdtempSync(join(tmpdir(), 'ringside-away-'))
  await using proxy = await startCuttableProxy(postgres.port)
  const place = await createPostgresDatabase(postgres.url)
  await place.database.close()
  const through = new URL(place.url)
  through.port = String(proxy.port)
  const random = createRandom(seed)
  const server = await startReady({ DATA_DIR: folder, DATABASE_URL: through.href })
  const caughtUpSeconds: number[] = []
  const mostSpooled = new Map<string, number>()
  try {
    const pbx = await setUp(server.url)
    const load = createPhoneLoad(pbx.path, random)
    for (let round = 1; round <= rounds; round += 1) {
      const absence = ABSENCES[(round - 1) % ABSENCES.length]!
      const away = random() * awaySeconds * 1000
      const over = new AbortController()
      const playing = load.play(server.url, rate, round, over.signal)
      await pause(random() * PRESENT_MS)
      const back = absence.leave(postgres, proxy)
      await pause(away)
      const spooled = await spooledAt(server.url)
      mostSpooled.set(absence.name, Math.max(mostSpooled.get(absence.name) ?? 0, spooled))
      await back()
      const from = performance.now()
      await pause(random() * PRESENT_MS)
      over.abort()
      await playing
      await settled(server.url, 120)
      const seconds = (performance.now() - from) / 1000
      caughtUpSeconds.push(seconds)
      say(
        `  ${round}: ${absence.name} for ${(away / 1000).toFixed(1)} s, ${spooled} in the spool, caught up after ${seconds.toFixed(1)} s`,
      )
    }
    await load.finish(server.url, rounds + 1)
    await settled(server.url)
    await server.stop()
    await using database = await openDatabase({ url: place.url })
    const verdict = await judge(database, load.people, load.sent, pbx.agentOf)
    const answers = load.sent.flatMap(({ sentAt, answer }) => answer && answer.at - sentAt)
    return {
      ...verdict,
      badAnswers: load.sent.filter(({ answer }) => answer?.status !== 200).map(sentInWords),
      disorder: await outOfOrder(database, load.sent),
      slowestAnswerMs: answers.reduce<number>((most, ms) => Math.max(most, ms ?? 0), 0),
      caughtUpSeconds,
      mostSpooled: Math.max(...mostSpooled.values()),
      neverFelt: [...mostSpooled].flatMap(([name, most]) => (most === 0 ? [name] : [])),
    }
  } finally {
    await server.stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** It does not start while the last of its killed processes is still there. */
async function startAgain(postgres: PostgresServer): Promise<void> {
  const until = performance.now() + START_MS
  for (;;) {
    try {
      return postgres.start()
    } catch (error) {
      if (performance.now() > until) throw error
      await pause(POLL_MS)
    }
  }
}

const START_MS = 20_000
const POLL_MS = 200

/** One that has just ended is as good as killed. */
function tryKill(pid: number, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
