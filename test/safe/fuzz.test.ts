import assert from 'node:assert/strict'
import test from 'node:test'
import { pickSeed } from '../support/random.ts'
import { fuzzAmi, fuzzParser } from './fuzz-ami.ts'
import { fuzzAri } from './fuzz-ari.ts'
import { describeFuzz, fuzzRequests } from './fuzz-run.ts'
import { startFuzzServer } from './fuzz-server.ts'

const seed = pickSeed()
/** The long form is `npm run test:fuzz`: it has the machine to itself, and its hang is that of SAFE-3. */
const REQUESTS = 8000
const HANG_MS = 15_000

test('SAFE-3 hostile requests, AMI bytes and ARI frames: no answer of 500 or more, no crash, no hang', async (t) => {
  await using server = await startFuzzServer(process.env.TEST_DATABASE_URL ?? null)
  const result = await fuzzRequests(server, {
    requests: REQUESTS,
    inFlight: 8,
    seed,
    hangMs: HANG_MS,
  })
  t.diagnostic(`seed ${seed}`)
  for (const line of describeFuzz(result, server)) t.diagnostic(line)
  assert.deepEqual(result.failures, [], `seed ${seed}`)
  assert.equal(result.requests, REQUESTS)
  // Requests that are all refused at the door would show nothing of what is behind it.
  assert.ok(result.routesAnswered > 40, `only ${result.routesAnswered} routes answered with 2xx`)

  const played = [
    await fuzzAmi(server, { megabytes: 4, seed }),
    await fuzzAri(server, { frames: 1000, seed }),
  ]
  for (const line of played.flatMap(({ lines }) => lines)) t.diagnostic(line)
  assert.deepEqual(
    played.flatMap(({ failures }) => failures),
    [],
    `seed ${seed}`,
  )
})

test('SAFE-3 AMI-2 after noise of any kind, in any splits, the next packet is read whole', async () => {
  const { failures } = await fuzzParser({ megabytes: 16, seed })
  assert.deepEqual(failures, [], `seed ${seed}`)
})
