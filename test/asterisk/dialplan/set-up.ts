import type { Ringside } from '../ringside.ts'

/** A connection of its own, and the dialplan that Ringside generates for it. */
export interface SetUp {
  readonly connectionId: string
  readonly webhookUrl: string
  readonly generated: string
}

const EXTENSIONS = ['101', '102', '103', '104', '105', '106']
/** Another zone than the PBX's: the dialplan has to write the connection's. */
const TIME_ZONE = 'Asia/Yekaterinburg'

/** Six agents; extension → agent id. */
export async function addAgents(ringside: Ringside): Promise<ReadonlyMap<string, string>> {
  const agents = new Map<string, string>()
  for (const extension of EXTENSIONS) {
    const { id } = await ringside.request<{ id: string }>('POST', '/api/agents', {
      externalId: `rig-${extension}`,
      name: `Agent ${extension}`,
      role: 'agent',
    })
    agents.set(extension, id)
  }
  return agents
}

/** A new connection, as an admin makes it, and its dialplan, as an admin takes it. */
export async function setUpDialplan(
  ringside: Ringside,
  agents: ReadonlyMap<string, string>,
  kind: { flavour: string; encoding: string; told: string | null; isFreepbx?: boolean },
): Promise<SetUp> {
  const { id, webhookUrl } = await ringside.request<{ id: string; webhookUrl: string }>(
    'POST',
    '/api/connections',
    { name: 'Rig', timeZone: TIME_ZONE, country: 'RU' },
  )
  await ringside.request('PUT', `/api/connections/${id}/extensions`, {
    items: [...agents].map(([extension, agentId]) => ({ extension, agentId })),
  })
  const { flavour, encoding, told, isFreepbx = false } = kind
  const query = new URLSearchParams({
    flavour,
    encoding,
    system: isFreepbx ? 'freepbx' : 'plain',
    ...(told === null ? {} : { version: told }),
  })
  const generated = await ringside.text(`/api/connections/${id}/dialplan?${query}`)
  return { connectionId: id, webhookUrl, generated }
}
