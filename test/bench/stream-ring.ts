import { Agent } from 'node:http'
import { post } from '../faults/phone-load.ts'
import { now } from './stream-client.ts'

export interface Ring {
  readonly client: number
  readonly uniqueId: string
  readonly at: number
  /** Milliseconds until the webhook's answer; null: there was none. */
  readonly tookMs: number | null
  readonly status: number
}

/** The first agent's. */
export const FIRST_EXTENSION = 10_000

export function extensionOf(client: number): string {
  return String(FIRST_EXTENSION + client)
}

/** Whose extension this is. */
export function clientOf(extension: string): number {
  return Number(extension) - FIRST_EXTENSION
}

/** Each call rings at one agent; a dialplan's webhook comes on a connection of its own, and has to get in beside the streams. */
export function createRinging(webhookUrl: string): (client: number) => Promise<Ring> {
  let calls = 0
  return async (client) => {
    calls += 1
    const uniqueId = `1700000000.${calls}`
    const at = now()
    const fields = {
      status: 'incoming_ring',
      unique_id: uniqueId,
      from_user: `+7916${String(calls).padStart(7, '0')}`,
      to_user: extensionOf(client),
    }
    const agent = new Agent({ keepAlive: false })
    const answer = await post(webhookUrl, agent, new URLSearchParams(fields).toString())
    const tookMs = answer === null ? null : now() - at
    return { client, uniqueId, at, tookMs, status: answer?.status ?? 0 }
  }
}
