import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CallEvent, FoldedCall } from '../../server/calls/call.ts'
import { fold } from '../../server/calls/reduce.ts'
import { createAmiEvents } from '../../server/sources/ami-events.ts'
import { createAmiParser } from '../../server/sources/ami-parser.ts'
import { createAriEvents } from '../../server/sources/ari-events.ts'
import type { ChannelEvent, EventTime } from '../../server/sources/channel-event.ts'
import {
  type Channels,
  type ChannelsOptions,
  createChannels,
} from '../../server/sources/channels.ts'

/** What a PBX told of its channels, and when. */
export type Story = readonly { readonly event: ChannelEvent; readonly time: EventTime }[]
export type PbxSource = 'ami' | 'ari'

const ROOT = join(import.meta.dirname, '../..')
const TRACES = join(ROOT, 'server/simulate/traces')
const FIXTURES = join(ROOT, 'test/fixtures/ami')

/** A recorded call of `server/simulate/traces`. */
export function traceStory(source: PbxSource, version: string, name: string): Story {
  const folder = join(TRACES, version, name)
  if (source === 'ari') return ariStory(join(folder, 'ari.ndjson'))
  return amiStory(0, timedChunks(join(folder, 'ami')))
}

/**
 * A call of `test/fixtures/ami`. Of most the times of AMI's packets were not kept: a second apart here.
 */
export function fixtureStory(source: PbxSource, version: string, name: string): Story {
  const file = join(FIXTURES, version, name)
  if (source === 'ari') return ariStory(`${file}.ari.ndjson`)
  if (isTimed(source, version, name)) return amiStory(0, timedChunks(file))
  return amiStory(1000, [[0, readFileSync(`${file}.txt`)]])
}

/** Whether it is known when each event of a call of `test/fixtures/ami` came. */
export function isTimed(source: PbxSource, version: string, name: string): boolean {
  return source === 'ari' || existsSync(join(FIXTURES, version, `${name}.timing.ndjson`))
}

type Chunk = readonly [t: number, bytes: Uint8Array]

function timedChunks(file: string): readonly Chunk[] {
  const chunks = linesOf(`${file}.timing.ndjson`) as readonly {
    t: number
    offset: number
    length: number
  }[]
  const bytes = readFileSync(`${file}.txt`)
  return chunks.map(({ t, offset, length }) => [t, bytes.subarray(offset, offset + length)])
}

export function listFixtures(version: string): readonly string[] {
  if (!existsSync(join(FIXTURES, version))) return []
  return readdirSync(join(FIXTURES, version))
    .filter((name) => /^[a-z-]+\.txt$/.test(name))
    .map((name) => name.replace('.txt', ''))
}

function amiStory(packetMs: number, chunks: readonly Chunk[]): Story {
  const story: { event: ChannelEvent; time: EventTime }[] = []
  const events = createAmiEvents({ extraFields: [] })
  let now = new Date(0)
  const parser = createAmiParser({
    onPacket(packet) {
      now = new Date(now.getTime() + packetMs)
      const time = { at: now, atKnown: false, arrivedAt: now }
      for (const event of events.read(packet)) story.push({ event, time })
    },
  })
  for (const [t, bytes] of chunks) {
    now = new Date(t)
    parser.feed(bytes)
  }
  return story
}

function ariStory(file: string): Story {
  const events = createAriEvents({ extraFields: [] })
  const lines = linesOf(file) as readonly { t: number; event: unknown }[]
  return lines.flatMap(({ t, event }) => {
    const text: unknown = typeof event === 'string' ? JSON.parse(event) : event
    const reading = events.read(text)
    if (reading === null) return []
    const arrivedAt = new Date(t)
    const time = { at: reading.at ?? arrivedAt, atKnown: reading.at !== null, arrivedAt }
    return reading.events.map((told) => ({ event: told, time }))
  })
}

function linesOf(file: string): readonly unknown[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}

/** Channels of a PBX whose phones are 101–106 (agents) and whose trunks are endpoints, too. */
export function openChannels(source: PbxSource, more: Partial<ChannelsOptions> = {}): Channels {
  let order = 0
  return createChannels({
    source,
    connectionId: 'pbx',
    isExtension: (name) => /^10[1-6]$/.test(name),
    isEndpoint: (name) => /^(?:10[1-6]|trunk|trunk-enc)$/.test(name),
    ringOnRingingState: false,
    nextOrder: () => (order += 1),
    ...more,
  })
}

export function hearAll(channels: Channels, story: Story): CallEvent[] {
  return story.flatMap(({ event, time }) => channels.hear(event, time))
}

/** What the events add up to, by unique id, in the order of their first events. */
export function foldCalls(events: readonly CallEvent[]): Map<string, FoldedCall> {
  const calls = new Map<string, FoldedCall>()
  for (const [id, own] of Map.groupBy(events, ({ uniqueId }) => uniqueId)) {
    const call = fold(
      own.map((event) => ({ event, agents: {} })),
      { country: 'RU', clockShiftMs: 0 },
    )
    if (call !== null) calls.set(id, call)
  }
  return calls
}
