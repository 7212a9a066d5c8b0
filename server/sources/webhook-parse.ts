import type { CallEvent, EventBase, StoredRecording } from '../calls/call.ts'
import type { ConnectionSettings } from '../setup/connection.ts'
import { isChannelName, parseExtensions, toExtension } from './extensions.ts'
import { parseDuration, parsePbxTime } from './pbx-time.ts'
import { type Refusal, refuse, refuseMissing } from './refusal.ts'
import { MAX_EXTRA, MAX_NUMBER, MAX_QUEUE } from './text-bounds.ts'
import {
  COMMA_HINT,
  isPhrase,
  parseStatus,
  STATUS_EXPECTED,
  type Status,
} from './webhook-status.ts'

export type WebhookSettings = Pick<
  ConnectionSettings,
  'id' | 'timeZone' | 'phrases' | 'extraFields'
>

export type WebhookReading =
  | { readonly event: CallEvent; readonly notices: readonly string[] }
  | { readonly refusal: Refusal }

type Fields = ReadonlyMap<string, readonly string[]>

const MAX_UNIQUE_ID = 150
const MAX_EXTRA_FIELDS = 50

/**
 * Fields of the dialplan's webhook → the call event, or why not (CALL-3, CALL-4). `recording` is
 * the file that came with the request.
 */
export function parseWebhook(
  fields: Fields,
  settings: WebhookSettings,
  arrivedAt: Date,
  recording: StoredRecording | null = null,
): WebhookReading {
  const uniqueId = parseUniqueId(fields, settings)
  if (typeof uniqueId !== 'string') return { refusal: uniqueId }
  const status = readStatus(fields, settings)
  if ('reason' in status) return { refusal: status }
  const at = parseAt(fields, settings, arrivedAt)
  if ('reason' in at) return { refusal: at }
  const base: EventBase = {
    source: 'webhook',
    connectionId: settings.id,
    uniqueId,
    ...at,
    arrivedAt,
    order: 0,
    extra: extraOf(fields, settings.extraFields),
  }
  return toEvent(fields, status, base, recording)
}

// ---- what every event has ---------------------------------------------------

function parseUniqueId(fields: Fields, settings: WebhookSettings): string | Refusal {
  const expected = 'the id that Asterisk gave the call, such as 1640854015.26'
  const found = last(fields, 'unique_id')
  if (found === '') {
    return refuseMissing('unique_id', expected, `Send unique_id=\${UNIQUEID} with every event.`)
  }
  if (found.length > MAX_UNIQUE_ID) {
    return refuse('unique_id', found, `at most ${MAX_UNIQUE_ID} characters`, COMMA_HINT)
  }
  if (isPhrase(found, settings.phrases)) {
    return refuse('unique_id', found, expected, `It is the name of an event: ${COMMA_HINT}`)
  }
  return found
}

function readStatus(fields: Fields, settings: WebhookSettings): Status | Refusal {
  const found = last(fields, 'status')
  if (found === '') {
    return refuseMissing('status', STATUS_EXPECTED, 'Send the name of the event as status.')
  }
  const status = parseStatus(found, settings.phrases)
  if (status !== null) return status
  const isId = /^(?:[\w-]+-)?\d{6,}\.\d+$/.test(found)
  const hint = isId
    ? `It looks like a unique id: ${COMMA_HINT}`
    : `A dialplan in another language: add its phrases to the connection. Otherwise: ${COMMA_HINT}`
  return refuse('status', found, STATUS_EXPECTED, hint)
}

function parseAt(
  fields: Fields,
  settings: WebhookSettings,
  arrivedAt: Date,
): { readonly at: Date; readonly atKnown: boolean } | Refusal {
  const found = last(fields, 'datetime')
  if (found === '') return { at: arrivedAt, atKnown: false }
  const at = parsePbxTime(found, settings.timeZone, arrivedAt)
  if (at !== null) return { at, atKnown: true }
  return refuse(
    'datetime',
    found,
    'dd.mm.yyyy-HH:MM:SS',
    `In the dialplan: \${STRFTIME(\${EPOCH},,%d.%m.%Y-%H:%M:%S)}`,
  )
}

const OWN_FIELDS = new Set([
  'datetime',
  'from_user',
  'to_user',
  'unique_id',
  'status',
  'call_duration',
  'record',
  'queue',
])
const NO_EXTRA: Readonly<Record<string, string>> = {}
const SECRET_FIELD = /pass(?:word|wd)?$|secret|token|api_?key|auth/i

