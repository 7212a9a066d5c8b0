import type { Agent, AgentExtension, OwnExtension } from '../../db/agents.ts'
import type { ListedApiKey } from '../../db/api-keys.ts'
import type { ConnectionLogEntry } from '../../db/connection-log.ts'
import type { ConnectionRecord, WebhookSeen } from '../../db/connections.ts'
import type { KeptDraft } from '../../db/drafts.ts'
import type { ExtensionRow } from '../../db/extensions.ts'
import type { QueueRow } from '../../db/presence.ts'
import type { Browser } from '../../db/sign-in.ts'
import type { User } from '../../db/users.ts'
import type { Phone } from '../calls/call.ts'
import type { ChecklistItem } from '../setup/checklist.ts'
import { DEFAULT_TIMEOUTS } from '../setup/connection.ts'
import type { LinkStatus } from '../sources/pbx.ts'
import { SCOPES, type Scope } from './access.ts'
import type { QueueView } from './control-schemas.ts'
import type { AgentView, ColleagueView, DraftView, MeView, PhoneView, UserView } from './schemas.ts'
import type { AgentListItem } from './setup-schemas.ts'

export function toUserView(user: User): UserView {
  const { id, externalId, name, email, company, note, fields } = user
  return {
    id,
    externalId,
    name,
    email,
    company,
    phones: user.phones.map(toPhoneView),
    note,
    fields: { ...fields },
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
  }
}

function toPhoneView({ raw, e164, display }: Phone): PhoneView {
  return { raw, e164, display }
}

export function toAgentView(agent: Agent, extensions: readonly AgentExtension[]): AgentView {
  const { id, externalId, name, email, role } = agent
  const own = extensions.map(toExtensionView)
  return { id, externalId, name, email, role, extensions: own, ...toLeft(agent) }
}

function toExtensionView({ connectionId, extension }: AgentExtension) {
  return { connectionId, extension }
}

function toOwnExtensionView({ canAnswer, ...own }: OwnExtension): MeView['extensions'][number] {
  return { ...toExtensionView(own), ...(canAnswer ? { canAnswer } : {}) }
}

/** An extension of a connection, and whose it is. */
export function toExtensionItem({ extension, agentId, canAnswer }: ExtensionRow) {
  return { extension, agentId, ...(canAnswer ? { canAnswer } : {}) }
}

/** The state of an agent, and since and until when. */
export interface ShownPresence extends Pick<ColleagueView, 'state' | 'reason'> {
  readonly since: Date | null
  readonly until: Date | null
}

/** What any agent sees of a colleague. */
export function toColleagueView(
  agent: Agent,
  extensions: readonly AgentExtension[],
  { state, reason, since, until }: ShownPresence,
): ColleagueView {
  return {
    id: agent.id,
    name: agent.name,
    extensions: extensions.map(toExtensionView),
    state,
    reason,
    since: since?.toISOString() ?? null,
    until: until?.toISOString() ?? null,
    ...toLeft(agent),
  }
}

function toLeft({ leftAt }: Agent): { hasLeft?: true } {
  return leftAt === null ? {} : { hasLeft: true }
}

/** What an admin sees of an agent. */
export function toAgentListItem(
  agent: Agent,
  extensions: readonly AgentExtension[],
  presence: ShownPresence,
): AgentListItem {
  const { externalId, email, role } = agent
  return { ...toColleagueView(agent, extensions, presence), externalId, email, role }
}

/** The agent who asks, and what the token lets it do. */
export function toMeView(
  agent: Agent,
  extensions: readonly OwnExtension[],
  options: { readonly recordings: boolean; readonly download: boolean } & Pick<
    MeView,
    'controls' | 'internalCalls' | 'claimMinutes'
  >,
): MeView {
  const { id, name, email, role } = agent
  const capabilities = ['calls', 'cases', 'users']
  if (options.recordings) capabilities.push('recordings')
  if (options.download) capabilities.push('download')
  if (role !== 'agent') capabilities.push('reports')
  if (role === 'admin') capabilities.push('admin')
  const { controls, internalCalls, claimMinutes } = options
  return {
    id,
    name,
    email,
    role,
    extensions: extensions.map(toOwnExtensionView),
    capabilities,
    controls,
    internalCalls,
    claimMinutes,
  }
}

