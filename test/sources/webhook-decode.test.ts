import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { decodeWebhook } from '../../server/sources/webhook-decode.ts'

const FORM = 'application/x-www-form-urlencoded'

function decode(
  body: string | Uint8Array,
  { contentType = FORM, extra = [] as string[] } = {},
): { fields: Record<string, string[]>; notices: readonly string[] } {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const result = decodeWebhook(bytes, contentType, extra)
  assert.ok('fields' in result, 'refusal' in result ? result.refusal.reason : '')
  return { fields: Object.fromEntries(result.fields), notices: result.notices }
}

const RAW = 'datetime=21.11.2026-02:20:23&unique_id=1795227623.15'

const bodies: { name: string; body: string; field: string; expected: string[] }[] = [
  {
    name: 'a plus that nobody encoded is a plus',
    body: `${RAW}&from_user=+375 29 170-16-99`,
    field: 'from_user',
    expected: ['+375 29 170-16-99'],
  },
  {
    name: 'an encoded plus is a plus',
    body: 'from_user=%2B375291701699&unique_id=1.1',
    field: 'from_user',
    expected: ['+375291701699'],
  },
  {
    name: 'a plus that became a space is a plus again',
    body: `${RAW}&from_user= 375291701699`,
    field: 'from_user',
    expected: ['+375291701699'],
  },
  {
    name: 'a plus that a form decoder would make a space of is a plus',
    body: 'from_user=+375291701699&unique_id=1.1',
    field: 'from_user',
    expected: ['+375291701699'],
  },
  {
    name: 'short numbers get no plus',
    body: `${RAW}&from_user= 101`,
    field: 'from_user',
    expected: ['101'],
  },
  {
    name: 'an encoded space is a space',
    body: 'status=start+of%20an+incoming+call&unique_id=1.1',
    field: 'status',
    expected: ['start of an incoming call'],
  },
  {
    name: 'a list encoded inside a raw body is a list',
    body: `${RAW}&to_user=101%2C102%2C103&status=call to queue support`,
    field: 'to_user',
    expected: ['101,102,103'],
  },
  {
    name: 'a queue name may hold ampersand, equals sign and percent',
    body: `${RAW}&status=call to queue R&D=50% off&to_user=101`,
    field: 'status',
    expected: ['call to queue R&D=50% off'],
  },
  {
    name: 'a caller name may hold ampersand and equals sign',
    body: `${RAW}&caller_name=Smith & Sons&x=1&to_user=101`,
    field: 'caller_name',
    expected: ['Smith & Sons&x=1'],
  },
  {
    name: 'the name before an equals sign begins no field when the sign is far away',
    body: `${RAW}&queue=A&B&status=incoming_queue`,
    field: 'queue',
    expected: ['A&B'],
  },
  {
    name: 'a repeated field is a list',
    body: 'to_user=101&to_user=102&to_user[]=103&to_user%5B%5D=104&unique_id=1',
    field: 'to_user',
    expected: ['101', '102', '103', '104'],
  },
  {
    name: 'names of known fields are compared without case',
    body: 'Unique_ID=7&STATUS=record',
    field: 'unique_id',
    expected: ['7'],
  },
  {
    name: 'an encoded body may have fields of any name',
    body: 'unique_id=1.1&lang=be&status=record',
    field: 'unique_id',
    expected: ['1.1'],
  },
  {
    name: 'a configured further field begins in a raw body',
    body: `${RAW}&status=call to queue support&lang=be`,
    field: 'lang',
    expected: ['be'],
  },
  {
    name: 'control characters are taken out',
    body: 'queue=a%00b%07c%0D%0Ad&unique_id=1',
    field: 'queue',
    expected: ['abc  d'],
  },
  {
    name: 'a line break at the end is not part of the value',
    body: `${RAW}&status=record\r\n`,
    field: 'status',
    expected: ['record'],
  },
]
for (const { name, body, field, expected } of bodies) {
  test(`CALL-5 ${name}`, () => {
    assert.deepEqual(decode(body, { extra: ['lang'] }).fields[field], expected)
  })
}

const cp1251 = (text: string): Buffer =>
  Buffer.from(
    [...text].map((char) => {
      const code = char.charCodeAt(0)
      return code >= 0x410 && code <= 0x44f ? code - 0x350 : code
    }),
  )
