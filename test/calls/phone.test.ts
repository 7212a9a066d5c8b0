import assert from 'node:assert/strict'
import test from 'node:test'
import { isAnonymous, personKey, toPhone } from '../../server/calls/phone.ts'

const sameNumber = [
  '+375 29 170-16-99',
  ' 375291701699',
  '+375291701699',
  '375291701699',
  '80291701699',
  '00375291701699',
  '8 (029) 170-16-99',
]
for (const raw of sameNumber) {
  test(`CALL-5 CALL-15 "${raw}" is +375291701699 in Belarus`, () => {
    const phone = toPhone(raw, 'BY')
    assert.equal(phone.e164, '+375291701699')
    assert.equal(phone.display, '+375 29 170-16-99')
    assert.equal(phone.raw, raw.trim())
  })
}

for (const raw of ['', 'anonymous', ' Unknown ', 'RESTRICTED', 'private', '<unknown>']) {
  test(`CALL-15 "${raw}" is an anonymous caller`, () => {
    assert.equal(isAnonymous(toPhone(raw, 'RU')), true)
  })
}

const unparsable = [
  { raw: '101', key: '101' },
  { raw: 'Sip-User', key: 'sip-user' },
  { raw: '12-34', key: '1234' },
]
for (const { raw, key } of unparsable) {
  test(`CALL-15 "${raw}" cannot be parsed and is compared as "${key}"`, () => {
    const phone = toPhone(raw, 'RU')
    assert.equal(phone.e164, null)
    assert.equal(personKey(phone), key)
  })
}

test('CALL-15 national formats follow the country of the connection', () => {
  assert.equal(toPhone('(202) 555-0123', 'US').e164, '+12025550123')
  assert.equal(toPhone('8 916 123-45-67', 'RU').display, '+7 916 123-45-67')
  assert.equal(toPhone('020 7123 4567', 'GB').display, '+44 20 7123 4567')
})