/** Further fields: those that the connection names, and others whose names look like names. */
function extraOf(fields: Fields, names: readonly string[]): Readonly<Record<string, string>> {
  const entries: [string, string][] = []
  for (const [name, values] of fields) {
    if (OWN_FIELDS.has(name) || SECRET_FIELD.test(name)) continue
    if (!names.includes(name) && !/^[a-z]\w{0,79}$/i.test(name)) continue
    entries.push([name, values.join(', ').slice(0, MAX_EXTRA)])
    if (entries.length === MAX_EXTRA_FIELDS) break
  }
  return entries.length === 0 ? NO_EXTRA : Object.fromEntries(entries)
}

// ---- the event --------------------------------------------------------------

function toEvent(
  fields: Fields,
  status: Status,
  base: EventBase,
  recording: StoredRecording | null,
): WebhookReading {
  const from = numberOf(last(fields, 'from_user'))
  const notices: string[] = []
  const as = (event: CallEvent): WebhookReading => ({ event, notices })
  const { alias } = status
  switch (alias) {
    case 'incoming_start':
    case 'outgoing_start': {
      const direction = directionOf(alias)
      return as({ ...base, type: 'started', direction, from, to: numberOf(toUser(fields)) })
    }
    case 'incoming_ring':
    case 'incoming_queue': {
      const extensions = parseExtensions(fields.get('to_user') ?? [])
      if (extensions.length === 0) return { refusal: missingExtensions('rings') }
      const queue = alias === 'incoming_queue' ? queueOf(fields, status) : null
      return as({ ...base, type: 'ringing', direction: 'incoming', from, extensions, queue })
    }
    case 'incoming_answer': {
      const extensions = parseExtensions(fields.get('to_user') ?? [])
      if (extensions.length === 0) return { refusal: missingExtensions('answered') }
      const extension = extensions.length === 1 ? extensions[0]! : null
      if (extension === null) {
        notices.push(
          `to_user names ${extensions.length} extensions, expected the one that answered`,
        )
      }
      const to = extensions.join(',')
      return as({ ...base, type: 'answered', direction: 'incoming', from, to, extension })
    }
    case 'outgoing_answer': {
      const to = numberOf(toUser(fields))
      if (to === '') return { refusal: missingCalled() }
      return as({ ...base, type: 'answered', direction: 'outgoing', from, to, extension: null })
    }
    case 'incoming_end':
    case 'outgoing_end': {
      const direction = directionOf(alias)
      const to = numberOf(toUser(fields))
      const durationSeconds = durationOf(fields, notices)
      return as({ ...base, type: 'ended', direction, from, to, durationSeconds, failure: null })
    }
    case 'record':
      if (recording === null) return { refusal: missingRecord() }
      return as({ ...base, type: 'recorded', recording })
  }
}

function directionOf(alias: string): 'incoming' | 'outgoing' {
  return alias.startsWith('outgoing') ? 'outgoing' : 'incoming'
}

function missingExtensions(what: string): Refusal {
  const hint = `Send it as to_user, such as \${EXTEN}. A comma in a Macro or Gosub argument shifts the following ones: send lists as 101%2C102, or separated by &.`
  return refuseMissing('to_user', `the extension that ${what}, such as 101`, hint)
}

function missingCalled(): Refusal {
  return refuseMissing(
    'to_user',
    'the number that was called',
    'Send the number dialled as to_user.',
  )
}

function missingRecord(): Refusal {
  const hint = `curl -F status=record -F unique_id=\${UNIQUEID} -F record=@/path/to/file.mp3`
  return refuseMissing('record', "the recording's file as multipart/form-data", hint)
}

/** `"Ivan" <79161234567>` and `PJSIP/101-0000001f` become the number in them. */
function numberOf(value: string): string {
  const inBrackets = /<([^<>]*)>\s*$/.exec(value)
  const number = inBrackets !== null && /\d/.test(inBrackets[1]!) ? inBrackets[1]! : value
  return (isChannelName(number) ? toExtension(number) : number.trim()).slice(0, MAX_NUMBER)
}

function queueOf(fields: Fields, status: Status): string | null {
  const name = (status.queue ?? '') || last(fields, 'queue')
  return name === '' ? null : name.slice(0, MAX_QUEUE)
}

function durationOf(fields: Fields, notices: string[]): number | null {
  const found = last(fields, 'call_duration')
  if (found === '') return null
  const seconds = parseDuration(found)
  if (seconds === null) {
    notices.push(
      `call_duration is ${JSON.stringify(found.slice(0, 80))}, expected seconds, HH:MM:SS or MM:SS; it was left out`,
    )
  }
  return seconds
}

/** Of a field that came several times the last counts: what a caller's name smuggles in comes earlier. */
function last(fields: Fields, name: string): string {
  return fields.get(name)?.at(-1)?.trim() ?? ''
}

function toUser(fields: Fields): string {
  return (fields.get('to_user') ?? []).map((value) => value.trim()).join(',')
}
