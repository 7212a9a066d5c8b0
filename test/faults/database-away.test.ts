import assert from 'node:assert/strict'
import test from 'node:test'
import { startPostgres } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { ABSENCES, awayRounds } from './being-away.ts'

const seed = pickSeed()
const postgres = await startPostgres()
const skip = 'missing' in postgres ? postgres.missing : false

// The short form of `npm run test:database-away`: every way to be away, once, for a moment.
test(`HOLD-2 PostgreSQL stopped, killed, frozen and cut off: everything is taken, in order (seed ${seed})`, {
  skip,
}, async () => {
  if ('missing' in postgres) return
  try {
    const was = await awayRounds({
      rounds: ABSENCES.length,
      rate: 30,
      seed,
      awaySeconds: 1,
      postgres,
      say: () => undefined,
    })
    assert.ok(was.mostSpooled > 0, 'nothing went to the spool')
    assert.deepEqual(was.badAnswers, [])
    assert.deepEqual(was.lost, [])
    assert.deepEqual(was.doubled, [])
    assert.deepEqual(was.wrong, [])
    assert.deepEqual(was.disorder, [])
    assert.equal(was.caughtUpSeconds.length, ABSENCES.length)
  } finally {
    postgres.stop()
  }
})
