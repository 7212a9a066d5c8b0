import assert from 'node:assert/strict'
import test from 'node:test'
import { createByteCache } from '../../server/sources/byte-cache.ts'

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

test('AMI-2 what is remembered no more is said, and what never was', () => {
  const gone: string[] = []
  const cache = createByteCache(
    (bytes) => Buffer.from(bytes).toString(),
    (text) => gone.push(text),
  )
  cache.get(Buffer.from('Contact'), 0, 7)
  cache.get(Buffer.from('Uniqueid'), 0, 8)
  assert.deepEqual(gone, [])
  // Both share a slot.
  cache.get(Buffer.from('Context'), 0, 7)
  cache.get(Buffer.alloc(100, 'x'), 0, 100)
  assert.deepEqual(gone, ['Contact', 'x'.repeat(100)])
})
