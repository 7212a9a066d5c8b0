import type { ConnectionRecord } from '../../db/connections.ts'
import { type FieldError, RingsideError } from '../errors.ts'
import type { Seal } from '../seal.ts'
import type { Alias } from './connection.ts'

/** The manager or REST account of a PBX as an admin writes it. */
interface AriChange {
  readonly url?: string | undefined
  readonly userName?: string | undefined
  readonly password?: string | undefined
  readonly events?: boolean | undefined
  readonly verifyTls?: boolean | undefined
}
interface AmiChange {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly userName?: string | undefined
  readonly secret?: string | undefined
  readonly tls?: boolean | undefined
  readonly verifyTls?: boolean | undefined
  readonly events?: boolean | undefined
}
export interface ConnectionChange {
  readonly name?: string | undefined
  readonly timeZone?: string | undefined
  readonly country?: string | undefined
  readonly ari?: AriChange | null | undefined
  readonly ami?: AmiChange | null | undefined
  readonly internalCalls?: boolean | undefined
  readonly recordings?: boolean | undefined
  readonly phrases?: Readonly<Record<string, Alias>> | undefined
  readonly timeouts?: Readonly<Record<string, number | undefined>> | undefined
  readonly options?: Readonly<Record<string, unknown>> | undefined
}

/** What of an account decides where and for whom its password is sent, and what must be there. */
interface AccountRules {
  readonly path: 'ari' | 'ami'
  readonly secret: 'password' | 'secret'
  readonly address: readonly string[]
  readonly required: readonly string[]
  readonly defaults: Readonly<Record<string, unknown>>
}

const ARI: AccountRules = {
  path: 'ari',
  secret: 'password',
  address: ['url', 'userName'],
  required: ['url', 'userName', 'events'],
  defaults: { verifyTls: true },
}
const AMI: AccountRules = {
  path: 'ami',
  secret: 'secret',
  address: ['host', 'port', 'tls', 'userName'],
  required: ['host', 'userName', 'events'],
  defaults: { port: 5038, tls: false, verifyTls: true },
}

/**
 * The connection with an admin's change in it. Where the address of the PBX or the user changes, the
 * stored password is not sent there: it must be written again (ADMIN-1, SAFE-5).
 */
export function changeConnection(
  connection: ConnectionRecord,
  change: ConnectionChange,
  seal: Seal,
  now: Date,
): ConnectionRecord {
  const ari = changeAccount(
    connection.id,
    connection.ari,
    connection.ariSealed,
    change.ari,
    ARI,
    seal,
  )
  const ami = changeAccount(
    connection.id,
    connection.ami,
    connection.amiSealed,
    change.ami,
    AMI,
    seal,
  )
  const timeZone = change.timeZone ?? connection.timeZone
  const timeouts = Object.entries({ ...connection.timeouts, ...change.timeouts })
  return {
    ...connection,
    name: change.name ?? connection.name,
    timeZone,
    zoneSince: timeZone === connection.timeZone ? connection.zoneSince : now,
    country: change.country ?? connection.country,
    ari: ari.account,
    ariSealed: ari.sealed,
    ami: ami.account,
    amiSealed: ami.sealed,
    internalCalls: change.internalCalls ?? connection.internalCalls,
    recordings: change.recordings ?? connection.recordings,
    phrases: change.phrases ?? connection.phrases,
    timeouts: Object.fromEntries(timeouts.filter((e): e is [string, number] => e[1] !== undefined)),
    options: { ...connection.options, ...change.options },
    updatedAt: now,
  }
}

/** Where a connection's sealed password belongs. */
export function accountPlace(connectionId: string, path: 'ari' | 'ami'): string {
  return `connections/${connectionId}/${path}`
}

interface Account {
  readonly account: Record<string, unknown> | null
  readonly sealed: string | null
}

function changeAccount(
  connectionId: string,
  current: Record<string, unknown> | null,
  sealed: string | null,
  change: object | null | undefined,
  rules: AccountRules,
  seal: Seal,
): Account {
  if (change === undefined) return { account: current, sealed }
  if (change === null) return { account: null, sealed: null }
  const given = Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  )
  const { [rules.secret]: secret, ...rest } = given
  const account: Record<string, unknown> = { ...(current ?? rules.defaults), ...rest }
  const missing = rules.required.filter((key) => account[key] === undefined)
  if (missing.length > 0) {
    throw refuse(missing.map((key) => ({ path: `${rules.path}.${key}`, message: 'is missing' })))
  }
  if (typeof secret === 'string') {
    return { account, sealed: seal.seal(secret, accountPlace(connectionId, rules.path)) }
  }
  const moved = rules.address.some((key) => account[key] !== current?.[key])
  if (sealed === null || moved) {
    const message =
      sealed === null
        ? 'is missing'
        : 'is needed again, because the address or the user changed: the stored one is not sent elsewhere'
    throw refuse([{ path: `${rules.path}.${rules.secret}`, message }])
  }
  return { account, sealed }
}

function refuse(errors: readonly FieldError[]): RingsideError {
  return new RingsideError('bad-input', `${errors[0]?.path} ${errors[0]?.message}`, { errors })
}
