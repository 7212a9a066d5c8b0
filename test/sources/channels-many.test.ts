import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChannelEvent, EventTime } from '../../server/sources/channel-event.ts'
import { type Channels, createChannels } from '../../server/sources/channels.ts'

const AT = new Date('2026-11-21T02:00:00Z')
const TIME: EventTime = { at: AT, atKnown: false, arrivedAt: AT }

function createWorld(): Channels {
  let order = 0
  return createChannels({
    source: 'ami',
    connectionId: 'pbx',
    ringOnRingingState: false,
    nextOrder: () => ++order,
    isExtension: () => false,
    isEndpoint: () => false,
  })
}

function channelOf(id: string, name: string): ChannelEvent {
  const channel = {
    id,
    name,
    state: 'ring',
    callerNumber: '79161234567',
    callerName: null,
  } as const
  const more = { connectedNumber: null, context: null, exten: '600', application: null } as const
  return { type: 'channel', channel: { ...channel, ...more, linkedId: id }, extra: {} }
}

function trunk(i: number): string {
  return `PJSIP/trunk-${(0x10000000 + i).toString(16)}`
}

/** The bounds are ten times what it takes: what grows with the square or the cube is far beyond. */
test('AMI-4 a conference of two hundred callers keeps nobody else waiting', () => {
  const channels = createWorld()
  for (let i = 0; i < 200; i += 1) channels.hear(channelOf(`c${i}`, trunk(i)), TIME)
  const startedAt = performance.now()
  for (let i = 0; i < 200; i += 1) {
    channels.hear({ type: 'bridge-enter', bridgeId: 'conference', channelId: `c${i}` }, TIME)
  }
  const tookMs = performance.now() - startedAt
  assert.ok(tookMs < 10_000, `it took ${Math.round(tookMs)} ms`)
  assert.equal(channels.partsOf('c7')?.customer?.state, 'talking')
})

test('AMI-4 twenty thousand Local pairs find one another at once', () => {
  const channels = createWorld()
  const startedAt = performance.now()
  for (let i = 0; i < 20_000; i += 1) {
    const name = `Local/101@queue-${(0x10000000 + i).toString(16)}`
    channels.hear(channelOf(`l${i}.1`, `${name};1`), TIME)
    channels.hear(channelOf(`l${i}.2`, `${name};2`), TIME)
  }
  const tookMs = performance.now() - startedAt
  assert.ok(tookMs < 10_000, `it took ${Math.round(tookMs)} ms`)
})
