import assert from 'node:assert/strict'
import test from 'node:test'
import type { CallEvent } from '../../server/calls/call.ts'
import { CTI_FIELDS, namedInCti, parseCti } from '../../server/sources/cti-parse.ts'
import { decodeWebhook } from '../../server/sources/webhook-decode.ts'

const arrivedAt = new Date('2026-11-21T00:00:00.500Z')
const extensions: Record<string, string[]> = {
  '101': ['101', '1101'],
  'anna@example.com': ['101', '1101'],
  'boris-7': ['102'],
  '4930200': ['103'],
}

function read(body: string) {
  const decoded = decodeWebhook(Buffer.from(body), 'application/x-www-form-urlencoded', CTI_FIELDS)
  assert.ok('fields' in decoded)
  return parseCti(decoded.fields, 'c1', arrivedAt, (value) => extensions[value] ?? [])
}

function events(body: string): readonly CallEvent[] {
  const reading = read(body)
  assert.ok('events' in reading, 'refusal' in reading ? reading.refusal.reason : '')
  return reading.events
}

const base = {
  source: 'cti',
  connectionId: 'c1',
  uniqueId: '77',
  at: arrivedAt,
  atKnown: false,
  arrivedAt,
  order: 0,
  extra: {},
} as const
const incoming = { ...base, direction: 'incoming', from: '+4917712', to: '4930100' } as const
const outgoing = { ...base, direction: 'outgoing', from: '101', to: '4917712' } as const
const IN = 'callId=77&direction=in&from=%2B4917712&to=4930100'
const OUT = 'callId=77&direction=out&from=4930100&to=4917712&user=anna%40example.com'

const scenarios: { name: string; body: string; expected: readonly CallEvent[] }[] = [
  {
    name: 'a new call rings all extensions of the agents in user, by e-mail and external id',
    body: `event=newCall&${IN}&user[]=anna%40example.com&user[]=boris-7`,
    expected: [
      { ...incoming, type: 'started' },
      {
        ...base,
        type: 'ringing',
        direction: 'incoming',
        from: '+4917712',
        extensions: ['101', '1101', '102'],
        queue: null,
      },
    ],
  },
  {
    name: 'a new call without user rings the one mapped to the number called',
    body: 'event=newCall&callId=77&direction=in&from=+4917712&to=4930200&queue=Sales',
    expected: [
      { ...incoming, to: '4930200', type: 'started' },
      {
        ...base,
        type: 'ringing',
        direction: 'incoming',
        from: '+4917712',
        extensions: ['103'],
        queue: 'Sales',
      },
    ],
  },
  {
    name: 'a new call to an extension that nobody has rings that extension',
    body: 'event=NEWCALL&callId=77&direction=IN&from=&to=109',
    expected: [
      { ...incoming, from: '', to: '109', type: 'started' },
      {
        ...base,
        type: 'ringing',
        direction: 'incoming',
        from: '',
        extensions: ['109'],
        queue: null,
      },
    ],
  },
  {
    name: 'a new call to a number that nobody has rings nobody',
    body: `event=newCall&${IN}&user=Carla+Customer`,
    expected: [{ ...incoming, type: 'started' }],
  },
  {
    name: 'an answer is of answeringNumber',
    body: `event=answer&${IN}&user=boris-7&answeringNumber=1101`,
    expected: [{ ...incoming, type: 'answered', extension: '1101' }],
  },
  {
    name: 'an answer without answeringNumber is of user',
    body: `event=answer&${IN}&user=boris-7`,
    expected: [{ ...incoming, type: 'answered', extension: '102' }],
  },
  {
    name: 'an answer that names several agents names none',
    body: `event=answer&${IN}&user[]=boris-7&user[]=101`,
    expected: [{ ...incoming, type: 'answered', extension: null }],
  },
  {
    name: 'a hang-up ends the call; its cause is no failure of an incoming call',
    body: `event=hangup&${IN}&cause=busy&fullId=9`,
    expected: [
      { ...incoming, extra: { fullId: '9' }, type: 'ended', durationSeconds: null, failure: null },
    ],
  },
  {
    name: 'an outgoing call is from the extension of its agent',
    body: `event=newCall&${OUT}`,
    expected: [{ ...outgoing, type: 'started' }],
  },
  {
    name: 'an outgoing call is answered by the customer',
    body: `event=answer&${OUT}`,
    expected: [{ ...outgoing, type: 'answered', extension: null }],
  },
  ...(
    [
      ['busy', 'busy'],
      ['congestion', 'congestion'],
      ['notFound', 'not-found'],
      ['normalClearing', null],
      ['cancel', null],
      ['noAnswer', null],
      ['forwarded', null],
      ['', null],
    ] as const
  ).map(([cause, failure]) => ({
    name: `an outgoing call that ended with "${cause}" ${failure === null ? 'did not fail' : `failed: ${failure}`}`,
    body: `event=hangup&${OUT}&cause=${cause}`,
    expected: [{ ...outgoing, type: 'ended', durationSeconds: null, failure }] as const,
  })),
]
for (const { name, body, expected } of scenarios) {
  test(`CALL-9 ${name}`, () => assert.deepEqual(events(body), expected))
}

const refused: [string, string, RegExp][] = [
  ['callId=1&direction=in&to=1', 'event', /^event is missing, expected newCall, answer or hangup$/],
  ['event=ring&callId=1&direction=in&to=1', 'event', /^event is "ring", expected newCall/],
  ['event=newCall&direction=in&to=1', 'callId', /^callId is missing/],
  [`event=newCall&callId=${'1'.repeat(151)}&direction=in&to=1`, 'callId', /at most 150/],
  ['event=newCall&callId=1&to=1', 'direction', /^direction is missing, expected in or out$/],
  ['event=newCall&callId=1&to=1&direction=up', 'direction', /^direction is "up"/],
  ['event=newCall&callId=1&direction=in', 'to', /^to is missing/],
]
for (const [body, field, reason] of refused) {
  test(`CALL-9 ${body.slice(0, 60)} is refused because of ${field}`, () => {
    const reading = read(body)
    assert.ok('refusal' in reading)
    assert.equal(reading.refusal.field, field)
    assert.match(reading.refusal.reason, reason)
  })
}

test('CALL-9 everything that has to be looked up is known beforehand', () => {
  const decoded = decodeWebhook(
    Buffer.from(`event=answer&${IN}&user[]=a&user[]=b&answeringNumber=9`),
    'application/x-www-form-urlencoded',
    CTI_FIELDS,
  )
  assert.ok('fields' in decoded)
  assert.deepEqual(namedInCti(decoded.fields), ['a', 'b', '9', '4930100', '+4917712'])
})
