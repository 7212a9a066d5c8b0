import type { ChannelState, DialStatus } from './channel-event.ts'

/** The words of Asterisk's channel states, the same in AMI and ARI. */
export function toState(words: string): ChannelState {
  return STATE_BY_WORDS.get(words.toLowerCase()) ?? 'other'
}

/** `DIALSTATUS`; null while it rings. */
export function toDialStatus(text: string): DialStatus | null {
  const word = text.toUpperCase()
  if (STILL_DIALLING.has(word)) return null
  return DIAL_STATUS.get(word) ?? 'other'
}

const STATE_BY_WORDS = new Map<string, ChannelState>([
  ['down', 'down'],
  ['ring', 'ring'],
  ['ringing', 'ringing'],
  ['up', 'up'],
])

const STILL_DIALLING = new Set(['', 'RINGING', 'PROGRESS', 'PROCEEDING'])

const DIAL_STATUS = new Map<string, DialStatus>([
  ['ANSWER', 'answer'],
  ['BUSY', 'busy'],
  ['CANCEL', 'cancel'],
  ['CHANUNAVAIL', 'chanunavail'],
  ['CONGESTION', 'congestion'],
  ['NOANSWER', 'noanswer'],
])
