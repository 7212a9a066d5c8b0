import assert from 'node:assert/strict'
import test from 'node:test'
import { pickSeed } from '../support/random.ts'
import { fuzzParser } from './fuzz-parser.ts'
import { playAll } from './fuzz-play.ts'
import { startFuzzServer } from './fuzz-server.ts'

const seed = pickSeed()

test('SAFE-3 hostile requests, AMI bytes and ARI frames: no answer of 500 or more, no crash, no hang', async (t) => {
  t.diagnostic(`seed ${seed}`)
  await using server = await startFuzzServer(process.env.TEST_DATABASE_URL ?? null)
  // The long form is `npm run test:fuzz`: it has the machine to itself, and its hang is that of SAFE-3.
  const failures = await playAll(server, {
    requests: 8000,
    inFlight: 8,
    seed,
    hangMs: 15_000,
    megabytes: 4,
    frames: 4000,
    say: (line) => t.diagnostic(line),
  })
  assert.deepEqual(failures, [], `seed ${seed}`)
})

test('SAFE-3 AMI-2 after noise of any kind, in any splits, the next packet is read whole', async () => {
  const { failures } = await fuzzParser({ megabytes: 16, seed })
  assert.deepEqual(failures, [], `seed ${seed}`)
})
