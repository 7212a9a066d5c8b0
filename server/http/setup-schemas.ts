/** The part of the HTTP contract by which admins set up: connections, fields, settings, keys. */
import { isSupportedCountry } from 'libphonenumber-js/min'
import * as v from 'valibot'
import { dayOf } from '../reports/zone.ts'
import { ALIASES } from '../setup/connection.ts'
import { SCOPES } from './access.ts'
import { colleagueSchema, instant, listOf, listQuery, roleSchema, text } from './schemas.ts'

/** One line of text: what goes into a PBX's protocol must not end a line. */
function line(maxLength: number, minLength = 0) {
  return v.pipe(
    text(maxLength, minLength),
    v.check((value) => !/\p{Cc}/u.test(value), 'must not hold control characters'),
  )
}

const timeZone = v.pipe(
  line(100, 1),
  v.check(isTimeZone, 'must be a time zone such as "Europe/Minsk"'),
)
const country = v.pipe(
  line(2, 2),
  v.toUpperCase(),
  v.check((value) => isSupportedCountry(value), 'must be a country such as "BY"'),
)

/** Asterisk reads the file of that name and takes UTC where there is none: letters as they are, no offsets. */
function isTimeZone(name: string): boolean {
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
    if (known.toLowerCase() === name.toLowerCase()) return known === name && /^[A-Z]/.test(name)
    // An older or newer name of the same zone, whose letters the runtime does not tell.
    return /^[A-Z]/.test(name) && (!name.includes('/') || /[a-z]/.test(name))
  } catch {
    // The runtime knows no such zone.
    return false
  }
}

/** `https` unless `http://` is written (ADMIN-1); user and password have fields of their own. */
const pbxUrl = v.pipe(
  line(500, 1),
  v.transform((value) => (/^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `https://${value}`)),
  v.check((value) => isPbxUrl(value), 'must be an address such as "https://pbx.example.com:8089"'),
)

function isPbxUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password, search, hash } = new URL(value)
  return /^https?:$/.test(protocol) && username + password + search + hash === ''
}

const host = v.pipe(
  line(255, 1),
  v.regex(
    /^(?:[\p{L}\d]([\p{L}\d._-]*[\p{L}\d])?|\[?[\da-f:.%]+\]?)$/iu,
    'must be a host name or an address',
  ),
)
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))

const ariEntries = { url: pbxUrl, userName: line(200, 1), events: v.boolean() }
const amiEntries = { host, userName: line(200, 1), events: v.boolean() }
const verifyTls = v.optional(v.boolean())
const ariInput = v.object({ ...ariEntries, verifyTls, password: line(500, 1) })
const amiInput = v.object({
  ...amiEntries,
  port: v.optional(port),
  tls: v.optional(v.boolean()),
  verifyTls,
  secret: line(500, 1),
})

const seconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(30 * 86_400))
const timeouts = v.object({
  ringingSeconds: v.optional(seconds),
  queueSeconds: v.optional(seconds),
  answeredSeconds: v.optional(seconds),
})
const phrases = v.pipe(
  v.record(v.pipe(text(200, 1), v.trim(), v.toLowerCase()), v.picklist(ALIASES)),
  v.check((value) => Object.keys(value).length <= 200, 'must hold at most 200 phrases'),
)
/** AMI-5 */
const options = v.object({
  filePath: v.optional(line(1000)),
  originateContext: v.optional(line(100)),
  parkingLotContext: v.optional(line(100)),
  autoPauseOnCommutationStart: v.optional(v.boolean()),
  queueExtensionFormat: v.optional(line(200)),
  asyncOriginate: v.optional(v.boolean()),
  sendRingStartedOnRingingState: v.optional(v.boolean()),
  traceQueuesState: v.optional(v.boolean()),
  packetInfoConfig: v.optional(v.pipe(v.array(line(100, 1)), v.maxLength(50))),
})

