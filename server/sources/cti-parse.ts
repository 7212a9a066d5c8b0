import type { CallEvent, EventBase } from '../calls/call.ts'
import { toExtension } from './extensions.ts'
import { type Refusal, refuse, refuseMissing } from './refusal.ts'

/** The fields of the generic CTI push, as Zammad's users know them (CALL-9). */
export const CTI_FIELDS = [
  'event',
  'from',
  'to',
  'direction',
  'callId',
  'user',
  'queue',
  'answeringNumber',
  'cause',
] as const

export type CtiReading =
  | { readonly events: readonly CallEvent[]; readonly notices: readonly string[] }
  | { readonly refusal: Refusal }

type Fields = ReadonlyMap<string, readonly string[]>
/** All extensions of the agent who has this extension, external id or e-mail; empty: nobody has. */
export type ExtensionsOf = (value: string) => readonly string[]
const MAX_CALL_ID = 150
const MAX_TEXT = 150
const MAX_EXTRA_FIELDS = 50
const MAX_EXTRA = 1000
const MAX_USERS = 50
const EVENTS = 'newCall, answer or hangup'
const FAILURES = new Map([
  ['busy', 'busy'],
  ['congestion', 'congestion'],
  ['notfound', 'not-found'],
] as const)

/** One CTI request → the call events in it, or why not. Times are those of arrival. */
export function parseCti(
  fields: Fields,
  connectionId: string,
  arrivedAt: Date,
  extensionsOf: ExtensionsOf,
): CtiReading {
  const refusal = check(fields)
  if (refusal !== null) return { refusal }
  const base: EventBase = {
    source: 'cti',
    connectionId,
    uniqueId: one(fields, 'callId'),
    at: arrivedAt,
    atKnown: false,
    arrivedAt,
    order: 0,
    extra: extraOf(fields),
  }
  const isOutgoing = one(fields, 'direction').toLowerCase() === 'out'
  const events = isOutgoing
    ? outgoing(fields, base, extensionsOf)
    : incoming(fields, base, extensionsOf)
  return { events, notices: [] }
}

/** What `extensionsOf` will be asked for: the one who has to look it up can do so before. */
export function namedInCti(fields: Fields): readonly string[] {
  const named = [...users(fields), ...['answeringNumber', 'to', 'from'].map((n) => one(fields, n))]
  return [...new Set(named.filter((value) => value !== ''))]
}

function check(fields: Fields): Refusal | null {
  const event = one(fields, 'event')
  if (event === '') return refuseMissing('event', EVENTS, 'Each request tells one event of a call.')
  if (!['newcall', 'answer', 'hangup'].includes(event.toLowerCase())) {
    return refuse('event', event, EVENTS, 'Other events of the PBX need not be sent.')
  }
  const callId = one(fields, 'callId')
  if (callId === '') {
    return refuseMissing('callId', 'the id of the call', 'All events of a call carry the same one.')
  }
  if (callId.length > MAX_CALL_ID) {
    return refuse('callId', callId, `at most ${MAX_CALL_ID} characters`, 'Send a shorter id.')
  }
  const direction = one(fields, 'direction')
  if (!['in', 'out'].includes(direction.toLowerCase())) {
    const hint = 'in: a customer calls, out: an agent calls.'
    return direction === ''
      ? refuseMissing('direction', 'in or out', hint)
      : refuse('direction', direction, 'in or out', hint)
  }
  if (event.toLowerCase() === 'newcall' && one(fields, 'to') === '') {
    return refuseMissing('to', 'the number called', 'Send the number that was dialled.')
  }
  return null
}

