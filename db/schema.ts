/** One interface per table, as the migrations leave it. Over 300 lines: queries join all of them. */
import type { ColumnType, Generated } from 'kysely'
import type { CallEvent, CallState, Direction, Leg, Outcome, Source } from '../server/calls/call.ts'
import type {
  Control,
  DeviceState,
  Endpoint,
  LinkStatus,
  PbxAnswer,
  PbxCommand,
  QueueState,
} from '../server/sources/pbx.ts'

/** JSON columns take and give plain values; the driver does the text. */
type Json<T> = ColumnType<
  T,
  null extends T ? string | null | undefined : string,
  null extends T ? string | null : string
>
type Instant = ColumnType<Date, Date, Date>
type NullableInstant = ColumnType<Date | null, Date | null | undefined, Date | null>

export interface SettingsTable {
  key: string
  value: Json<unknown>
}

export interface ConnectionsTable {
  id: string
  name: string
  timeZone: string
  /** Times that come from then on are read in it. */
  zoneSince: Instant
  country: string
  /** Without password; that one is sealed in `ariSealed`. */
  ari: Json<Record<string, unknown> | null>
  ariSealed: string | null
  ami: Json<Record<string, unknown> | null>
  amiSealed: string | null
  internalCalls: boolean
  recordings: boolean
  phrases: Json<Record<string, string>>
  timeouts: Json<Record<string, number>>
  options: Json<Record<string, unknown>>
  tokenHash: string
  tokenSealed: string
  oldTokenHash: string | null
  oldWorksUntil: NullableInstant
  createdAt: Instant
  updatedAt: Instant
}

export interface ConnectionSeenTable {
  connectionId: string
  /** One of the call flows; 'any': wherever the event was. */
  flow: string
  alias: string
  firstAt: Instant
}

export interface ConnectionLogTable {
  id: Generated<number>
  connectionId: string
  at: Instant
  kind: 'refused' | 'unmatched'
  reason: string
  hint: string
  source: string
  fields: Json<Record<string, string>>
}

export interface AgentsTable {
  id: string
  externalId: string
  name: string
  email: string | null
  role: 'agent' | 'supervisor' | 'admin'
  /** Since when they are no agent any more; their name stays in old cases. */
  leftAt: NullableInstant
  createdAt: Instant
  updatedAt: Instant
}

/** `connectionId` is `*` for an extension that a token claims on every connection. */
export interface AgentExtensionsTable {
  connectionId: string
  extension: string
  agentId: string | null
  /** The phone picks up when it is told to (CTL-3). */
  canAnswer: Generated<boolean>
}

export interface UsersTable {
  id: string
  externalId: string | null
  name: string
  email: string | null
  company: string | null
  note: string
  fields: Json<Record<string, unknown>>
  /** The number that the user was made for by itself; null once a person edited it. */
  autoKey: string | null
  search: string
  createdAt: Instant
  updatedAt: Instant
}

/** Kept by triggers on `users`. */
export interface UserWordsTable {
  word: string
}

export interface UserPhonesTable {
  userId: string
  position: number
  raw: string
  e164: string | null
  display: string
  key: string
}

export interface CallsTable {
  id: string
  connectionId: string
  uniqueId: string
  direction: Direction
  state: CallState
  outcome: Outcome | null
  fromRaw: string
  fromE164: string | null
  fromDisplay: string
  toRaw: string
  toE164: string | null
  toDisplay: string
  queue: string | null
  startedAt: Instant
  ringingAt: NullableInstant
  answeredAt: NullableInstant
  endedAt: NullableInstant
  ringSeconds: number | null
  talkSeconds: number | null
  holdSeconds: number
  agentId: string | null
  legs: Json<readonly Leg[]>
  endNotReported: boolean
  extra: Json<Record<string, string>>
  personKey: string | null
  userId: string | null
  candidateUserIds: Json<readonly string[]>
  /** Milliseconds that the PBX's clock is behind, fixed at the first event (CALL-17). */
  clockShiftMs: number
  /** When the call closes by itself unless something is heard of it; null once it ended. */
  closesAt: NullableInstant
  /** First and last instant that its events tell of: which call a reused unique id means. */
  firstEventAt: Instant
  lastEventAt: Instant
  /** Why recordings that there were are there no longer; null: none has been taken away. */
  recordingsGone: Generated<'over-age' | 'erased' | null>
  /** When what is personal in it was erased (SAFE-9). */
  erasedAt: NullableInstant
}

