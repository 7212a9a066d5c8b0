import { LOG_LEVELS, type LogLevel } from './log.ts'
import { type RecordingsPlace, readRecordingsPlace } from './recordings/recordings-place.ts'
import { Secret } from './secret.ts'

export interface Config {
  readonly host: string
  readonly port: number
  readonly publicUrl: string
  /** PostgreSQL's address; null: the embedded database in `dataDir`. */
  readonly databaseUrl: Secret | null
  readonly dataDir: string
  readonly recordings: RecordingsPlace
  readonly recordingMaxBytes: number
  readonly logLevel: LogLevel
  /** Null where the environment sets none: then they are made and kept in `dataDir`. */
  readonly ringsideSecret: Secret | null
  readonly embedSecret: Secret | null
  readonly adminApiKey: Secret | null
  /** Whether outgoing webhooks may go to private networks and to this machine (SAFE-5). */
  readonly hooksAllowPrivate: boolean
  /** How long a process that was told to stop goes on, saying that it is not ready. */
  readonly drainSeconds: number
}

export const MIB = 1024 * 1024

/** Reads the environment. A wrong value throws with one line that names it. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const port = integer(env, 'PORT', 3000, 0, 65_535)
  const dataDir = env.DATA_DIR || './data'
  const databaseUrl = env.DATABASE_URL || null
  if (databaseUrl !== null) url(databaseUrl, 'DATABASE_URL', ['postgres:', 'postgresql:'])
  const recordingsUrl = env.RECORDINGS_URL || `file:${dataDir}/recordings`
  const publicUrl = env.PUBLIC_URL || `http://localhost:${port}`
  url(publicUrl, 'PUBLIC_URL', ['http:', 'https:'])
  return {
    host: env.HOST || '127.0.0.1',
    port,
    publicUrl: publicUrl.replace(/\/+$/, ''),
    databaseUrl: databaseUrl === null ? null : new Secret(databaseUrl),
    dataDir,
    recordings: readRecordingsPlace(recordingsUrl, {
      AWS_ACCESS_KEY_ID: env.AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY: secret(env, 'AWS_SECRET_ACCESS_KEY', 1),
      AWS_SESSION_TOKEN: secret(env, 'AWS_SESSION_TOKEN', 1),
    }),
    recordingMaxBytes: integer(env, 'RECORDING_MAX_BYTES', 256 * MIB, 1, Number.MAX_SAFE_INTEGER),
    logLevel: oneOf(env, 'LOG_LEVEL', LOG_LEVELS, 'info'),
    ringsideSecret: secret(env, 'RINGSIDE_SECRET', 32),
    embedSecret: secret(env, 'EMBED_SECRET', 32),
    adminApiKey: secret(env, 'ADMIN_API_KEY', 24),
    hooksAllowPrivate: oneOf(env, 'HOOKS_ALLOW_PRIVATE', ['true', 'false'], 'false') === 'true',
    drainSeconds: integer(env, 'DRAIN_SECONDS', 0, 0, 600),
  }
}

type Env = Readonly<Record<string, string | undefined>>

function integer(env: Env, name: string, fallback: number, min: number, max: number): number {
  const found = env[name]
  if (found === undefined || found === '') return fallback
  const value = Number(found)
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${name} is "${found}", expected a whole number from ${min} to ${max}`)
  }
  return value
}

function oneOf<T extends string>(env: Env, name: string, allowed: readonly T[], fallback: T): T {
  const found = env[name]
  if (found === undefined || found === '') return fallback
  const value = allowed.find((candidate) => candidate === found)
  if (value === undefined) {
    throw new Error(`${name} is "${found}", expected one of ${allowed.join(', ')}`)
  }
  return value
}

/** A secret's own text never shows up in the message. */
function secret(env: Env, name: string, minBytes: number): Secret | null {
  const found = env[name]
  if (found === undefined || found === '') return null
  const bytes = Buffer.byteLength(found)
  if (bytes < minBytes) {
    throw new Error(`${name} has ${bytes} bytes, expected at least ${minBytes}`)
  }
  return new Secret(found)
}

function url(found: string, name: string, protocols: readonly string[]): void {
  const expected = `expected an address that begins with ${protocols.join(' or ')}`
  if (!URL.canParse(found)) throw new Error(`${name} cannot be read as an address, ${expected}`)
  const { protocol } = new URL(found)
  if (!protocols.includes(protocol)) throw new Error(`${name} begins with ${protocol}, ${expected}`)
}
