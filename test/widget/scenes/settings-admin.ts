/** States of the settings: webhooks, keys, audit log, privacy. */
import { ApiError } from '../../../widget/client/api.ts'
import { SNIPPETS } from '../../../widget/settings/keys/snippets.ts'
import { at, ME, userView } from '../fake-server.ts'
import { click, find, type Scene, type Scenes, settle, type } from '../scene.ts'

const HOSTILE = `${'Wolfeschlegelstein'.repeat(20)} \u202Egnp.exe\u2066 <img src=x onerror=alert(1)> ${'مرحبا '.repeat(20)}`
export const ADMIN = { ...ME, role: 'admin' as const }

export const HOOK = {
  id: 'hook-1',
  url: 'https://helpdesk.example/ringside/events',
  events: null,
  state: 'active',
  reason: null,
  stateAt: at(86_400),
  deliveredAt: at(42),
  pending: 0,
  oldWorksUntil: null,
  createdAt: at(900_000),
}
const HOOKS = [
  HOOK,
  {
    ...HOOK,
    id: 'hook-2',
    url: 'https://crm.northwind.example/hooks/telephony?tenant=eu-west',
    events: ['call.ended', 'recording.ready'],
    state: 'retrying',
    reason: 'answered 503',
    stateAt: at(130),
    pending: 7,
  },
  {
    ...HOOK,
    id: 'hook-3',
    url: 'https://bi.example/in',
    events: ['case.created', 'case.updated', 'user.linked'],
    state: 'failing',
    reason: 'no answer within 15 seconds',
    stateAt: at(300_000),
    deliveredAt: at(600_000),
    pending: 212,
  },
  {
    ...HOOK,
    id: 'hook-4',
    url: 'http://old-helpdesk.internal:8080/events',
    events: ['case.created'],
    state: 'disabled',
    reason: 'the receiver answered 410 Gone',
    stateAt: at(700_000),
    deliveredAt: null,
  },
]
export const delivery = (id: string, type: string, change: object = {}) => ({
  id,
  eventId: `evt_${id}`,
  type,
  state: 'delivered',
  attempts: 1,
  createdAt: at(60),
  lastAt: at(60),
  nextAt: null,
  status: 204,
  reason: 'OK',
  milliseconds: 31,
  ...change,
})
const DELIVERIES = [
  delivery('d9', 'ping', { createdAt: at(5), milliseconds: 58 }),
  delivery('d8', 'case.updated', {
    state: 'waiting',
    attempts: 0,
    status: null,
    reason: null,
    milliseconds: null,
    lastAt: null,
    createdAt: at(12),
  }),
  delivery('d7', 'case.created', {
    state: 'pending',
    attempts: 3,
    status: 503,
    reason: 'answered 503',
    nextAt: at(-95),
    createdAt: at(300),
  }),
  delivery('d6', 'call.ended', {
    state: 'pending',
    attempts: 0,
    status: null,
    reason: null,
    milliseconds: null,
    createdAt: at(310),
  }),
  delivery('d5', 'call.answered', { createdAt: at(420) }),
  delivery('d4', 'call.started', { createdAt: at(440), milliseconds: 1204 }),
  delivery('d3', 'recording.ready', {
    state: 'failed',
    attempts: 31,
    status: null,
    reason: 'the address helpdesk.example leads to 127.0.0.1, which is private',
    createdAt: at(400_000),
  }),
  delivery('d2', 'user.linked', {
    state: 'failed',
    attempts: 31,
    status: 302,
    reason: 'answered 302, a redirect: expected 200 to 299',
    createdAt: at(410_000),
  }),
]
export const list = (items: readonly unknown[], next: string | null = null) => ({ items, next })

