import assert from 'node:assert/strict'
import test from 'node:test'
import { onEachDatabase } from '../support/database.ts'
import { pickSeed } from '../support/random.ts'
import { foldRounds, orderRounds } from './order-rounds.ts'

// The short form of `npm run test:order`.
const seed = pickSeed()

test(`HOLD-3 a recorded call is the same in every order of up to 5 events, and in random ones (seed ${seed})`, async () => {
  const { played, differences } = await foldRounds({ seed, schedules: 5000, permutations: 5 })
  assert.deepEqual(differences, [])
  assert.ok(played > 5000 + 4000, `${played} played`)
})

onEachDatabase((open) => {
  test(`HOLD-3 call and case end the same, late, twice, shuffled, by several sources (seed ${seed})`, async () => {
    const say = (): void => undefined
    const found = await orderRounds({ open, seed, schedules: 20, permutations: 0, atOnce: 20, say })
    assert.deepEqual(found.differences, [])
    assert.ok(found.played === 20 && found.judgedBy > 10, `${found.played} by ${found.judgedBy}`)
  })
})
