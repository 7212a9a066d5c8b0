/** States of the settings: the shell, people, data fields, import, general. */
import type { AgentListItem } from '../../../server/http/setup-schemas.ts'
import { ApiError } from '../../../widget/client/api.ts'
import { AGENTS, at, ME, type World } from '../fake-server.ts'
import { click, find, type Scenes, settle, type } from '../scene.ts'
import { connectionView } from '../settings-world.ts'

const ADMIN = { ...ME, role: 'admin' as const }
export const PEOPLE: readonly AgentListItem[] = [
  ...AGENTS.map((one, index) => ({
    ...one,
    extensions:
      index === 4
        ? []
        : [...one.extensions, ...(index === 1 ? [{ connectionId: '*', extension: '902' }] : [])],
    externalId: `u-${index + 1}`,
    email: index === 2 ? null : `${one.id}@helpdesk.example`,
    role:
      index === 0 ? ('admin' as const) : index === 3 ? ('supervisor' as const) : ('agent' as const),
  })),
  {
    ...AGENTS[0]!,
    id: 'agent-9',
    name: 'Ines Vogel',
    state: 'offline',
    extensions: [],
    externalId: 'u-9',
    email: 'ines@helpdesk.example',
    role: 'agent',
    hasLeft: true,
  },
]
export const CONNECTIONS = [
  connectionView({ name: 'Office' }),
  connectionView({ id: 'pbx-2', name: 'Warehouse in Brest' }),
]
export const SETTINGS = {
  country: 'BY',
  retention: { recordingsDays: 180, eventsDays: 30 },
  sla: { resolutionSeconds: 86_400 },
  workingHours: {
    tz: 'Europe/Minsk',
    days: [
      { weekday: 1, from: '09:00', to: '13:00' },
      { weekday: 1, from: '14:00', to: '18:00' },
      ...[2, 3, 4, 5].map((weekday) => ({ weekday, from: '09:00', to: '18:00' })),
    ],
    holidays: ['2026-01-01', '2026-05-01', '2026-12-25'],
  },
  claimMinutes: 15,
  serviceLevelSeconds: 20,
  wrapUpSeconds: 30,
  downloadRole: 'supervisor',
}
export const FIELDS = [
  { key: 'name', label: 'Full name', type: 'text', inPopup: true },
  { key: 'email', label: 'E-mail address', type: 'text', inPopup: true },
  { key: 'company', label: 'Company', type: 'text', inPopup: true },
  {
    key: 'tier',
    label: 'Contract',
    type: 'choice',
    options: ['Gold', 'Silver', 'Trial'],
    inPopup: true,
  },
  { key: 'phones', label: 'Phone numbers', type: 'text', inPopup: false },
  { key: 'note', label: 'Note', type: 'text', inPopup: false },
]
const BROWSERS = [
  {
    id: 'b1',
    holdsFor: 'browser',
    origin: 'https://helpdesk.example',
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
    createdAt: at(900_000),
    usedAt: at(300),
  },
  {
    id: 'b2',
    holdsFor: 'tab',
    origin: 'http://10.0.0.5:3000',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
    createdAt: at(7200),
    usedAt: null,
  },
]
export const LINK = {
  url: 'https://calls.example.com/sign-in#8uJ0v4pN2f-EXAMPLE-only-w3Tq',
  expiresAt: at(-86_400),
}
const BAD_LINES = Array.from({ length: 60 }, (_one, index) => ({
  line: 14 + index * 31,
  reason:
    index % 3 === 0
      ? 'email: is "ivan@", expected an e-mail address'
      : 'has 5 values, the header has 6',
}))
const imported = (change: object) => ({
  state: 'running',
  lines: 41_200,
  created: 30_010,
  updated: 6_000,
  unchanged: 5_140,
  failed: 50,
  errors: BAD_LINES.slice(0, 50),
  ...change,
})

/** A server with these people. */
export function peopleWorld(answers: World['answers'] = {}): World {
  return {
    me: ADMIN,
    answers: {
      'GET /api/agents': { items: PEOPLE, next: null },
      'GET /api/connections': { items: CONNECTIONS, next: null },
      'GET /api/settings': SETTINGS,
      'GET /api/fields': { items: FIELDS, next: null },
      'GET /api/agents/agent-1/sign-ins': { items: [], next: null },
      'GET /api/agents/agent-2/sign-ins': { items: BROWSERS, next: null },
      'POST /api/agents/agent-2/sign-in-link': LINK,
      'GET /api/users/imports/i1': imported({}),
      'GET /api/users/imports/i2': imported({
        state: 'done',
        lines: 100_000,
        created: 93_940,
        failed: 60,
        errors: BAD_LINES,
      }),
      ...answers,
    },
  }
}

const world = peopleWorld()
const PERSON = 'ringside-settings-people ringside-settings-person'
const refused = new ApiError(400, {
  detail: 'bad input',
  errors: [
    { path: 'claimMinutes', message: 'is 0, expected at least 1' },
    { path: 'workingHours.days.0', message: 'must end after it begins' },
  ],
})

export const settingsScenes: Scenes = {
  settingsForAdmins: { settings: 'people', me: ME },
  settingsPeople: { ...world, settings: 'people' },
  settingsPerson: {
    ...world,
    settings: 'people/agent-2',
    actInSettings: async (settings) => {
      await click(settings, `${PERSON} ringside-settings-links button`)
      await type(settings, `${PERSON} [name="items.0.extension"]`, '104')
    },
  },
  settingsPersonLeaves: {
    ...world,
    settings: 'people/agent-2',
    actInSettings: (settings) => click(settings, `${PERSON} .danger`),
  },
  settingsPersonLeft: { ...world, settings: 'people/agent-9' },
  settingsPersonNew: { ...world, settings: 'people/new' },
  settingsFields: {
    ...world,
    settings: 'fields',
    actInSettings: async (settings) => {
      const page = await find(settings, 'ringside-settings-fields')
      page.shadowRoot?.querySelector<HTMLElement>('form > div > button')?.click()
      await settle()
      await type(settings, 'ringside-settings-fields [name="items.6.label"]', 'Customer since')
    },
  },
  settingsImport: { ...world, settings: 'users' },
  settingsImportRunning: { ...world, settings: 'users/i1/100000' },
  settingsImportDone: { ...world, settings: 'users/i2/100000' },
  settingsGeneral: { ...world, settings: 'general' },
  settingsGeneralBad: {
    ...peopleWorld({ 'PATCH /api/settings': refused }),
    settings: 'general',
    actInSettings: async (settings) => {
      await type(settings, 'ringside-settings-general [name=claimMinutes]', '0')
      await click(settings, 'ringside-settings-general .primary')
      await settle()
    },
  },
}
