import assert from 'node:assert/strict'
import test from 'node:test'
import type { Source } from '../../server/calls/call.ts'
import { onEachDatabase } from '../support/database.ts'
import { createRandom, pickSeed } from '../support/random.ts'
import { loadRecordedCalls } from './order-calls.ts'
import { createOrderCheck } from './order-check.ts'
import { openOrderLine } from './order-line.ts'
import { foldRounds, orderRounds } from './order-rounds.ts'
import { eventsOf, type Plot, plainOf, type Schedule } from './order-schedules.ts'

// The short form of `npm run test:order`.
const seed = pickSeed()
const calls = await loadRecordedCalls()

/** A call that the dialplan knows by its leg's id; these events of it come first. */
function schedule(
  name: string,
  { first, ...more }: Pick<Plot, 'sources' | 'past'> & { first: readonly [Source, string][] },
): Schedule {
  const call = calls.find((each) => each.name === name)!
  const plot: Plot = { ...more, call, isRecorded: false, legId: call.legIds[0]! }
  const events = eventsOf(plot)
  const early = first.map(([source, type]) =>
    events.findIndex((event) => event.source === source && event.type === type),
  )
  const plain = plainOf(plot)
  return { ...plain, order: [...early, ...plain.order.filter((at) => !early.includes(at))] }
}

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

  test('HOLD-3 CALL-1 what the end of a leg made of it leaves the missed calls that it was put with', async () => {
    const missed = schedule('16/incoming-missed', {
      sources: ['webhook', 'ari'],
      past: 'nothing',
      first: [
        ['ari', 'ended'],
        ['webhook', 'ended'],
      ],
    })
    const before = schedule('16/incoming-missed', {
      sources: ['webhook', 'ari'],
      past: 'nothing',
      first: [
        ['webhook', 'ended'],
        ['ari', 'ended'],
      ],
    })
    const calledBack = schedule('16/outgoing-answered', {
      sources: ['webhook', 'ami'],
      past: 'a missed call',
      first: [['webhook', 'ended']],
    })
    await using line = await openOrderLine(open)
    const check = createOrderCheck(createRandom(1))
    assert.deepEqual(await check.check(line, [missed, before, calledBack]), [])
  })
})
