import type { Database } from '../../db/database.ts'
import type { Log } from '../log.ts'
import type { Sureness } from './sure.ts'

/** Which connections this process owns, asked again and again (ARI-3). */
export interface Owning extends Sureness {
  /** Looks at once, such as after a connection was added; resolves when it has. */
  look(): Promise<void>
  close(): Promise<void>
}

export interface OwningOptions {
  readonly database: Pick<Database, 'leases'>
  readonly log: Log
  /** What this process would own if it could. */
  readonly wanted: () => readonly string[]
  readonly owned: () => readonly string[]
  /** What it is done with has changed: it has to be released and begun anew. */
  readonly isOutdated: (key: string) => boolean
  readonly onAcquired: (key: string) => Promise<void>
  /** Not wanted any more: what was done as the owner has to have ended when this resolves. */
  readonly onReleased: (key: string) => Promise<void>
  /** Everything is lost, at once: another process may own it already. */
  readonly onLost: () => void
}

/** Take-over and noticing a loss both take a few of these. */
const EVERY_MS = 2000

/** One process owns each connection: who comes first, until it says so or its session ends. */
export function createOwning(options: OwningOptions): Owning {
  const { log } = options
  const leases = options.database.leases(() => {
    log.warn('lease.lost', { connections: options.owned() })
    options.onLost()
  })
  let isClosed = false
  let last: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | null = null

  const look = async (): Promise<void> => {
    await leases.check()
    const wanted = options.wanted()
    for (const key of options.owned()) {
      const isWanted = wanted.includes(key)
      // It can have been lost in the moment in which it was given.
      if (isWanted && !options.isOutdated(key) && (await leases.acquire(key))) continue
      await options.onReleased(key)
      if (!isWanted) await leases.release(key)
    }
    for (const key of wanted) {
      if (isClosed || options.owned().includes(key)) continue
      if (await leases.acquire(key)) await options.onAcquired(key)
    }
  }
  /** One after another; who asks while one is under way gets the next one. */
  const ask = (): Promise<void> => {
    waiting ??= last = last
      .then(() => {
        waiting = null
        return isClosed ? undefined : look()
      })
      .catch((error: unknown) => log.debug('lease.failed', { error }))
    return waiting
  }
  const timer = setInterval(ask, EVERY_MS)
  void ask()
  return {
    look: ask,
    isSure: leases.isSure,
    confirm: async () => {
      await leases.check()
      if (!leases.isSure()) throw new Error('another process may have this connection by now')
    },
    close: async () => {
      isClosed = true
      clearInterval(timer)
      await last
      for (const key of options.owned()) await options.onReleased(key)
      await leases.close().catch((error: unknown) => log.debug('lease.close-failed', { error }))
    },
  }
}
