import { setTimeout as pause } from 'node:timers/promises'
import postgres from 'postgres'

const EVERY_MS = 50

/** How long a commit takes on this PostgreSQL while `work` goes on: milliseconds of each of twenty a second. */
export async function commitsDuring<T>(
  url: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly commits: readonly number[] }> {
  const sql = postgres(url, { max: 1 })
  const commits: number[] = []
  let isOver = false
  const sample = async (): Promise<void> => {
    while (!isOver) {
      const from = performance.now()
      await sql`select pg_logical_emit_message(true, 'ringside', '')`
      commits.push(performance.now() - from)
      await pause(EVERY_MS)
    }
  }
  const sampling = sample()
  try {
    return { result: await work(), commits }
  } finally {
    isOver = true
    await sampling
    await sql.end()
  }
}
