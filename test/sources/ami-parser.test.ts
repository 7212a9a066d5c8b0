import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { listScenarios, loadAmi, VERSIONS } from '../../server/simulate/scenario.ts'
import type { AmiPacket } from '../../server/sources/ami-packet.ts'
import { type AmiParserOptions, createAmiParser } from '../../server/sources/ami-parser.ts'
import { createRandom, pickSeed } from '../support/random.ts'

interface Parsed {
  readonly banners: readonly string[]
  readonly packets: readonly AmiPacket['fields'][]
  readonly errors: readonly string[]
}

/** What the parser makes of the pieces of a stream. */
function parse(
  pieces: readonly (Uint8Array | string)[],
  options: Partial<AmiParserOptions> = {},
): Parsed {
  const banners: string[] = []
  const packets: AmiPacket['fields'][] = []
  const errors: string[] = []
  const parser = createAmiParser({
    onBanner: (line) => banners.push(line),
    onPacket: (packet) => packets.push(packet.fields),
    onError: (reason) => errors.push(reason),
    ...options,
  })
  for (const piece of pieces) parser.feed(Buffer.from(piece))
  return { banners, packets, errors }
}

/** The only packet of a text. */
function packetOf(text: string | Uint8Array): AmiPacket {
  const packets: AmiPacket[] = []
  createAmiParser({ onPacket: (packet) => packets.push(packet) }).feed(Buffer.from(text))
  assert.equal(packets.length, 1)
  return packets[0]!
}

/** The same stream read in the plainest way: whole, by lines. */
function readPlainly(text: string): Parsed {
  const banners: string[] = []
  const packets: [string, string][][] = []
  let fields: [string, string][] = []
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(': ')
    if (line.startsWith('Asterisk Call Manager/')) banners.push(line)
    else if (line === '' && fields.length > 0) {
      packets.push(fields)
      fields = []
    } else if (line !== '') fields.push([line.slice(0, colon), line.slice(colon + 2)])
  }
  return { banners, packets, errors: [] }
}

function splitAt(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const edges = [0, ...positions.toSorted((a, b) => a - b), bytes.length]
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge))
}

test('AMI-2 the recorded streams of both versions are read whole', async () => {
  for (const version of VERSIONS) {
    for (const name of await listScenarios(version)) {
      const { bytes } = await loadAmi(name, version)
      const expected = readPlainly(bytes.toString('utf8'))
      assert.ok(expected.packets.length > 50)
      assert.deepEqual(parse([bytes]), expected, `${version} ${name}`)
    }
  }
})

test('AMI-2 a stream split in two anywhere is the same stream', async () => {
  const idle = join(import.meta.dirname, '../../server/simulate/traces/16/idle/ami.txt')
  const recorded = await readFile(idle)
  const odd = Buffer.from(
    'Response: Follows\r\nPrivilege: Command\r\nActionID: 7\r\none\n\ntwo\n--END COMMAND--\r\n\r\n' +
      'Event: Ñame\r\nName: Петров 🎉\r\n\r\nEvent: A\nB: c\n\n\r\n\r\nEvent: Last\r\n\r\n',
  )
  const stream = Buffer.concat([recorded, odd])
  const whole = parse([stream])
  assert.equal(whole.packets.length, 8)
  for (let at = 0; at <= stream.length; at += 1) {
    assert.deepEqual(parse(splitAt(stream, [at])), whole, `split at ${at}`)
  }
  assert.deepEqual(parse([...stream].map((byte) => Buffer.of(byte))), whole, 'byte by byte')
})

test('AMI-2 recorded streams split at random are the same streams', async () => {
  const seed = pickSeed()
  const random = createRandom(seed)
  for (const version of VERSIONS) {
    for (const name of await listScenarios(version)) {
      const { bytes } = await loadAmi(name, version)
      const whole = parse([bytes])
      for (const parts of [2, 10, 1000, 20_000]) {
        const positions = Array.from({ length: parts }, () => Math.floor(random() * bytes.length))
        const split = parse(splitAt(bytes, positions))
        assert.deepEqual(split, whole, `${version} ${name} in ${parts} parts, seed ${seed}`)
      }
    }
  }
})

test('AMI-1 repeated keys, odd casing and raw output are kept', () => {
  const packet = packetOf(
    'rEsPoNsE: Success\r\nActionid: 5\r\nOutput: one\r\nOutput:   two\r\nSIP-Reason : Y\r\n' +
      'OUTPUT:three\r\nno colon\r\nEmpty: \r\n\r\n',
  )
  assert.equal(packet.response, 'Success')
  assert.equal(packet.event, null)
  assert.equal(packet.actionId, '5')
  assert.deepEqual(packet.all('output'), ['one', '  two', 'three'])
  assert.equal(packet.get('sip-reason'), 'Y')
  assert.equal(packet.get('EMPTY'), '')
  assert.equal(packet.get('absent'), null)
  assert.deepEqual(packet.fields.slice(4), [
    ['SIP-Reason', 'Y'],
    ['OUTPUT', 'three'],
    ['', 'no colon'],
    ['Empty', ''],
  ])
})
