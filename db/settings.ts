import { sql } from 'kysely'
import { type Db, inTransaction, toJson } from './database.ts'

export interface WorkingDay {
  /** 1 (Monday) to 7 (Sunday). */
  readonly weekday: number
  /** `09:00` */
  readonly from: string
  readonly to: string
}

export interface Settings {
  /** ISO 3166-1 alpha-2: how national numbers are read that came over the API. */
  readonly country: string
  readonly retention: { readonly recordingsDays: number; readonly eventsDays: number }
  readonly sla: { readonly resolutionSeconds: number }
  readonly workingHours: {
    readonly tz: string
    readonly days: readonly WorkingDay[]
    readonly holidays: readonly string[]
  }
  /** After how long a claimed case without a call is released (CASE-17). */
  readonly claimMinutes: number
  readonly serviceLevelSeconds: number
  /** How long after a call an agent is not free yet (CTL-6). */
  readonly wrapUpSeconds: number
  /** The least role that may save recordings as files; all may listen (POP-9). */
  readonly downloadRole: 'agent' | 'supervisor' | 'admin'
}

export type FieldType = 'text' | 'number' | 'date' | 'choice' | 'boolean' | 'link'

/** One of a user's fields, built-in or the admin's own (ADMIN-5). */
export interface FieldDefinition {
  readonly key: string
  readonly label: string
  readonly type: FieldType
  readonly options?: readonly string[]
  readonly inPopup: boolean
}

export const BUILT_IN_FIELDS = ['name', 'email', 'company', 'phones', 'note'] as const

const DEFAULT_SETTINGS: Settings = {
  country: 'US',
  retention: { recordingsDays: 180, eventsDays: 30 },
  sla: { resolutionSeconds: 24 * 60 * 60 },
  workingHours: {
    tz: 'UTC',
    days: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '09:00', to: '18:00' })),
    holidays: [],
  },
  claimMinutes: 15,
  serviceLevelSeconds: 20,
  wrapUpSeconds: 0,
  downloadRole: 'agent',
}

const DEFAULT_FIELDS: readonly FieldDefinition[] = [
  { key: 'name', label: 'Full name', type: 'text', inPopup: true },
  { key: 'email', label: 'E-mail address', type: 'text', inPopup: true },
  { key: 'company', label: 'Company', type: 'text', inPopup: true },
  { key: 'phones', label: 'Phone numbers', type: 'text', inPopup: false },
  { key: 'note', label: 'Note', type: 'text', inPopup: false },
]

/** The settings; until an admin chose a country it is that of the first connection. */
export async function loadSettings(db: Db): Promise<Settings> {
  const stored = (await loadSetting(db, 'settings')) as Partial<Settings> | undefined
  const country = stored?.country ?? (await firstCountry(db)) ?? DEFAULT_SETTINGS.country
  return { ...DEFAULT_SETTINGS, ...stored, country }
}

/** What of the settings is to be changed; groups are merged, lists replaced. */
export type SettingsPatch = {
  readonly [K in keyof Settings]?: Settings[K] extends object
    ? { readonly [L in keyof Settings[K]]?: Settings[K][L] | undefined } | undefined
    : Settings[K] | undefined
}

/** Merges a patch into the settings; two at once do not lose one another's change. */
export function patchSettings(db: Db, patch: SettingsPatch): Promise<Settings> {
  return inTransaction(db, async (tx) => {
    await tx
      .insertInto('settings')
      .values({ key: 'settings', value: toJson({}) })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const row = await tx
      .selectFrom('settings')
      .select('value')
      .where('key', '=', 'settings')
      .forUpdate()
      .executeTakeFirstOrThrow()
    const stored = merge(row.value as Record<string, unknown>, patch)
    await saveSetting(tx, 'settings', stored)
    const settings = await loadSettings(tx)
    return settings
  })
}

function merge(stored: Record<string, unknown>, patch: SettingsPatch): Record<string, unknown> {
  const result = { ...stored }
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue
    const base = DEFAULT_SETTINGS[key as keyof Settings]
    const current = stored[key] ?? base
    result[key] =
      typeof value === 'object' && typeof current === 'object'
        ? { ...(base as object), ...current, ...dropUndefined(value) }
        : value
  }
  return result
}

function dropUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))
}

export async function loadFields(db: Db): Promise<readonly FieldDefinition[]> {
  const stored = await loadSetting(db, 'fields')
  return stored === undefined ? DEFAULT_FIELDS : (stored as readonly FieldDefinition[])
}

export async function saveFields(db: Db, fields: readonly FieldDefinition[]): Promise<void> {
  await saveSetting(db, 'fields', fields)
}

async function loadSetting(db: Db, key: string): Promise<unknown> {
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('key', '=', key)
    .executeTakeFirst()
  return row?.value
}

async function saveSetting(db: Db, key: string, value: unknown): Promise<void> {
  const json = toJson(value)
  await db
    .insertInto('settings')
    .values({ key, value: json })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: json }))
    .execute()
}

async function firstCountry(db: Db): Promise<string | null> {
  const row = await db
    .selectFrom('connections')
    .select('country')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.country ?? null
}

/** Ids of the stream hold in one epoch: ten digits, made with the database. */
export async function loadOrCreateEpoch(db: Db, now: Date): Promise<string> {
  const made = String(Math.floor(now.getTime() / 1000)).padStart(10, '0')
  await db
    .insertInto('settings')
    .values({ key: 'epoch', value: toJson(made) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('key', '=', 'epoch')
    .executeTakeFirstOrThrow()
  return String(row.value)
}

/** Keeps what the pages were last told that works; false where it is no news. */
export async function saveToldControls(
  tx: Db,
  controls: Readonly<Record<string, readonly string[]>>,
): Promise<boolean> {
  const value = toJson(controls)
  const { rows } = await sql`
    insert into settings (key, value) values ('controls', ${value}::jsonb)
    on conflict (key) do update set value = excluded.value where settings.value <> excluded.value
    returning key
  `.execute(tx)
  return rows.length > 0
}