function incoming(fields: Fields, base: EventBase, extensionsOf: ExtensionsOf): CallEvent[] {
  const direction = 'incoming'
  const from = one(fields, 'from')
  const to = one(fields, 'to')
  switch (one(fields, 'event').toLowerCase()) {
    case 'newcall': {
      const extensions = rung(fields, extensionsOf)
      const queue = one(fields, 'queue') || null
      const started: CallEvent = { ...base, type: 'started', direction, from, to }
      const ringing: CallEvent = { ...base, type: 'ringing', direction, from, extensions, queue }
      return extensions.length > 0 || queue !== null ? [started, ringing] : [started]
    }
    case 'answer': {
      const extension = answeredBy(fields, extensionsOf)
      return [{ ...base, type: 'answered', direction, from, to, extension }]
    }
    default:
      return [{ ...base, type: 'ended', direction, from, to, durationSeconds: null, failure: null }]
  }
}

function outgoing(fields: Fields, base: EventBase, extensionsOf: ExtensionsOf): CallEvent[] {
  const direction = 'outgoing'
  const to = one(fields, 'to')
  const [own] = resolve([...users(fields), one(fields, 'from')], extensionsOf)
  const from = own ?? toExtension(one(fields, 'from'))
  switch (one(fields, 'event').toLowerCase()) {
    case 'newcall':
      return [{ ...base, type: 'started', direction, from, to }]
    case 'answer':
      return [{ ...base, type: 'answered', direction, from, to, extension: null }]
    default: {
      const failure = FAILURES.get(one(fields, 'cause').toLowerCase() as 'busy') ?? null
      return [{ ...base, type: 'ended', direction, from, to, durationSeconds: null, failure }]
    }
  }
}

/** The agents whose extension, external id or e-mail is in `user`, else the one mapped to `to`. */
function rung(fields: Fields, extensionsOf: ExtensionsOf): readonly string[] {
  const named = resolve(users(fields), extensionsOf)
  return named.length > 0 ? named : resolve([one(fields, 'to')], extensionsOf)
}

/** By `answeringNumber`, else `user`; null where that does not name one agent. */
function answeredBy(fields: Fields, extensionsOf: ExtensionsOf): string | null {
  const number = one(fields, 'answeringNumber')
  if (number !== '') return pick(number, extensionsOf) ?? toExtension(number)
  const named = users(fields)
  return named.length === 1 ? pick(named[0]!, extensionsOf) : null
}

/** The extension that was named itself, else the first of the agent. */
function pick(value: string, extensionsOf: ExtensionsOf): string | null {
  const found = resolve([value], extensionsOf)
  return found.find((extension) => extension === toExtension(value)) ?? found[0] ?? null
}

/** What nobody has counts as an extension where it looks like one. */
function resolve(values: readonly string[], extensionsOf: ExtensionsOf): readonly string[] {
  const found = values.flatMap((value) => {
    if (value === '') return []
    const mapped = extensionsOf(value)
    if (mapped.length > 0) return mapped
    const extension = toExtension(value)
    return /^\d{2,6}$/.test(extension) ? [extension] : []
  })
  return [...new Set(found)]
}

function users(fields: Fields): readonly string[] {
  return (fields.get('user') ?? [])
    .map((value) => value.trim().slice(0, MAX_TEXT))
    .filter((value) => value !== '')
    .slice(0, MAX_USERS)
}

function extraOf(fields: Fields): Readonly<Record<string, string>> {
  const own: readonly string[] = CTI_FIELDS
  const entries = [...fields]
    .filter(([name]) => !own.includes(name) && /^[a-z]\w{0,79}$/i.test(name))
    .filter(([name]) => !/pass|secret|token|api_?key|auth/i.test(name))
    .map(([name, values]) => [name, values.join(', ').slice(0, MAX_EXTRA)] as const)
  return Object.fromEntries(entries.slice(0, MAX_EXTRA_FIELDS))
}

function one(fields: Fields, name: string): string {
  const value = fields.get(name)?.at(-1)?.trim() ?? ''
  // A callId that is too long is refused, not cut: cut, it could be another call's.
  return name === 'callId' ? value : value.slice(0, MAX_TEXT)
}
