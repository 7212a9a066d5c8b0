import {
  isHoldingBridge,
  isParkingBridge,
  readAriChannel,
  readListedChannel,
  readQueueOf,
} from './ari-channel.ts'
import { readNumber, readObject, readString, toInstant } from './ari-fields.ts'
import { toDialStatus } from './asterisk-words.ts'
import type { ChannelEvent } from './channel-event.ts'
import { type Extra, NO_EXTRA, toWantedFields, wantedVariable } from './extra-fields.ts'

export interface AriEventsOptions {
  /** Names of channel variables to carry into the call (AMI-5). */
  readonly extraFields: readonly string[]
}

/** What one event of ARI says; `at` is the PBX's clock. */
export interface AriReading {
  readonly events: readonly ChannelEvent[]
  readonly at: Date | null
}

export interface AriEvents {
  /** Null where it is no event of ARI. */
  read(event: unknown): AriReading | null
}

/** ARI (subscribed to everything) in the vocabulary of channel events. */
export function createAriEvents({ extraFields }: AriEventsOptions): AriEvents {
  const wanted = toWantedFields(extraFields)
  const asides = createAsides()
  return {
    read(event) {
      const type = readString(event, 'type')
      if (type === null) return null
      const at = toInstant(readString(event, 'timestamp'))
      if (type === 'ChannelVarset') return { at, events: readVarset(event, wanted) }
      const read = READ.get(type)
      return { at, events: read === undefined ? [] : asides(type, event, read(event)) }
    },
  }
}

type ReadAri = (event: unknown) => readonly ChannelEvent[]

function channelEvent(value: unknown, extra: Extra = NO_EXTRA): readonly ChannelEvent[] {
  const channel = readAriChannel(value)
  return channel === null ? [] : [{ type: 'channel', channel, extra }]
}

const idOf = (event: unknown, key: string): string | null =>
  readString(readObject(event, key), 'id')

const readChannel: ReadAri = (event) => channelEvent(readObject(event, 'channel'))

const readCreated: ReadAri = (event) => {
  const channelId = idOf(event, 'channel')
  return channelId === null ? [] : [{ type: 'created', channelId }, ...readChannel(event)]
}

const readDial: ReadAri = (event) => {
  const [caller, peer] = [readObject(event, 'caller'), readObject(event, 'peer')]
  const destId = readString(peer, 'id')
  if (destId === null) return []
  const dialStatus = readString(event, 'dialstatus')
  const status = toDialStatus(dialStatus ?? '')
  if (status !== null) return [...channelEvent(peer), { type: 'dial-end', destId, status }]
  if (dialStatus !== null) return channelEvent(peer)
  const callerId = readString(caller, 'id')
  const queue = readQueueOf(caller)
  const called: readonly ChannelEvent[] =
    callerId === null || queue === null
      ? []
      : [{ type: 'agent-called', channelId: callerId, destId, queue }]
  return [
    ...channelEvent(caller),
    ...channelEvent(peer),
    ...called,
    { type: 'dial-begin', callerId, destId },
  ]
}

const readBridge =
  (type: 'bridge-enter' | 'bridge-leave'): ReadAri =>
  (event) => {
    const bridge = readObject(event, 'bridge')
    const bridgeId = readString(bridge, 'id')
    const channelId = idOf(event, 'channel')
    if (bridgeId === null || channelId === null) return []
    if (isParkingBridge(bridge)) return readParking(type, bridge, channelId)
    if (isHoldingBridge(bridge)) return []
    const told = type === 'bridge-enter' ? readChannel(event) : []
    return [...told, { type, bridgeId, channelId }]
  }

/** ARI has no events of parking, and does not tell the space. */
function readParking(
  type: 'bridge-enter' | 'bridge-leave',
  bridge: unknown,
  channelId: string,
): readonly ChannelEvent[] {
  if (type === 'bridge-leave') return [{ type: 'unparked', channelId, retrieverId: null }]
  const lot = readString(bridge, 'name')
  return [{ type: 'parked', channelId, space: '', lot, parkerName: null }]
}

const readMerge: ReadAri = (event) => {
  const [fromId, intoId] = [idOf(event, 'bridge_from'), idOf(event, 'bridge')]
  return fromId === null || intoId === null ? [] : [{ type: 'bridge-merge', fromId, intoId }]
}

const readOfChannel =
  (type: 'hold' | 'unhold' | 'hangup-request'): ReadAri =>
  (event) => {
    const channelId = idOf(event, 'channel')
    return channelId === null ? [] : [{ type, channelId }]
  }

const readDestroyed: ReadAri = (event) => {
  const channel = readObject(event, 'channel')
  const channelId = readString(channel, 'id')
  if (channelId === null) return []
  const last = readListedChannel(channel)
  return [{ type: 'hangup', channelId, cause: readNumber(event, 'cause'), last }]
}

const readBlindTransfer: ReadAri = (event) => {
  const transfererId = idOf(event, 'channel')
  const exten = readString(event, 'exten')
  if (transfererId === null || exten === null || !isSuccess(event)) return []
  return [{ type: 'blind-transfer', transfererId, transfereeId: idOf(event, 'transferee'), exten }]
}

