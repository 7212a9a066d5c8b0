import { connect as connectTls } from 'node:tls'
import { type CheckedAddress, lookupOf } from '../net/address-guard.ts'
import type { Cause } from './check-cause.ts'
import { CHECKS, messageOf } from './check-table.ts'
import type { Check } from './pbx.ts'

/** What the admin reads of a test that failed. */
export function failed(kind: 'ari' | 'ami', place: string, cause: Cause): Check {
  const code = cause.checkCode
  const message = messageOf(code, { place, detail: cause.detail })
  return { ok: false, code, message, hint: CHECKS[code][kind] ?? '' }
}

export interface TlsQuestion {
  readonly host: string
  readonly port: number
  readonly address: CheckedAddress
  readonly timeoutMs: number
}

/**
 * True where a port that gave no sense without TLS speaks TLS; nothing is sent but the handshake.
 * A server of TLS often says nothing at all to whoever begins in the clear.
 */
export function speaksTls({ host, port, address, timeoutMs }: TlsQuestion): Promise<boolean> {
  return new Promise((resolve) => {
    // Whose certificate it is does not matter: nothing is told to it.
    const socket = connectTls({
      host,
      port,
      lookup: lookupOf(address),
      rejectUnauthorized: false,
    })
    const timer = setTimeout(() => settle(false), timeoutMs)
    const settle = (answer: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    socket.once('secureConnect', () => settle(true))
    socket.on('error', () => settle(false))
    socket.once('close', () => settle(false))
  })
}
