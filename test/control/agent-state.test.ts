import assert from 'node:assert/strict'
import test from 'node:test'
import type { PresenceFacts } from '../../db/agent-states.ts'
import { deriveState } from '../../server/control/agent-state.ts'
import { AUTO_PAUSE_REASON } from '../../server/sources/pbx.ts'

const NOW = new Date('2026-11-21T12:00:00.000Z')
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000)
const HERE: PresenceFacts = {
  agentId: 'anna',
  chosen: 'free',
  chosenReason: null,
  chosenAt: null,
  talkEndedAt: null,
  goneSince: null,
  state: 'free',
  reason: null,
  since: null,
  hasPage: true,
  isOnCall: false,
  devices: [],
  queues: [],
}
const lunch = { paused: true, reason: 'lunch' }
const open = { paused: false, reason: '' }

for (const [name, facts, state, reason = null] of [
  ['with a page open: free', {}, 'free'],
  ['nobody has a page open: offline', { hasPage: false, state: 'offline' }, 'offline'],
  ['between two pages of the helpdesk: as before', { hasPage: false, goneSince: ago(3) }, 'free'],
  ['gone for longer than a page takes', { hasPage: false, goneSince: ago(11) }, 'offline'],
  ['on a call: busy, whatever was chosen', { isOnCall: true, chosen: 'offline' }, 'busy'],
  ['the phone is in use: busy', { devices: ['idle', 'in-use'] }, 'busy'],
  ['the phone holds a call: busy', { devices: ['on-hold'] }, 'busy'],
  ['the phone only rings: free', { devices: ['ringing'] }, 'free'],
  ['no phone is connected: offline', { devices: ['unavailable', 'unavailable'] }, 'offline'],
  ['one of two phones is connected: free', { devices: ['unavailable', 'idle'] }, 'free'],
  ['away with a reason', { chosen: 'away', chosenReason: 'lunch' }, 'away', 'lunch'],
  ['offline by choice', { chosen: 'offline' }, 'offline'],
  [
    'paused in every queue: away, for the reason given',
    { queues: [lunch, lunch] },
    'away',
    'lunch',
  ],
  [
    'unpaused in a moment, after a conversation that paused the agent: free',
    { queues: [{ paused: true, reason: AUTO_PAUSE_REASON }] },
    'free',
  ],
  ['paused in one of two queues: free', { queues: [lunch, open] }, 'free'],
  ['just after a conversation: wrap-up', { talkEndedAt: ago(10) }, 'wrap-up'],
  ['the wrap-up is over', { talkEndedAt: ago(30) }, 'free'],
  ['who chose since then ended it', { talkEndedAt: ago(10), chosenAt: ago(5) }, 'free'],
  ['a choice from before changes nothing', { talkEndedAt: ago(5), chosenAt: ago(10) }, 'wrap-up'],
  ['away after a conversation', { talkEndedAt: ago(30), chosen: 'away' }, 'away'],
] as const satisfies readonly (readonly [string, Partial<PresenceFacts>, string, string?])[]) {
  test(`CTL-6 ${name}`, () => {
    const derived = deriveState({ ...HERE, ...facts }, { now: NOW, wrapUpSeconds: 30 })
    assert.deepEqual([derived.state, derived.reason], [state, reason])
  })
}

test('CTL-6 a wrap-up says when it ends; without a time set there is none', () => {
  const facts = { ...HERE, talkEndedAt: ago(10) }
  const until = deriveState(facts, { now: NOW, wrapUpSeconds: 30 }).until
  assert.deepEqual(until, new Date(NOW.getTime() + 20_000))
  assert.equal(deriveState(facts, { now: NOW, wrapUpSeconds: 0 }).state, 'free')
})