const readAttendedTransfer: ReadAri = (event) => {
  const transfererId = idOf(event, 'transferer_first_leg')
  if (transfererId === null || !isSuccess(event)) return []
  return [
    {
      type: 'attended-transfer',
      transfererId,
      secondId: idOf(event, 'transferer_second_leg'),
      transfereeId: idOf(event, 'transferee'),
      targetId: idOf(event, 'transfer_target'),
    },
  ]
}

const isSuccess = (event: unknown): boolean => readString(event, 'result') === 'Success'

const READ: ReadonlyMap<string, ReadAri> = new Map<string, ReadAri>([
  ['ChannelCreated', readCreated],
  ['ChannelStateChange', readChannel],
  ['ChannelCallerId', readChannel],
  ['ChannelConnectedLine', readChannel],
  // Only for the queue that a channel enters or leaves.
  ['ChannelDialplan', () => []],
  ['Dial', readDial],
  ['ChannelEnteredBridge', readBridge('bridge-enter')],
  ['ChannelLeftBridge', readBridge('bridge-leave')],
  ['BridgeMerged', readMerge],
  ['BridgeBlindTransfer', readBlindTransfer],
  ['BridgeAttendedTransfer', readAttendedTransfer],
  ['ChannelHold', readOfChannel('hold')],
  ['ChannelUnhold', readOfChannel('unhold')],
  ['ChannelHangupRequest', readOfChannel('hangup-request')],
  ['ChannelDestroyed', readDestroyed],
])

function readVarset(event: unknown, wanted: ReadonlyMap<string, string>): readonly ChannelEvent[] {
  const name = wantedVariable(wanted, readString(event, 'variable') ?? '')
  const value = readString(event, 'value')
  // A global variable has no channel.
  const channel = readObject(event, 'channel')
  return name === null || value === null ? [] : channelEvent(channel, { [name]: value })
}

/**
 * What ARI does not say in events of its own: that two channels are the halves of a `Local` one
 * (their names are equal up to `;1` and `;2`), and in which queue a caller waits (by the application
 * that runs on the channel).
 */
function createAsides(): (
  type: string,
  event: unknown,
  events: readonly ChannelEvent[],
) => readonly ChannelEvent[] {
  const halves = new Map<string, string>()
  const queues = new Map<string, string>()
  /** Whose queue found somebody: its application goes on while they talk. */
  const served = new Set<string>()

  const findPair = (event: ChannelEvent): readonly ChannelEvent[] => {
    if (event.type !== 'channel') return []
    const { id, name } = event.channel
    const [, base, half] = /^(Local\/.+);([12])$/.exec(name) ?? []
    if (base === undefined || halves.has(name)) return []
    halves.set(name, id)
    const otherId = halves.get(`${base};${half === '1' ? '2' : '1'}`)
    if (otherId === undefined) return []
    const [oneId, twoId] = half === '1' ? [id, otherId] : [otherId, id]
    return [{ type: 'local-pair', oneId, twoId }]
  }

  const followQueue = (channel: unknown): readonly ChannelEvent[] => {
    const channelId = readString(channel, 'id')
    if (channelId === null) return []
    const [was, is] = [queues.get(channelId), readQueueOf(channel)]
    // Between two applications a channel has none.
    if (is === (was ?? null) || (is === null && readApplication(channel) === null)) return []
    if (is === null) queues.delete(channelId)
    else queues.set(channelId, is)
    const left: readonly ChannelEvent[] =
      was === undefined || served.delete(channelId)
        ? []
        : [{ type: 'queue-leave', channelId, queue: was }]
    return is === null ? left : [...left, { type: 'queue-join', channelId, queue: is }]
  }

  const serve = (channel: unknown): readonly ChannelEvent[] => {
    const channelId = readString(channel, 'id') ?? ''
    const queue = queues.get(channelId)
    if (queue === undefined || served.has(channelId)) return []
    served.add(channelId)
    return [{ type: 'queue-leave', channelId, queue }]
  }

  const forget = (channel: unknown): void => {
    queues.delete(readString(channel, 'id') ?? '')
    served.delete(readString(channel, 'id') ?? '')
    halves.delete(readString(channel, 'name') ?? '')
  }

  return (type, event, events) => {
    const channel = readObject(event, 'channel') ?? readObject(event, 'caller')
    if (type === 'ChannelDestroyed') {
      forget(channel)
      return events
    }
    const [last, rest] = [events.at(-1), events.slice(0, -1)]
    const joined = followQueue(channel)
    const pairs = events.flatMap(findPair)
    if (last?.type === 'dial-end' && last.status === 'answer')
      return [...events, ...joined, ...serve(channel)]
    // The dial of a queue comes after the queue.
    if (joined.length === 0 && pairs.length === 0) return events
    return last === undefined || last.type === 'channel'
      ? [...events, ...pairs, ...joined]
      : [...rest, ...pairs, ...joined, last]
  }
}

function readApplication(channel: unknown): string | null {
  return readString(readObject(channel, 'dialplan'), 'app_name')
}