/** An API key is nobody in particular; its capabilities are its scopes. */
export function toKeyMeView(
  scopes: readonly Scope[],
  { controls, claimMinutes }: Pick<MeView, 'controls' | 'claimMinutes'>,
): MeView {
  return {
    id: null,
    name: 'API key',
    email: null,
    role: scopes.includes('admin') ? 'admin' : 'agent',
    extensions: [],
    capabilities: [...scopes],
    controls,
    internalCalls: [],
    claimMinutes,
  }
}

/** A queue with its members, and whose they are. */
export function toQueueView({ connectionId, name, waiting, members, agents }: QueueRow): QueueView {
  return {
    connectionId,
    name,
    waiting,
    members: members.map(({ extension, state, paused, reason }) => ({
      agentId: agents.get(extension) ?? null,
      extension,
      state,
      paused,
      reason,
    })),
  }
}

export function toKeyView(key: ListedApiKey) {
  const { id, name, createdAt, createdBy, createdByName, lastUsedAt } = key
  const scopes = SCOPES.filter((scope) => key.scopes.includes(scope))
  return {
    id,
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    createdBy: createdBy === null ? null : { agentId: createdBy, name: createdByName },
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }
}

export function toBrowserView(browser: Browser) {
  const { id, isTab, origin, userAgent, createdAt, usedAt } = browser
  return {
    id,
    holdsFor: isTab ? ('tab' as const) : ('browser' as const),
    origin,
    userAgent,
    createdAt: createdAt.toISOString(),
    usedAt: usedAt?.toISOString() ?? null,
  }
}

export interface ConnectionExtras {
  /** Null where it cannot be unsealed. */
  readonly webhookToken: string | null
  readonly publicUrl: string
  readonly seen: WebhookSeen
  readonly clockErrorSeconds: number | null
  readonly links: Readonly<Record<'ari' | 'ami', LinkStatus>>
}

const TOKEN_UNREADABLE =
  'The webhook address was kept with another RINGSIDE_SECRET and cannot be shown. It goes on working; ' +
  'start Ringside with the earlier secret, or make a new address (rotate-token).'

/** A connection without its passwords and secrets. */
export function toConnectionView(connection: ConnectionRecord, extras: ConnectionExtras) {
  const { id, name, timeZone, country, ari, ami, internalCalls, recordings } = connection
  const { webhookToken, publicUrl, seen, clockErrorSeconds, links } = extras
  return {
    id,
    name,
    timeZone,
    country,
    ari,
    ami,
    internalCalls,
    recordings,
    phrases: connection.phrases,
    timeouts: { ...DEFAULT_TIMEOUTS, ...connection.timeouts },
    options: connection.options,
    webhookToken: webhookToken ?? '',
    webhookUrl: webhookToken === null ? '' : toWebhookUrl(publicUrl, webhookToken),
    error: webhookToken === null ? TOKEN_UNREADABLE : null,
    clockErrorSeconds,
    status: {
      ari: toLinkView(links.ari),
      ami: toLinkView(links.ami),
      webhook: { lastEventAt: seen.lastEventAt?.toISOString() ?? null, seen: [...seen.aliases] },
    },
  }
}

function toLinkView({ state, since, error, version }: LinkStatus) {
  return { state, since: since?.toISOString() ?? null, error, version }
}

export function toWebhookUrl(publicUrl: string, webhookToken: string): string {
  return `${publicUrl}/webhooks/asterisk/${webhookToken}`
}

/** How far the dialplan of a connection is. */
export function toChecklistView(items: readonly ChecklistItem[]) {
  return {
    items: items.map(({ steps, ...item }) => ({
      ...item,
      steps: steps.map(({ firstAt, ...step }) => ({
        ...step,
        firstAt: firstAt?.toISOString() ?? null,
      })),
    })),
  }
}

export function toConnectionLogView(entry: ConnectionLogEntry) {
  const { at, kind, reason, hint, source, fields } = entry
  return { at: at.toISOString(), kind, reason, hint, source, fields: { ...fields } }
}

/** Where nothing was typed yet, an empty one. */
export function toDraftView(draft: KeptDraft | undefined): DraftView {
  return {
    subject: draft?.subject ?? '',
    essence: draft?.essence ?? '',
    updatedAt: draft?.updatedAt.toISOString() ?? null,
    updatedBy: draft?.updatedBy ?? null,
  }
}
