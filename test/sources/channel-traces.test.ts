import assert from 'node:assert/strict'
import test from 'node:test'
import {
  type AsteriskVersion,
  listScenarios,
  loadAmi,
  loadAri,
  VERSIONS,
} from '../../server/simulate/scenario.ts'
import { createAmiEvents } from '../../server/sources/ami-events.ts'
import type { AmiPacket } from '../../server/sources/ami-packet.ts'
import { createAriEvents } from '../../server/sources/ari-events.ts'
import type { ChannelEvent } from '../../server/sources/channel-event.ts'
import {
  FIXTURE_VERSIONS,
  listAmiFixtures,
  loadAriEvents,
  loadPackets,
  toPacket,
  toPackets,
} from '../support/ami-packets.ts'
import { createRandom, pickSeed } from '../support/random.ts'

const seed = pickSeed()
process.stdout.write(`channel-traces: TEST_SEED=${seed}\n`)

function readAmi(packets: readonly AmiPacket[], extraFields: readonly string[] = []) {
  const reader = createAmiEvents({ extraFields })
  return packets.flatMap((packet) => reader.read(packet))
}

function readAri(events: readonly unknown[], extraFields: readonly string[] = []) {
  const reader = createAriEvents({ extraFields })
  return events.flatMap((event) => reader.read(event)?.events ?? [])
}

interface Trace {
  readonly name: string
  readonly ami: readonly ChannelEvent[]
  /** Null for Asterisk 11, which has none. */
  readonly ari: readonly ChannelEvent[] | null
}

const traces: Trace[] = []
for (const version of VERSIONS)
  for (const name of await listScenarios(version))
    traces.push(await loadScenarioTrace(name, version))
for (const version of FIXTURE_VERSIONS) {
  for (const name of await listAmiFixtures(version)) {
    const ari = version === '11' ? null : readAri(await loadAriEvents(version, name))
    traces.push({
      name: `${version} ${name}`,
      ami: readAmi(await loadPackets(version, name)),
      ari,
    })
  }
}

async function loadScenarioTrace(name: string, version: AsteriskVersion): Promise<Trace> {
  const { bytes } = await loadAmi(name, version)
  const frames = await loadAri(name, version)
  return {
    name: `${version} ${name}`,
    ami: readAmi(toPackets(bytes)),
    ari: readAri(frames.map(({ event }) => event)),
  }
}

const said = (events: readonly ChannelEvent[], ...types: readonly ChannelEvent['type'][]) =>
  events.filter(({ type }) => types.includes(type))

test('TRUE-1 there are traces of all three versions', () => {
  assert.equal(traces.length, 18 + 9 + 2 * 16)
})

for (const { name, ami, ari } of traces) {
  test(`AMI-4 ${name}: every channel that was told is gone in the end, and none comes back`, () => {
    for (const events of ari === null ? [ami] : [ami, ari]) {
      const gone = new Set<string>()
      const there = new Set<string>()
      for (const event of events) {
        if (event.type === 'channel') {
          assert.ok(!gone.has(event.channel.id), `${event.channel.id} after its hangup`)
          there.add(event.channel.id)
        }
        if (event.type === 'hangup') gone.add(event.channelId)
      }
      assert.deepEqual(gone, there)
    }
  })

  test(`AMI-3 ${name}: every dial begins with a known channel, and what a channel dialled ends before its hangup`, () => {
    for (const events of ari === null ? [ami] : [ami, ari]) {
      const known = new Set<string>()
      const ringing = new Set<string>()
      for (const event of events) {
        if (event.type === 'channel') known.add(event.channel.id)
        if (event.type === 'dial-begin') {
          assert.ok(known.has(event.destId), event.destId)
          // An originate that nobody answers has no `DialEnd`: its hangup is its end.
          if (event.callerId !== null) ringing.add(event.destId)
        }
        if (event.type === 'dial-end') ringing.delete(event.destId)
        if (event.type === 'hangup')
          assert.ok(!ringing.has(event.channelId), `${event.channelId} has no end`)
      }
    }
  })

  if (ari === null) continue

  test(`ARI-2 ${name}: ARI tells the same calls as AMI`, () => {
    for (const type of [
      'created',
      'dial-begin',
      'dial-end',
      'bridge-enter',
      'bridge-leave',
      'bridge-merge',
      'hold',
      'unhold',
      'blind-transfer',
      'attended-transfer',
      'agent-called',
    ] as const) {
      assert.deepEqual(said(ari, type), said(ami, type))
    }
    // ARI tells when the channel was made, AMI to which others it belongs.
    const ends = (events: readonly ChannelEvent[]) =>
      events.flatMap((event) => {
        if (event.type !== 'hangup') return []
        const { channelId, cause, last } = event
        return [{ channelId, cause, last: last && [last.id, last.name, last.state, last.exten] }]
      })
    assert.deepEqual(ends(ari), ends(ami))
    assert.ok(ends(ari).every(({ last }) => last !== null))
    const withoutSpace = (events: readonly ChannelEvent[]) =>
      said(events, 'parked', 'unparked', 'queue-join', 'local-pair').map((event) => [
        event.type,
        event.type === 'local-pair' ? `${event.oneId} ${event.twoId}` : Object.values(event)[1],
      ])
    // AMI tells a pair again when it is optimized away.
    assert.deepEqual(new Set(withoutSpace(ari).map(String)), new Set(withoutSpace(ami).map(String)))
  })
}