const charsets: { name: string; bytes: Buffer; expected: string }[] = [
  { name: 'UTF-8', bytes: Buffer.from('Продажи 😀'), expected: 'Продажи 😀' },
  { name: 'Windows-1251', bytes: cp1251('Продажи'), expected: 'Продажи' },
  {
    name: 'Windows-1251 among English words',
    bytes: cp1251('Sales support Продажи'),
    expected: 'Sales support Продажи',
  },
  { name: 'Latin-1', bytes: Buffer.from('Müller Café', 'latin1'), expected: 'Müller Café' },
  { name: 'Latin-1, mostly accents', bytes: Buffer.from('Été', 'latin1'), expected: 'Été' },
  {
    name: 'UTF-8 cut in the middle of a character',
    bytes: Buffer.from('Продажи').subarray(0, -1),
    expected: 'Продаж',
  },
]
for (const { name, bytes, expected } of charsets) {
  test(`CALL-5 a name in ${name} survives, raw and encoded`, () => {
    const raw = Buffer.concat([Buffer.from(`${RAW}&status=call to queue `), bytes])
    assert.deepEqual(decode(raw).fields.status, [`call to queue ${expected}`])
    const hex = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
    assert.deepEqual(decode(`unique_id=1.1&queue=${hex}`).fields.queue, [expected])
  })
}

test('CALL-2 JSON: numbers keep their digits, arrays are lists', () => {
  const body = '{"unique_id":1640854015.10,"status":"record","to_user":["101",102],"x_y":true}'
  for (const contentType of ['application/json; charset=utf-8', FORM]) {
    assert.deepEqual(decode(body, { contentType }).fields, {
      unique_id: ['1640854015.10'],
      status: ['record'],
      to_user: ['101', '102'],
      x_y: ['true'],
    })
  }
})

for (const body of ['', '[1]', 'null', '{"a":', '"x"', `${'['.repeat(60_000)}`]) {
  test(`CALL-6 a JSON body that is no object is refused: ${body.slice(0, 10)}`, () => {
    const result = decodeWebhook(Buffer.from(body), 'application/json', [])
    assert.ok('refusal' in result)
    assert.equal(result.refusal.field, 'body')
  })
}

for (const [kind, body, contentType] of [
  ['raw form', `${RAW}&__proto__=x&constructor=y&prototype=z&status=record`, FORM],
  ['form', 'unique_id=1&__proto__[]=x&constructor=y&prototype=z', FORM],
  ['JSON', '{"__proto__":"x","constructor":"y","prototype":"z"}', 'application/json'],
] as const) {
  test(`CALL-7 __proto__ as a field of a ${kind} changes nothing and is told`, () => {
    const { fields, notices } = decode(body, { contentType })
    assert.equal(notices.length, 3)
    assert.match(notices[0]!, /__proto__/)
    assert.deepEqual(
      Object.keys(fields).filter((name) => !['datetime', 'unique_id', 'status'].includes(name)),
      [],
    )
    assert.equal(({} as Record<string, unknown>).x, undefined)
  })
}

test('CALL-6 a body of nothing but separators is read in no time', () => {
  const began = performance.now()
  decode(`${'&'.repeat(64_000)}=`)
  decode(`${'&a'.repeat(32_000)}=`)
  decode(`${RAW} ${'%'.repeat(64_000)}`)
  decode(`from_user=${' '.repeat(30_000)}${'1 '.repeat(15_000)}x`)
  assert.ok(performance.now() - began < 2000)
})

test('CALL-5 any bytes are read without an error, and no field gets a control character', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const result = decodeWebhook(bytes, FORM, [])
      for (const values of 'fields' in result ? result.fields.values() : []) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
        for (const value of values) assert.doesNotMatch(value, /[\u0000-\u001f\u007f]/)
      }
    }),
    { numRuns: 2000 },
  )
})

test('CALL-5 what is URL-encoded comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (value) => {
      const text = value.trim().normalize('NFC')
      fc.pre(!/[\p{Cc}]/u.test(text))
      const body = new URLSearchParams([
        ['unique_id', '1.1'],
        ['queue', text],
      ]).toString()
      assert.deepEqual(decode(body).fields.queue, [text])
    }),
    { numRuns: 500 },
  )
})
