import assert from 'node:assert/strict'
import test from 'node:test'
import { listScenarios, VERSIONS } from '../../server/simulate/scenario.ts'
import {
  fixtureStory,
  foldCalls,
  hearAll,
  isTimed,
  listFixtures,
  openChannels,
  type PbxSource,
  type Story,
  traceStory,
} from '../support/pbx-story.ts'
import { createRandom, pickSeed } from '../support/random.ts'
import { otherSchedule } from '../support/threads.ts'

const seed = pickSeed()
/** Of each call; `TEST_SCHEDULES` sets it. */
const SCHEDULES = Number(process.env.TEST_SCHEDULES ?? 100)
process.stdout.write(`threads: TEST_SEED=${seed}\n`)

/** What agents and reports go by: whose calls, who rang and talked, how it ended. */
function outcomeOf(source: PbxSource, story: Story): readonly string[] {
  const channels = openChannels(source)
  const events = hearAll(channels, story)
  assert.deepEqual(channels.liveIds(), [])
  for (const [id, own] of Map.groupBy(events, ({ uniqueId }) => uniqueId)) {
    const at = own.findIndex(({ type }) => type === 'ended')
    assert.equal(at, own.length - 1, `${id}: told after its end, or never ended`)
  }
  return [...foldCalls(events)]
    .map(([id, { direction, from, to, state, outcome, legs, holdSeconds }]) => {
      const parts = legs.map(({ extension, result }) => `${extension} ${result}`)
      const held = holdSeconds > 0 ? 'held' : ''
      return `${id} ${direction} ${from.raw}>${to.raw} ${state} ${outcome} ${held}: ${parts.join()}`
    })
    .sort()
}

/** The recorded calls whose events can be told apart by when they came. */
async function* recorded(): AsyncGenerator<{ name: string; source: PbxSource; story: Story }> {
  for (const version of VERSIONS) {
    for (const source of ['ami', 'ari'] as const) {
      for (const name of listFixtures(version)) {
        if (!isTimed(source, version, name)) continue
        const story = fixtureStory(source, version, name)
        yield { name: `${version}/${name} by ${source}`, source, story }
      }
      for (const name of await listScenarios(version)) {
        const story = traceStory(source, version, name)
        yield { name: `${version}/${name} by ${source}`, source, story }
      }
    }
  }
}

for await (const { name, source, story } of recorded()) {
  test(`CALL-11 CTL-4 ${name}: the same calls however Asterisk’s threads run`, () => {
    const expected = outcomeOf(source, story)
    for (let n = 0; n < SCHEDULES; n += 1) {
      const told = otherSchedule(story, createRandom(seed + n))
      assert.deepEqual(outcomeOf(source, told), expected, `TEST_SEED=${seed}, schedule ${n}`)
    }
  })
}
