import type { ConnectionRecord } from '../../db/connections.ts'
import type { Seal } from '../seal.ts'
import type { Secret } from '../secret.ts'
import { createWebhookToken, hashWebhookToken } from './registry.ts'

/** A connection that has a name and a webhook's token, and nothing else yet. */
export function newConnection(
  named: Pick<ConnectionRecord, 'id' | 'name' | 'timeZone' | 'country'>,
  seal: Seal,
  now: Date,
): ConnectionRecord {
  const { id, name, timeZone, country } = named
  return {
    id,
    name,
    timeZone,
    zoneSince: now,
    country,
    ari: null,
    ariSealed: null,
    ami: null,
    amiSealed: null,
    internalCalls: false,
    recordings: true,
    phrases: {},
    timeouts: {},
    options: {},
    ...sealToken(id, createWebhookToken(), seal),
    oldTokenHash: null,
    oldWorksUntil: null,
    createdAt: now,
    updatedAt: now,
  }
}

/** What is kept of a connection's token: by the one it is found, by the other it is shown. */
export function sealToken(
  id: string,
  token: string,
  seal: Seal,
): Pick<ConnectionRecord, 'tokenHash' | 'tokenSealed'> {
  return { tokenHash: hashWebhookToken(token), tokenSealed: seal.seal(token, tokenPlace(id)) }
}

/** The token that a connection was sealed with; throws where that was done with another secret. */
export function openToken(
  { id, tokenSealed }: Pick<ConnectionRecord, 'id' | 'tokenSealed'>,
  seal: Seal,
): Secret {
  return seal.open(tokenSealed, tokenPlace(id))
}

function tokenPlace(id: string): string {
  return `connections/${id}/token`
}
