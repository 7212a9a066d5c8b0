import assert from 'node:assert/strict'
import test from 'node:test'
import { pickSeed } from '../support/random.ts'
import { killRounds } from './killing.ts'
import { raceRounds } from './second-start.ts'

// The short form of `npm run test:kill`; the long one has the figures of how fast a start is.
const seed = pickSeed()
const databases = [
  { name: 'PGlite', postgresUrl: null, rounds: 1 },
  ...(process.env.TEST_DATABASE_URL
    ? [{ name: 'PostgreSQL', postgresUrl: process.env.TEST_DATABASE_URL, rounds: 2 }]
    : []),
]

for (const { name, postgresUrl, rounds } of databases) {
  test(`HOLD-1 killed on ${name} while phones call: nothing lost, doubled or wrong (seed ${seed})`, async () => {
    const killed = await killRounds({
      rounds,
      rate: 60,
      seed,
      postgresUrl,
      say: () => undefined,
    })
    assert.deepEqual(killed.lost, [])
    assert.deepEqual(killed.doubled, [])
    assert.deepEqual(killed.wrong, [])
    assert.equal(killed.killedUnderLoad, rounds)
    assert.equal(killed.readySeconds.length, rounds)
  })
}

test('HOLD-8 of four starts on one folder at once one gets it; killed, it holds up nobody', async () => {
  const { differences, refused } = await raceRounds(2, 4)
  assert.deepEqual(differences, [])
  assert.equal(refused, 6)
})
