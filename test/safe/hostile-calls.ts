import type { World } from '../support/world.ts'
import type { HostileLinks } from './hostile-links.ts'
import { asTold } from './hostile-texts.ts'

/** A call that was told with a text in each of its fields, and how it was told. */
export interface ToldCall {
  readonly uniqueId: string
  readonly text: string
  readonly by: (typeof WAYS)[number] | keyof HostileLinks['callBy']
}

export const WAYS = ['form', 'raw', 'multipart', 'json', 'query', 'cti'] as const
const EXTENSION = '101'

/** Tells one call for each text, in the ways that PBXs have, in turn. */
export async function tellCalls(
  world: World,
  texts: readonly string[],
  seconds: string,
): Promise<ToldCall[]> {
  const told: ToldCall[] = []
  for (const [index, text] of texts.entries()) {
    const by = WAYS[index % WAYS.length]!
    const uniqueId = `${seconds}.${index + 1}`
    for (const fields of by === 'cti' ? ctiEvents(uniqueId, text) : events(uniqueId, text)) {
      const status = await post(world, by, fields)
      // Refused is right, too, where a text is no value of its field; a fault is not.
      if (status !== 200 && status !== 400) throw new Error(`${by} ${text}: ${status}`)
    }
    told.push({ uniqueId, text, by })
  }
  await world.settled()
  return told
}

/** The same by a link: one call for each text, from its beginning to its end. */
export async function tellLinkedCalls(
  links: HostileLinks,
  by: keyof HostileLinks['callBy'],
  texts: readonly string[],
): Promise<ToldCall[]> {
  const told: ToldCall[] = []
  for (const text of texts) {
    const call = await links.callBy[by]({ text })
    await call.ring()
    await call.answer()
    await call.end()
    told.push({ uniqueId: call.uniqueId, text, by })
  }
  return told
}

/** What the call says of itself: the queue, and a further field. */
export function wrongWithCall(
  { text, by, uniqueId }: ToldCall,
  call: { queue: string | null; extra: Record<string, string>; from: { raw: string } } | undefined,
): string | null {
  // A text that holds what separates fields is several of them where nothing is escaped.
  if (by === 'raw' && /[&=%+]/.test(text)) return null
  if (call === undefined) return `${by} ${uniqueId} ${JSON.stringify(text)}: there is no call`
  const expected = asTold(text)
  const note = call.extra.hostile_note ?? ''
  if (note !== expected.slice(0, 1000)) {
    return `${by}: the field is ${JSON.stringify(note)}, was told ${JSON.stringify(expected)}`
  }
  // ARI tells the application's arguments, which commas separate.
  const queue = by === 'ari' ? asTold(expected.split(',')[0] ?? '') : expected
  if ((call.queue ?? '') !== queue.slice(0, 150)) {
    return `${by}: the queue is ${JSON.stringify(call.queue)}, was told ${JSON.stringify(expected)}`
  }
  if (!expected.includes(call.from.raw.trim()) && !call.from.raw.startsWith('+')) {
    return `${by}: from is ${JSON.stringify(call.from.raw)}, was told ${JSON.stringify(expected)}`
  }
  return null
}

type Fields = Readonly<Record<string, string>>

function events(unique_id: string, text: string): Fields[] {
  const base = { unique_id, hostile_note: text, from_user: text }
  return [
    { ...base, status: 'incoming_start', to_user: text },
    { ...base, status: 'incoming_queue', to_user: `${EXTENSION},${text}`, queue: text },
    { ...base, status: 'incoming_answer', to_user: EXTENSION },
    { ...base, status: 'incoming_end', to_user: text, call_duration: text },
    // Kept in the connection's log.
    { ...base, status: text, to_user: text, datetime: text },
  ]
}

function ctiEvents(callId: string, text: string): Fields[] {
  const base = {
    callId,
    from: text,
    to: EXTENSION,
    direction: 'in',
    hostile_note: text,
    user: text,
  }
  return [
    { ...base, event: 'newCall', queue: text },
    { ...base, event: 'answer', answeringNumber: EXTENSION, queue: text },
    { ...base, event: 'hangup', cause: text },
    { ...base, event: text },
  ]
}

async function post(world: World, by: (typeof WAYS)[number], fields: Fields): Promise<number> {
  const url = by === 'cti' ? world.webhookUrl.replace('/asterisk/', '/cti/') : world.webhookUrl
  const answer = await fetch(
    by === 'query' ? `${url}?${formOf(fields)}` : url,
    requestOf(by, fields),
  )
  await answer.text()
  return answer.status
}

function requestOf(by: (typeof WAYS)[number], fields: Fields): RequestInit {
  const typed = (type: string, body: string): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': type },
    body,
  })
  switch (by) {
    case 'query':
      return { method: 'GET' }
    case 'json':
    case 'cti':
      return typed('application/json', JSON.stringify(fields))
    case 'multipart': {
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.set(name, value)
      return { method: 'POST', body }
    }
    case 'raw':
      return typed(
        'application/x-www-form-urlencoded',
        Object.entries(fields)
          .map(([name, value]) => `${name}=${value.replaceAll(/[\r\n]/g, ' ')}`)
          .join('&'),
      )
    default:
      return typed('application/x-www-form-urlencoded', formOf(fields))
  }
}

function formOf(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&')
}
