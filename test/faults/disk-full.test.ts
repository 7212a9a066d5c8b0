import assert from 'node:assert/strict'
import test from 'node:test'
import { pickSeed } from '../support/random.ts'
import { fullRounds } from './being-full.ts'

const seed = pickSeed()

// The short form of `npm run test:disk-full`: the disk of the data folder, once, while the database is away.
test(`HOLD-9 a full disk is told plainly, nothing is lost or left, and it heals by itself (seed ${seed})`, async (t) => {
  const full = 'data folder'
  const was = await fullRounds({ full, rounds: 1, rate: 40, seed, say: () => undefined })
  if ('missing' in was) {
    t.skip(was.missing)
    return
  }
  assert.ok(was.refused > 0)
  assert.deepEqual(was.badAnswers, [])
  assert.deepEqual(was.notHealed, [])
  assert.deepEqual(was.lost, [])
  assert.deepEqual(was.doubled, [])
  assert.deepEqual(was.wrong, [])
  assert.deepEqual(was.files, [])
})