/** Every unique id under which events of a call came. */
export interface CallIdsTable {
  connectionId: string
  uniqueId: string
  callId: string
}

export interface CallEventsTable {
  id: Generated<number>
  /** Given at arrival: the same arrival is kept once, through the database or the spool. */
  receipt: string
  connectionId: string
  uniqueId: string
  callId: string | null
  source: Source
  type: CallEvent['type']
  at: Instant
  atKnown: boolean
  arrivedAt: Instant
  event: Json<unknown>
  raw: Json<Record<string, string>>
  /** Extension → agent when the event was applied. */
  agents: Json<Record<string, string | null> | null>
  trace: Json<unknown>
  appliedAt: NullableInstant
  failures: Generated<number>
}

export interface CasesTable {
  id: string
  number: Generated<number>
  subject: string
  status: 'open' | 'pending' | 'closed'
  handset: 'red' | 'green'
  userId: string | null
  personKey: string | null
  phoneRaw: string | null
  phoneE164: string | null
  phoneDisplay: string | null
  assigneeId: string | null
  externalId: string | null
  version: number
  /** When a person last changed something of it; null: only rules did. */
  touchedAt: NullableInstant
  statusSetAt: NullableInstant
  claimedAt: NullableInstant
  /** The first missed call that waits for an answer. */
  waitingSince: NullableInstant
  lastMissedAt: NullableInstant
  /** How many of its calls nobody answered. */
  missedCalls: Generated<number>
  /** The case that its only call moved to; a withdrawn case shows nowhere (CASE-19). */
  withdrawnTo: string | null
  createdAt: Instant
  updatedAt: Instant
  closedAt: NullableInstant
}

export interface MessagesTable {
  id: string
  caseId: string
  kind: 'call' | 'note'
  callId: string | null
  authorId: string | null
  text: string
  /** How the call got into the case. */
  origin: 'created' | 'fixed' | 'auto' | null
  /** When a person chose the case for the call. */
  chosenAt: NullableInstant
  createdAt: Instant
}

export interface CaseHistoryTable {
  id: Generated<number>
  caseId: string
  at: Instant
  agentId: string | null
  kind: string
  from: Json<unknown>
  to: Json<unknown>
  rule: string | null
}

export interface DraftsTable {
  callId: string
  subject: string
  essence: string
  updatedAt: Instant
  updatedBy: string | null
}

export interface DismissalsTable {
  callId: string
  agentId: string
}

export interface RecordingsTable {
  id: string
  connectionId: string
  uniqueId: string
  callId: string | null
  storageKey: string
  sha256: string
  mime: string
  bytes: ColumnType<number, number, number>
  seconds: number | null
  createdAt: Instant
}

export interface RecordingPeaksTable {
  recordingId: string
  /** 0: no decoder knows the file. */
  channels: number
  /** One byte per point, channel after channel. */
  points: Uint8Array
  measuredAt: Instant
}

export interface OutboxTable {
  id: Generated<number>
  at: Instant
  type: string
  /** The agents it is meant for; null: every agent. Supervisors and admins get all of it. */
  audience: Json<readonly string[] | null>
  data: Json<unknown>
  /** What receivers of webhooks hear of it. */
  events: Json<readonly string[] | null>
}

export interface HooksTable {
  id: string
  url: string
  /** The types that are wanted; null: all. */
  events: Json<readonly string[] | null>
  secretSealed: string
  /** Signs too until `oldWorksUntil`. */
  oldSecretSealed: string | null
  oldWorksUntil: NullableInstant
  state: Generated<'active' | 'failing' | 'disabled'>
  stateReason: string | null
  stateAt: NullableInstant
  deliveredAt: NullableInstant
  /** What was told before the hook was there is not for it. */
  afterOutbox: number
  createdAt: Instant
  updatedAt: Instant
}