const sharedEntries = {
  internalCalls: v.optional(v.boolean()),
  recordings: v.optional(v.boolean()),
  phrases: v.optional(phrases),
  timeouts: v.optional(timeouts),
  /** The options, or an `<asterisk … />` element whose attributes are pasted as they are. */
  options: v.optional(v.union([options, text(20_000)])),
}
export const newConnectionInput = v.object({
  name: text(200, 1),
  timeZone,
  country,
  ari: v.optional(v.nullable(ariInput)),
  ami: v.optional(v.nullable(amiInput)),
  ...sharedEntries,
})
export const connectionPatchInput = v.object({
  name: v.optional(text(200, 1)),
  timeZone: v.optional(timeZone),
  country: v.optional(country),
  ari: v.optional(v.nullable(v.partial(ariInput))),
  ami: v.optional(v.nullable(v.partial(amiInput))),
  ...sharedEntries,
})
/** Accounts of a form that is not saved; `connectionId`: whose stored passwords may stand in. */
export const accountsInFormInput = v.object({
  connectionId: v.optional(text(100, 1)),
  ari: v.optional(v.nullable(v.partial(ariInput))),
  ami: v.optional(v.nullable(v.partial(amiInput))),
})
/** What an `<asterisk … />` element may say. */
export const elementInput = v.object({
  ami: v.optional(v.partial(amiInput)),
  options: v.optional(options),
})
export type NewConnection = v.InferOutput<typeof newConnectionInput>

const linkStatus = v.object({
  state: v.picklist(['off', 'connecting', 'up', 'down']),
  since: v.nullable(instant),
  error: v.nullable(v.string()),
  version: v.nullable(v.string()),
})
export const connectionSchema = v.object({
  id: v.string(),
  name: v.string(),
  timeZone: v.string(),
  country: v.string(),
  ari: v.nullable(v.record(v.string(), v.unknown())),
  ami: v.nullable(v.record(v.string(), v.unknown())),
  internalCalls: v.boolean(),
  recordings: v.boolean(),
  phrases: v.record(v.string(), v.string()),
  timeouts: v.object({
    ringingSeconds: v.number(),
    queueSeconds: v.number(),
    answeredSeconds: v.number(),
  }),
  options: v.record(v.string(), v.unknown()),
  /** Empty where `error` says why. */
  webhookToken: v.string(),
  webhookUrl: v.string(),
  /** What keeps the connection from being shown whole, and the way out; null: nothing. */
  error: v.nullable(v.string()),
  /** How far the PBX's clock is behind; null where too little was heard of it (CALL-17). */
  clockErrorSeconds: v.nullable(v.number()),
  status: v.object({
    ari: linkStatus,
    ami: linkStatus,
    webhook: v.object({ lastEventAt: v.nullable(instant), seen: v.array(v.string()) }),
  }),
})
/** What a test of an account found: `hint` says what to do (ADMIN-1). */
const checkSchema = v.object({
  ok: v.boolean(),
  code: v.string(),
  message: v.string(),
  hint: v.string(),
  /** What the PBX has, where the account is good (ADMIN-2). */
  endpoints: v.optional(
    v.array(
      v.object({
        technology: v.string(),
        resource: v.string(),
        state: v.picklist(['online', 'offline', 'unknown']),
      }),
    ),
  ),
})
/** Text that belongs into the two files of an Asterisk 22. */
export const websocketConfSchema = v.object({
  websocketClientConf: v.string(),
  ariConf: v.string(),
})
export const connectionTestSchema = v.object({
  ari: v.optional(checkSchema),
  ami: v.optional(checkSchema),
})
export const endpointSchema = v.object({
  technology: v.string(),
  resource: v.string(),
  extension: v.string(),
  state: v.picklist(['online', 'offline', 'unknown']),
  agentId: v.nullable(v.string()),
})
export const endpointsSchema = v.object({
  ...listOf(endpointSchema).entries,
  /** Where the list is empty: why, and what to do (ADMIN-2). */
  hint: v.optional(v.string()),
})
export const rotatedTokenSchema = v.object({
  webhookToken: v.string(),
  webhookUrl: v.string(),
  oldWorksUntil: instant,
})
/** Of one phone, as a PBX calls it; with no sign in it that nobody sees. */
export const extension = v.pipe(
  line(40, 1),
  v.regex(/^[^\s\p{Cf}/@,;&|]+$/u, 'must be an extension such as "101"'),
)
const extensionItem = v.object({
  extension,
  agentId: v.nullable(text(100, 1)),
  /** The phone picks up when it is told to (CTL-3); off where it is not said. */
  canAnswer: v.optional(v.boolean(), false),
})
export const extensionsInput = v.object({
  items: v.pipe(v.array(extensionItem), v.maxLength(10_000)),
})
export const extensionsSchema = v.object({
  items: v.array(
    v.object({
      extension: v.string(),
      agentId: v.nullable(v.string()),
      canAnswer: v.optional(v.boolean()),
    }),
  ),
  next: v.nullable(v.string()),
})
/** The extensions of an agent; `*`: on every connection. */
export const agentExtensionsInput = v.object({
  items: v.pipe(v.array(v.object({ connectionId: text(100, 1), extension })), v.maxLength(100)),
})
export const connectionLogQuery = v.object({
  ...listQuery.entries,
  kind: v.optional(v.picklist(['refused', 'unmatched'])),
  /** Part of the reason, the hint, the source or a field. */
  q: v.optional(v.pipe(text(200), v.trim())),
})
export const connectionLogItem = v.object({
  at: instant,
  kind: v.picklist(['refused', 'unmatched']),
  reason: v.string(),
  hint: v.string(),
  source: v.string(),
  fields: v.record(v.string(), v.string()),
})

