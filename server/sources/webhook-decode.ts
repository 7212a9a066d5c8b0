import { clean, decodeText } from './decode-text.ts'
import type { Refusal } from './refusal.ts'

/** The fields of a request, in order of arrival; a name that came several times has several values. */
export interface DecodedFields {
  readonly fields: Map<string, string[]>
  /** What was not as it should be, in words for the connection's log. */
  readonly notices: readonly string[]
}

export const MAX_BODY_BYTES = 64 * 1024
const MAX_FIELDS = 200
const MAX_NAME_LENGTH = 80
const MAX_VALUE_LENGTH = 8192

const KNOWN_FIELDS = new Set([
  'datetime',
  'from_user',
  'to_user',
  'unique_id',
  'status',
  'call_duration',
  'record',
  'queue',
])
const NUMBER_FIELDS = new Set(['from_user', 'to_user', 'from', 'to', 'answeringNumber'])
/** Names that mean something to JavaScript objects: no field of a call has them. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * The text of a request's body or query → fields. `CURL()` of Asterisk does not encode what it
 * sends (CALL-5), so names of queues and callers can hold `&`, `=`, `%` and `+`.
 */
export function decodeWebhook(
  bytes: Uint8Array,
  contentType: string,
  extraFields: readonly string[],
): DecodedFields | { readonly refusal: Refusal } {
  const isJson = /^\s*application\/(?:[\w.-]+\+)?json\b/i.test(contentType)
  // `CURL()` sends JSON, too, as application/x-www-form-urlencoded.
  if (!isJson && bytes[0] !== 0x7b) return decodeForm(bytes, extraFields)
  const json = decodeJson(bytes)
  return 'refusal' in json && !isJson ? decodeForm(bytes, extraFields) : json
}

/** Collects fields under the names that the parsers know, within bounds. */
export function createFieldCollector(): {
  add(name: string, value: string): void
  readonly result: DecodedFields
} {
  const fields = new Map<string, string[]>()
  const notices: string[] = []
  let count = 0
  const add = (name: string, value: string): void => {
    const known = canonicalName(name)
    if (known === '') return
    if (RESERVED.has(known)) {
      notices.push(`a field is named "${known}", which is not allowed; it was left out`)
      return
    }
    count += 1
    if (count === MAX_FIELDS + 1)
      notices.push(`more than ${MAX_FIELDS} fields; the rest was left out`)
    if (count > MAX_FIELDS) return
    if (value.length > MAX_VALUE_LENGTH)
      notices.push(`${known} was cut at ${MAX_VALUE_LENGTH} characters`)
    const text = value.slice(0, MAX_VALUE_LENGTH).toWellFormed()
    const kept = NUMBER_FIELDS.has(known) ? restorePlus(text) : text.trim()
    const values = fields.get(known)
    if (values === undefined) fields.set(known, [kept])
    else values.push(kept)
  }
  return { add, result: { fields, notices } }
}

/** A form decoder makes a space of a number's plus: ` 375291701699` is `+375291701699` (CALL-5). */
export function restorePlus(value: string): string {
  const trimmed = value.trim()
  if (trimmed.length === value.length) return value
  return /^\s+\d[\d ().-]{5,20}$/.test(value) && trimmed.replace(/\D/g, '').length >= 7
    ? `+${trimmed}`
    : trimmed
}

/** `To_User[]` → `to_user`; other names stay as they are. */
function canonicalName(name: string): string {
  if (KNOWN_FIELDS.has(name)) return name
  const bare = clean(name)
    .trim()
    .replace(/\[\d*\]$/, '')
    .slice(0, MAX_NAME_LENGTH)
  const lower = bare.toLowerCase()
  return KNOWN_FIELDS.has(lower) ? lower : bare
}

// ---- forms and query strings ------------------------------------------------

