import type { AmiPacket } from './ami-packet.ts'

/** Events in their order, each handed over when the one before it has been dealt with. */
export interface AmiInbox {
  /** False: it is full. */
  put(packet: AmiPacket, arrivedAt: Date): boolean
  close(): void
}

export type OnEvent = (packet: AmiPacket, arrivedAt: Date) => void | Promise<void>

/**
 * Stands between the socket, which must never wait (Asterisk ends a session after a write stall of
 * 100 ms), and whoever hears the events, who may.
 */
export function createAmiInbox(
  onEvent: OnEvent,
  maxEvents: number,
  onProblem: (problem: string, cause?: unknown) => void,
): AmiInbox {
  let queue: { readonly packet: AmiPacket; readonly arrivedAt: Date }[] = []
  let isBusy = false

  const hand = (packet: AmiPacket, arrivedAt: Date): void | Promise<void> => {
    try {
      return onEvent(packet, arrivedAt)?.catch((error: unknown) => tell(packet, error))
    } catch (error) {
      tell(packet, error)
    }
  }
  // One event that somebody cannot deal with does not end those that follow.
  const tell = (packet: AmiPacket, error: unknown): void => {
    onProblem(`the event ${packet.event ?? ''} could not be dealt with`, error)
  }
  const drain = async (first: Promise<void>): Promise<void> => {
    isBusy = true
    await first
    while (queue.length > 0) {
      const batch = queue
      queue = []
      for (const { packet, arrivedAt } of batch) await hand(packet, arrivedAt)
    }
    isBusy = false
  }

  return {
    put(packet, arrivedAt) {
      if (isBusy) {
        if (queue.length >= maxEvents) return false
        queue.push({ packet, arrivedAt })
        return true
      }
      const handed = hand(packet, arrivedAt)
      if (handed !== undefined) void drain(handed)
      return true
    },
    close() {
      queue = []
    },
  }
}
