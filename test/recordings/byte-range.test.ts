import assert from 'node:assert/strict'
import test from 'node:test'
import { parseByteRange } from '../../server/recordings/byte-range.ts'

const whole = { type: 'whole' }
const none = { type: 'unsatisfiable' }
const part = (start: number, end: number) => ({ type: 'part', start, end })

const ranges = [
  { header: undefined, expected: whole },
  { header: 'bytes=0-', expected: part(0, 99) },
  { header: 'bytes=0-0', expected: part(0, 0) },
  { header: 'bytes=10-19', expected: part(10, 19) },
  { header: 'bytes=90-1000', expected: part(90, 99) },
  { header: 'bytes=-10', expected: part(90, 99) },
  { header: 'bytes=-1000', expected: part(0, 99) },
  { header: 'bytes=-0', expected: none },
  { header: 'bytes=100-', expected: none },
  { header: 'bytes=20-10', expected: whole },
  { header: 'bytes=0-1,5-6', expected: whole },
  { header: 'bytes=-', expected: whole },
  { header: 'bytes=a-b', expected: whole },
  { header: 'lines=0-1', expected: whole },
]
for (const { header, expected } of ranges) {
  test(`POP-9 Range "${header}" of 100 bytes is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(parseByteRange(header, 100), expected)
  })
}

test('POP-9 an empty file has no satisfiable range', () => {
  assert.deepEqual(parseByteRange('bytes=0-', 0), none)
  assert.deepEqual(parseByteRange('bytes=-1', 0), none)
})
