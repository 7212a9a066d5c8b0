import assert from 'node:assert/strict'
import test from 'node:test'
import { toInstant } from '../../server/sources/ari-fields.ts'

test('CALL-3 a time that no clock of a PBX shows is none: reports would look through all the years until it', () => {
  const read = (text: string) => toInstant(text)?.toISOString() ?? null
  assert.equal(read('2026-11-21T08:00:00.123+0000'), '2026-11-21T08:00:00.123Z')
  assert.equal(read('2060-12-31T23:59:59.999Z'), '2060-12-31T23:59:59.999Z')
  for (const text of [
    '1970-01-01T00:00:07.000+0000',
    '0001-01-01T00:00:00.000+0000',
    '-271821-04-20T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '2061-01-01T00:00:00.000+0000',
    'soon',
  ]) {
    assert.equal(read(text), null, text)
  }
})
