import { AmiError } from './ami-error.ts'
import type { AmiPacket } from './ami-packet.ts'

/** The actions that wait for their answer, by action id. */
export interface AmiPending {
  /** Waits for the response. */
  response(id: string): Promise<AmiPacket>
  /** Waits for the response and all events of its list. */
  list(id: string): Promise<readonly AmiPacket[]>
  /** True where the packet was an answer to an action, also to one that nobody waits for any more. */
  take(packet: AmiPacket): boolean
  /** Nobody waits for it any more. */
  fail(id: string, error: AmiError): void
  failAll(error: AmiError): void
}

interface Waiting {
  /** Events that carry the id of an action which is no list (`OriginateResponse`) are for all to hear. */
  readonly takesEvents: boolean
  readonly onPacket: (packet: AmiPacket) => void
  readonly onError: (error: AmiError) => void
}

const MAX_WAITING = 1000
const MAX_ITEMS = 200_000

/** `onLists` hears whether any list is being read. */
export function createAmiPending(
  timeoutMs: number,
  onLists: (isReading: boolean) => void,
): AmiPending {
  const waiting = new Map<string, Waiting>()
  let lists = 0

  const wait = <T>(
    id: string,
    takesEvents: boolean,
    read: (
      packet: AmiPacket,
      resolve: (value: T) => void,
      reject: (error: AmiError) => void,
    ) => void,
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (waiting.size >= MAX_WAITING) {
        reject(new AmiError('timeout', `${MAX_WAITING} actions wait for the PBX already`))
        return
      }
      const done = (): void => {
        clearTimeout(timer)
        waiting.delete(id)
      }
      const fail = (error: AmiError): void => {
        done()
        reject(error)
      }
      const late = new AmiError('timeout', `the PBX did not answer within ${timeoutMs} ms`)
      const timer = setTimeout(fail, timeoutMs, late)
      const succeed = (value: T): void => {
        done()
        resolve(value)
      }
      waiting.set(id, {
        takesEvents,
        onPacket: (packet) => {
          timer.refresh()
          if (packet.response?.toLowerCase() === 'error') fail(refusal(packet))
          else read(packet, succeed, fail)
        },
        onError: fail,
      })
    })

  return {
    response: (id) => wait<AmiPacket>(id, false, (packet, resolve) => resolve(packet)),
    async list(id) {
      const items: AmiPacket[] = []
      lists += 1
      onLists(true)
      try {
        return await wait<readonly AmiPacket[]>(id, true, (packet, resolve, reject) => {
          if (packet.event === null) return
          const place = packet.get('EventList')?.toLowerCase()
          if (place === 'cancelled') reject(new AmiError('refused', 'the PBX gave up the list'))
          // Older ones have no `EventList`, only an event whose name says so.
          else if (place === 'complete' || /Complete$/i.test(packet.event)) resolve(items)
          else if (items.length < MAX_ITEMS) items.push(packet)
          else reject(new AmiError('refused', `a list has more than ${MAX_ITEMS} items`))
        })
      } finally {
        lists -= 1
        onLists(lists > 0)
      }
    },
    take(packet) {
      const found = packet.actionId === null ? undefined : waiting.get(packet.actionId)
      if (packet.event !== null && found?.takesEvents !== true) return false
      if (found === undefined) return true
      found.onPacket(packet)
      return true
    },
    fail: (id, error) => waiting.get(id)?.onError(error),
    failAll(error) {
      for (const each of [...waiting.values()]) each.onError(error)
    },
  }
}

function refusal(packet: AmiPacket): AmiError {
  const message = (packet.get('Message') ?? 'the PBX refused without a reason').slice(0, 200)
  return new AmiError('refused', message)
}
