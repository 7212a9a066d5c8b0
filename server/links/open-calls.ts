import type { Database } from '../../db/database.ts'
import { lastOrder, loadOpenCalls } from '../../db/open-calls.ts'
import type { Log } from '../log.ts'
import type { OpenCall, PbxSnapshot } from '../sources/channel-event.ts'
import { sleep } from '../sources/sleep.ts'

export interface OpenCallReaderOptions {
  readonly database: Pick<Database, 'db'>
  readonly log: Log
  /** Resolves when everything that was accepted of a connection is applied. */
  readonly settle: (connectionId: string) => Promise<void>
  /** Told the highest place in a stream that is known: what comes has a higher one. */
  readonly atLeast: (order: number) => void
}

const RETRY_MS = 500

/**
 * Reads the calls that are going on by what is known. While the database is away it waits: what the
 * PBX tells meanwhile is kept back by who asks.
 */
export function createOpenCallReader({ database, log, settle, atLeast }: OpenCallReaderOptions) {
  return async (
    connectionId: string,
    snapshot: PbxSnapshot,
    signal: AbortSignal,
  ): Promise<readonly OpenCall[]> => {
    const live = new Set(snapshot.channels.flatMap(({ id, linkedId }) => [id, linkedId ?? id]))
    while (true) {
      signal.throwIfAborted()
      try {
        await settle(connectionId)
        atLeast(await lastOrder(database.db, connectionId))
        const calls = await loadOpenCalls(database.db, connectionId, live)
        // A call that only webhooks told of, and that the PBX does not have, is closed as such.
        return calls
          .filter(({ isOfPbx, ids }) => isOfPbx || ids.some((id) => live.has(id)))
          .map(({ call }) => call)
      } catch (error) {
        signal.throwIfAborted()
        log.info('links.calls-not-read', { connectionId, error })
        await sleep(RETRY_MS, signal)
      }
    }
  }
}
