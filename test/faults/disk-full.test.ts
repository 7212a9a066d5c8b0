import assert from 'node:assert/strict'
import test from 'node:test'
import { pickSeed } from '../support/random.ts'
import { fullRounds } from './being-full.ts'

const seed = pickSeed()

/** Of the data folder: once while the database is away, once while it is there. */
const ROUNDS = { 'data folder': 2, PGlite: 1 } as const

// The short form of `npm run test:disk-full`.
for (const full of ['data folder', 'PGlite'] as const) {
  test(`HOLD-9 that the disk of the ${full} is full is told plainly, nothing is lost or left, and it heals by itself (seed ${seed})`, async (t) => {
    const rounds = ROUNDS[full]
    const was = await fullRounds({ full, rounds, rate: 40, seed, say: () => undefined })
    if ('missing' in was) {
      t.skip(was.missing)
      return
    }
    assert.ok(was.refused + was.mostSpooled > 0)
    assert.deepEqual(was.badAnswers, [])
    assert.deepEqual(was.notHealed, [])
    assert.deepEqual(was.lost, [])
    assert.deepEqual(was.doubled, [])
    assert.deepEqual(was.wrong, [])
    assert.deepEqual(was.files, [])
  })
}