function decodeForm(bytes: Uint8Array, extraFields: readonly string[]): DecodedFields {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const isRaw = isUnencoded(text)
  const extra = new Set(extraFields)
  const collector = createFieldCollector()
  for (const pair of splitPairs(text.replace(/^[?&\s]+|[\r\n]+$/g, ''), isRaw, extra)) {
    const equals = pair.indexOf('=')
    if (equals < 1) continue
    const value = isRaw ? pair.slice(equals + 1) : pair.slice(equals + 1).replaceAll('+', ' ')
    collector.add(decodePart(pair.slice(0, equals)), decodePart(value))
  }
  return collector.result
}

/**
 * True where the text holds what no URL encoder leaves: a space, bytes beyond ASCII, a `%` that
 * encodes nothing, or the `:` of a time. Then a `+` is a `+`; otherwise it is a space.
 */
function isUnencoded(text: string): boolean {
  return (
    /[ "<>|\\^`{}\u0080-\u00ff]|%(?![0-9a-f]{2})/i.test(text.trimEnd()) ||
    /(?:^|&)datetime=[^&]*:/i.test(text)
  )
}

/**
 * Cuts at `&` where a field begins. In text that nobody encoded a name can hold `&` and `=`, so there
 * only what looks like the name of a field begins one.
 */
function splitPairs(text: string, isRaw: boolean, extra: ReadonlySet<string>): string[] {
  const pairs: string[] = []
  let start = 0
  let equals = -1
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    if (equals <= at) equals = text.indexOf('=', at + 1)
    if (equals === -1) break
    if (equals > at + MAX_NAME_LENGTH * 3) continue
    if (!beginsField(text.slice(at + 1, equals), isRaw, extra)) continue
    pairs.push(text.slice(start, at))
    start = at + 1
  }
  pairs.push(text.slice(start))
  return pairs
}

function beginsField(written: string, isRaw: boolean, extra: ReadonlySet<string>): boolean {
  if (KNOWN_FIELDS.has(written)) return true
  const name = decodePart(written)
  return isRaw ? isFieldName(name, extra) : /^[\w.-]+(?:\[\d*\])?$/.test(name)
}

function isFieldName(name: string, extra: ReadonlySet<string>): boolean {
  const known = canonicalName(name)
  return (
    KNOWN_FIELDS.has(known) ||
    extra.has(known) ||
    RESERVED.has(known) ||
    /^[a-z_][a-z0-9]*(?:_[a-z0-9]+)+_*$/i.test(known)
  )
}

function decodePart(text: string): string {
  return PLAIN.test(text) ? text : decodeText(percentBytes(text))
}

/** ASCII that can be seen, and nothing encoded: it is what it says, as nearly all parts are. */
const PLAIN = /^[ -$&-~]*$/

/** `%XX` → a byte wherever two hexadecimal digits follow; a stray `%` stays. */
function percentBytes(text: string): Uint8Array {
  if (!text.includes('%')) return Buffer.from(text, 'latin1')
  const decoded = text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(decoded, 'latin1')
}

// ---- JSON -------------------------------------------------------------------

function decodeJson(bytes: Uint8Array): DecodedFields | { readonly refusal: Refusal } {
  const parsed = parseJson(decodeText(bytes))
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return {
      refusal: {
        field: 'body',
        reason:
          'body cannot be read as JSON, expected an object such as {"unique_id": "…", "status": "…"}',
        hint: 'Check quotes and commas; a quote inside a name has to be written as \\".',
      },
    }
  }
  const collector = createFieldCollector()
  for (const [name, value] of Object.entries(parsed)) {
    for (const item of Array.isArray(value) ? value.slice(0, MAX_FIELDS) : [value]) {
      if (typeof item === 'string') collector.add(name, clean(item))
      else if (typeof item === 'number' || typeof item === 'boolean')
        collector.add(name, String(item))
    }
  }
  return collector.result
}

/** Numbers become their own text: as a number, the unique id `1640854015.10` would lose its zero. */
function parseJson(text: string): unknown {
  const keepNumbers = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? (context?.source ?? String(value)) : value
  try {
    return JSON.parse(text, keepNumbers)
  } catch {
    // The one who asks refuses the body with words of its own.
    return undefined
  }
}
