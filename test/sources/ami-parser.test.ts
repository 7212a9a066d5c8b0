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

test('AMI-1 raw output of an old Command response becomes Output, whatever is in it', () => {
  const packet = packetOf(
    'Response: Follows\r\nPrivilege: Command\r\nActionID: 9\r\n' +
      'Channel: none\n\nEvent: Hangup\n\n  1 active call\n--END COMMAND--\r\n\r\n',
  )
  assert.equal(packet.response, 'Follows')
  assert.equal(packet.actionId, '9')
  assert.equal(packet.event, null)
  assert.deepEqual(packet.all('Output'), [
    'Channel: none',
    '',
    'Event: Hangup',
    '',
    '  1 active call',
  ])
})

test('AMI-1 the response within an event is a field, not what the packet is', () => {
  const packet = packetOf('Event: OriginateResponse\r\nResponse: Failure\r\nActionID: 3\r\n\r\n')
  assert.equal(packet.response, null)
  assert.equal(packet.get('response'), 'Failure')
})

test('AMI-2 lines that end in LF alone are read too, after others that end in CRLF', () => {
  const { banners, packets } = parse([
    'Asterisk Call Manager/1.1\nEvent: A\nB: c\n\n\n\nEvent: D\r\nE: f\r\n\r\nEvent: G\nH: i\n\n',
  ])
  assert.deepEqual(banners, ['Asterisk Call Manager/1.1'])
  assert.deepEqual(
    packets.map((fields) => fields.map((field) => field.join('='))),
    [
      ['Event=A', 'B=c'],
      ['Event=D', 'E=f'],
      ['Event=G', 'H=i'],
    ],
  )
})

test('AMI-2 line feeds within a value neither end a packet nor begin a field', () => {
  const text = 'Event: VarSet\r\nValue: a\n\nEvent: Hangup\nUniqueid: 1\r\nUniqueid: 2\r\n\r\n'
  const packet = packetOf(text)
  assert.equal(packet.event, 'VarSet')
  assert.equal(packet.get('Value'), 'a  Event: Hangup Uniqueid: 1')
  assert.equal(packet.get('Uniqueid'), '2')
})

test('AMI-2 text is UTF-8, else Windows-1251 or 1252, and never broken by a split', () => {
  const lines = [
    [Buffer.from('Петров 🎉'), 'Петров 🎉'],
    [Buffer.from('cfe5f2f0eee2', 'hex'), 'Петров'],
    [Buffer.from('4dfc6c6c6572', 'hex'), 'Müller'],
    [Buffer.from('Петр').subarray(0, 7), 'Пет'],
    [Buffer.from('a\u0000b\u001b[2Jc\td'), 'ab[2Jc d'],
  ] as const
  for (const [bytes, expected] of lines) {
    const stream = Buffer.concat([
      Buffer.from('Event: X\r\nName: '),
      bytes,
      Buffer.from('\r\n\r\n'),
    ])
    const pieces = [...stream].map((byte) => Buffer.of(byte))
    assert.deepEqual(parse(pieces).packets, [
      [
        ['Event', 'X'],
        ['Name', expected],
      ],
    ])
  }
})

test('AMI-2 events that nobody asked for are passed over, those of a list are not', () => {
  const text = 'Event: VarSet\r\nN: 1\r\n\r\nEvent: Hangup\r\n\r\nEvent: VarSetX\r\n\r\n'
  const asked: string[] = []
  const seen: (string | null)[] = []
  const parser = createAmiParser({
    onPacket: (packet) => seen.push(packet.event ?? packet.response),
    wants: (name) => {
      asked.push(name)
      return name === 'Hangup'
    },
  })
  for (const byte of Buffer.from(`${text}${text}Response: Success\r\n\r\n`)) {
    parser.feed(Buffer.of(byte))
  }
  assert.deepEqual(seen, ['Hangup', 'Hangup', 'Success'])
  assert.deepEqual([...new Set(asked)], ['VarSet', 'Hangup', 'VarSetX'])
  parser.keepAll(true)
  parser.feed(Buffer.from(text))
  parser.keepAll(false)
  parser.feed(Buffer.from(text))
  assert.deepEqual(seen.slice(3), ['VarSet', 'Hangup', 'VarSetX', 'Hangup'])
})

test('AMI-2 skipped names are told apart though they share a slot', () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `Event${i}`)
  const seen: (string | null)[] = []
  const parser = createAmiParser({
    onPacket: (packet) => seen.push(packet.event),
    wants: (name) => name.endsWith('7'),
  })
  for (const name of [...names, ...names]) parser.feed(Buffer.from(`Event: ${name}\r\n\r\n`))
  const wanted = names.filter((name) => name.endsWith('7'))
  assert.deepEqual(seen, [...wanted, ...wanted])
})

