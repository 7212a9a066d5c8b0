import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AmiError } from './ami-error.ts'
import { because } from './check-cause.ts'

export interface AmiSocketOptions {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** False: any certificate will do, also a self-signed one. */
  readonly verifyTls: boolean
  /** Where the host's address has been looked up and checked before. */
  readonly lookup?: LookupFunction
  /** Hears of the socket before it is connected. */
  readonly onSocket?: (socket: Socket) => void
}

/** Opens TCP or TLS; an abort ends the try with the signal's reason. */
export function openAmiSocket(options: AmiSocketOptions, signal: AbortSignal): Promise<Socket> {
  const { host, port, tls, verifyTls, lookup } = options
  const target = { host, port, ...(lookup === undefined ? {} : { lookup }) }
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const name = isIP(host) === 0 ? { servername: host } : {}
    const socket = tls
      ? connectTls({ ...target, ...name, rejectUnauthorized: verifyTls })
      : connect(target)
    options.onSocket?.(socket)
    const onAbort = (): void => {
      socket.destroy()
      reject(signal.reason)
    }
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      socket.off('close', onClose)
    }
    const onError = (error: Error): void => {
      settle()
      socket.destroy()
      reject(toAmiError(error, options))
    }
    const onClose = (): void => {
      settle()
      const message = `${host}:${port} closed the connection at once`
      reject(new AmiError('unreachable', message, because('closed')))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('error', onError)
    socket.on('close', onClose)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      settle()
      // Actions are small, and an agent waits for each.
      socket.setNoDelay(true)
      resolve(socket)
    })
  })
}

function toAmiError(error: Error, options: AmiSocketOptions): AmiError {
  const place = `${options.host}:${options.port}`
  const code = 'code' in error ? String(error.code) : ''
  if (!options.tls || !/^(ERR_TLS|ERR_SSL|EPROTO)|CERT|_ISSUER_|_SIGNATURE/.test(code)) {
    return new AmiError('unreachable', `${place} cannot be reached: ${error.message}`, error)
  }
  if (/^(ERR_SSL|EPROTO)/.test(code)) {
    return new AmiError('tls', `${place} does not speak TLS that is of use here (${code})`, error)
  }
  const message = `the certificate of ${place} is not trusted: ${error.message} (${code})`
  return new AmiError('tls', message, error)
}
