import { createRenumbering } from '../../server/simulate/renumber.ts'
import { listScenarios, loadAmi, VERSIONS } from '../../server/simulate/scenario.ts'
import { createRandom } from '../support/random.ts'

const MB = 1024 * 1024
/** Ends whatever packet the noise has begun, in each of the three framings. */
export const RESYNC = Buffer.from('\r\n\r\n--END COMMAND--\r\n\r\n')
/** A recording uses fewer counters than this: each that is played is of calls of its own. */
const IDS_EACH = 1000

/** Recorded streams, changed: a piece of noise after the other, without end. */
export async function* hostileAmi(seed: number): AsyncGenerator<Buffer> {
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const recorded: string[] = []
  for (const version of VERSIONS) {
    for (const name of await listScenarios(version)) {
      recorded.push((await loadAmi(name, version)).bytes.toString('latin1'))
    }
  }
  const sameTime = new Date(0)
  for (let uniqueIdBase = 0; ; uniqueIdBase += IDS_EACH) {
    const { text } = createRenumbering(sameTime, { startAt: sameTime, uniqueIdBase })
    const bytes = Buffer.from(text(recorded[below(recorded.length)]!), 'latin1')
    // The first is as it was recorded: however little is sent, calls are among it.
    yield uniqueIdBase === 0 ? bytes : spoil(bytes, below)
  }
}

/** One recording, changed in one of many ways. */
function spoil(bytes: Buffer, below: (limit: number) => number): Buffer {
  const copy = Buffer.from(bytes)
  switch (below(12)) {
    case 0:
      return copy
    case 1:
      // No line ends: more than a line and more than a packet may have.
      return Buffer.alloc(200_000 + below(3 * MB), 65 + below(26))
    case 2:
      return Buffer.from(`Event: Newchannel\r\n${'X-Field: y\r\n'.repeat(below(200_000))}`)
    case 3:
      return Buffer.from(`Response: Follows\r\n${'a line of output\n'.repeat(below(100_000))}`)
    case 4:
      return Buffer.from(copy.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
    case 5:
      return Buffer.from(copy.toString('latin1').replaceAll(/^(\w+): .*$/gm, '$1: '), 'latin1')
    case 6:
      return Buffer.from('\r\n'.repeat(below(50_000)))
    case 7:
      return Buffer.concat([
        copy.subarray(below(copy.length)),
        copy.subarray(0, below(copy.length)),
      ])
    case 8:
      for (let i = 0; i < copy.length; i += 1 + below(40)) copy[i] = below(256)
      return copy
    case 9:
      return strange(copy, below)
    default:
      for (let i = below(500); i < copy.length; i += 1 + below(2000)) copy[i] = below(256)
      return copy
  }
}

const STRANGE = [
  '\u0000',
  "'; drop table calls; --",
  '\u202e',
  '<img src=x onerror=alert(1)>',
  '-1',
  '1e999',
  '9'.repeat(400),
  '4294967296',
  '__proto__',
  'x'.repeat(60_000),
]

/** Values of fields, one in some, are other than they were recorded. */
function strange(bytes: Buffer, below: (limit: number) => number): Buffer {
  const text = bytes.toString('latin1').replaceAll(/^([\w-]+): .*$/gm, (line, name: string) => {
    const value = STRANGE[below(STRANGE.length)]!
    return below(15) === 0 ? `${name}: ${value}` : line
  })
  return Buffer.from(text, 'utf8')
}

/** The bytes in splits of every size. */
export function* splits(bytes: Buffer, below: (limit: number) => number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const size = below(4) === 0 ? 1 + below(8) : 1 + below(64 * 1024)
    yield bytes.subarray(at, at + size)
    at += size
  }
}
