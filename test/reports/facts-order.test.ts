import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import { replay } from '../../server/simulate/replay.ts'
import { rewrite } from '../../server/simulate/rewrite.ts'
import {
  listScenarios,
  loadRecording,
  loadScenario,
  type Scenario,
  VERSIONS,
} from '../../server/simulate/scenario.ts'
import { onEachDatabase, playsRow } from '../support/database.ts'
import { assertFacts } from '../support/expected-facts.ts'
import { pickSeed } from '../support/random.ts'
import { createWorld, type World } from '../support/world.ts'

const seed = pickSeed()
process.stdout.write(`facts: TEST_SEED=${seed}\n`)

const scenarios: Scenario[] = []
for (const version of VERSIONS) {
  for (const name of await listScenarios(version)) {
    const scenario = await loadScenario(name, version)
    if (scenario !== null) scenarios.push(scenario)
  }
}

/** Sends a recorded call; gives its facts without ids. */
async function factsWhen(
  world: World,
  { requests }: Scenario,
  how: { nr: number; startAt: Date; recording: Buffer; doubled: boolean; shuffleSeed?: number },
): Promise<string[]> {
  const { nr, startAt, recording, ...order } = how
  const rewritten = rewrite(requests, {
    uniqueIdBase: nr * 100,
    startAt,
    timeZone: 'UTC',
    callerNumber: `7916${1_000_000 + nr}`,
    extensions: { 105: '103' },
    recording,
  })
  await replay(rewritten, new URL(world.webhookUrl), { ...order, speed: Number.POSITIVE_INFINITY })
  const first = /unique_id=([^&]*)/.exec(String(rewritten[0]?.body))?.[1] ?? ''
  const { id, caseId } = await world.call(decodeURIComponent(first))
  const { db } = world.context.database
  const inCase = await db
    .selectFrom('caseFacts')
    .selectAll()
    .where('caseId', '=', caseId!)
    .execute()
  const ofCall = await db.selectFrom('callFacts').selectAll().where('callId', '=', id).execute()
  assert.equal(ofCall.length, 1)
  return [
    ...inCase.map(({ id: _, caseId: _case, callId, ...fact }) => {
      assert.ok(callId === null || callId === id)
      return JSON.stringify({ ...fact, isOfCall: callId !== null })
    }),
    ...ofCall.map(({ callId: _, ...fact }) => JSON.stringify(fact)),
  ].sort()
}

onEachDatabase((open, kind) => {
  describe('CALL-11 the facts of a call do not depend on the order of its events', () => {
    let world: World
    let recording: Buffer
    let played = 0
    const facts = (
      scenario: Scenario,
      how: { startAt: Date; doubled: boolean; shuffleSeed?: number },
    ) => {
      played += 1
      return factsWhen(world, scenario, { nr: played, recording, ...how })
    }
    before(async () => {
      world = await createWorld(open)
      recording = await loadRecording()
    })
    after(() => world.close())

    for (const [row, scenario] of scenarios.entries()) {
      if (!playsRow(kind, { row, every: 3, seed })) continue
      test(`REP-1 ${scenario.version}/${scenario.name}, shuffled and doubled`, async () => {
        // Whole seconds, as the dialplan tells them, and no other day: clocks that are off are set right.
        const startAt = new Date(Math.floor(world.now().getTime() / 1000 - 60) * 1000)
        const inOrder = await facts(scenario, { startAt, doubled: false })
        for (const shuffleSeed of [seed, seed + 1]) {
          const again = await facts(scenario, { startAt, doubled: true, shuffleSeed })
          assert.deepEqual(again, inOrder, `shuffle seed ${shuffleSeed}`)
        }
      })
    }

    test('REP-1 they are what all calls, messages and histories come to', async () => {
      const { cases, calls } = await assertFacts(world.context.database.db)
      assert.equal(calls.length, played)
      assert.equal(cases.filter(({ kind }) => kind === 'opened').length, played)
    })
  })
})
