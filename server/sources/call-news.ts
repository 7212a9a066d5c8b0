import type { CallEvent, Direction, EventBase } from '../calls/call.ts'
import type { CallGroup } from './call-group.ts'
import type { CallPicture, LegPicture } from './call-picture.ts'
import type { EventTime } from './channel-event.ts'
import type { Channel } from './channel-table.ts'
import { MAX_EXTRA, MAX_NUMBER, MAX_QUEUE, toLine } from './text-bounds.ts'

export interface NewsOptions {
  readonly source: 'ami' | 'ari'
  readonly connectionId: string
  readonly ringOnRingingState: boolean
  nextOrder(): number
}

/** A call that is being told, at one moment. */
interface Telling {
  readonly group: CallGroup
  readonly picture: CallPicture
  readonly options: NewsOptions
  readonly now: EventTime
  readonly parties: { readonly direction: Direction; readonly from: string; readonly to: string }
  base(channel?: Channel, at?: EventTime): EventBase
}

/** What the picture shows that was not told yet, as the call's events. */
export function tellNews(
  group: CallGroup,
  picture: CallPicture,
  now: EventTime,
  options: NewsOptions,
): CallEvent[] {
  const { direction, from, to, told } = group
  if (direction === null || told.isEnded) return []
  const parties = { direction, from: toLine(from, MAX_NUMBER), to: toLine(to, MAX_NUMBER) }
  const base: Telling['base'] = (channel, at = now) => baseOf(group, at, channel, options)
  const telling: Telling = { group, picture, options, now, parties, base }
  const news = tellStart(telling)
  if (picture.isOver) return [...news, tellEnd(telling)]
  return [
    ...news,
    ...tellResumed(telling),
    ...tellGone(telling),
    ...tellCustomerAnswered(telling),
    ...tellLegs(telling),
    ...tellHeld(telling),
  ]
}

/** What was heard of the call since its last event goes along with the next one. */
function baseOf(
  group: CallGroup,
  at: EventTime,
  channel: Channel | undefined,
  options: NewsOptions,
): EventBase {
  const extra = Object.fromEntries(
    Object.entries(group.extra).map(([name, value]) => [name, toLine(value, MAX_EXTRA)]),
  )
  group.extra = {}
  return {
    source: options.source,
    connectionId: options.connectionId,
    uniqueId: group.id,
    ...at,
    order: options.nextOrder(),
    extra,
    ...(channel === undefined ? {} : { channelIds: [channel.id] }),
  }
}

function tellStart({ group, parties, base }: Telling): CallEvent[] {
  if (group.told.isStarted) return []
  group.told.isStarted = true
  const first = group.dialler ?? [...group.anchors][0]
  return [{ ...base(first, group.startedAt), type: 'started', ...parties }]
}

function tellEnd({ group, parties, base }: Telling): CallEvent {
  const { told } = group
  told.isEnded = true
  told.legs.clear()
  const isFailed = parties.direction === 'outgoing' && !told.isAnswered
  const failure = isFailed ? group.failure : null
  return { ...base(), type: 'ended', ...parties, durationSeconds: null, failure }
}

function tellResumed({ group: { told }, picture, base }: Telling): CallEvent[] {
  if (told.heldBy === null || told.heldBy === picture.heldBy) return []
  const extension = told.heldBy || null
  told.heldBy = null
  return [{ ...base(), type: 'resumed', extension }]
}

function tellHeld({ group: { told }, picture, base }: Telling): CallEvent[] {
  if (told.heldBy !== null || picture.heldBy === null) return []
  told.heldBy = picture.heldBy
  return [{ ...base(), type: 'held', extension: picture.heldBy || null }]
}

/** Phones that rang and do not any more, agents who are out of the conversation. */
function tellGone({ group, picture, base }: Telling): CallEvent[] {
  return [...group.told.legs].flatMap(([extension, before]): CallEvent[] => {
    const state = picture.legs.get(extension)?.state
    if (state === before || state === 'talking') return []
    group.told.legs.delete(extension)
    if (before === 'talking') return [{ ...base(), type: 'left', extension }]
    const result = group.results.get(extension) ?? 'cancelled'
    return [{ ...base(), type: 'ring-ended', extension, result }]
  })
}

function tellCustomerAnswered({ group, picture, parties, base }: Telling): CallEvent[] {
  const isNews = picture.hasCustomerAnswered && !group.told.isAnswered
  if (parties.direction !== 'outgoing' || !isNews) return []
  group.told.isAnswered = true
  const [customer] = group.anchors
  return [{ ...base(customer), type: 'answered', ...parties, extension: null }]
}

function tellLegs(telling: Telling): CallEvent[] {
  const { group, picture, parties, base } = telling
  return [...picture.legs].flatMap(([extension, leg]): CallEvent[] => {
    const before = group.told.legs.get(extension)
    if (before === leg.state) return []
    group.told.legs.set(extension, leg.state)
    const rang = before === undefined ? tellRinging(extension, leg, telling) : []
    if (leg.state === 'ringing') return rang
    // Both halves of a Local channel and the phone behind it rang for the same answer.
    for (const each of group.members) {
      if (each.extension === extension && each.dial?.status !== null) each.hasTalked = true
    }
    group.told.isAnswered = true
    return [...rang, { ...base(leg.channel), type: 'answered', ...parties, extension }]
  })
}

/** It may have rung before it was this call's: in a consultation, or while nobody listened. */
function tellRinging(
  extension: string,
  { state, channel }: LegPicture,
  { group, options, now, parties, base }: Telling,
): CallEvent[] {
  if (channel.dial === null || channel.hasTalked) return []
  group.results.delete(extension)
  const { began } = channel.dial
  const queue = toLine(channel.dial.queue ?? '', MAX_QUEUE) || null
  const at = options.ringOnRingingState && state === 'ringing' ? now : began
  const { direction, from } = parties
  return [
    { ...base(channel, at), type: 'ringing', direction, from, extensions: [extension], queue },
  ]
}
