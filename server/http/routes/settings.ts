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
}

const admin = { tag: 'settings', access: 'admin' } as const

/** `/api/settings` and `/api/fields`. */
export function settingsRoutes({ db, clock }: SettingsRoutesDeps) {
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
        const settings = await inTransaction(db, async (tx) => {
          const changed = await patchSettings(tx, patch)
          await appendOutbox(tx, [{ type: 'settings', audience: null, data: changed }], clock())
          return changed
        })
        return c.json(settings)
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
        await saveFields(db, items)
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
