/** A field of a JSON object that holds an object; null where it does not. */
export function readObject(from: unknown, key: string): Readonly<Record<string, unknown>> | null {
  return toObject(field(from, key))
}

/** A field of a JSON object that holds a text that says something; ARI writes an unknown one as ''. */
export function readString(from: unknown, key: string): string | null {
  const value = field(from, key)
  return typeof value === 'string' && value !== '' ? value : null
}

export function readNumber(from: unknown, key: string): number | null {
  const value = field(from, key)
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** A field that holds a list; anything else is an empty one. */
export function readList(from: unknown, key: string): readonly unknown[] {
  const value = field(from, key)
  return Array.isArray(value) ? value : []
}

export function toObject(value: unknown): Readonly<Record<string, unknown>> | null {
  // An object that is no list can be read by any key.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null
}

/** As for webhooks: a clock that shows another year was never set. */
const YEARS = { first: 2000, last: 2060 }

/** A time of the PBX's clock with its zone, `2026-11-21T08:00:00.123+0000`. */
export function toInstant(text: string | null): Date | null {
  if (text === null) return null
  const at = new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  const year = at.getUTCFullYear()
  return year >= YEARS.first && year <= YEARS.last ? at : null
}

function field(from: unknown, key: string): unknown {
  const object = toObject(from)
  return object !== null && Object.hasOwn(object, key) ? object[key] : undefined
}
