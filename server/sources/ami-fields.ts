import type { AmiPacket } from './ami-packet.ts'
import { toState } from './asterisk-words.ts'
import type { ChannelState } from './channel-event.ts'

/** What Asterisk writes where it knows nothing. */
const NOTHING = new Set(['', '<unknown>', '<null>', '(null)', '<none>'])

/** The first value of a key that says something. */
export function readText(packet: AmiPacket, key: string): string | null {
  const value = packet.get(key)
  return value === null || NOTHING.has(value) ? null : value
}

/** A whole number; null where the text is none. */
export function toNumber(text: string | null): number | null {
  return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : null
}

/** `ChannelState`, where there is none its words; null where the packet does not tell. */
export function readState(packet: AmiPacket, prefix: string): ChannelState | null {
  const number = toNumber(packet.get(`${prefix}ChannelState`))
  if (number !== null) return STATE_BY_NUMBER.get(number) ?? 'other'
  // 1.4 has words only, in a field of another name.
  const words = readText(packet, `${prefix}ChannelStateDesc`) ?? readText(packet, `${prefix}State`)
  return words === null ? null : toState(words)
}

const STATE_BY_NUMBER = new Map<number, ChannelState>([
  [0, 'down'],
  [4, 'ring'],
  [5, 'ringing'],
  [6, 'up'],
])