const flavour = v.optional(v.picklist(['macro', 'gosub']), 'gosub')
const encoding = v.optional(v.picklist(['raw', 'uri']), 'uri')
export const dialplanQuery = v.object({
  flavour,
  encoding,
  system: v.optional(v.picklist(['plain', 'freepbx']), 'plain'),
  /** Of the PBX's Asterisk; left out: what its account says. */
  version: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,3}(\.[\w.~+-]{1,60})?$/, 'must be a version such as 22.10.1'),
    ),
  ),
})
export const checklistSchema = v.object({
  items: v.array(
    v.object({
      flow: v.picklist(['personal', 'queue', 'missed', 'outgoing', 'recording']),
      steps: v.array(
        v.object({
          alias: v.picklist(ALIASES),
          state: v.picklist(['seen', 'missing']),
          firstAt: v.nullable(instant),
        }),
      ),
      done: v.boolean(),
      hint: v.string(),
    }),
  ),
})

// ---- fields and settings ---------------------------------------------------

const fieldDefinition = v.object({
  key: v.pipe(
    text(50, 1),
    v.regex(/^[a-zA-Z][\w-]*$/, 'must begin with a letter and hold letters, digits, _ and - only'),
  ),
  label: text(200, 1),
  type: v.picklist(['text', 'number', 'date', 'choice', 'boolean', 'link']),
  options: v.optional(v.pipe(v.array(text(200, 1)), v.minLength(1), v.maxLength(200))),
  inPopup: v.boolean(),
})
export const fieldsInput = v.object({ items: v.pipe(v.array(fieldDefinition), v.maxLength(100)) })
export const fieldsSchema = v.object({
  items: v.array(fieldDefinition),
  next: v.nullable(v.string()),
})

const days = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3650))
const timeOfDay = v.pipe(
  v.string(),
  v.regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time such as "09:00"'),
)
const workingDay = v.pipe(
  v.object({
    weekday: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)),
    from: timeOfDay,
    to: timeOfDay,
  }),
  v.check(({ from, to }) => from < to, 'must end after it begins'),
)
const retention = v.object({ recordingsDays: days, eventsDays: days })
const sla = v.object({
  resolutionSeconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3650 * 86_400)),
})
const day = v.pipe(
  v.string(),
  v.isoDate(),
  // The check before it lets 2026-02-30 pass.
  v.check((text) => dayOf(text) !== null, 'must be a day that there is, such as "2026-01-01"'),
)

const workingHours = v.object({
  tz: timeZone,
  days: v.pipe(v.array(workingDay), v.maxLength(50)),
  holidays: v.pipe(v.array(day), v.maxLength(1000)),
})
const settingsEntries = {
  country,
  claimMinutes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1440)),
  serviceLevelSeconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86_400)),
  /** How long after a call an agent is not free yet (CTL-6); 0: at once. */
  wrapUpSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3600)),
  /** The least role that may save recordings as files; all may listen (POP-9). */
  downloadRole: roleSchema,
}
export const settingsSchema = v.object({ ...settingsEntries, retention, sla, workingHours })
export const settingsPatchInput = v.strictObject({
  ...v.partial(v.object(settingsEntries)).entries,
  retention: v.optional(v.partial(retention)),
  sla: v.optional(v.partial(sla)),
  workingHours: v.optional(v.partial(workingHours)),
})

// ---- agents, keys, sign-in -------------------------------------------------

/** Admins see more of an agent than colleagues do. */
export const agentListItem = v.object({
  ...colleagueSchema.entries,
  externalId: v.optional(v.string()),
  email: v.optional(v.nullable(v.string())),
  role: v.optional(roleSchema),
})
export type AgentListItem = v.InferOutput<typeof agentListItem>
export const signInLinkSchema = v.object({ url: v.string(), expiresAt: instant })

