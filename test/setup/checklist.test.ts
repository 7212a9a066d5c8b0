import assert from 'node:assert/strict'
import test from 'node:test'
import { flowsOf } from '../../server/pipeline/call-flows.ts'
import { createChecklist } from '../../server/setup/checklist.ts'
import type { Alias } from '../../server/setup/connection.ts'

const AT = new Date('2026-11-21T10:00:00.000Z')

interface Case {
  readonly name: string
  readonly events: readonly Alias[]
  readonly flows: readonly string[]
}

const CASES: readonly Case[] = [
  { name: 'a start alone is no flow yet', events: ['incoming_start'], flows: [] },
  {
    name: 'a person who answers',
    events: ['incoming_start', 'incoming_ring', 'incoming_answer', 'incoming_end'],
    flows: [
      'personal incoming_start',
      'personal incoming_ring',
      'personal incoming_answer',
      'personal incoming_end',
    ],
  },
  {
    name: 'a queue that rings',
    events: ['incoming_start', 'incoming_queue'],
    flows: ['queue incoming_start', 'queue incoming_queue'],
  },
  {
    name: 'an end without an answer is a missed call, of a queue too',
    events: ['incoming_start', 'incoming_queue', 'incoming_end'],
    flows: [
      'queue incoming_start',
      'queue incoming_queue',
      'queue incoming_end',
      'missed incoming_start',
      'missed incoming_queue',
      'missed incoming_end',
    ],
  },
  {
    name: 'a queue that gives the call on to a person',
    events: ['incoming_start', 'incoming_queue', 'incoming_ring', 'incoming_answer'],
    flows: ['personal incoming_start', 'personal incoming_ring', 'personal incoming_answer'],
  },
  {
    name: 'an outgoing call',
    events: ['outgoing_start', 'outgoing_answer', 'outgoing_end'],
    flows: ['outgoing outgoing_start', 'outgoing outgoing_answer', 'outgoing outgoing_end'],
  },
]

for (const { name, events, flows } of CASES) {
  test(`ADMIN-3 the flows of a call: ${name}`, () => {
    assert.deepEqual(
      flowsOf(events).map(({ flow, alias }) => `${flow} ${alias}`),
      flows,
    )
  })
}

const seen = (flow: string, ...aliases: readonly Alias[]) =>
  aliases.map((alias) => ({ flow, alias, firstAt: AT }))

test('ADMIN-3 a PBX that is silent is told how to begin', () => {
  const items = createChecklist([])
  assert.deepEqual(
    items.map(({ flow, done }) => `${flow} ${done}`),
    ['personal false', 'queue false', 'missed false', 'outgoing false', 'recording false'],
  )
  for (const { hint } of items) assert.match(hint, /Nothing has come from this PBX yet/)
})

test('ADMIN-3 each flow is done by its own events, and the first missing one has a hint', () => {
  const items = createChecklist([
    ...seen('any', 'incoming_start', 'incoming_answer', 'incoming_end', 'incoming_queue'),
    ...seen('queue', 'incoming_start', 'incoming_queue', 'incoming_end'),
    ...seen('missed', 'incoming_start', 'incoming_queue', 'incoming_end'),
  ])
  const [personal, queue, missed, outgoing, recording] = items
  assert.equal(personal?.done, false)
  assert.match(personal?.hint ?? '', /^Call the number of a person/)
  assert.deepEqual(queue?.steps, [
    { alias: 'incoming_start', state: 'seen', firstAt: AT },
    { alias: 'incoming_queue', state: 'seen', firstAt: AT },
    { alias: 'incoming_answer', state: 'missing', firstAt: null },
    { alias: 'incoming_end', state: 'seen', firstAt: AT },
  ])
  assert.match(queue?.hint ?? '', /seventh argument/)
  assert.equal(missed?.done, true)
  assert.equal(missed?.hint, '')
  assert.match(outgoing?.hint ?? '', /^Call a number outside/)
  assert.match(recording?.hint ?? '', /ringside-record/)
})

test('ADMIN-3 a recording counts whatever its call was', () => {
  const recording = createChecklist(seen('any', 'record')).at(-1)
  assert.equal(recording?.done, true)
  assert.equal(recording?.hint, '')
})
