import type { ChannelFacts } from './channel-event.ts'
import type { ChannelKind } from './channel-table.ts'
import { toExtension } from './extensions.ts'

export interface Known {
  /** Mapped to an agent. */
  isExtension(name: string): boolean
  /** An endpoint of the PBX; trunks are endpoints too. */
  isEndpoint(name: string): boolean
}

export interface Party {
  readonly kind: ChannelKind
  readonly extension: string | null
}

/** Channels that Asterisk makes for itself while it moves others about. */
const TECHNICAL =
  /^(?:AsyncGoto|Surrogate|Bridge|Message|Parked|Announcer|Recorder|CBAnn|CBRec|Snoop|Parking|MulticastRTP|ConfBridgeRecorder|WebSocket)\/|<(?:ZOMBIE|MASQ)>/i

/**
 * Whose channel it is (CALL-13). A trunk is an endpoint like a phone, and may be named by digits: only
 * short names count as extensions by themselves, others when an agent has them or when the endpoint
 * calls by its own name.
 */
export function partyOf(channel: ChannelFacts, known: Known): Party {
  if (TECHNICAL.test(channel.name)) return { kind: 'technical', extension: null }
  const name = toExtension(channel.name)
  if (/^Local\//i.test(channel.name)) {
    // Such as Local/600@queues: only what somebody has is somebody's phone.
    return {
      kind: 'local',
      extension: known.isExtension(name) || known.isEndpoint(name) ? name : null,
    }
  }
  const isPhone =
    known.isExtension(name) ||
    /^\d{1,6}$/.test(name) ||
    (known.isEndpoint(name) && name !== '' && name === channel.callerNumber)
  return isPhone ? { kind: 'phone', extension: name } : { kind: 'outside', extension: null }
}

/** Something that can be dialled, not the `s`, `h` or `i` of a subroutine. */
export function isDialable(exten: string | null): exten is string {
  return exten !== null && exten.length > 0 && !/^[a-z]$/i.test(exten) && exten !== 'failed'
}

/** True where both are the same number, however written. */
export function isSameNumber(one: string, other: string): boolean {
  const [a, b] = [one.replace(/\D/g, ''), other.replace(/\D/g, '')]
  return a !== '' && a === b
}
