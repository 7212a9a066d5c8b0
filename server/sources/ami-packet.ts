import { createByteCache } from './byte-cache.ts'
import { type ByteWord, isWordAt, skipPrintable, toByteWord, viewOf } from './byte-word.ts'
import { decodeText } from './decode-text.ts'

/** One packet of the manager interface; keys are compared without case. */
export interface AmiPacket {
  /** The event's name as Asterisk spells it; null for a response. */
  readonly event: string | null
  /** `Success`, `Error`, `Goodbye`, `Follows`; null for an event (`OriginateResponse` has such a field too). */
  readonly response: string | null
  readonly actionId: string | null
  /** All of them in order, repeated keys too; a line without a colon has the key `''`. */
  readonly fields: readonly (readonly [key: string, value: string])[]
  /** The first value of a key. */
  get(key: string): string | null
  /** All values of a key, such as `Output` or `ChanVariable`. */
  all(key: string): readonly string[]
}

/** How the lines of a packet end; `follows`: an old `Command` response, whose output is raw lines. */
export type Framing = 'crlf' | 'lf' | 'follows'

interface Key {
  readonly text: string
  readonly lower: string
  readonly role: 0 | typeof EVENT | typeof RESPONSE | typeof ACTION_ID
  /** As it stands in a packet, with its colon and the space after it. */
  readonly word: ByteWord
  /** The key that came after it last: packets of one kind have their keys in one order. */
  next: Key | null
  /** It is remembered no more, and remembers none: each would hold the one after it, all that were ever heard. */
  isGone: boolean
}

/** What a key says of the packet itself. */
const EVENT = 1
const RESPONSE = 2
const ACTION_ID = 3
const ROLES = new Map<string, Key['role']>([
  ['event', EVENT],
  ['response', RESPONSE],
  ['actionid', ACTION_ID],
])

const CR = 13
const LF = 10
const COLON = 58
const SPACE = 32
const DELETE = 127

/** What may stand before the raw lines of an old `Command` response. */
const HEADERS = new Set(['response', 'privilege', 'actionid', 'message'])
const END_OF_COMMAND = '--END COMMAND--'

const keys = createByteCache<Key>(toKey, (key) => {
  key.isGone = true
  key.next = null
})
const NO_KEY = toKey(Buffer.alloc(0))
/** What is text as it stands; one lookup a byte. */
const PLAIN = new Uint8Array(256).fill(1, SPACE, DELETE)

/** The bytes of a whole packet, up to its empty line → packet; null where a line is too long. */
export function toPacket(
  bytes: Buffer,
  from: number,
  to: number,
  framing: Framing,
  maxLineBytes: number,
): AmiPacket | null {
  const text = bytes.toString('latin1', from, to)
  const view = viewOf(bytes)
  const fields: (readonly [string, string])[] = []
  let event: string | null = null
  let response: string | null = null
  let actionId: string | null = null
  let at = from
  let key = NO_KEY
  while (at < to) {
    const next = key.next
    let value: number
    if (next !== null && isWordAt(view, at, to, next.word)) {
      value = at + next.word.length
      key = next
    } else {
      const colon = findColon(bytes, at, to)
      value = colon === -1 ? at : colon + (bytes[colon + 1] === SPACE ? 2 : 1)
      const found = colon === -1 ? NO_KEY : keys.get(bytes, at, colon)
      if (!key.isGone) key.next = found
      key = found
    }
    if (framing === 'follows' && !HEADERS.has(key.lower)) break
    const found = endOfLine(bytes, view, value, to, framing === 'lf')
    const end = found < 0 ? ~found : found
    if (end - at > maxLineBytes) return null
    const read = found < 0 ? decodeOdd(bytes, value, end) : text.slice(value - from, end - from)
    fields.push([key.text, read])
    if (key.role === EVENT) event ??= read
    else if (key.role === RESPONSE) response ??= read
    else if (key.role === ACTION_ID) actionId ??= read
    at = end + (bytes[end] === CR ? 2 : 1)
  }
  if (at < to && !readOutput(bytes.subarray(at, to), maxLineBytes, fields)) return null
  return createPacket(event, response, actionId, fields)
}

function toKey(bytes: Uint8Array): Key {
  // `SIP-Use-Reason-Header : Y` is what Asterisk 11 writes.
  const text = decodeText(bytes).trim()
  const lower = text.toLowerCase()
  return {
    text,
    lower,
    role: ROLES.get(lower) ?? 0,
    word: toByteWord(Buffer.concat([bytes, Buffer.from(': ')])),
    next: null,
    isGone: false,
  }
}

/** Where a line's key ends; -1 where it has none. */
function findColon(bytes: Buffer, from: number, to: number): number {
  for (let i = from; i < to; i += 1) {
    const byte = bytes[i]!
    if (byte === COLON) return i
    if (byte === LF || byte === CR) return -1
  }
  return -1
}

/**
 * Where a line's value ends, `~end` where it is not plain ASCII text; a lone CR or LF is part of the
 * value where lines end in CRLF.
 */
function endOfLine(bytes: Buffer, view: DataView, from: number, to: number, isLf: boolean): number {
  let isPlain = true
  let i = skipPrintable(view, from, to)
  for (; i < to; i += 1) {
    const byte = bytes[i]!
    if (PLAIN[byte] === 1) continue
    if (byte === CR && (i + 1 === to || bytes[i + 1] === LF)) break
    if (byte === LF && isLf) break
    isPlain = false
  }
  return isPlain ? i : ~i
}

/** UTF-8 in order is what most that is not ASCII is, and native. */
function decodeOdd(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('utf8', from, to)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const isClean = !/[\u0000-\u001f\u007f-\u009f\ufffd]/.test(text)
  return isClean ? text : decodeText(bytes.subarray(from, to))
}

/** Raw lines up to `--END COMMAND--`, as the `Output` lines that later versions write. */
function readOutput(
  bytes: Buffer,
  maxLineBytes: number,
  fields: (readonly [string, string])[],
): boolean {
  const lines = bytes.toString('latin1').split(/\r?\n/)
  for (const line of lines) {
    if (line.length > maxLineBytes) return false
    if (line === END_OF_COMMAND) break
    fields.push(['Output', decodeText(Buffer.from(line, 'latin1'))])
  }
  return true
}

function createPacket(
  event: string | null,
  response: string | null,
  actionId: string | null,
  fields: AmiPacket['fields'],
): AmiPacket {
  return {
    event,
    response: event === null ? response : null,
    actionId,
    fields,
    get(key) {
      for (const [name, value] of fields) if (isSameKey(name, key)) return value
      return null
    },
    all: (key) => fields.flatMap(([name, value]) => (isSameKey(name, key) ? [value] : [])),
  }
}

function isSameKey(one: string, other: string): boolean {
  if (one === other) return true
  return one.length === other.length && one.toLowerCase() === other.toLowerCase()
}
