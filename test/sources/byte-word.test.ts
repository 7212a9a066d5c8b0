import assert from 'node:assert/strict'
import test from 'node:test'
import {
  findCrlfCrlf,
  isWordAt,
  skipPrintable,
  toByteWord,
  viewOf,
} from '../../server/sources/byte-word.ts'
import { createRandom, pickSeed } from '../support/random.ts'

const LETTERS = [13, 10, 13, 10, 9, 32, 65, 126, 127, 200]

function randomBytes(random: () => number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]!))
}

test('AMI-2 the end of a packet is found wherever a plain search finds it', () => {
  const seed = pickSeed()
  const random = createRandom(seed)
  for (let i = 0; i < 20_000; i += 1) {
    const bytes = randomBytes(random, Math.floor(random() * 40))
    const from = Math.floor(random() * (bytes.length + 1))
    const end = from + Math.floor(random() * (bytes.length - from + 1))
    const expected = bytes.subarray(0, end).indexOf('\r\n\r\n', from)
    assert.equal(findCrlfCrlf(viewOf(bytes), from, end), expected, `seed ${seed}`)
  }
})

test('AMI-2 printable bytes are passed over, and no other', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    for (let place = 0; place < 8; place += 1) {
      const bytes = Buffer.alloc(8, 'a')
      bytes[place] = byte
      const isPrintable = byte >= 32 && byte < 127
      const expected = isPrintable ? 8 : place - (place % 4)
      assert.equal(skipPrintable(viewOf(bytes), 0, 8), expected, `${byte} at ${place}`)
    }
  }
  assert.equal(skipPrintable(viewOf(Buffer.from('abcdefg')), 1, 7), 5)
})

test('AMI-2 a word is known again at any place, and another by any of its bytes', () => {
  for (let length = 4; length < 14; length += 1) {
    const word = toByteWord(Buffer.from('Channel: x12345'.slice(0, length)))
    const bytes = Buffer.from(`..Channel: x12345`.slice(0, length + 2))
    assert.equal(isWordAt(viewOf(bytes), 2, bytes.length, word), true)
    assert.equal(isWordAt(viewOf(bytes), 2, bytes.length - 1, word), false)
    assert.equal(isWordAt(viewOf(bytes), 3, bytes.length, word), false)
    for (let i = 2; i < bytes.length; i += 1) {
      const other = Buffer.from(bytes)
      other[i] = 0x21
      assert.equal(isWordAt(viewOf(other), 2, other.length, word), false, `${length} ${i}`)
    }
  }
  const short = viewOf(Buffer.from('A: 1'))
  assert.equal(isWordAt(short, 0, 4, toByteWord(Buffer.from('A: '))), false)
})