// ---- in the words of the channel events --------------------------------------

/** `b` stands for the one bridge of two, so that the ids of Asterisk 11 are not repeated. */
function toWords(event: ChannelEvent): readonly string[] {
  const id = (text: string | null) => text?.replace(/^\d+\./, '') ?? '-'
  switch (event.type) {
    case 'created':
    case 'channel':
    case 'hangup-request':
      return []
    case 'dial-begin':
      return [`${id(event.callerId)} dials ${id(event.destId)}`]
    case 'dial-end':
      return [`${id(event.destId)} ${event.status}`]
    case 'bridge-enter':
      return [`${id(event.channelId)} enters`]
    case 'bridge-leave':
      return [`${id(event.channelId)} leaves`]
    case 'hangup':
      return [`${id(event.channelId)} gone`]
    case 'masquerade':
      return [`${id(event.cloneId)} moves to ${id(event.originalId)}`]
    case 'renamed':
      return [`${id(event.channelId)} is ${event.name}`]
    case 'blind-transfer':
      return [`${id(event.transfererId)} sends ${id(event.transfereeId)} to ${event.exten}`]
    case 'attended-transfer':
      return [`${id(event.transfererId)} joins ${id(event.secondId)}`]
    case 'parked':
      return [`${id(event.channelId)} parked in ${event.space} by ${event.parkerName}`]
    case 'unparked':
      return [`${id(event.channelId)} taken by ${id(event.retrieverId)}`]
    default:
      return 'channelId' in event ? [`${id(event.channelId)} ${event.type}`] : [event.type]
  }
}

const UNTIL_11: Readonly<Record<string, readonly string[]>> = {
  'incoming-answered': '0 dials 1|1 answer|0 enters|1 enters|0 leaves|1 leaves|1 gone|0 gone'.split(
    '|',
  ),
  'incoming-missed': '0 dials 1|1 cancel|1 gone|0 gone'.split('|'),
  'incoming-busy': '0 dials 1|1 busy|1 gone|0 gone'.split('|'),
  'queue-answered': (
    '0 queue-join|0 agent-called|0 dials 1|0 agent-called|0 dials 2|0 agent-called|0 dials 3|' +
    '2 answer|1 cancel|1 gone|3 cancel|3 gone|0 queue-leave|0 enters|2 enters|0 leaves|2 leaves|' +
    '2 gone|0 gone'
  ).split('|'),
  'outgoing-held':
    '0 dials 1|1 answer|0 enters|1 enters|0 hold|0 unhold|0 leaves|1 leaves|1 gone|0 gone'.split(
      '|',
    ),
  'blind-transfer': (
    '0 dials 1|1 answer|0 enters|1 enters|1 sends 0 to 102|0 leaves|1 leaves|1 gone|' +
    '0 dials 2|2 answer|0 enters|2 enters|0 leaves|2 leaves|2 gone|0 gone'
  ).split('|'),
  'blind-transfer-outgoing': (
    '0 dials 1|1 answer|0 enters|1 enters|0 sends 1 to 102|1 moves to 2|' +
    '1 is SIP/trunk-00000001<MASQ>|2 is SIP/trunk-00000001|' +
    '1 is AsyncGoto/SIP/trunk-00000001<ZOMBIE>|0 leaves|1 leaves|1 gone|0 gone|' +
    '2 dials 3|3 answer|2 enters|3 enters|2 leaves|3 leaves|3 gone|2 gone'
  ).split('|'),
  'attended-transfer': (
    '0 dials 1|1 answer|0 enters|1 enters|1 hold|2 dials 3|3 answer|2 enters|3 enters|' +
    '1 joins 2|0 moves to 2|0 is SIP/trunk-00000000<MASQ>|2 is SIP/trunk-00000000|' +
    '0 is SIP/101-00000002<ZOMBIE>|0 leaves|1 leaves|0 gone|1 gone|2 enters|3 enters|' +
    '2 leaves|3 leaves|3 gone|2 gone'
  ).split('|'),
  'parked-picked-up': (
    '0 dials 1|1 answer|0 enters|1 enters|0 moves to 2|0 is SIP/trunk-00000000<MASQ>|' +
    '2 is SIP/trunk-00000000|0 is Parked/SIP/trunk-00000000<ZOMBIE>|' +
    '2 parked in 701 by SIP/101-00000001|0 leaves|1 leaves|1 gone|0 gone|2 taken by 3|' +
    '2 enters|3 enters|2 leaves|3 leaves|2 gone|3 gone'
  ).split('|'),
}

