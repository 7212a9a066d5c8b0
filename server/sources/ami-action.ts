import { AmiError } from './ami-error.ts'

/** One request to the manager interface; repeated keys (`Variable`) stand in order. */
export interface AmiAction {
  readonly name: string
  readonly fields: readonly (readonly [key: string, value: string])[]
}

/** Asterisk's line buffer holds 1,024 bytes: older ones read what is beyond as a line of its own. */
const MAX_LINE_BYTES = 1000
/** Asterisk takes no more than 128 lines. */
const MAX_LINES = 120
const KEY = /^[A-Za-z0-9][\w.-]*$/
/** What ends a line, for Asterisk or for anybody who shows it, and what is no text at all. */
const UNSENDABLE = /[^\P{Cc}\t]|[\u2028\u2029\p{Cs}]/u

/**
 * Action → bytes. No key or value can end its line and begin a second action (SAFE-6): one that
 * could throws, because who makes an action has read what people typed by a grammar before.
 *
 * @example encodeAction({ name: 'Hangup', fields: [['Channel', 'PJSIP/101-00000001']] })
 */
export function encodeAction(action: AmiAction): Buffer {
  const lines = [['Action', action.name] as const, ...action.fields]
  if (action.name === '') throw new AmiError('bad-action', 'an AMI action has no name')
  if (lines.length > MAX_LINES) {
    throw new AmiError('bad-action', `an AMI action has ${lines.length} lines, more than it may`)
  }
  return Buffer.from(`${lines.map(toLine).join('')}\r\n`, 'utf8')
}

function toLine([key, value]: readonly [string, string]): string {
  if (!KEY.test(key)) {
    throw new AmiError('bad-action', `an AMI key is ${JSON.stringify(key)}, expected a plain word`)
  }
  const found = UNSENDABLE.exec(value)
  if (found !== null) {
    const shown = JSON.stringify(found[0])
    throw new AmiError('bad-action', `AMI field ${key} holds ${shown}, which may not be sent`)
  }
  const line = `${key}: ${value}\r\n`
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) {
    throw new AmiError('bad-action', `AMI field ${key} is longer than ${MAX_LINE_BYTES} bytes`)
  }
  return line
}
