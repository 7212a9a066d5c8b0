/** The peaks of recordings, asked for once; those that are still being found out, again after a while. */
import type { PeaksView } from '../../server/http/schemas.ts'

export interface PeaksLoader {
  /** The channels of a recording; none while they are not there. */
  of(id: string): readonly (readonly number[])[]
  need(ids: readonly string[]): void
  close(): void
}

const FIRST_WAIT_MS = 700
const TRIES = 6

export function createPeaksLoader(
  load: (id: string) => Promise<PeaksView>,
  onChange: () => void,
  firstWaitMs: number = FIRST_WAIT_MS,
): PeaksLoader {
  const found = new Map<string, readonly (readonly number[])[]>()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  let isClosed = false

  async function ask(id: string, attempt: number): Promise<void> {
    // The recording plays without its picture as well.
    const peaks = await load(id).catch(() => null)
    if (isClosed || peaks === null) return
    if (peaks.state === 'ready') {
      found.set(id, peaks.channels)
      onChange()
    } else if (peaks.state === 'pending' && attempt < TRIES) {
      const timer = setTimeout(
        () => {
          timers.delete(timer)
          void ask(id, attempt + 1)
        },
        firstWaitMs * 2 ** (attempt - 1),
      )
      timers.add(timer)
    }
  }

  return {
    of: (id) => found.get(id) ?? [],
    need(ids) {
      for (const id of ids) {
        if (found.has(id)) continue
        found.set(id, [])
        void ask(id, 1)
      }
    },
    close() {
      isClosed = true
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
  }
}
