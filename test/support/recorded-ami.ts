import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../fixtures/ami/22')

/** A recorded call of `test/fixtures/ami/22`, told bit by bit. */
export interface RecordedAmi {
  /** The packets from where the last ones ended up to and including the first that holds all the words. */
  upTo(...words: readonly string[]): string
  /** All that is left. */
  rest(): string
}

/** `change`: names that are other than they were recorded. */
export function recordedAmi(
  name: string,
  change: Readonly<Record<string, string>> = {},
): RecordedAmi {
  const text = Object.entries(change).reduce(
    (sum, [from, to]) => sum.replaceAll(from, to),
    readFileSync(join(FOLDER, `${name}.txt`), 'latin1'),
  )
  // The first packet is the answer to the recorder's login.
  const packets = [...text.matchAll(/.+?\r\n\r\n(?:\r\n)*/gs)]
    .map(([packet]) => packet)
    .slice(1)
    // The phones of the recording sign off at its end.
    .filter((packet) => !/^State: UNAVAILABLE\r$/m.test(packet))
  const take = (count: number): string => packets.splice(0, count).join('')
  return {
    upTo(...words) {
      const at = packets.findIndex((packet) => words.every((word) => packet.includes(word)))
      if (at === -1) throw new Error(`${name} has no packet with ${words.join(' and ')}`)
      return take(at + 1)
    },
    rest: () => take(packets.length),
  }
}
