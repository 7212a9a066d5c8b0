import { readText, toNumber } from './ami-fields.ts'
import type { AmiPacket } from './ami-packet.ts'
import { toDeviceState, toDeviceStateByNumber } from './device-state.ts'
import { toExtension } from './extensions.ts'
import type { DeviceState, QueueState } from './pbx.ts'

/** The queues of a PBX, as `QueueStatus` and the events after it tell of them (traceQueuesState). */
export interface QueueTable {
  /** True where the packet changed something. */
  hear(packet: AmiPacket): boolean
  states(): readonly QueueState[]
}

type Member = QueueState['members'][number]

interface Queue {
  readonly members: Map<string, Member>
  /** The callers' channels. */
  readonly waiting: Set<string>
}

/** The events that a queue's state is made of, by their names in small letters. */
export const QUEUE_EVENTS: ReadonlySet<string> = new Set([
  'queueparams',
  'queuemember',
  'queueentry',
  'queuestatuscomplete',
  'queuememberstatus',
  'queuememberadded',
  'queuememberremoved',
  'queuememberpaused',
  'queuememberpause',
  'join',
  'leave',
  'queuecallerjoin',
  'queuecallerleave',
  'queuecallerabandon',
])

export function createQueueTable(): QueueTable {
  const queues = new Map<string, Queue>()
  /** The queues that the list being read has named. */
  const listed = new Set<string>()

  const at = (name: string): Queue => {
    const queue = queues.get(name) ?? { members: new Map(), waiting: new Set() }
    queues.set(name, queue)
    return queue
  }

  const endList = (): boolean => {
    const gone = [...queues.keys()].filter((name) => !listed.has(name))
    for (const name of gone) queues.delete(name)
    listed.clear()
    return gone.length > 0
  }

  const startQueue = (name: string): boolean => {
    listed.add(name)
    queues.delete(name)
    at(name)
    return true
  }

  return {
    hear(packet) {
      const event = packet.event?.toLowerCase() ?? ''
      if (!QUEUE_EVENTS.has(event)) return false
      if (event === 'queuestatuscomplete') return endList()
      const name = readText(packet, 'Queue')
      if (name === null) return false
      if (event === 'queueparams') return startQueue(name)
      return hearOf(at(name), event, packet)
    },
    states: () =>
      [...queues]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, { members, waiting }]) => ({
          name,
          waiting: waiting.size,
          members: [...members.values()],
        })),
  }
}

function hearOf(queue: Queue, event: string, packet: AmiPacket): boolean {
  if (event.startsWith('queuemember')) return hearMember(queue, event, packet)
  const caller = readText(packet, 'Uniqueid') ?? readText(packet, 'Channel')
  if (caller === null) return false
  const before = queue.waiting.size
  if (event === 'queueentry' || event.endsWith('join')) queue.waiting.add(caller)
  else queue.waiting.delete(caller)
  // A caller whose leaving was not heard (a lost connection) must not wait for ever.
  if (packet.get('Count') === '0') queue.waiting.clear()
  return queue.waiting.size !== before
}

function hearMember(queue: Queue, event: string, packet: AmiPacket): boolean {
  const key = readText(packet, 'Interface') ?? readText(packet, 'Location')
  if (key === null) return false
  if (event === 'queuememberremoved') return queue.members.delete(key)
  const before = queue.members.get(key)
  const after = readMember(packet, key, before)
  queue.members.set(key, after)
  return before === undefined || !isSame(before, after)
}

function readMember(packet: AmiPacket, key: string, before: Member | undefined): Member {
  const pausedNow = packet.get('Paused')
  const paused = pausedNow === null ? (before?.paused ?? false) : pausedNow === '1'
  const reason = packet.get('PausedReason') ?? packet.get('Reason')
  return {
    extension: toExtension(key),
    interface: key,
    state: readMemberState(packet) ?? before?.state ?? 'unknown',
    paused,
    reason: paused ? (reason ?? before?.reason ?? '') : '',
  }
}

function readMemberState(packet: AmiPacket): DeviceState | null {
  const status = packet.get('Status')
  if (status === null || status === '') return null
  const number = toNumber(status)
  return number === null ? toDeviceState(status) : toDeviceStateByNumber(number)
}

function isSame(one: Member, other: Member): boolean {
  return one.state === other.state && one.paused === other.paused && one.reason === other.reason
}
