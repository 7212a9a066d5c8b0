import type { AmiPacket } from './ami-packet.ts'
import type { QueueState } from './pbx.ts'
import { createQueueTable } from './queue-events.ts'

/** The queues as they are, told when they change, and not more often than people can look. */
export interface QueueWatch {
  hear(packet: AmiPacket): void
  /** The items of `QueueStatus`. */
  restore(packets: readonly AmiPacket[]): void
  close(): void
}

const EVERY_MS = 100

export function createQueueWatch(onQueues: (states: readonly QueueState[]) => void): QueueWatch {
  const table = createQueueTable()
  let timer: NodeJS.Timeout | null = null
  const tellSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = null
      onQueues(table.states())
    }, EVERY_MS)
  }
  return {
    hear: (packet) => {
      if (table.hear(packet)) tellSoon()
    },
    restore: (packets) => {
      for (const packet of packets) table.hear(packet)
      table.hear(COMPLETE)
      onQueues(table.states())
    },
    close: () => {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

/** What a list's end says, which the list does not hold. */
const COMPLETE: AmiPacket = {
  event: 'QueueStatusComplete',
  response: null,
  actionId: null,
  fields: [],
  get: () => null,
  all: () => [],
}
