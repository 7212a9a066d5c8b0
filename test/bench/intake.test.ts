import assert from 'node:assert/strict'
import test from 'node:test'
import { pickSeed } from '../support/random.ts'
import { startBare, startRingside } from './intake-servers.ts'
import { createStories } from './intake-stories.ts'
import { type LoadJob, playLoad } from './play-load.ts'

const CALLS = 40
const server = process.env.TEST_DATABASE_URL
const skip = server ? false : 'no PostgreSQL'

function jobOf(url: string, paths: readonly string[], seed: number): LoadJob {
  const base = { url, paths, seed, calls: CALLS, firstCall: 0, inFlight: 16 }
  return { ...base, rate: null, seconds: 0, streamToken: null }
}

function eventsOf(seed: number): number {
  const tell = createStories(seed, CALLS)
  return Array.from({ length: CALLS }, tell).reduce((sum, { steps }) => sum + steps.length, 0)
}

test('PERF-1 the load: everything sent is kept, applied and told; nothing while applying is held back', {
  skip,
}, async (t) => {
  const seed = pickSeed()
  t.diagnostic(`seed ${seed} (TEST_SEED sets it)`)
  const ringside = await startRingside(String(server))
  try {
    const events = eventsOf(seed)
    const job = jobOf(ringside.url, ringside.paths, seed)
    const letGo = await ringside.holdBack()
    const held = await playLoad(job)
    assert.deepEqual([held.requests, held.failures], [events, 0])
    assert.deepEqual([await ringside.kept(), await ringside.pending()], [events, events])
    assert.ok(await ringside.isHeld())
    await letGo()
    const told = await playLoad({ ...job, firstCall: CALLS, streamToken: ringside.token })
    assert.deepEqual([told.requests, told.failures, told.holes], [events, 0, 0])
    assert.equal(await ringside.pending(), 0)
    assert.equal(told.behind?.count, events)
    const rate = 100
    const paced = { ...job, firstCall: 2 * CALLS, rate, seconds: 1, calls: rate }
    const { requests, behind } = await playLoad({ ...paced, streamToken: ringside.token })
    assert.ok(requests > rate / 2, `${requests} events in a second`)
    assert.equal(behind?.count, requests)
  } finally {
    await ringside.stop()
  }
})

for (const kind of ['group', 'whole', 'single'] as const) {
  test(`PERF-1 the bare server keeps what it answers (${kind})`, { skip }, async () => {
    const bare = await startBare(kind, String(server))
    try {
      const { requests, failures } = await playLoad(jobOf(bare.url, bare.paths, 1))
      assert.deepEqual([requests, failures, await bare.kept()], [eventsOf(1), 0, eventsOf(1)])
    } finally {
      await bare.stop()
    }
  })
}
