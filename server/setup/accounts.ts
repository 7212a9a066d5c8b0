import type { ConnectionRecord } from '../../db/connections.ts'
import type { Log } from '../log.ts'
import type { Seal } from '../seal.ts'
import type { Secret } from '../secret.ts'
import { type AsteriskOptions, readOptions } from './asterisk-options.ts'
import { accountPlace } from './edit-connection.ts'

/** A manager account, ready to be used. */
export interface AmiAccount {
  readonly host: string
  readonly port: number
  readonly userName: string
  readonly secret: Secret
  readonly tls: boolean
  readonly verifyTls: boolean
  readonly events: boolean
}
/** A REST account, ready to be used. */
export interface AriAccount {
  readonly url: string
  readonly userName: string
  readonly password: Secret
  readonly verifyTls: boolean
  readonly events: boolean
}

/** How a PBX is reached: for those who hold links to it, and for nobody else. */
export interface ConnectionAccounts {
  readonly id: string
  readonly ami: AmiAccount | null
  readonly ari: AriAccount | null
  readonly options: AsteriskOptions
  /** Other than before where something that a link depends on has changed. */
  readonly version: string
}

/** Opens what is sealed. */
export function readAccounts(record: ConnectionRecord, seal: Seal): ConnectionAccounts {
  const { id, ami, amiSealed, ari, ariSealed, options } = record
  return {
    id,
    ami:
      ami === null || amiSealed === null
        ? null
        : {
            host: String(ami.host),
            port: typeof ami.port === 'number' ? ami.port : ami.tls === true ? 5039 : 5038,
            userName: String(ami.userName),
            secret: seal.open(amiSealed, accountPlace(id, 'ami')),
            tls: ami.tls === true,
            verifyTls: ami.verifyTls !== false,
            events: ami.events === true,
          },
    ari:
      ari === null || ariSealed === null
        ? null
        : {
            url: String(ari.url),
            userName: String(ari.userName),
            password: seal.open(ariSealed, accountPlace(id, 'ari')),
            verifyTls: ari.verifyTls !== false,
            events: ari.events === true,
          },
    options: readOptions(options),
    version: JSON.stringify([ami, amiSealed, ari, ariSealed, options]),
  }
}

/** Those that can be opened: what was sealed with another secret is as if it were not there. */
export function readAllAccounts(
  records: readonly ConnectionRecord[],
  seal: Seal,
  log: Log,
): readonly ConnectionAccounts[] {
  return records.flatMap((record) => {
    try {
      return [readAccounts(record, seal)]
    } catch (error) {
      log.error('connection.accounts-not-opened', { connectionId: record.id, error })
      return []
    }
  })
}