const EMBED = {
  origin: 'file',
  madeAt: at(900_000),
  replaced: [],
  serverUrl: 'https://calls.example.com',
}
const KEYS = [
  {
    id: 'key-2',
    name: 'CRM import, nightly',
    scopes: ['read', 'users'],
    createdAt: at(300_000),
    createdBy: { agentId: 'agent-1', name: 'Anna Petrova' },
    lastUsedAt: at(70),
  },
  {
    id: 'key-1',
    name: 'Set-up script',
    scopes: ['admin'],
    createdAt: at(20_000_000),
    createdBy: null,
    lastUsedAt: null,
  },
]
const entry = (id: string, action: string, change: object = {}) => ({
  id,
  at: at(Number(id) * 400),
  agentId: 'agent-1',
  keyId: null,
  action,
  target: {},
  fields: [],
  status: 200,
  address: '203.0.113.7',
  ...change,
})
export const AUDIT = [
  entry('1', 'POST /api/erase', { status: 202, fields: ['userId'] }),
  entry('2', 'POST /api/hooks', { status: 201, fields: ['url', 'events'] }),
  entry('3', 'POST /api/settings/embed-secret/reveal'),
  entry('4', 'PATCH /api/settings', { fields: ['retention', 'retention.recordingsDays'] }),
  entry('5', 'GET /api/recordings/:id/audio', { agentId: 'agent-2', target: { id: 'rec-1' } }),
  entry('6', 'POST /api/keys', {
    agentId: null,
    keyId: 'environment',
    status: 201,
    fields: ['name', 'scopes'],
    target: { made: 'key-2' },
    address: '2001:db8::17',
  }),
  entry('7', 'PATCH /api/agents/:id', { status: 409, target: { id: 'agent-3' }, fields: ['role'] }),
  entry('8', 'PUT /api/fields', { agentId: null, keyId: 'key-1', status: 500, fields: ['items'] }),
  entry('9', 'DELETE /api/keys/:id', {
    agentId: null,
    keyId: 'gone',
    status: 204,
    target: { id: 'key-0' },
  }),
  entry('10', 'POST /api/something/new', { agentId: 'agent-9' }),
]
const USERS = [
  userView(),
  userView({ id: 'user-2', name: 'Ivan Sokolov', email: 'ivan@northwind.example' }),
]
const SETTINGS = {
  country: 'BY',
  retention: { recordingsDays: 180, eventsDays: 30 },
  sla: { resolutionSeconds: 86_400 },
  workingHours: { tz: 'UTC', days: [], holidays: [] },
  claimMinutes: 15,
  serviceLevelSeconds: 20,
  wrapUpSeconds: 0,
  downloadRole: 'agent',
}
const erasure = (change: object) => ({
  id: 'erase-1',
  state: 'running',
  requestedAt: at(4),
  finishedAt: null,
  counts: { users: 1, calls: 14, cases: 3, recordings: 6, texts: 2 },
  ...change,
})
const HOOK_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const API_KEY = 'rsk_qL0bZx1pTn8Yw4v2Jk7cRs9mUe3aHd5f'

/** What the server of an admin answers, unless a scene says otherwise. */
export const ANSWERS: Readonly<Record<string, unknown>> = {
  'GET /api/hooks': list(HOOKS),
  'GET /api/hooks/hook-1': HOOK,
  'GET /api/hooks/hook-3': HOOKS[2],
  'GET /api/hooks/hook-1/deliveries': list(DELIVERIES, 'more'),
  'GET /api/hooks/hook-3/deliveries': list([]),
  'POST /api/hooks': { id: 'hook-1', secret: HOOK_SECRET },
  'POST /api/hooks/hook-1/rotate-secret': { secret: HOOK_SECRET, oldWorksUntil: at(-86_400) },
  'POST /api/hooks/hook-1/test': DELIVERIES[0],
  'GET /api/settings/embed-secret': EMBED,
  'POST /api/settings/embed-secret/reveal': {
    secret: 'jX8n0vV8f2VQn0wqvYt0mB3o9Zl5cS1uKd7eRh6TgPi',
  },
  'POST /api/settings/embed-secret/rotate': {
    ...EMBED,
    madeAt: at(0),
    replaced: [{ worksUntil: at(-86_400) }],
  },
  'GET /api/keys': list(KEYS),
  'POST /api/keys': { id: 'key-3', key: API_KEY },
  'GET /api/audit': list(AUDIT, 'more'),
  'GET /api/settings': SETTINGS,
  'POST /api/erase': { id: 'erase-1' },
  'GET /api/erase/erase-1': erasure({}),
  'GET /api/users': list(USERS),
}

/** A page of the settings, for an admin. */
export const asAdmin = (settings: string, answers: object = {}): Scene => ({
  me: ADMIN,
  settings,
  answers: { ...ANSWERS, ...answers },
})
const bad = (path: string, message: string) =>
  new ApiError(400, { detail: `${path} ${message}`, errors: [{ path, message }] })

