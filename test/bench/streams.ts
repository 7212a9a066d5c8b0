import { listScenarios, loadAmi, VERSIONS } from '../../server/simulate/scenario.ts'
import { createRandom } from '../support/random.ts'

/** What a benchmark reads: bytes in the pieces in which a socket gives them. */
export interface Stream {
  readonly name: string
  readonly chunks: readonly Buffer[]
  readonly bytes: number
}

const CHUNK = 64 * 1024

/** All recorded streams one after another, repeated to at least so many bytes. */
export async function recordedStream(minBytes: number): Promise<Stream> {
  const recordings: Buffer[] = []
  for (const version of VERSIONS) {
    for (const name of await listScenarios(version)) {
      const { bytes } = await loadAmi(name, version)
      // A connection says this once, and not in the middle.
      recordings.push(bytes.subarray(bytes.indexOf('\n') + 1))
    }
  }
  return toStream('recorded', Buffer.concat(recordings), minBytes)
}

/** Events of a busy PBX made up by a seed: 85 % of them VarSet, Newexten and RTCP, some names in UTF-8. */
export function syntheticStream(minBytes: number, seed: number): Stream {
  const random = createRandom(seed)
  const packets: string[] = []
  for (let i = 0; i < 5000; i += 1) packets.push(packetOf(random))
  return toStream('synthetic', Buffer.from(packets.join('')), minBytes)
}

function toStream(name: string, once: Buffer, minBytes: number): Stream {
  const times = Math.ceil(minBytes / once.length)
  const all = Buffer.concat(Array.from({ length: times }, () => once))
  const chunks = Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, i) =>
    all.subarray(i * CHUNK, (i + 1) * CHUNK),
  )
  return { name, chunks, bytes: all.length }
}

const NAMES = ['Ivan Petrov', '<unknown>', 'Иван Петров', 'Müller GmbH', 'Call center']
const UNASKED = ['VarSet', 'VarSet', 'VarSet', 'Newexten', 'RTCPSent']
const ASKED = ['Newchannel', 'Newstate', 'DialBegin', 'BridgeEnter', 'Hangup']

function packetOf(random: () => number): string {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const number = (): number => Math.floor(random() * 1e6)
  const event = pick(random() < 0.85 ? UNASKED : ASKED)
  const lines = [`Event: ${event}`, 'Privilege: call,all', ...channelLines(pick, number)]
  if (event === 'VarSet') lines.push(`Variable: VAR_${number() % 100}`, `Value: ${number()}`)
  if (event === 'Newexten') {
    lines.push(`Extension: ${number() % 1000}`, 'Application: Set', `AppData: __X=${number()}`)
  }
  if (event === 'RTCPSent') {
    for (let i = 0; i < 12; i += 1) lines.push(`Report0Field${i}: ${number()}.${number()}`)
  }
  if (event === 'Hangup') lines.push('Cause: 16', 'Cause-txt: Normal Clearing')
  return `${lines.join('\r\n')}\r\n\r\n`
}

function channelLines(pick: <T>(items: readonly T[]) => T, number: () => number): string[] {
  const id = `1700000000.${number()}`
  return [
    `Channel: PJSIP/${100 + (number() % 50)}-${number().toString(16).padStart(8, '0')}`,
    'ChannelState: 6',
    'ChannelStateDesc: Up',
    `CallerIDNum: +7916${number()}`,
    `CallerIDName: ${pick(NAMES)}`,
    'ConnectedLineNum: <unknown>',
    'ConnectedLineName: <unknown>',
    'Language: en',
    'AccountCode: ',
    'Context: from-internal',
    `Exten: ${number() % 1000}`,
    `Priority: ${1 + (number() % 20)}`,
    `Uniqueid: ${id}`,
    `Linkedid: ${id}`,
  ]
}
