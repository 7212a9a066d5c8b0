/**
 * The HTTP contract: these schemas check what comes in, give its types, and make `openapi.json`.
 * The widget imports the types only. Over 300 lines, because the contract is read as one thing.
 */
import * as v from 'valibot'
import { dayOf } from '../reports/zone.ts'

/** Text from outside: no U+0000 (PostgreSQL cannot keep it), half surrogate pairs made whole. */
export function text(maxLength: number, minLength = 0) {
  return v.pipe(
    v.string(),
    v.check((value) => !value.includes('\0'), 'must not hold the character U+0000'),
    v.maxLength(maxLength),
    v.minLength(minLength),
    v.transform((value) => value.toWellFormed()),
  )
}

/** Text that says something: more than blanks. */
export function filled(maxLength: number) {
  return v.pipe(
    text(maxLength, 1),
    v.check((value) => value.trim() !== '', 'must not be blank'),
  )
}

/** A number in an address. */
export function wholeNumber(least: number, most: number) {
  return v.pipe(
    v.string(),
    // Nothing and blanks are 0 to JavaScript.
    v.regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`),
    v.toNumber(),
    v.minValue(least),
    v.maxValue(most),
  )
}

/** An instant that a database can hold and JSON can show. */
export const instant = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.check((value) => {
    const year = new Date(value).getUTCFullYear()
    // JavaScript takes the 30th of February for a day in March.
    return year >= 1970 && year <= 9999 && dayOf(value.slice(0, 10)) !== null
  }, 'must be an instant that there is, of the years 1970 to 9999'),
)
const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)

/** Of agents it holds a name: 200 characters, each of up to six bytes in JSON, and an id, as base64url. */
const MAX_CURSOR_LENGTH = 2000

export const listQuery = v.object({
  limit: v.optional(wholeNumber(1, 200)),
  cursor: v.optional(text(MAX_CURSOR_LENGTH)),
})
export function listOf<T extends v.GenericSchema>(item: T) {
  return v.object({ items: v.array(item), next: v.nullable(v.string()) })
}

export const problemSchema = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.optional(v.string()),
  errors: v.optional(v.array(v.object({ path: v.string(), message: v.string() }))),
})

// ---- calls -----------------------------------------------------------------

export const phoneSchema = v.object({
  raw: v.string(),
  e164: nullable(v.string()),
  display: v.string(),
})
export const legSchema = v.object({
  extension: v.string(),
  agentId: nullable(v.string()),
  rangAt: nullable(instant),
  answeredAt: nullable(instant),
  endedAt: nullable(instant),
  result: v.picklist([
    'ringing',
    'answered',
    'elsewhere',
    'noanswer',
    'busy',
    'cancelled',
    'failed',
  ]),
})
export const recordingSchema = v.object({
  id: v.string(),
  callId: nullable(v.string()),
  mime: v.string(),
  bytes: v.number(),
  seconds: nullable(v.number()),
  /** Where nothing was recorded, in seconds from its start; `to` null: until its end (CTL-7). */
  pauses: v.array(v.object({ from: v.number(), to: nullable(v.number()) })),
})
/** One recording by itself: with a signed address for `<audio>`, which cannot send a token. */
export const recordingDetailSchema = v.object({
  ...recordingSchema.entries,
  audioUrl: v.string(),
  audioUrlExpiresAt: instant,
  /** The same, to be saved as a file; null where the role may only listen. */
  downloadUrl: nullable(v.string()),
})
/** How loud a recording is where: per channel, up to 1,000 points from 0 to 255 (POP-9). */
export const peaksSchema = v.object({
  state: v.picklist(['ready', 'pending', 'none']),
  channels: v.array(v.array(v.number())),
})
export const callSchema = v.object({
  id: v.string(),
  connectionId: v.string(),
  uniqueId: v.string(),
  direction: v.picklist(['incoming', 'outgoing', 'internal']),
  state: v.picklist(['started', 'ringing', 'answered', 'held', 'ended']),
  outcome: nullable(v.picklist(['answered', 'missed', 'unanswered', 'failed'])),
  from: phoneSchema,
  to: phoneSchema,
  queue: nullable(v.string()),
  startedAt: instant,
  ringingAt: nullable(instant),
  answeredAt: nullable(instant),
  endedAt: nullable(instant),
  ringSeconds: nullable(v.number()),
  talkSeconds: nullable(v.number()),
  holdSeconds: v.number(),
  agentId: nullable(v.string()),
  legs: v.array(legSchema),
  userId: nullable(v.string()),
  candidateUserIds: v.array(v.string()),
  caseId: nullable(v.string()),
  recordings: v.array(recordingSchema),
  /** There were some: kept as long as the settings say, or erased with their caller. */
  recordingsGone: v.optional(v.picklist(['over-age', 'erased'])),
  extra: v.record(v.string(), v.string()),
  endNotReported: v.boolean(),
})
export const draftInput = v.object({
  subject: v.optional(text(500), ''),
  essence: v.optional(text(20_000), ''),
})
export const draftSchema = v.object({
  subject: v.string(),
  essence: v.string(),
  updatedAt: nullable(instant),
  updatedBy: nullable(v.string()),
})
export const createCaseInput = v.object({
  subject: text(500),
  essence: v.optional(text(20_000)),
  userId: v.optional(text(100)),
})
export const fixCallInput = v.object({ caseId: text(100, 1), essence: v.optional(text(20_000)) })
export const linkUserInput = v.object({ userId: text(100, 1) })
export const callsQuery = v.object({
  ...listQuery.entries,
  state: v.optional(v.picklist(['active', 'ended'])),
  direction: v.optional(v.picklist(['incoming', 'outgoing', 'internal'])),
  outcome: v.optional(v.picklist(['answered', 'missed', 'unanswered', 'failed'])),
  agentId: v.optional(text(100)),
  userId: v.optional(text(100)),
  from: v.optional(instant),
  to: v.optional(instant),
})
export const traceSchema = v.object({
  items: v.array(
    v.object({
      at: instant,
      arrivedAt: instant,
      source: v.string(),
      raw: v.record(v.string(), v.string()),
      reading: v.string(),
      agents: v.array(
        v.object({
          agentId: nullable(v.string()),
          extension: v.string(),
          shown: v.boolean(),
          /** The reason as a code: `rings`, `unmapped`, `no-page` and so on; `other`: only in words. */
          code: v.string(),
          /** The extension that answered instead. */
          by: nullable(v.string()),
          reason: v.string(),
        }),
      ),
      rule: nullable(v.string()),
      result: nullable(v.string()),
      /** The reading as facts, for texts in any language; `action`: somebody asked the PBX for something. */
      event: v.object({
        type: v.string(),
        direction: nullable(v.string()),
        from: nullable(v.string()),
        to: nullable(v.string()),
        extensions: v.array(v.string()),
        queue: nullable(v.string()),
        agentId: nullable(v.string()),
        action: nullable(v.string()),
        result: nullable(v.string()),
        detail: nullable(v.string()),
      }),
      /** What the rules did with cases. */
      changes: v.array(
        v.object({
          rule: v.string(),
          type: v.string(),
          caseId: nullable(v.string()),
          number: nullable(v.number()),
          status: v.optional(v.string()),
          handset: v.optional(v.string()),
          assigneeId: v.optional(nullable(v.string())),
        }),
      ),
    }),
  ),
})

// ---- users -----------------------------------------------------------------

export const userSchema = v.object({
  id: v.string(),
  externalId: nullable(v.string()),
  name: v.string(),
  email: nullable(v.string()),
  company: nullable(v.string()),
  phones: v.array(phoneSchema),
  note: v.string(),
  fields: v.record(v.string(), v.unknown()),
  createdAt: instant,
  updatedAt: instant,
})
const userEntries = {
  externalId: v.optional(filled(200)),
  email: v.optional(v.nullable(text(320))),
  company: v.optional(v.nullable(text(500))),
  phones: v.optional(v.pipe(v.array(text(100, 1)), v.maxLength(50))),
  note: v.optional(text(20_000)),
  fields: v.optional(v.record(text(100), v.unknown())),
}
export const newUserInput = v.object({ name: text(500, 1), ...userEntries })
/** A user's id of the helpdesk in an address. */
export const externalIdInput = v.object({ externalId: userEntries.externalId.wrapped })
export const userPatchInput = v.object({ name: v.optional(text(500, 1)), ...userEntries })
export const usersQuery = v.object({
  ...listQuery.entries,
  q: v.optional(text(500)),
  phone: v.optional(text(100)),
  /** Only these, by commas; in their order. */
  ids: v.optional(v.pipe(text(8000), v.regex(/^[\w-]+(,[\w-]+){0,199}$/))),
})
export const importStateSchema = v.object({
  state: v.picklist(['running', 'done']),
  lines: v.number(),
  created: v.number(),
  updated: v.number(),
  unchanged: v.number(),
  failed: v.number(),
  errors: v.array(v.object({ line: v.number(), reason: v.string() })),
})

// ---- cases -----------------------------------------------------------------

export const messageSchema = v.object({
  id: v.string(),
  kind: v.picklist(['call', 'note']),
  authorId: nullable(v.string()),
  text: v.string(),
  createdAt: instant,
  call: nullable(callSchema),
  inProgress: v.boolean(),
})
const statusSchema = v.picklist(['open', 'pending', 'closed'])
const caseEntries = {
  id: v.string(),
  number: v.number(),
  subject: v.string(),
  status: statusSchema,
  channel: v.literal('telephony'),
  handset: v.picklist(['red', 'green']),
  userId: nullable(v.string()),
  phone: nullable(phoneSchema),
  assigneeId: nullable(v.string()),
  externalId: nullable(v.string()),
  version: v.number(),
  /** Since when the first unanswered caller of this case waits; null where nobody does. */
  waitingSince: nullable(instant),
  /** When its last caller gave up, and how many did. */
  lastMissedAt: nullable(instant),
  missedCalls: v.number(),
  claimedAt: nullable(instant),
  createdAt: instant,
  updatedAt: instant,
  closedAt: nullable(instant),
}
/** A case in lists and in the stream: without its messages. */
export const caseSummarySchema = v.object(caseEntries)
export const caseSchema = v.object({ ...caseEntries, messages: v.array(messageSchema) })
/** The stream's `case` event: with the message that changed, if one did; withdrawn cases say where to. */
export const caseEventSchema = v.object({
  ...caseEntries,
  message: nullable(messageSchema),
  withdrawnTo: nullable(v.string()),
})
export const casePatchInput = v.object({
  subject: v.optional(filled(500)),
  status: v.optional(statusSchema),
  assigneeId: v.optional(v.nullable(text(100))),
  externalId: v.optional(v.nullable(text(200))),
})
export const noteInput = v.object({ text: filled(20_000) })
export const messagePatchInput = v.object({ text: text(20_000) })
export const casesQuery = v.object({
  ...listQuery.entries,
  status: v.optional(
    v.union([
      statusSchema,
      v.pipe(text(50), v.regex(/^(open|pending|closed)(,(open|pending|closed))*$/)),
    ]),
  ),
  assigneeId: v.optional(text(100)),
  userId: v.optional(text(100)),
  handset: v.optional(v.picklist(['red', 'green'])),
  sort: v.optional(v.picklist(['updated', 'waiting'])),
  q: v.optional(text(500)),
  from: v.optional(instant),
  to: v.optional(instant),
})
export const historySchema = listOf(
  v.object({
    at: instant,
    agentId: nullable(v.string()),
    kind: v.string(),
    from: v.unknown(),
    to: v.unknown(),
    rule: nullable(v.string()),
  }),
)

// ---- agents, me ------------------------------------------------------------

export const roleSchema = v.picklist(['agent', 'supervisor', 'admin'])
/** What can be done on each connection, by its id. */
export const controlsSchema = v.record(v.string(), v.array(v.string()))
export const meSchema = v.object({
  id: nullable(v.string()),
  name: v.string(),
  email: nullable(v.string()),
  role: roleSchema,
  extensions: v.array(
    v.object({
      connectionId: v.string(),
      extension: v.string(),
      /** The phone picks up when it is told to (CTL-3); missing: it does not. */
      canAnswer: v.optional(v.boolean()),
    }),
  ),
  capabilities: v.array(v.string()),
  controls: controlsSchema,
  /** Connections whose internal calls are shown like others (CALL-13). */
  internalCalls: v.array(v.string()),
  /** For how long a missed call stays with who took it (CASE-17). */
  claimMinutes: v.number(),
})
export const colleagueSchema = v.object({
  id: v.string(),
  name: v.string(),
  extensions: v.array(v.object({ connectionId: v.string(), extension: v.string() })),
  state: v.picklist(['offline', 'free', 'busy', 'away', 'wrap-up']),
  reason: nullable(v.string()),
  since: nullable(instant),
  /** When the wrap-up ends by itself. */
  until: nullable(instant),
  /** Their name stays in old cases; nothing new is for them. */
  hasLeft: v.optional(v.literal(true)),
})
export const agentSchema = v.object({
  id: v.string(),
  externalId: v.string(),
  name: v.string(),
  email: nullable(v.string()),
  role: roleSchema,
  extensions: v.array(v.object({ connectionId: v.string(), extension: v.string() })),
  hasLeft: v.optional(v.literal(true)),
})
export const newAgentInput = v.object({
  externalId: text(200, 1),
  name: text(200, 1),
  email: v.optional(v.nullable(text(320))),
  role: v.optional(roleSchema, 'agent'),
})
export const agentPatchInput = v.object({
  externalId: v.optional(newAgentInput.entries.externalId),
  name: v.optional(newAgentInput.entries.name),
  email: newAgentInput.entries.email,
  role: v.optional(roleSchema),
  /** Somebody who has left is back. */
  hasLeft: v.optional(v.literal(false)),
})

// ---- stream ----------------------------------------------------------------

export const helloSchema = v.object({
  now: instant,
  resumedFrom: nullable(v.string()),
  epoch: v.string(),
  calls: v.array(callSchema),
  drafts: v.record(v.string(), draftSchema),
  dismissed: v.array(v.string()),
  controls: controlsSchema,
})

export type PhoneView = v.InferOutput<typeof phoneSchema>
export type CallView = v.InferOutput<typeof callSchema>
export type RecordingView = v.InferOutput<typeof recordingSchema>
export type RecordingDetailView = v.InferOutput<typeof recordingDetailSchema>
export type PeaksView = v.InferOutput<typeof peaksSchema>
export type DraftView = v.InferOutput<typeof draftSchema>
export type UserView = v.InferOutput<typeof userSchema>
export type UserPatch = v.InferOutput<typeof userPatchInput>
export type MessageView = v.InferOutput<typeof messageSchema>
export type CaseSummaryView = v.InferOutput<typeof caseSummarySchema>
export type CaseView = v.InferOutput<typeof caseSchema>
export type CaseEventView = v.InferOutput<typeof caseEventSchema>
export type CasePatch = v.InferOutput<typeof casePatchInput>
export type MeView = v.InferOutput<typeof meSchema>
export type AgentView = v.InferOutput<typeof agentSchema>
export type ColleagueView = v.InferOutput<typeof colleagueSchema>
export type HelloView = v.InferOutput<typeof helloSchema>
export type TraceView = v.InferOutput<typeof traceSchema>
export type Problem = v.InferOutput<typeof problemSchema>
