import assert from 'node:assert/strict'
import test from 'node:test'
import { createByteCache, NO_SLOT } from '../../server/sources/byte-cache.ts'

test('AMI-2 a word is remembered by its bytes, though the memory it was read from changes', () => {
  const made: string[] = []
  const cache = createByteCache((bytes) => {
    made.push(Buffer.from(bytes).toString())
    return made.at(-1)!
  })
  const memory = Buffer.from('Contact')
  assert.equal(cache.get(memory, 0, 7), 'Contact')
  memory.write('Context')
  assert.equal(cache.get(memory, 0, 7), 'Context')
  memory.write('Contact')
  assert.equal(cache.get(memory, 0, 7), 'Contact')
  assert.equal(cache.get(memory, 0, 7), 'Contact')
  // Both share a slot: the newest stays.
  assert.deepEqual(made, ['Contact', 'Context', 'Contact'])
})

test('AMI-2 words that are too long to be remembered are read all the same', () => {
  let made = 0
  const cache = createByteCache((bytes) => {
    made += 1
    return bytes.length
  })
  const long = Buffer.alloc(100, 'x')
  assert.equal(cache.get(long, 0, 100), 100)
  assert.equal(cache.get(long, 0, 100), 100)
  assert.equal(cache.get(long, 0, 0), 0)
  assert.equal(made, 3)
})

test('AMI-2 what is in a slot is there under its number, what is not remembered is nowhere', () => {
  const cache = createByteCache((bytes, slot) => ({ text: Buffer.from(bytes).toString(), slot }))
  const short = cache.get(Buffer.from('Uniqueid'), 0, 8)
  assert.equal(cache.at(short.slot), short)
  const long = cache.get(Buffer.alloc(100, 'x'), 0, 100)
  assert.equal(long.slot, NO_SLOT)
  assert.equal(cache.at(NO_SLOT), undefined)
})