/** One row: up to where the outbox has been read for the hooks. */
export interface HookPositionTable {
  id: number
  position: number
}

export interface HookDeliveriesTable {
  position: Generated<number>
  id: string
  hookId: string
  /** The `webhook-id`: the same at every attempt, and when it is sent again by hand. */
  eventId: string
  type: string
  body: string
  /** Calls, cases and users that it tells of. */
  keys: readonly string[]
  /** Waits for earlier ones of the same keys, and holds later ones back. */
  isOrdered: boolean
  state: 'waiting' | 'due' | 'delivered' | 'failed'
  attempts: Generated<number>
  nextAt: NullableInstant
  lastAt: NullableInstant
  lastStatus: number | null
  lastReason: string | null
  lastMs: number | null
  createdAt: Instant
}

export interface ApiKeysTable {
  id: string
  name: string
  scopes: Json<readonly string[]>
  keyHash: string
  createdAt: Instant
  /** The agent who made it; null: another key did. */
  createdBy: string | null
  /** To the minute. */
  lastUsedAt: NullableInstant
}

export interface SignInLinksTable {
  tokenHash: string
  agentId: string
  expiresAt: Instant
  usedAt: NullableInstant
}

export interface BrowserKeysTable {
  id: string
  agentId: string
  /** Null: a tab's sign-in, by a secret. */
  publicKey: Json<unknown> | null
  secretHash: string | null
  origin: string | null
  userAgent: string | null
  createdAt: Instant
  usedAt: NullableInstant
  revokedAt: NullableInstant
}

/** Which agents have a page open, counted per server process (CALL-19: "has no page open"). */
export interface OpenPagesTable {
  processId: string
  agentId: string
  pages: number
}

/** Server processes; one that has not said for a while that it goes on is gone. */
export interface ProcessesTable {
  id: string
  seenAt: Instant
}

/** What the process that holds a link to a PBX says of it; stale rows are of a process that is gone. */
export interface ConnectionLinksTable {
  connectionId: string
  kind: 'ari' | 'ami'
  owner: string
  state: LinkStatus['state']
  since: NullableInstant
  error: string | null
  version: string | null
  /** Whether calls come by this link. */
  events: boolean
  controls: Json<readonly Control[]>
  endpoints: Json<readonly Endpoint[]>
  updatedAt: Instant
}

/** A command of one process to the one that holds the link, and its answer. */
export interface PbxCommandsTable {
  id: string
  connectionId: string
  kind: 'ari' | 'ami'
  command: Json<PbxCommand>
  deadline: Instant
  takenBy: string | null
  answer: Json<PbxAnswer | null>
}

/** What agents asked the PBX to do with a call, and what came of it (CTL-5). */
export interface CallActionsTable {
  id: Generated<number>
  callId: string
  at: Instant
  agentId: string | null
  action: string
  details: Json<Record<string, string>>
  /** `done`, or why not. */
  result: string
  message: string
}

export interface DeviceStatesTable {
  connectionId: string
  extension: string
  state: DeviceState
}

export interface QueueStatesTable {
  connectionId: string
  name: string
  state: Json<QueueState>
}

/** What an agent chose, and the state that colleagues were last told (CTL-6). */
export interface AgentPresenceTable {
  agentId: string
  chosen: 'free' | 'away' | 'offline'
  chosenReason: string | null
  chosenAt: NullableInstant
  /** When the agent's last conversation ended: the wrap-up begins. */
  talkEndedAt: NullableInstant
  /** Since when no page of the agent is open; null while one is. */
  goneSince: NullableInstant
  state: 'offline' | 'free' | 'busy' | 'away' | 'wrap-up'
  reason: string | null
  since: Instant
}

