import postgres from 'postgres'
import type { Ringside } from './intake-servers.ts'
import { playLoad } from './play-load.ts'

export const CALLS_BEFORE = 5000
/** Where their ids and numbers begin, so that no other load tells of the same. */
const FIRST = 5_000_000

/**
 * A server is not measured in the first minute of its life: calls come and go before, and PostgreSQL looks at its
 * tables, which it does by itself a minute later. Until then its plans are those for empty tables.
 */
export async function useBefore(
  ringside: Ringside,
  seed: number,
  calls = CALLS_BEFORE,
): Promise<void> {
  const { url, paths } = ringside
  await playLoad({
    ...{ url, paths, seed, calls, firstCall: FIRST, inFlight: 64 },
    ...{ rate: null, seconds: 60, streamToken: null },
  })
  while ((await ringside.pending()) > 0) await new Promise((resolve) => setTimeout(resolve, 200))
  const sql = postgres(ringside.databaseUrl, { max: 1, onnotice: () => undefined })
  await sql`vacuum analyze`
  await sql.end()
}
