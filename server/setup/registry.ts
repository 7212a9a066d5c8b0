import { createHash, randomBytes } from 'node:crypto'
import { type ConnectionRecord, listConnections } from '../../db/connections.ts'
import type { Db } from '../../db/database.ts'
import {
  ALIASES,
  type Alias,
  type ConnectionRegistry,
  type ConnectionSettings,
  DEFAULT_TIMEOUTS,
} from './connection.ts'

export interface RegistryOptions {
  readonly db: Db
  readonly clock: () => Date
  /** Told what was read, after each time. */
  readonly onLoaded?: (records: readonly ConnectionRecord[]) => void
}

interface Known {
  readonly settings: ConnectionSettings
  /** Null: for ever; else until when this token still works after a rotation. */
  readonly until: Date | null
}

/**
 * The connections in memory. Tokens are looked up by their SHA-256: how long a look-up takes then
 * tells nothing about a token (CALL-2).
 */
export function createConnectionRegistry(options: RegistryOptions): ConnectionRegistry {
  let byHash = new Map<string, Known>()
  let byId = new Map<string, ConnectionSettings>()
  let last: Promise<void> = Promise.resolve()
  const load = async (): Promise<void> => {
    const records = await listConnections(options.db)
    const hashes = new Map<string, Known>()
    const ids = new Map<string, ConnectionSettings>()
    for (const record of records) {
      const settings = toConnectionSettings(record)
      ids.set(record.id, settings)
      if (record.oldTokenHash !== null) {
        hashes.set(record.oldTokenHash, { settings, until: record.oldWorksUntil })
      }
      hashes.set(record.tokenHash, { settings, until: null })
    }
    byHash = hashes
    byId = ids
    options.onLoaded?.(records)
  }
  return {
    byToken(token) {
      const known = byHash.get(hashWebhookToken(token))
      if (known === undefined) return null
      return known.until === null || options.clock() < known.until ? known.settings : null
    },
    byId: (id) => byId.get(id) ?? null,
    all: () => [...byId.values()],
    reload() {
      // One after another: an older answer must not come after a newer one. A failed one is the
      // business of who asked for it.
      last = last.then(load, load)
      return last
    },
  }
}

/** An unguessable token for a webhook's address. */
export function createWebhookToken(): string {
  return randomBytes(24).toString('base64url')
}

export function hashWebhookToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function toConnectionSettings(record: ConnectionRecord): ConnectionSettings {
  const { id, name, timeZone, country, internalCalls, recordings } = record
  const phrases = Object.entries(record.phrases).filter((entry): entry is [string, Alias] =>
    ALIASES.includes(entry[1] as Alias),
  )
  const extraFields = record.options.packetInfoConfig
  return {
    id,
    name,
    timeZone,
    country,
    internalCalls,
    recordings,
    phrases: Object.fromEntries(phrases),
    timeouts: { ...DEFAULT_TIMEOUTS, ...record.timeouts },
    extraFields: Array.isArray(extraFields) ? extraFields.map(String) : [],
  }
}
