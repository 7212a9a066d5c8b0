import assert from 'node:assert/strict'
import test from 'node:test'
import { parseDialled } from '../../server/control/number.ts'

const EXTENSIONS = new Set(['101', 'anna.b', 'a,b'])

for (const [text, expected] of [
  ['+375 29 170-16-99', '+375291701699'],
  ['8 (495) 100.02-00', '84951000200'],
  ['*97', '*97'],
  ['101', '101'],
  ['anna.b', 'anna.b'],
  ['boris', null],
  ['a,b', null],
  ['', null],
  ['+', null],
  ['1'.repeat(41), null],
  ['101\n', null],
  ['1\t2', null],
] as const) {
  test(`SAFE-6 ${JSON.stringify(text.slice(0, 20))} ${expected === null ? 'is refused' : `dials ${expected}`}`, () => {
    assert.equal(parseDialled(text, EXTENSIONS), expected)
  })
}
