import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import type { CallEvent } from '../../server/calls/call.ts'
import type { CallView, CaseSummaryView } from '../../server/http/schemas.ts'
import { createTeller, NOON } from '../support/call-events.ts'
import { onEachDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'

/**
 * 101 consults 104 and gives them the customer's call. AMI tells of the consultation as a call of
 * its own, ARI only of the call that it becomes part of; what comes within one packet has one time.
 */
function completed(number: string) {
  const mainId = `${number}.1`
  // The channel of 104's phone: first of the consultation, then of the customer's call.
  const besideId = `${number}.2`
  const ami = createTeller({ source: 'ami', uniqueId: mainId, from: number })
  const ari = createTeller({ source: 'ari', uniqueId: mainId, from: number })
  const internal = { direction: 'internal', from: '101', to: '104' } as const
  const beside = createTeller({ source: 'ami', uniqueId: besideId, ...internal })
  const named = (event: CallEvent): CallEvent => ({ ...event, channelIds: [besideId] })
  return {
    mainId,
    besideId,
    first: [ari, ami].flatMap((link) => [
      link.started(0),
      link.ring(0, '101'),
      link.answer(1, '101'),
      link.held(2),
    ]),
    byAmi: [
      named(beside.started(2.2)),
      named(beside.ring(2.2, '104')),
      named(beside.answer(3, '104')),
      ami.resumed(4),
      ami.left(4, '101'),
      named(ami.ring(2.2, '104')),
      named(ami.answer(4, '104')),
      beside.end(4),
    ],
    byAri: [
      ari.resumed(4),
      ari.left(4, '101'),
      named(ari.ring(2.2, '104')),
      named(ari.answer(4, '104')),
    ],
    last: [ari.end(9), ami.end(9)],
  }
}

onEachDatabase((open) => {
  describe('CTL-4 CALL-1 a consultation that only AMI tells of', () => {
    let world: World
    let order = 0
    before(async () => {
      const now = new Date(NOON + 10_000)
      world = await createWorld(open, {}, undefined, undefined, () => now)
    })
    after(() => world.close())

    /** A link numbers what it tells, of whatever call. */
    const tell = async (events: readonly CallEvent[]): Promise<void> => {
      const { connectionId } = world
      await world.context.intake.accept(
        events.map((event) => {
          order += 1
          return { receipt: `beside ${order}`, event: { ...event, connectionId, order }, raw: {} }
        }),
      )
      await world.settled()
    }
    const callsOf = async (...ids: readonly string[]): Promise<(CallView | undefined)[]> => {
      const items: CallView[] = (await world.api('GET', '/api/calls?limit=200')).body.items
      return ids.map((id) => items.find(({ uniqueId }) => uniqueId === id))
    }

    for (let place = 0; place <= completed('').byAmi.length; place += 1) {
      test(`ends, and not the call that it becomes part of: ARI after ${place} of AMI’s events`, async () => {
        const number = `+7916124${1000 + place}`
        const { mainId, besideId, first, byAmi, byAri, last } = completed(number)
        await tell(first)
        await tell(byAmi.slice(0, place))
        await tell(byAri)
        await tell(byAmi.slice(place))
        const [main, beside] = await callsOf(mainId, besideId)
        assert.equal(main?.state, 'answered')
        assert.equal(main.agentId, world.agents.susan)
        assert.deepEqual([beside?.direction, beside?.state], ['internal', 'ended'])
        assert.deepEqual([beside?.outcome, beside?.caseId], ['answered', null])
        await tell(last)
        const states = (await callsOf(mainId, besideId)).map((call) => call?.state)
        assert.deepEqual(states, ['ended', 'ended'])
      })
    }

    test('is in no case, and the call it became part of is in one', async () => {
      const { items } = (await world.api('GET', '/api/calls?limit=200')).body
      const incoming = items.filter(({ direction }: CallView) => direction === 'incoming')
      const caseIds = new Set(incoming.map(({ caseId }: CallView) => caseId))
      const cases: CaseSummaryView[] = (await world.api('GET', '/api/cases?limit=200')).body.items
      assert.deepEqual(cases.map(({ id }) => id).sort(), [...caseIds].sort())
      assert.equal(cases.length, completed('').byAmi.length + 1)
    })
  })
})
