import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import test from 'node:test'
import type { CallEvent } from '../../server/calls/call.ts'
import { decodeWebhook } from '../../server/sources/webhook-decode.ts'
import { parseWebhook, type WebhookSettings } from '../../server/sources/webhook-parse.ts'

const settings: WebhookSettings = {
  id: 'c1',
  timeZone: 'Europe/Minsk',
  phrases: { 'входящий звонок': 'incoming_start', 'звонок в очередь': 'incoming_queue' },
  extraFields: ['lang'],
}
const arrivedAt = new Date('2026-11-21T00:00:00.500Z')
const recording = { key: 'c1/x.mp3', sha256: 'aa', mime: 'audio/mpeg', bytes: 1 }

function read(body: string, own: Partial<WebhookSettings> = {}, arrival = arrivedAt) {
  const all = { ...settings, ...own }
  const decoded = decodeWebhook(Buffer.from(body), 'application/x-www-form-urlencoded', ['lang'])
  assert.ok('fields' in decoded)
  return parseWebhook(decoded.fields, all, arrival, recording)
}

function event(body: string, own: Partial<WebhookSettings> = {}, arrival = arrivedAt): CallEvent {
  const reading = read(body, own, arrival)
  assert.ok('event' in reading, 'refusal' in reading ? reading.refusal.reason : '')
  return reading.event
}

function refusal(body: string) {
  const reading = read(body)
  assert.ok('refusal' in reading, 'it was taken')
  return reading.refusal
}

const statuses: { status: string; type: CallEvent['type']; direction?: string; queue?: string }[] =
  [
    { status: 'start of an incoming call', type: 'started', direction: 'incoming' },
    { status: 'incoming_start', type: 'started', direction: 'incoming' },
    { status: ' Start  Of an\tINCOMING call ', type: 'started', direction: 'incoming' },
    { status: 'start+of+an+incoming+call', type: 'started', direction: 'incoming' },
    { status: 'incoming call to personal number', type: 'ringing', direction: 'incoming' },
    { status: 'incoming_ring', type: 'ringing', direction: 'incoming' },
    { status: 'call to queue Sales  East', type: 'ringing', queue: 'Sales  East' },
    { status: 'CALL TO QUEUE Продажи', type: 'ringing', queue: 'Продажи' },
    { status: 'incoming_queue&queue=VIP & co', type: 'ringing', queue: 'VIP & co' },
    { status: 'call to queue&queue=x', type: 'ringing', queue: 'x' },
    { status: 'incoming call answered', type: 'answered', direction: 'incoming' },
    { status: 'incoming_answer', type: 'answered', direction: 'incoming' },
    { status: 'incoming call is ended', type: 'ended', direction: 'incoming' },
    { status: 'incoming_end', type: 'ended', direction: 'incoming' },
    { status: 'outgoing call start', type: 'started', direction: 'outgoing' },
    { status: 'outgoing_start', type: 'started', direction: 'outgoing' },
    { status: 'answering an outgoing call', type: 'answered', direction: 'outgoing' },
    { status: 'outgoing_answer', type: 'answered', direction: 'outgoing' },
    { status: 'outgoing call ended', type: 'ended', direction: 'outgoing' },
    { status: 'outgoing_end', type: 'ended', direction: 'outgoing' },
    { status: 'call record', type: 'recorded' },
    { status: 'record', type: 'recorded' },
    { status: 'Входящий  Звонок', type: 'started', direction: 'incoming' },
    { status: 'Звонок в очередь Север', type: 'ringing', queue: 'Север' },
  ]
for (const { status, type, direction, queue } of statuses) {
  test(`CALL-4 "${status}" is ${type}`, () => {
    const got = event(`unique_id=1.1&to_user=101&status=${status}&datetime=21.11.2026-02:20:23`)
    assert.equal(got.type, type)
    if (direction !== undefined) assert.equal('direction' in got && got.direction, direction)
    if (queue !== undefined) assert.equal(got.type === 'ringing' && got.queue, queue)
  })
}

const lists = [
  '101,102',
  '101, 102',
  '101 102',
  '101&102',
  '101|102',
  '101;102',
  '101&to_user=102',
  '101&to_user[]=102',
  'PJSIP/101,SIP/102-0000001f',
  'Local/101@from-queue/n&PJSIP/102',
  'PJSIP/101@endpoint,IAX2/102',
  ',101,,102,101',
]
for (const list of lists) {
  test(`CALL-3 to_user "${list}" names 101 and 102`, () => {
    const got = event(`to_user=${list}&unique_id=1.1&status=call to queue x`)
    assert.deepEqual(got.type === 'ringing' && got.extensions, ['101', '102'])
  })
}

test('CALL-3 an extension may be a name or an external number', () => {
  const got = event(
    'to_user=sip-anna,%2B375291701699,SIP/anna-lee-0000001f&unique_id=1&status=incoming_ring',
  )
  assert.deepEqual(got.type === 'ringing' && got.extensions, [
    'sip-anna',
    '+375291701699',
    'anna-lee',
  ])
})

