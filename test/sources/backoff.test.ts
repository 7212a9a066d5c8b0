import assert from 'node:assert/strict'
import test from 'node:test'
import { backoffMs } from '../../server/sources/backoff.ts'

test('AMI-1 the wait doubles up to 15 s, half of it drawn', () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 1000].map((attempt) => backoffMs(attempt, 1))
  assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
  const shortest = [0, 1, 2, 5, 1000].map((attempt) => backoffMs(attempt, 0))
  assert.deepEqual(shortest, [250, 500, 1000, 7500, 7500])
  assert.equal(backoffMs(0, 0.5), 375)
  assert.equal(backoffMs(-1, 1), 500)
})
