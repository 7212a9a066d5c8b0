import { Hono } from 'hono'
import * as v from 'valibot'
import { RingsideError } from '../../errors.ts'
import type { ImportOptions, Imports } from '../../setup/import.ts'
import type { ImportFormat } from '../../setup/import-folder.ts'
import type { AppEnv } from '../access.ts'
import { badInput, describe, param, toFieldErrors } from '../route.ts'
import { externalIdInput, importStateSchema, userPatchInput } from '../schemas.ts'

const access = { tag: 'users', access: 'import' } as const

/** `/api/users/import`: users in bulk (USER-5). To be mounted before the routes of one user. */
export function userImportRoutes({ imports }: { readonly imports: Imports }) {
  return new Hono<AppEnv>()
    .post(
      '/api/users/import',
      describe({
        ...access,
        audited: true,
        summary: 'Create and update users from CSV or NDJSON',
        answers: { 202: v.object({ id: v.string() }) },
      }),
      async (c) => {
        const format = formatOf(c.req.header('content-type') ?? '')
        const id = await imports.start(c.req.raw.body ?? emptyBody(), format)
        return c.json({ id }, 202)
      },
    )
    .get(
      '/api/users/imports/:id',
      describe({
        ...access,
        summary: 'How far an import is; known to the process that took the file, until it stops',
        answers: { 200: importStateSchema },
      }),
      async (c) => {
        const state = await imports.state(param(c, 'id'))
        if (state === null) throw new RingsideError('not-found', 'there is no such import')
        return c.json({ ...state, errors: [...state.errors] })
      },
    )
}

const lineSchema = v.object({
  ...userPatchInput.entries,
  ...externalIdInput.entries,
})

/** One line of an import by the same rules as `PUT /api/users/external/…`. */
export const parseUserLine: ImportOptions['parse'] = (value) => {
  const parsed = v.safeParse(lineSchema, value)
  return parsed.success ? { change: parsed.output } : { errors: toFieldErrors(parsed.issues) }
}

function formatOf(contentType: string): ImportFormat {
  const [type = ''] = contentType.toLowerCase().split(';')
  if (type.trim() === 'text/csv') return 'csv'
  if (type.trim() === 'application/x-ndjson') return 'ndjson'
  const shown = type.trim().slice(0, 100)
  throw badInput([
    { path: 'content-type', message: `is "${shown}", expected text/csv or application/x-ndjson` },
  ])
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}
