import { upsertByExternalId } from '../../db/agents.ts'
import { insertConnection, loadConnection } from '../../db/connections.ts'
import { type Db, inTransaction } from '../../db/database.ts'
import { replaceConnectionExtensions } from '../../db/extensions.ts'
import { loadUsersByExternalId } from '../../db/users.ts'
import type { Seal } from '../seal.ts'
import type { Secret } from '../secret.ts'
import type { ConnectionRegistry } from '../setup/connection.ts'
import { newConnection, openToken } from '../setup/new-connection.ts'
import { saveByExternalId } from '../setup/save-users.ts'
import { DEMO_AGENTS, DEMO_USERS } from './plays.ts'

export interface DemoDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly seal: Seal
  readonly registry: ConnectionRegistry
}

/** An id of its own: no connection that somebody made is ever taken for the demo's. */
export const DEMO_CONNECTION_ID = 'demo-pbx'
export const DEMO_TIME_ZONE = 'UTC'
const COUNTRY = 'US'
const DEMO_CONNECTION = {
  id: DEMO_CONNECTION_ID,
  name: 'Demo PBX',
  timeZone: DEMO_TIME_ZONE,
  country: COUNTRY,
}

/** Makes what of the demo is missing, changes nothing that is there, and gives its webhook's token. */
export async function ensureDemo(deps: DemoDeps): Promise<Secret> {
  const { db, clock, seal, registry } = deps
  const isNew = await inTransaction(db, async (tx) => {
    if ((await loadConnection(tx, DEMO_CONNECTION_ID)) !== undefined) return false
    await insertConnection(tx, newConnection(DEMO_CONNECTION, seal, clock()))
    const items: { extension: string; agentId: string; canAnswer: boolean }[] = []
    for (const { externalId, name, extension } of DEMO_AGENTS) {
      const agent = await upsertByExternalId(tx, { externalId, name }, clock())
      items.push({ extension, agentId: agent.id, canAnswer: false })
    }
    await replaceConnectionExtensions(tx, DEMO_CONNECTION_ID, items)
    await insertDemoUsers(tx, clock())
    return true
  }).catch(async (error: unknown) => {
    // Two pages at once: the other one was first, and what it made is whole.
    if ((await loadConnection(db, DEMO_CONNECTION_ID)) === undefined) throw error
    return true
  })
  if (isNew) await registry.reload()
  const connection = await loadConnection(db, DEMO_CONNECTION_ID)
  if (connection === undefined) throw new Error('the demo connection was removed a moment ago')
  return openToken(connection, seal)
}

/** Only users that are not there yet: what somebody changed in one of them stays. */
async function insertDemoUsers(tx: Db, now: Date): Promise<void> {
  const known = await loadUsersByExternalId(
    tx,
    DEMO_USERS.map(({ externalId }) => externalId),
  )
  const missing = DEMO_USERS.filter(({ externalId }) => !known.has(externalId))
  await saveByExternalId(tx, missing, { country: COUNTRY, fields: [] }, now)
}