for (const from of ['PJSIP/101-0000001f', 'SIP/101', '"Anna" <101>', '101']) {
  test(`CALL-3 an outgoing call from ${from} is from 101`, () => {
    const got = event(`from_user=${from}&to_user=79035557788&unique_id=1&status=outgoing_start`)
    assert.deepEqual(got.type === 'started' && [got.from, got.to], ['101', '79035557788'])
  })
}

const times: { zone: string; datetime: string; arrival: string; expected: string }[] = [
  {
    zone: 'Europe/Minsk',
    datetime: '21.11.2026-02:20:23',
    arrival: '2026-11-20T23:20:23.500Z',
    expected: '2026-11-20T23:20:23.000Z',
  },
  {
    zone: 'UTC',
    datetime: '29.02.2028-00:00:00',
    arrival: '2028-02-29T00:00:00Z',
    expected: '2028-02-29T00:00:00.000Z',
  },
  {
    zone: 'Asia/Kathmandu',
    datetime: '21.11.2026-02:20:23',
    arrival: '2026-11-20T23:20:23Z',
    expected: '2026-11-20T20:35:23.000Z',
  },
  // Twice in Berlin: 02:30 in summer time is 00:30Z, in winter time 01:30Z.
  {
    zone: 'Europe/Berlin',
    datetime: '25.10.2026-02:30:00',
    arrival: '2026-10-25T00:30:01Z',
    expected: '2026-10-25T00:30:00.000Z',
  },
  {
    zone: 'Europe/Berlin',
    datetime: '25.10.2026-02:30:00',
    arrival: '2026-10-25T01:30:01Z',
    expected: '2026-10-25T01:30:00.000Z',
  },
  // Never in Berlin: read in winter time 01:30Z, in summer time 00:30Z.
  {
    zone: 'Europe/Berlin',
    datetime: '29.03.2026-02:30:00',
    arrival: '2026-03-29T01:30:01Z',
    expected: '2026-03-29T01:30:00.000Z',
  },
  {
    zone: 'Europe/Berlin',
    datetime: '29.03.2026-02:30:00',
    arrival: '2026-03-29T00:30:01Z',
    expected: '2026-03-29T00:30:00.000Z',
  },
  {
    zone: 'America/New_York',
    datetime: '01.11.2026-01:59:59',
    arrival: '2026-11-01T06:59:59Z',
    expected: '2026-11-01T06:59:59.000Z',
  },
]
for (const { zone, datetime, arrival, expected } of times) {
  test(`CALL-3 ${datetime} in ${zone}, arrived at ${arrival}, is ${expected}`, () => {
    const body = `unique_id=1&status=incoming_end&datetime=${datetime}`
    const got = event(body, { timeZone: zone }, new Date(arrival))
    assert.equal(got.at.toISOString(), expected)
    assert.equal(got.atKnown, true)
    assert.equal(got.arrivedAt.getTime(), Date.parse(arrival))
  })
}

test('CALL-3 without a datetime the event is of its arrival', () => {
  for (const body of ['unique_id=1&status=incoming_end', 'unique_id=1&status=record&datetime=']) {
    const got = event(body)
    assert.deepEqual(got.at, arrivedAt)
    assert.equal(got.atKnown, false)
  }
})

const durations: [string, number | null][] = [
  ['6', 6],
  ['0', 0],
  ['01:02:03', 3723],
  ['02:03', 123],
  ['100:00:01', 360_001],
  ['', null],
  ['soon', null],
  ['-5', null],
  ['1:2:3:4', null],
  ['99999999999', null],
]
for (const [text, seconds] of durations) {
  test(`CALL-3 call_duration "${text}" is ${seconds}`, () => {
    const reading = read(`unique_id=1&status=incoming_end&call_duration=${text}`)
    assert.ok('event' in reading)
    assert.equal(reading.event.type === 'ended' && reading.event.durationSeconds, seconds)
    assert.equal(reading.notices.length, seconds === null && text !== '' ? 1 : 0)
  })
}