for (const [name, expected] of Object.entries(UNTIL_11)) {
  test(`AMI-3 11 ${name}, event by event`, async () => {
    const words = readAmi(await loadPackets('11', name)).flatMap(toWords)
    // Which of two enters or leaves first says nothing.
    assert.deepEqual(sortPairs(words), sortPairs(expected))
  })
}

function sortPairs(words: readonly string[]): readonly string[] {
  const sorted: string[] = []
  for (const word of words) {
    const before = sorted.at(-1) ?? ''
    const isPair = /(enters|leaves)$/.test(word) && before.split(' ')[1] === word.split(' ')[1]
    if (isPair && before > word) sorted.splice(-1, 0, word)
    else sorted.push(word)
  }
  return sorted
}

for (const version of VERSIONS) {
  test(`AMI-3 ${version} parked-picked-up names the space, who parked and who took the caller`, async () => {
    const events = readAmi(await loadPackets(version, 'parked-picked-up'))
    const [parked, unparked] = said(events, 'parked', 'unparked')
    assert.ok(parked?.type === 'parked' && unparked?.type === 'unparked')
    assert.deepEqual([parked.space, parked.lot, parked.parkerName], ['701', 'default', 'PJSIP/101'])
    assert.equal(unparked.channelId, parked.channelId)
    const retriever = events.find(
      (event) => event.type === 'channel' && event.channel.name.startsWith('PJSIP/102-'),
    )
    assert.equal(retriever?.type === 'channel' && retriever.channel.id, unparked.retrieverId)
  })

  test(`CTL-7 ${version} recording-paused: the recording starts, pauses, goes on and stops`, async () => {
    const events = readAmi(await loadPackets(version, 'recording-paused'))
    const states = events.flatMap((event) => (event.type === 'recording' ? [event.state] : []))
    assert.deepEqual(states, ['started', 'paused', 'resumed', 'stopped'])
  })

  test(`CTL-2 ${version} an originate has the id that it was given, and nobody dials it`, async () => {
    for (const name of ['originate-ami', 'originate-ari']) {
      const [first] = said(readAmi(await loadPackets(version, name)), 'dial-begin')
      assert.ok(first?.type === 'dial-begin')
      assert.equal(first.callerId, null)
      assert.match(first.destId, /^ringside-1795228934\.\d$/)
    }
  })
}

// ---- odd input ----------------------------------------------------------------

const EXTRA = ['Variable', 'Value', 'CUSTOMER', 'Exten', 'DestExten', 'Cause-txt']

test('AMI-3 mangled packets are never an error', async () => {
  const random = createRandom(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const packets = (
    await Promise.all(
      FIXTURE_VERSIONS.flatMap(async (version) =>
        (await listAmiFixtures(version)).map((name) => loadPackets(version, name)),
      ),
    )
  ).flat()
  const fields = (await Promise.all(packets)).flat().map((packet) => packet.fields)
  const reader = createAmiEvents({ extraFields: EXTRA })
  for (let i = 0; i < 5000; i += 1) {
    const lines = pick(fields).flatMap(([key, value]) => {
      const roll = random()
      if (roll < 0.2 && key.toLowerCase() !== 'event') return []
      if (roll < 0.25) return [`${key}: `]
      if (roll < 0.3) return [`${key}: <unknown>`]
      if (roll < 0.35) return [`${key.toUpperCase()}: ${pick(pick(fields))[1]}`]
      return [`${key}: ${value}`]
    })
    if (lines.length === 0) continue
    for (const event of reader.read(toPacket(...lines))) assert.ok(event.type.length > 0)
  }
})

test('ARI-2 mangled events are never an error', async () => {
  const random = createRandom(seed)
  const odd = [null, undefined, 0, '', 'x', [], {}, [null], { id: 1 }, { id: 'x', name: [] }, true]
  const mangle = (value: unknown, depth: number): unknown => {
    if (depth > 0 && random() < 0.15) return odd[Math.floor(random() * odd.length)]
    if (Array.isArray(value)) return value.map((each) => mangle(each, depth + 1))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        key === 'type' && depth === 0 ? each : mangle(each, depth + 1),
      ]),
    )
  }
  const reader = createAriEvents({ extraFields: EXTRA })
  for (const name of await listAmiFixtures('22')) {
    for (const event of await loadAriEvents('22', name)) {
      for (let i = 0; i < 3; i += 1) assert.ok(reader.read(mangle(event, 0)) !== null)
    }
  }
  for (const event of odd) assert.equal(reader.read(event), null)
})
