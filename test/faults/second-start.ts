import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerProcess, startServer } from '../support/process.ts'

export interface Race {
  /** What is wrong; nothing, where one server started and each other said why it did not. */
  readonly differences: readonly string[]
  readonly refused: number
}

const REFUSED =
  /^Ringside cannot start: DATA_DIR \S+ is in use by another Ringside; stop it, or set another DATA_DIR$/

/**
 * Starts servers on one folder at once, kills the one that got it, and does so again (HOLD-8): the lock of
 * one that was killed holds up nobody, and never do two have the folder.
 */
export async function raceRounds(rounds: number, atOnce: number): Promise<Race> {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-race-'))
  const differences: string[] = []
  let refused = 0
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const racers = await Promise.all(Array.from({ length: atOnce }, () => race(folder)))
      const started = racers.flatMap(({ server }) => server ?? [])
      const says = racers.filter(({ server }) => server === null)
      refused += says.length
      const say = (what: string): void => void differences.push(`round ${round}: ${what}`)
      if (started.length !== 1) say(`${started.length} of ${atOnce} servers started`)
      for (const { said, exitCode } of says) {
        if (!REFUSED.test(said)) say(`a refused server said ${JSON.stringify(said)}`)
        if (exitCode !== 1) say(`a refused server ended with ${exitCode}`)
      }
      for (const server of started) {
        if ((await fetch(`${server.url}/readyz`)).status !== 200) say('the one is not ready')
        await server.stop('SIGKILL')
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { differences, refused }
}

interface Racer {
  readonly server: ServerProcess | null
  readonly said: string
  readonly exitCode: number | null
}

async function race(folder: string): Promise<Racer> {
  let child: ChildProcess | null = null
  const started = startServer({ DATA_DIR: folder }, (spawned) => {
    child = spawned
  })
  try {
    return { server: await started, said: '', exitCode: null }
  } catch (error) {
    const ended = child as ChildProcess | null
    if (ended?.exitCode === null && ended.signalCode === null) await once(ended, 'exit')
    const said = error instanceof Error ? error.message : String(error)
    return { server: null, said, exitCode: ended?.exitCode ?? null }
  }
}
