import { Hono } from 'hono'
import { type Db, inTransaction } from '../../../db/database.ts'
import { appendOutbox } from '../../../db/outbox.ts'
import {
  BUILT_IN_FIELDS,
  type FieldDefinition,
  loadFields,
  loadSettings,
  patchSettings,
  saveFields,
} from '../../../db/settings.ts'
import type { FieldError } from '../../errors.ts'
import type { AppEnv } from '../access.ts'
import { badInput, body, describe } from '../route.ts'
import { fieldsInput, fieldsSchema, settingsPatchInput, settingsSchema } from '../setup-schemas.ts'

export interface SettingsRoutesDeps {
  readonly db: Db
  readonly clock: () => Date
  /** Called after the commit, so that streams look for what is new. */
  readonly wake?: () => void
}

const admin = { tag: 'settings', access: 'admin' } as const

/** `/api/settings` and `/api/fields`. */
export function settingsRoutes({ db, clock, wake = () => undefined }: SettingsRoutesDeps) {
  /** Saves, and tells every page: the settings with the fields of a user are one object there. */
  const save = async <T>(work: (tx: Db) => Promise<T>): Promise<T> => {
    const saved = await inTransaction(db, async (tx) => {
      const result = await work(tx)
      const data = { ...(await loadSettings(tx)), fields: await loadFields(tx) }
      await appendOutbox(tx, [{ type: 'settings', audience: null, data }], clock())
      return result
    })
    wake()
    return saved
  }

  return new Hono<AppEnv>()
    .get(
      '/api/settings',
      describe({ ...admin, summary: 'The settings', answers: { 200: settingsSchema } }),
      async (c) => c.json(await loadSettings(db)),
    )
    .patch(
      '/api/settings',
      describe({ ...admin, summary: 'Change settings', answers: { 200: settingsSchema } }),
      body(settingsPatchInput),
      async (c) => {
        const patch = c.req.valid('json')
        return c.json(await save((tx) => patchSettings(tx, patch)))
      },
    )
    .get(
      '/api/fields',
      describe({
        tag: 'settings',
        access: 'anyone',
        summary: 'The fields of a user, in their order',
        answers: { 200: fieldsSchema },
      }),
      async (c) => c.json({ items: await loadFields(db), next: null }),
    )
    .put(
      '/api/fields',
      describe({ ...admin, summary: 'Replace the fields', answers: { 200: fieldsSchema } }),
      body(fieldsInput),
      async (c) => {
        const { items } = c.req.valid('json')
        const errors = checkFields(items)
        if (errors.length > 0) throw badInput(errors)
        await save((tx) => saveFields(tx, items))
        return c.json({ items, next: null })
      },
    )
}

/** What a schema cannot say: keys are unique, a choice has options, `name` stays. */
function checkFields(items: readonly FieldDefinition[]): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, { key, type, options }] of items.entries()) {
    if (seen.has(key))
      errors.push({ path: `items.${index}.key`, message: `"${key}" is there twice` })
    seen.add(key)
    if (type === 'choice' && options === undefined) {
      errors.push({ path: `items.${index}.options`, message: 'is missing, a choice needs options' })
    }
    if (type !== 'text' && (BUILT_IN_FIELDS as readonly string[]).includes(key)) {
      errors.push({ path: `items.${index}.type`, message: `is "${type}", "${key}" is a text` })
    }
  }
  return errors
}
