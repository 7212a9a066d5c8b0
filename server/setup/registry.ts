import { createHash, randomBytes } from 'node:crypto'
import { type ConnectionRecord, listConnections, listWebhookTokens } from '../../db/connections.ts'
import type { Db } from '../../db/database.ts'
import { RingsideError } from '../errors.ts'
import {
  ALIASES,
  type Alias,
  type ConnectionRegistry,
  type ConnectionSettings,
  DEFAULT_TIMEOUTS,
} from './connection.ts'
import { createLookAgain } from './look-again.ts'

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
 * tells nothing about a token (CALL-2). One that was found is looked up as it is from then on: tables of
 * JavaScript compare texts only where their hashes, which nobody outside knows, are the same.
 */
export function createConnectionRegistry(options: RegistryOptions): ConnectionRegistry {
  let byHash = new Map<string, Known>()
  /** Tokens that were looked up by their hash and found: those of the connections, and no others. */
  let byFound = new Map<string, Known>()
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
    byFound = new Map()
    byId = ids
    options.onLoaded?.(records)
  }
  const find = (token: string): Known | undefined => {
    const known = byHash.get(hashWebhookToken(token))
    if (known !== undefined) byFound.set(token, known)
    return known
  }
  const byToken = (token: string): ConnectionSettings | null => {
    const known = byFound.get(token) ?? find(token)
    if (known === undefined) return null
    return known.until === null || options.clock() < known.until ? known.settings : null
  }
  // One after another: an older answer must not come after a newer one. A failed one is the
  // business of who asked for it.
  const reload = (): Promise<void> => {
    last = last.then(load, load)
    return last
  }
  // Another process may have made the connection a moment ago, and a PBX never sends an event again.
  const lookAgain = createLookAgain(async () => {
    const hashes = await listWebhookTokens(options.db)
    if (hashes.some((hash) => !byHash.has(hash))) await reload()
  })
  return {
    byToken,
    async findByToken(token) {
      const known = byToken(token)
      if (known !== null) return known
      const isSure = await lookAgain()
      const found = byToken(token)
      if (found !== null || isSure) return found
      throw new RingsideError('unavailable', 'the token cannot be looked up')
    },
    byId: (id) => byId.get(id) ?? null,
    all: () => [...byId.values()],
    reload,
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