const refused: { name: string; body: string; field: string; reason: RegExp; hint?: RegExp }[] = [
  {
    name: 'a wrong date',
    body: 'unique_id=1&status=record&datetime=31/12/21',
    field: 'datetime',
    reason: /^datetime is "31\/12\/21", expected dd\.mm\.yyyy-HH:MM:SS$/,
  },
  ...['31.02.2026-10:00:00', '01.13.2026-10:00:00', '01.01.2026-24:00:00', '1.1.2026-1:1:1'].map(
    (datetime) => ({
      name: `the date ${datetime}`,
      body: `unique_id=1&status=record&datetime=${datetime}`,
      field: 'datetime',
      reason: /expected dd\.mm\.yyyy-HH:MM:SS$/,
    }),
  ),
  {
    name: 'an event without unique_id',
    body: 'status=record',
    field: 'unique_id',
    reason: /^unique_id is missing, expected .*1640854015\.26/,
  },
  {
    name: 'an event without status',
    body: 'unique_id=1',
    field: 'status',
    reason: /^status is missing, expected one of: start of an incoming call, .*record$/,
  },
  {
    name: 'an unknown status',
    body: 'unique_id=1&status=hello "world"',
    field: 'status',
    reason: /^status is "hello \\"world\\"", expected one of: start of/,
    hint: /a comma in a Macro\/Gosub argument shifts the following ones/,
  },
  {
    name: 'arguments shifted by a comma',
    body: 'from_user=7916&to_user=104&unique_id=105&status=1640854015.26',
    field: 'status',
    reason: /^status is "1640854015\.26"/,
    hint: /a comma in a Macro\/Gosub argument shifts the following ones/,
  },
  {
    name: 'a unique_id that is a status',
    body: 'unique_id=incoming call answered&status=1',
    field: 'unique_id',
    reason: /^unique_id is "incoming call answered", expected the id/,
    hint: /a comma in a Macro\/Gosub argument/,
  },
  {
    name: 'a unique_id of 151 characters',
    body: `unique_id=${'1'.repeat(151)}&status=record`,
    field: 'unique_id',
    reason: /at most 150 characters/,
  },
  ...['incoming_ring', 'incoming_queue', 'incoming_answer'].map((status) => ({
    name: `${status} without to_user`,
    body: `unique_id=1&status=${status}&to_user= , `,
    field: 'to_user',
    reason: /^to_user is missing, expected the /,
  })),
]
for (const { name, body, field, reason, hint } of refused) {
  test(`CALL-6 ${name} is refused with one line that names the field`, () => {
    const found = refusal(body)
    assert.equal(found.field, field)
    assert.match(found.reason, reason)
    assert.doesNotMatch(found.reason, /\n/)
    if (hint !== undefined) assert.match(found.hint, hint)
    assert.notEqual(found.hint, '')
  })
}

test('CALL-6 an answered outgoing call without to_user is refused', () => {
  assert.equal(refusal('unique_id=1&status=outgoing_answer&to_user= ').field, 'to_user')
})

test('CALL-8 the event record needs a file', () => {
  const fields = new Map([
    ['unique_id', ['1']],
    ['status', ['record']],
  ])
  const reading = parseWebhook(fields, settings, arrivedAt, null)
  assert.equal('refusal' in reading && reading.refusal.field, 'record')
  const withFile = parseWebhook(fields, settings, arrivedAt, recording)
  assert.ok('event' in withFile && withFile.event.type === 'recorded')
  assert.deepEqual(withFile.event.recording, recording)
})

test('CALL-6 an anonymous caller is no reason to refuse', () => {
  const got = event('unique_id=1&from_user=&to_user=74951000101&status=incoming_start')
  assert.equal(got.type === 'started' && got.from, '')
})

test('CALL-3 the last of a repeated field counts, and further fields come along', () => {
  const got = event(
    'caller_name=Anna&lang=be&unique_id=1&status=incoming_end&api_token=s3cret&status=incoming_start',
  )
  assert.equal(got.type, 'started')
  assert.deepEqual(got.extra, { caller_name: 'Anna', lang: 'be' })
})

// ---- recorded calls ---------------------------------------------------------

interface Recorded {
  readonly t: number
  readonly body: string
  readonly headers: Record<string, string>
}
interface Expected {
  readonly calls: {
    direction: string
    caller: { number: string }
    called: string
    agentsRung: string[]
    answeredBy: string | null
    queue?: string
  }[]
}
const folder = new URL('../../server/simulate/traces/', import.meta.url)
const recordings = globSync('*/*/webhooks.ndjson', { cwd: folder.pathname })

test('CALL-4 there are recorded calls to read', () => assert.ok(recordings.length >= 20))

for (const file of recordings) {
  test(`CALL-4 every webhook of the recorded call ${file} is read`, () => {
    const lines = readFileSync(new URL(file, folder), 'utf8').split('\n').filter(Boolean)
    const { calls } = JSON.parse(
      readFileSync(new URL(file.replace('webhooks.ndjson', 'expected.json'), folder), 'utf8'),
    ) as Expected
    const events = lines
      .map((line) => JSON.parse(line) as Recorded)
      .filter(({ headers }) => !headers['content-type']?.startsWith('multipart'))
      .map(({ body, t }) => event(body, { timeZone: 'UTC' }, new Date(t)))
    const expected = calls[0]
    if (expected === undefined) return assert.deepEqual(events, [])
    for (const each of events) {
      assert.equal('direction' in each && each.direction, expected.direction)
      assert.equal('from' in each && each.from, expected.caller.number)
      assert.ok(Math.abs(each.at.getTime() - each.arrivedAt.getTime()) < 1500, 'time')
    }
    const [started] = events
    assert.equal(started?.type === 'started' && started.to, expected.called)
    assert.equal(events.at(-1)?.type, 'ended')
    const rang = events.flatMap((each) => (each.type === 'ringing' ? [each] : []))
    if (expected.direction === 'incoming') {
      assert.deepEqual(rang.at(-1)?.extensions, expected.agentsRung)
      assert.equal(rang.at(-1)?.queue, expected.queue ?? null)
    }
    const answered = events.find((each) => each.type === 'answered')
    if (expected.direction === 'incoming') {
      assert.equal(answered?.extension ?? null, expected.answeredBy)
    }
  })
}
