import assert from 'node:assert/strict'
import test from 'node:test'
import { createBareStage } from '../bench/stream-bare-stage.ts'
import { createStreamStage } from '../bench/stream-stage.ts'
import { pickSeed } from '../support/random.ts'
import { hearBesideSlow } from './stream-slow.ts'
import { weather } from './stream-storm.ts'

// The short form of `npm run test:stream-faults`: the figures of time need ten thousand clients and a quiet machine.
const postgresUrl = String(process.env.TEST_DATABASE_URL)
const skip = process.env.TEST_DATABASE_URL ? false : 'no PostgreSQL'

for (const how of ['killed', 'cut', 'instant'] as const) {
  test(`HOLD-6 everybody comes back at once (${how}): nothing missed, nothing twice, every webhook answered`, {
    skip,
  }, async (t) => {
    const seed = pickSeed()
    t.diagnostic(`seed ${seed} (TEST_SEED sets it)`)
    await using stage = await createStreamStage(postgresUrl, 80)
    const found = await weather({ stage, how, rate: 20, seed, watchMs: 0 })
    assert.deepEqual(found.wrong, [])
    assert.equal(found.backSeconds.length, 80)
    assert.equal(found.webhooksWithout, 0)
    assert.ok(found.acknowledged > 10, `${found.acknowledged} rings`)
  })
}

test('HOLD-6 the bare server that this is compared with lets everybody in, and tells them', async () => {
  await using stage = await createBareStage(80)
  const found = await weather({ stage, how: 'cut', rate: 20, seed: pickSeed(), watchMs: 0 })
  assert.deepEqual(found.wrong, [])
  assert.equal(found.backSeconds.length, 80)
  assert.equal(found.webhooksWithout, 0)
})

test('HOLD-11 readers that are stuck or slow are let go of, and the others miss nothing', {
  skip,
}, async () => {
  const size = { clients: 30, slow: 6, events: 120, perSecond: 40, bytes: 19_000 }
  const { wrong, cutAfterSeconds } = await hearBesideSlow({ ...size, postgresUrl })
  assert.deepEqual(wrong, [])
  assert.equal(cutAfterSeconds.length, size.slow)
})
