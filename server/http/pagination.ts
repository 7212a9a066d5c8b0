import * as v from 'valibot'
import { RingsideError } from '../errors.ts'
import { text } from './schemas.ts'

export const DEFAULT_LIMIT = 50

/** The last of a page, where a list goes by ids. */
export const idPosition = text(100, 1)
/** The last of a page, where what is listed is numbered. */
export const numberPosition = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Where the next page begins, as an opaque text. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** Reads a cursor that `encodeCursor` made; anything else is the caller's mistake. */
export function decodeCursor<T extends v.GenericSchema>(
  cursor: string | undefined,
  schema: T,
): v.InferOutput<T> | null {
  if (cursor === undefined || cursor === '') return null
  const parsed = v.safeParse(schema, parseJson(Buffer.from(cursor, 'base64url').toString()))
  if (parsed.success) return parsed.output
  const message = 'is not a cursor of this list, expected the `next` of an earlier answer'
  throw new RingsideError('bad-input', `cursor ${message}`, {
    errors: [{ path: 'cursor', message }],
  })
}

/** Cuts the one row more than asked for, which tells that there is a next page. */
export function toPage<T>(
  rows: readonly T[],
  limit: number,
  positionOf: (last: T) => unknown,
): { readonly items: readonly T[]; readonly next: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const next = rows.length > limit && last !== undefined ? encodeCursor(positionOf(last)) : null
  return { items, next }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not a cursor of ours: the schema that follows refuses it.
    return undefined
  }
}
