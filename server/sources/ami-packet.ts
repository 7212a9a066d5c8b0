import { createByteCache } from './byte-cache.ts'
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
}

const CR = 13
const LF = 10
const COLON = 58
const SPACE = 32
const DELETE = 127

const NO_KEY: Key = { text: '', lower: '' }
const OUTPUT: Key = { text: 'Output', lower: 'output' }
/** What may stand before the raw lines of an old `Command` response. */
const HEADERS = new Set(['response', 'privilege', 'actionid', 'message'])
const END_OF_COMMAND = '--END COMMAND--'

const keys = createByteCache<Key>((bytes) => {
  // `SIP-Use-Reason-Header : Y` is what Asterisk 11 writes.
  const text = decodeText(bytes).trim()
  return { text, lower: text.toLowerCase() }
})

/** The bytes of a whole packet, up to its empty line → packet; null where a line is too long. */
export function toPacket(
  bytes: Buffer,
  from: number,
  to: number,
  framing: Framing,
  maxLineBytes: number,
): AmiPacket | null {
  const text = bytes.toString('latin1', from, to)
  const lower: string[] = []
  const fields: (readonly [string, string])[] = []
  let at = from
  while (at < to) {
    const colon = findColon(bytes, at, to)
    const key = colon === -1 ? NO_KEY : keys.get(bytes, at, colon)
    if (framing === 'follows' && !HEADERS.has(key.lower)) break
    let value = colon === -1 ? at : colon + 1
    if (colon !== -1 && value < to && bytes[value] === SPACE) value += 1
    const found = endOfLine(bytes, value, to, framing === 'lf')
    const end = found < 0 ? ~found : found
    if (end - at > maxLineBytes) return null
    lower.push(key.lower)
    fields.push([
      key.text,
      found < 0 ? decodeText(bytes.subarray(value, end)) : text.slice(value - from, end - from),
    ])
    at = end + (bytes[end] === CR ? 2 : 1)
  }
  if (at < to && !readOutput(bytes.subarray(at, to), maxLineBytes, lower, fields)) return null
  return createPacket(lower, fields)
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
function endOfLine(bytes: Buffer, from: number, to: number, isLf: boolean): number {
  let isPlain = true
  let i = from
  for (; i < to; i += 1) {
    const byte = bytes[i]!
    if (byte >= SPACE && byte < DELETE) continue
    if (byte === CR && (i + 1 === to || bytes[i + 1] === LF)) break
    if (byte === LF && isLf) break
    isPlain = false
  }
  return isPlain ? i : ~i
}

/** Raw lines up to `--END COMMAND--`, as the `Output` lines that later versions write. */
function readOutput(
  bytes: Buffer,
  maxLineBytes: number,
  lower: string[],
  fields: (readonly [string, string])[],
): boolean {
  const lines = bytes.toString('latin1').split(/\r?\n/)
  for (const line of lines) {
    if (line.length > maxLineBytes) return false
    if (line === END_OF_COMMAND) break
    lower.push(OUTPUT.lower)
    fields.push([OUTPUT.text, decodeText(Buffer.from(line, 'latin1'))])
  }
  return true
}

function createPacket(
  lower: readonly string[],
  fields: readonly (readonly [string, string])[],
): AmiPacket {
  const first = (key: string): string | null => fields[lower.indexOf(key)]?.[1] ?? null
  const event = first('event')
  return {
    event,
    response: event === null ? first('response') : null,
    actionId: first('actionid'),
    fields,
    get: (key) => first(key.toLowerCase()),
    all: (key) => {
      const wanted = key.toLowerCase()
      return fields.flatMap(([, value], i) => (lower[i] === wanted ? [value] : []))
    },
  }
}
