import { createHash } from 'node:crypto'
import {
  createRenumbering,
  formatCdrTime,
  formatDialplanTime,
  parseDialplanTime,
} from './renumber.ts'
import type { RewriteOptions } from './rewrite.ts'
import type { AmiRecording, ExpectedCall } from './scenario.ts'

/** One AMI event as it goes over the wire, and when. */
export interface AmiStep {
  /** Milliseconds since the login was accepted. */
  readonly afterMs: number
  readonly packet: string
}

/** A recorded AMI stream, cut into what a server says at once and what it says in time. */
export interface AmiScript {
  /** The first line that a client gets. */
  readonly banner: string
  readonly steps: readonly AmiStep[]
}

/** Cuts a recording at its packets; the recorded login's answer is left out. */
export function readAmiScript({ bytes, chunks }: AmiRecording): AmiScript {
  const text = bytes.toString('latin1')
  const bannerEnd = text.indexOf('\r\n') + 2
  const steps: AmiStep[] = []
  let loggedInAt: number | null = null
  // Some events of Asterisk end in one empty line more than others.
  for (const match of text.slice(bannerEnd).matchAll(/.+?\r\n\r\n(?:\r\n)*/gs)) {
    const last = bannerEnd + match.index + match[0].length - 1
    const t = chunks.find(({ offset, length }) => last < offset + length)?.t ?? 0
    if (loggedInAt === null) loggedInAt = t
    else steps.push({ afterMs: t - loggedInAt, packet: match[0] })
  }
  return { banner: text.slice(0, bannerEnd), steps }
}

/** The same stream for a new call: new ids, channel names and times, on request new numbers. */
export function rewriteAmi(
  { banner, steps }: AmiScript,
  calls: readonly ExpectedCall[],
  options: Omit<RewriteOptions, 'recording'>,
): AmiScript {
  const replace = createReplacements(steps, calls, options)
  return {
    banner,
    steps: steps.map(({ afterMs, packet }) => ({
      afterMs,
      packet: replace.reduce((text, { pattern, by }) => text.replace(pattern, by), packet),
    })),
  }
}

interface Replacement {
  readonly pattern: RegExp
  readonly by: (found: string) => string
}

function createReplacements(
  steps: readonly AmiStep[],
  calls: readonly ExpectedCall[],
  options: Omit<RewriteOptions, 'recording'>,
): readonly Replacement[] {
  const { timeZone, uniqueIdBase } = options
  const start = recordedStart(steps)
  const renumbering = createRenumbering(start, options)
  const shift = (at: Date): Date => new Date(at.getTime() + renumbering.shiftSeconds * 1000)
  return [
    {
      // Unique ids, and instants in seconds with or without microseconds.
      pattern: /(?<![\d.+])\d{10}(?:\.\d{1,6})?(?!\d)/g,
      by: (found) => {
        const [seconds, fraction] = found.split('.')
        if (Math.abs(Number(seconds) - start.getTime() / 1000) > 3600) return found
        if (fraction !== undefined && fraction.length < 6) return renumbering.uniqueId(found)
        const shifted = Number(seconds) + renumbering.shiftSeconds
        return fraction === undefined ? String(shifted) : `${shifted}.${fraction}`
      },
    },
    {
      // A channel's name ends in a counter of its own.
      pattern: /(?<=[\w]-)[0-9a-f]{8}(?![\w-])/g,
      by: (found) =>
        (Number.parseInt(found, 16) + uniqueIdBase).toString(16).padStart(8, '0').slice(-8),
    },
    {
      pattern: /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g,
      by: (found) => newBridgeId(found, `${renumbering.shiftSeconds}.${uniqueIdBase}`),
    },
    {
      pattern: /\b\d\d\.\d\d\.\d{4}-\d\d:\d\d:\d\d\b/g,
      by: (found) => formatDialplanTime(shift(parseDialplanTime(found)), timeZone),
    },
    {
      pattern: /\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b/g,
      by: (found) => formatCdrTime(shift(new Date(`${found.replace(' ', 'T')}Z`)), timeZone),
    },
    {
      pattern: /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?=\+0000)/g,
      by: (found) =>
        shift(new Date(`${found}Z`))
          .toISOString()
          .slice(0, -1),
    },
    ...replaceNumbers(calls, options),
  ]
}

function replaceNumbers(
  calls: readonly ExpectedCall[],
  { callerNumber, extensions = {} }: Omit<RewriteOptions, 'recording'>,
): readonly Replacement[] {
  // A number is digits with a plus at most; `%2B` is how the encoding dialplan writes that.
  const whole = (number: string): RegExp =>
    new RegExp(`(?:(?<=%2B)|(?<![\\w+.-]))${number.replace('+', '(?:\\+|%2B)')}(?![\\w.])`, 'g')
  const numbers = callerNumber === undefined ? [] : calls.map(customerNumber)
  // AMI writes a number that is not known as `<unknown>`.
  const shown = callerNumber === '' ? '<unknown>' : callerNumber
  return [
    ...numbers.map((number) => ({ pattern: whole(number), by: () => shown ?? number })),
    // All extensions in one pass: two of them may change places.
    {
      pattern: /(?:(?<=%2C)|(?<![\w+.:-]))\d{3}(?![\w.])/g,
      by: (found) => (Object.hasOwn(extensions, found) ? extensions[found] : undefined) ?? found,
    },
  ]
}

function customerNumber(call: ExpectedCall): string {
  return call.direction === 'incoming' ? call.caller.number : call.called
}

/** The second in which the first channel came to be: that of the first unique id. */
function recordedStart(steps: readonly AmiStep[]): Date {
  for (const { packet } of steps) {
    const seconds = /^Linkedid: (\d+)\./m.exec(packet)?.[1]
    if (seconds !== undefined) return new Date(Number(seconds) * 1000)
  }
  throw new Error('no event of this recording has a Linkedid')
}

/** Another UUID for each run, the same within one. */
function newBridgeId(recorded: string, run: string): string {
  const hex = createHash('sha256').update(`${run} ${recorded}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