export const settingsAdminScenes: Scenes = {
  hooks: asAdmin('hooks'),
  hooksNone: asAdmin('hooks', { 'GET /api/hooks': list([]) }),
  hooksSome: {
    ...asAdmin('hooks', {
      'GET /api/hooks': list([HOOK]),
      'POST /api/hooks': bad(
        'url',
        'is not allowed: helpdesk.internal leads to 10.0.0.7, which is private',
      ),
    }),
    actInSettings: async (settings) => {
      const page = 'ringside-settings-hooks'
      await click(settings, `${page} input[name=which]:not(:checked)`)
      await click(settings, `${page} label:last-of-type`)
      await type(settings, `${page} input[name=url]`, 'https://helpdesk.internal/events')
      await click(settings, `${page} form>.bar>.primary`)
    },
  },
  hook: asAdmin('hooks/hook-1'),
  hookMade: {
    ...asAdmin('hooks', { 'GET /api/hooks/hook-1/deliveries': list([]) }),
    actInSettings: async (settings) => {
      await type(settings, 'ringside-settings-hooks input[name=url]', 'helpdesk.example/ringside')
      await click(settings, 'ringside-settings-hooks form>.bar>.primary')
      for (let turn = 0; turn < 3; turn += 1) await settle()
    },
  },
  hookFailing: asAdmin('hooks/hook-3'),
  hookDelete: {
    ...asAdmin('hooks/hook-1'),
    actInSettings: (settings) =>
      click(settings, 'ringside-settings-hooks ringside-settings-hook button.danger'),
  },
  hooksHostile: asAdmin('hooks', {
    'GET /api/hooks': list([
      { ...HOOK, url: `https://x.example/${'a'.repeat(400)}`, state: 'failing', reason: HOSTILE },
    ]),
  }),
  keys: asAdmin('keys'),
  keysRevealed: {
    ...asAdmin('keys', {
      'GET /api/settings/embed-secret': {
        ...EMBED,
        replaced: [{ worksUntil: at(-40_000) }],
        serverUrl: 'http://localhost:3000',
      },
      'GET /api/keys': list([]),
    }),
    actInSettings: async (settings) => {
      await click(settings, 'ringside-settings-keys ringside-settings-embed-secret .row>button')
      const snippets = 'ringside-settings-keys ringside-settings-embed-secret'
      await click(settings, `${snippets} .languages>label:nth-of-type(${SNIPPETS.length})>input`)
    },
  },
  keysFixed: asAdmin('keys', {
    'GET /api/settings/embed-secret': { ...EMBED, origin: 'environment', madeAt: null },
  }),
  keysMade: {
    ...asAdmin('keys'),
    actInSettings: async (settings) => {
      const page = 'ringside-settings-keys ringside-settings-api-keys'
      await type(settings, `${page} input[name=name]`, 'Wall board')
      await click(settings, `${page} form>.bar>.primary`)
      const details = await find<HTMLDetailsElement>(settings, `${page} details`)
      details.open = true
    },
  },
  keysBad: {
    ...asAdmin('keys', { 'POST /api/keys': bad('scopes', 'has 0 items, expected at least 1') }),
    actInSettings: async (settings) => {
      const page = 'ringside-settings-keys ringside-settings-api-keys'
      await click(settings, `${page} input[value=read]`)
      await click(settings, `${page} form>.bar>.primary`)
    },
  },
  audit: asAdmin('audit'),
  auditNone: asAdmin('audit', { 'GET /api/audit': list([]) }),
  auditAway: asAdmin('audit', { 'GET /api/audit': new ApiError(503, {}) }),
  privacy: asAdmin('privacy'),
  privacyFound: {
    ...asAdmin('privacy'),
    actInSettings: async (settings) => {
      const page = 'ringside-settings-privacy ringside-settings-erase'
      await type(settings, `${page} input[type=search]`, '+375 29 170-16-99')
      await click(settings, `${page} form>button`)
      await settle()
      await click(settings, `${page} input[type=radio]`)
    },
  },
  privacyConfirm: {
    ...asAdmin('privacy'),
    actInSettings: async (settings) => {
      const page = 'ringside-settings-privacy ringside-settings-erase'
      await type(settings, `${page} input[type=search]`, 'Sokol')
      await click(settings, `${page} form>button`)
      await settle()
      await click(settings, `${page} input[type=radio]`)
      await click(settings, `${page} button.danger`)
    },
  },
  privacyRunning: asAdmin('privacy/erase-1'),
  privacyDone: asAdmin('privacy/erase-1', {
    'GET /api/erase/erase-1': erasure({ state: 'done', finishedAt: at(1) }),
  }),
}
