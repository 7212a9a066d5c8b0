import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toPhone } from '../../server/calls/phone.ts'
import { numberForms, personText } from '../../server/privacy/person-text.ts'

const russian = personText(numberForms(toPhone('+79161234567', 'RU')), [
  'Zoryana Kanareykina',
  'z.kan@mail.example',
  'Anna',
])
const belarusian = personText(numberForms(toPhone('+375291701699', 'BY')), [])

for (const [given, expected] of [
  ['+79161234567', '***'],
  ['8 (916) 123-45-67', '***'],
  ['89161234567', '***'],
  ['7 916 123 45 67 called', '*** called'],
  ['9,89161234567', '9,***'],
  ['out-101-89161234567-20261121-1700000000.12.wav', 'out-101-***-20261121-1700000000.12.wav'],
  ['ext 101, +7 916 123-45-67, ext 102', 'ext 101, ***, ext 102'],
  ['20261121_9161234567_in', '20261121_***_in'],
  ['8-10-7-916-123-45-67', '***'],
  ['916 123-45', '916 123-45'],
  ['zoryana  KANAREYKINA!', '***!'],
  ['Kanareykin, Anna', 'Kanareykin, Anna'],
  ['<z.kan@mail.example>', '<***>'],
] as const) {
  test(`SAFE-9 "${given}" becomes "${expected}"`, () => {
    assert.equal(russian.redact(given), expected)
    const isFound = new RegExp(String(russian.pattern).replaceAll('[:alnum:]', 'a-z0-9'), 'i')
    if (given !== expected) assert.match(JSON.stringify(given), isFound)
  })
}

for (const given of [
  '8 (029) 170-16-99',
  '00375 29 1701699',
  '+375 (29) 170 16 99',
  '80291701699',
]) {
  test(`SAFE-9 "${given}" is the number of a Belarusian`, () => {
    assert.equal(belarusian.redact(`a ${given} b`), 'a *** b')
  })
}

test('SAFE-9 instants and ids stay, whatever digits they have; a short number has to stand alone', () => {
  const short = personText(['145554'], [])
  const event = {
    at: '2026-11-21T14:55:54.000Z',
    id: '14555400-1455-4145-8145-145554145554',
    to: '14-55-54',
  }
  assert.deepEqual(short.redactJson(event), { ...event, to: '***' })
  assert.equal(short.redact('1145554'), '1145554')
  assert.deepEqual(russian.redactJson({ n: 79161234567, x: [1, null] }), { n: '***', x: [1, null] })
})

test('SAFE-9 nothing to look for finds nothing', () => {
  const nothing = personText(['101'], ['Anna', ''])
  assert.equal(nothing.pattern, null)
  assert.equal(nothing.redact('Anna 101'), 'Anna 101')
})

test('SAFE-10 a name of signs that mean something in a pattern is that name alone', () => {
  for (const name of ['.* .*.*.*', '(a+)+$ (b|', '[a-z]{1,9} \\w+\\w+', 'Anna.Petrov|.+ x']) {
    const { redact, pattern } = personText([], [name])
    assert.equal(redact('Boris and Clara called at noon'), 'Boris and Clara called at noon', name)
    assert.doesNotThrow(() => new RegExp((pattern ?? '').replaceAll('[:alnum:]', 'a-z0-9')), name)
  }
})