const scopes = v.pipe(v.array(v.picklist(SCOPES)), v.minLength(1), v.maxLength(SCOPES.length))
export const newKeyInput = v.object({ name: text(200, 1), scopes })
export const newKeySchema = v.object({ id: v.string(), key: v.string() })
export const keySchema = v.object({
  id: v.string(),
  name: v.string(),
  scopes: v.array(v.picklist(SCOPES)),
  createdAt: instant,
  /** Null: another key made it. */
  createdBy: v.nullable(v.object({ agentId: v.string(), name: v.nullable(v.string()) })),
  /** To the minute. */
  lastUsedAt: v.nullable(instant),
})
/** Never the secret itself; that is shown by an act of its own. */
export const embedSecretSchema = v.object({
  origin: v.picklist(['environment', 'file']),
  madeAt: v.nullable(instant),
  replaced: v.array(v.object({ worksUntil: instant })),
  serverUrl: v.string(),
})
export const revealedSecretSchema = v.object({ secret: v.string() })

const coordinate = v.pipe(v.string(), v.regex(/^[\w-]{43}$/, 'must be 32 bytes as base64url'))
/** A public key of ECDSA P-256 as JWK. */
export const signInInput = v.object({
  token: text(200, 1),
  /** Left out where the browser can keep no key: the sign-in then holds for a tab, by a secret. */
  publicKey: v.optional(
    v.object({
      kty: v.literal('EC'),
      crv: v.literal('P-256'),
      x: coordinate,
      y: coordinate,
    }),
  ),
})
export const signInSchema = v.object({
  agentId: v.string(),
  keyId: v.string(),
  role: roleSchema,
  /** Shown this once, where no public key was given. */
  secret: v.optional(v.string()),
})
export const sessionInput = v.union([
  v.object({
    agentId: text(100, 1),
    keyId: v.optional(text(100, 1)),
    /** Of the text `ringside-session\n<agentId>\n<at>`: ECDSA with SHA-256, r and s, base64url. */
    signature: v.pipe(v.string(), v.regex(/^[\w-]{86}={0,2}$/, 'must be 64 bytes as base64url')),
    at: instant,
  }),
  v.object({ agentId: text(100, 1), secret: text(200, 1) }),
])
export const sessionSchema = v.object({ token: v.string(), expiresAt: instant })
/** Where an agent is signed in by a personal link. */
export const browserSchema = v.object({
  id: v.string(),
  /** `tab`: the browser could keep no key, it ends with the tab. */
  holdsFor: v.picklist(['browser', 'tab']),
  origin: v.nullable(v.string()),
  userAgent: v.nullable(v.string()),
  createdAt: instant,
  usedAt: v.nullable(instant),
})

// ---- audit, erasure --------------------------------------------------------

export const auditQuery = v.object({
  ...listQuery.entries,
  from: v.optional(instant),
  to: v.optional(instant),
  agentId: v.optional(text(100, 1)),
  /** A part of the action: `/api/settings`, `DELETE`. */
  action: v.optional(text(100, 1)),
})
/** No values: names of fields and ids only. */
export const auditItem = v.object({
  id: v.string(),
  at: instant,
  agentId: v.nullable(v.string()),
  /** The API key that asked; `environment`: `ADMIN_API_KEY`. */
  keyId: v.nullable(v.string()),
  /** Method and pattern of the route: `PATCH /api/agents/:id`. */
  action: v.string(),
  target: v.record(v.string(), v.string()),
  fields: v.array(v.string()),
  status: v.number(),
  address: v.string(),
})
/** By one of the two. */
export const eraseInput = v.pipe(
  v.object({ userId: v.optional(text(100, 1)), phone: v.optional(text(100, 1)) }),
  v.check(
    ({ userId, phone }) => (userId === undefined) !== (phone === undefined),
    'must have either userId or phone',
  ),
)
export const erasureSchema = v.object({
  id: v.string(),
  state: v.picklist(['running', 'done']),
  requestedAt: instant,
  finishedAt: v.nullable(instant),
  /** What was removed or emptied so far; `texts`: places in what is kept of others. */
  counts: v.object({
    users: v.number(),
    calls: v.number(),
    cases: v.number(),
    recordings: v.number(),
    texts: v.number(),
  }),
})
