import assert from 'node:assert/strict'
import test from 'node:test'
import { BESIDE_OTHERS } from '../support/beside-others.ts'
import { pickSeed } from '../support/random.ts'
import { actedTogether } from './partition-judge.ts'
import { layLines, shareTheLoopback, whyNoNamespaces } from './partition-network.ts'
import { type Fault, partition } from './partition-rounds.ts'

// The short form of `npm run test:partition`, on a PostgreSQL of its own.
const seed = pickSeed()
const obstacle = whyNoNamespaces()
const skip = process.env.TEST_DATABASE_URL ? false : 'TEST_DATABASE_URL is not set'
const fault: Fault = obstacle === null ? 'cut off' : 'stopped'

test(`HOLD-7 the owner of a PBX is ${fault}${obstacle === null ? '' : ` (${obstacle})`}: another takes over, nothing is lost or doubled (seed ${seed})`, {
  skip,
}, async () => {
  using network = obstacle === null ? layLines(2) : shareTheLoopback(2)
  const { lost, doubled, wrong, together, takenOver, missed } = await partition({
    faults: [fault],
    seed,
    network,
    say: () => undefined,
  })
  assert.deepEqual(
    { lost, doubled, wrong, together, missed },
    { lost: [], doubled: [], wrong: [], together: [], missed: [] },
  )
  assert.equal(takenOver.length, 1)
  for (const { seconds } of takenOver) {
    assert.ok(seconds < 10 * BESIDE_OTHERS, `taken over after ${seconds} s`)
  }
})

test('HOLD-7 the judge sees a session that acts after a later one has logged in, and lets it ping', () => {
  const act = (connection: number, name: string, at: number) => ({
    connection,
    name,
    at,
    fields: new Map<string, string>(),
  })
  const first = [act(1, 'Login', 1), act(1, 'CoreShowChannels', 2)]
  const second = [act(2, 'Login', 10), act(2, 'CoreShowChannels', 11)]
  assert.deepEqual(actedTogether([...first, ...second, act(1, 'Ping', 12)]), [])
  const found = actedTogether([...first, ...second, act(1, 'QueuePause', 12)])
  assert.deepEqual(found, ['session 1: QueuePause 2 ms after session 2 logged in'])
})
