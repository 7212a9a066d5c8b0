import type { AsteriskVersion } from '../../server/simulate/scenario.ts'
import type { PlannedCall } from './plan.ts'
import { type Ringside, type SharedDatabase, startRingside } from './ringside.ts'

/**
 * What a Ringside is told by: only the dialplan's webhooks, only one account (for it the webhooks
 * are switched off), everything at once, or by a PBX that connects to it (from Asterisk 22).
 */
export type Way = 'webhook' | 'ami' | 'ari' | 'all' | 'visit'

export const WAYS: Readonly<Record<AsteriskVersion, readonly Way[]>> = {
  '16': ['webhook', 'ami', 'ari', 'all'],
  '22': ['webhook', 'ami', 'ari', 'all', 'visit'],
}

/** A Ringside that hears the calls of one Asterisk in one way. */
export interface Observer {
  readonly way: Way
  readonly ringside: Ringside
  readonly connectionId: string
  readonly webhookUrl: string
  /** Extension → agent id. */
  readonly agents: ReadonlyMap<string, string>
}

export interface Accounts {
  readonly ariUrl: string
  readonly amiPort: number
}

const AGENTS = [
  ['101', 'Anna'],
  ['102', 'Boris'],
  ['103', 'Clara'],
  ['104', 'Dmitry'],
  ['105', 'Elena'],
  ['106', 'Fyodor'],
] as const

/** A connection and six agents with an extension each, by the API alone. */
export async function startObserver(
  way: Way,
  timeZone: string,
  shared?: SharedDatabase,
): Promise<Observer> {
  const ringside = await startRingside(shared)
  const connection = await ringside.request<{ id: string; webhookUrl: string }>(
    'POST',
    '/api/connections',
    { name: 'Rig', timeZone, country: 'RU' },
  )
  const agents = new Map<string, string>()
  for (const [extension, name] of AGENTS) {
    const agent = await ringside.request<{ id: string }>('POST', '/api/agents', {
      externalId: `rig-${extension}`,
      name,
      role: 'agent',
    })
    agents.set(extension, agent.id)
  }
  await ringside.request('PUT', `/api/connections/${connection.id}/extensions`, {
    items: [...agents].map(([extension, agentId]) => ({ extension, agentId })),
  })
  return { way, ringside, connectionId: connection.id, webhookUrl: connection.webhookUrl, agents }
}

/** Gives the connection the accounts of this way, and waits until they are up. */
export async function openLinks(
  { way, ringside, connectionId }: Observer,
  { ariUrl, amiPort }: Accounts,
  signal: AbortSignal,
): Promise<void> {
  const ari = { url: ariUrl, userName: 'ringside', password: 'ringside-ari', events: true }
  const ami = {
    host: '127.0.0.1',
    port: amiPort,
    userName: 'ringside',
    secret: 'ringside-ami',
    events: true,
  }
  const options = {
    originateContext: 'from-agents',
    parkingLotContext: 'parkedcalls',
    queueExtensionFormat: 'PJSIP/{0}',
    asyncOriginate: true,
    traceQueuesState: true,
  }
  const accounts = {
    ...(way === 'ari' || way === 'all' ? { ari } : {}),
    ...(way === 'ami' || way === 'all' ? { ami } : {}),
  }
  await ringside.request('PATCH', `/api/connections/${connectionId}`, { ...accounts, options })
  const kinds = way === 'visit' ? ['ari'] : Object.keys(accounts)
  await ringside.linksUp(connectionId, kinds, signal)
}

/** What Ringside generates for the files of a PBX that connects to it. */
export function visitorsConf({ ringside, connectionId }: Observer): Promise<{
  readonly websocketClientConf: string
  readonly ariConf: string
}> {
  return ringside.request('GET', `/api/connections/${connectionId}/websocket`)
}

/** What one way cannot tell: recordings are uploaded by the dialplan. */
export function asHeardBy(way: Way, planned: PlannedCall): PlannedCall {
  if (way === 'webhook' || way === 'all') return planned
  return { ...planned, expected: { ...planned.expected, recordingUploaded: false } }
}
