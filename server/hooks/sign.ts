import { createHmac, randomBytes } from 'node:crypto'
import type { Secret } from '../secret.ts'

const PREFIX = 'whsec_'
const SECRET_BYTES = 32

/** A new secret, as Standard Webhooks writes them. */
export function createHookSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64')
}

/** What tells a receiver whom a message is from, and that it is the one that was sent. */
export interface SignedHeaders {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/**
 * Signs by the rules of https://www.standardwebhooks.com: HMAC-SHA256 of id, time and body, one
 * signature for each secret that is valid now.
 */
export function signMessage(
  message: { readonly id: string; readonly at: Date; readonly body: string },
  secrets: readonly Secret[],
): SignedHeaders {
  const timestamp = String(Math.floor(message.at.getTime() / 1000))
  const signed = `${message.id}.${timestamp}.${message.body}`
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.reveal().slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(signed, 'utf8').digest('base64')}`
  })
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}