const LINE = 64 * 1024
const bounds = [
  { name: 'a line of the bound is kept', line: `V: ${'x'.repeat(LINE - 3)}`, isKept: true },
  { name: 'a line one byte longer is not', line: `V: ${'x'.repeat(LINE - 2)}`, isKept: false },
  { name: 'a line without a colon neither', line: 'x'.repeat(LINE + 1), isKept: false },
  { name: 'a key neither', line: `${'x'.repeat(LINE)}: 1`, isKept: false },
]
for (const { name, line, isKept } of bounds) {
  test(`AMI-2 ${name}, however it comes, and the next packet is whole`, () => {
    for (const end of ['\r\n', '\n']) {
      const text = `Event: A${end}${line}${end}Z: 1${end}${end}Event: B${end}C: d${end}${end}`
      const bytes = Buffer.from(text)
      const near = [1, 8, 9, 10, 11, LINE - 1, LINE, LINE + 1, LINE + 8, LINE + 12, LINE + 20]
      for (const positions of [[], ...near.map((at) => [at]), near]) {
        const { packets, errors } = parse(splitAt(bytes, positions))
        assert.equal(packets.length, isKept ? 2 : 1, `split at ${positions}`)
        assert.deepEqual(packets.at(-1), [
          ['Event', 'B'],
          ['C', 'd'],
        ])
        assert.equal(errors.length, isKept ? 0 : 1)
      }
    }
  })
}

test('AMI-2 a packet larger than the bound is left out, the next is whole', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `V${i}: ${'x'.repeat(30_000)}\r\n`).join('')
  const bytes = Buffer.from(`Event: A\r\n${lines}\r\nEvent: B\r\n\r\n`)
  for (const size of [bytes.length, 65_536, 4097, 100]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    const { packets, errors } = parse(pieces)
    assert.deepEqual(packets, [[['Event', 'B']]], `pieces of ${size}`)
    assert.equal(errors.length, 1)
    assert.match(errors[0]!, /1048576/)
  }
})

test('AMI-2 an endless line, an endless packet and endless output cost no memory', () => {
  const streams = [
    { first: '', more: 'x'.repeat(65_536) },
    { first: 'Event: A\r\n', more: 'Key: value\r\n'.repeat(5000) },
    { first: 'Response: Follows\r\n', more: 'some output\n'.repeat(5000) },
  ]
  for (const { first, more } of streams) {
    const seen: (string | null)[] = []
    const errors: string[] = []
    const parser = createAmiParser({
      onPacket: (packet) => seen.push(packet.event),
      onError: (reason) => errors.push(reason),
    })
    parser.feed(Buffer.from(first))
    const piece = Buffer.from(more)
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 2000; i += 1) parser.feed(piece)
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024)
    parser.feed(Buffer.from('\r\n\r\nEvent: Next\r\n\r\n'))
    assert.deepEqual(seen, ['Next'])
    assert.equal(errors.length, 1)
  }
})

test('AMI-2 random bytes neither throw nor hang, and a packet after them is read', () => {
  const seed = pickSeed()
  const random = createRandom(seed)
  const words = ['\r', '\n', '\r\n', '\r\n\r\n', ': ', 'Event', 'Response: Follows', '\u0000', 'я']
  const noise = Array.from({ length: 200_000 }, () =>
    random() < 0.6
      ? Buffer.from(words[Math.floor(random() * words.length)]!)
      : Buffer.from(Array.from({ length: 20 * random() }, () => Math.floor(random() * 256))),
  )
  const stream = Buffer.concat([...noise, Buffer.from('\r\n\r\n\n\n--END COMMAND--\r\n\r\n')])
  const bounded = { maxLineBytes: 300, maxPacketBytes: 2000 }
  let seen = 0
  const parser = createAmiParser({
    ...bounded,
    onPacket: (packet) => {
      seen += 1
      // A raw line has no key of its own.
      const bytes = packet.fields.reduce(
        (sum, [key, value]) => sum + (key === 'Output' ? 0 : key.length) + value.length,
        0,
      )
      assert.ok(bytes <= bounded.maxPacketBytes, `seed ${seed}`)
    },
  })
  for (let at = 0; at < stream.length; ) {
    const size = 1 + Math.floor(random() * 3000)
    parser.feed(stream.subarray(at, at + size))
    at += size
  }
  assert.ok(seen > 1000, `seed ${seed}`)
  const before = seen
  parser.feed(Buffer.from('Event: After\r\n\r\n'))
  assert.equal(seen, before + 1, `seed ${seed}`)
})