/** Who did what as an admin, and who listened to what (ADMIN-6, SAFE-9): names of fields, no values. */
export interface AuditLogTable {
  id: Generated<number>
  at: Instant
  agentId: string | null
  /** The API key; `environment`: that of `ADMIN_API_KEY`. */
  keyId: string | null
  /** Method and pattern of the route. */
  action: string
  /** The ids in the address, and the id of what was made. */
  target: Json<Record<string, string>>
  fields: Json<readonly string[]>
  status: number
  address: string
}

/** A person whose data is being erased or was (SAFE-9). */
export interface ErasuresTable {
  id: string
  userId: string | null
  requestedAt: Instant
  finishedAt: NullableInstant
  /** By what the person is found; null once all of it is gone. */
  plan: Json<unknown>
  counts: Json<Record<string, number>>
  /** Until when a process is at it. */
  takenUntil: NullableInstant
}

/** What happened to a case, and when: reports count these rows (page 5 of the spec). */
export interface CaseFactsTable {
  id: Generated<number>
  caseId: string
  kind: 'opened' | 'reopened' | 'handled' | 'responded' | 'closed' | 'assigned'
  at: Instant
  /**
   * Who acted, for `handled`, `responded` and what a person closed; whose case it was at that moment, for
   * `opened`, `reopened` and what a rule closed; whose it became, for `assigned`. Null: nobody.
   */
  agentId: string | null
  /** The call that opened the case, that was answered, or whose recording it is. */
  callId: string | null
  /** Of the call that opened the case. */
  direction: Direction
  /** Of the call that opened the case; null while that is not known. */
  outcome: 'answered' | 'missed' | 'unanswered' | null
  queue: string | null
  /** When the case was opened. */
  openedAt: Instant
  /** The fact of the same kind before it in its case. */
  previousAt: NullableInstant
  /** The same, of the same agent. */
  previousOwnAt: NullableInstant
  /** The fact of the same kind after it in its case. */
  nextAt: NullableInstant
  /** `closed`: a conversation with a record took place before. */
  hasRecord: Generated<boolean>
}

/** An ended call as reports count it (REP-7); internal calls have none. */
export interface CallFactsTable {
  callId: string
  at: Instant
  endedAt: Instant
  direction: 'incoming' | 'outgoing'
  outcome: 'answered' | 'missed' | 'unanswered'
  queue: string | null
  agentId: string | null
  ringSeconds: number | null
  /** From the call's start to its answer or end; of incoming calls. */
  waitSeconds: number | null
  talkSeconds: number | null
  /** Of answered calls. */
  holdSeconds: number | null
  /** When somebody first called the caller of a missed call after it. */
  calledBackAt: NullableInstant
}

export interface Tables {
  caseFacts: CaseFactsTable
  callFacts: CallFactsTable
  auditLog: AuditLogTable
  erasures: ErasuresTable
  settings: SettingsTable
  connections: ConnectionsTable
  connectionSeen: ConnectionSeenTable
  connectionLog: ConnectionLogTable
  agents: AgentsTable
  agentExtensions: AgentExtensionsTable
  users: UsersTable
  userWords: UserWordsTable
  userPhones: UserPhonesTable
  calls: CallsTable
  callIds: CallIdsTable
  callEvents: CallEventsTable
  cases: CasesTable
  messages: MessagesTable
  caseHistory: CaseHistoryTable
  drafts: DraftsTable
  dismissals: DismissalsTable
  recordings: RecordingsTable
  recordingPeaks: RecordingPeaksTable
  outbox: OutboxTable
  hooks: HooksTable
  hookPosition: HookPositionTable
  hookDeliveries: HookDeliveriesTable
  apiKeys: ApiKeysTable
  signInLinks: SignInLinksTable
  browserKeys: BrowserKeysTable
  openPages: OpenPagesTable
  processes: ProcessesTable
  connectionLinks: ConnectionLinksTable
  pbxCommands: PbxCommandsTable
  callActions: CallActionsTable
  deviceStates: DeviceStatesTable
  queueStates: QueueStatesTable
  agentPresence: AgentPresenceTable
}
