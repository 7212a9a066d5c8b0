import assert from 'node:assert/strict'
import test from 'node:test'
import { insertCallEvents } from '../../db/call-events.ts'
import { emptyCalls, emptyCases } from '../../db/erase-person.ts'
import { removeRecordings } from '../../db/retention.ts'
import type { CaseFactsTable } from '../../db/schema.ts'
import type { CallEvent } from '../../server/calls/call.ts'
import { closeSilentCalls } from '../../server/pipeline/close-calls.ts'
import { loadRecording } from '../../server/simulate/scenario.ts'
import { createTeller, NOON } from '../support/call-events.ts'
import { assertBackfill, assertFacts } from '../support/expected-facts.ts'
import { onStage, type PlayedCall } from '../support/stage.ts'
import { dialplanTime, type World } from '../support/world.ts'

/** What the server does every second. */
async function closeSilent({ context, settled }: World): Promise<void> {
  await closeSilentCalls({
    ...context,
    connectionById: context.registry.byId,
    onTold: () => undefined,
    onRecording: () => undefined,
  })
  await settled()
}

onStage((stage) => {
  type Kind = CaseFactsTable['kind']

  /** What is written of a case, by kind: who, or `nobody`. */
  async function factsOf(caseId: string): Promise<string[]> {
    const { cases } = await assertFacts(stage.world.context.database.db)
    const names = new Map(Object.entries(stage.world.agents).map(([name, id]) => [id, name]))
    return cases
      .filter((fact) => fact.caseId === caseId)
      .toSorted((a, b) => a.at.getTime() - b.at.getTime() || order(a.kind) - order(b.kind))
      .map((fact) => {
        const who = names.get(fact.agentId ?? '') ?? 'nobody'
        return `${fact.kind} ${who}${fact.hasRecord ? ' with a record' : ''}`
      })
  }

  const KINDS: readonly Kind[] = [
    'handled',
    'responded',
    'opened',
    'assigned',
    'reopened',
    'closed',
  ]
  const order = (kind: Kind): number => KINDS.indexOf(kind)

  async function record(call: PlayedCall): Promise<void> {
    const status = await stage.world.record(call.uniqueId, await loadRecording())
    assert.equal(status, 200)
    await stage.world.settled()
  }

  test('REP-1 a conversation opens, is handled, and has a response once its record is there', async () => {
    const call = await stage.conversation(stage.number())
    const found = await call.case()
    assert.deepEqual(await factsOf(found.id), ['handled anna', 'opened anna'])
    await record(call)
    assert.deepEqual(await factsOf(found.id), ['handled anna', 'responded anna', 'opened anna'])
    const { db } = stage.world.context.database
    const responded = await db
      .selectFrom('caseFacts')
      .selectAll()
      .where('caseId', '=', found.id)
      .where('kind', '=', 'responded')
      .executeTakeFirstOrThrow()
    assert.equal(responded.at.toISOString(), (await call.view()).answeredAt)
  })

  test('REP-1 what people do with a case is written with who did it', async () => {
    const call = await stage.conversation(stage.number())
    await record(call)
    const { id } = await call.case()
    stage.world.tick(10)
    await stage.world.api('POST', `/api/cases/${id}/notes`, { text: 'a note' }, 'boris')
    stage.world.tick(10)
    await stage.patch(id, 'clara', { status: 'closed', assigneeId: stage.world.agents.boris })
    stage.world.tick(10)
    await stage.patch(id, 'anna', { status: 'open' })
    stage.world.tick(10)
    assert.equal(
      (await stage.world.api('PATCH', `/api/cases/${id}`, { status: 'closed' })).status,
      200,
    )
    assert.deepEqual(await factsOf(id), [
      'handled anna',
      'responded anna',
      'opened anna',
      'handled boris',
      'handled clara',
      'assigned boris',
      'closed clara with a record',
      'handled anna',
      'reopened boris',
      'closed boris with a record',
    ])
  })

  test('REP-7 a missed call is called back, whichever is told first', async () => {
    const number = stage.number()
    const missed = await stage.missed(number)
    const missedId = await missed.id()
    const back = await stage.outgoing(number)
    const { startedAt } = await back.view()
    const { calls } = await assertFacts(stage.world.context.database.db)
    const fact = calls.find(({ callId }) => callId === missedId)
    assert.equal(fact?.calledBackAt?.toISOString(), startedAt)
    await back.end()
    await stage.missed(number)
    await assertFacts(stage.world.context.database.db)
  })

  /** An answer that the PBX could not tell before. */
  async function lateAnswer(call: PlayedCall): Promise<void> {
    const { startedAt, from } = await call.view()
    await stage.world.hook({
      status: 'incoming_answer',
      unique_id: call.uniqueId,
      from_user: from.raw,
      to_user: '101',
      datetime: dialplanTime(new Date(Date.parse(startedAt) + 2000)),
    })
    await stage.world.settled()
  }

  test('CASE-16 a case corrected before anybody touched it was never reopened', async () => {
    const number = stage.number()
    const call = await stage.missed(number)
    const { id } = await call.case()
    assert.deepEqual(await factsOf(id), ['opened nobody'])
    await stage.conversation(number, '102')
    assert.equal((await stage.case(id)).status, 'closed')
    assert.deepEqual(await factsOf(id), ['opened nobody', 'closed nobody'])
    await lateAnswer(call)
    assert.deepEqual(await factsOf(id), ['handled anna', 'opened anna'])
    const { createdAt, closedAt } = await stage.case(id)
    assert.deepEqual([createdAt, closedAt], [(await call.view()).endedAt, null])
  })

  test('CASE-16 the call that opened a case leaves it: the next one of that case opened it', async () => {
    const number = stage.number()
    const first = await stage.missed(number)
    const second = await stage.missed(number)
    const { id } = await second.case()
    await lateAnswer(first)
    assert.notEqual((await first.case()).id, id)
    assert.equal((await stage.case(id)).createdAt, (await second.view()).endedAt)
    assert.deepEqual(await factsOf(id), ['opened nobody'])
  })

  test('CALL-12 a case made when a call fell silent is opened when the call really ended', async () => {
    const call = await stage.outgoing(stage.number())
    await call.answer()
    await stage.world.settled()
    stage.world.tick(5 * 60 * 60)
    await closeSilent(stage.world)
    const made = await call.case()
    assert.deepEqual([made.status, made.createdAt], ['closed', (await call.view()).endedAt])
    await call.end()
    const after = await call.case()
    const { endedAt } = await call.view()
    assert.equal(after.id, made.id)
    assert.notEqual(endedAt, made.createdAt)
    assert.deepEqual([after.createdAt, after.closedAt], [endedAt, endedAt])
    assert.deepEqual(await factsOf(after.id), ['handled anna', 'opened anna', 'closed anna'])
  })

  test('CASE-3 a late draft makes the case as if it had been there at the end', async () => {
    const call = await stage.outgoing(stage.number())
    await call.answer()
    await call.end()
    const { id } = await call.case()
    assert.deepEqual(await factsOf(id), ['handled anna', 'opened anna', 'closed anna'])
    assert.equal((await call.draft('anna', { subject: 'Late' })).status, 200)
    assert.equal((await stage.case(id)).status, 'pending')
    assert.deepEqual(await factsOf(id), ['handled anna', 'opened anna'])
  })

  test('CASE-19 a call that is fixed where it is already, and changes nothing else there, is handled', async () => {
    const call = await stage.outgoing(stage.number())
    await call.answer()
    await call.end()
    assert.equal((await call.draft('anna', { subject: 'Late' })).status, 200)
    const { id } = await call.case()
    stage.world.tick(5)
    const { status } = await call.post('susan', 'fix', { caseId: id, essence: 'again' })
    assert.equal(status, 200)
    assert.deepEqual(await factsOf(id), ['handled anna', 'opened anna', 'handled susan'])
  })

  test('CASE-19 a withdrawn case counts nowhere; what it was handled by counts where the call is', async () => {
    const number = stage.number()
    const earlier = await (await stage.conversation(number)).case()
    const call = await stage.conversation(number, '102')
    await record(call)
    const withdrawn = await call.case()
    const { status } = await call.post('boris', 'fix', { caseId: earlier.id, essence: 'again' })
    assert.equal(status, 200)
    assert.deepEqual(await factsOf(withdrawn.id), [])
    assert.deepEqual(await factsOf(earlier.id), [
      'handled anna',
      'opened anna',
      'handled boris',
      'responded boris',
      'handled boris',
    ])
  })

  test('CASE-17 a claim handles, its running out does not', async () => {
    const { id } = await (await stage.missed(stage.number())).case()
    assert.equal((await stage.world.api('POST', `/api/cases/${id}/claim`, {}, 'boris')).status, 200)
    stage.world.tick(16 * 60)
    await stage.world.context.caseActs.releaseLapsed(15)
    assert.deepEqual(await factsOf(id), [
      'opened nobody',
      'handled boris',
      'assigned boris',
      'assigned nobody',
    ])
  })

  /** All of a call is applied once more, as after a correction. */
  async function again(callId: string): Promise<void> {
    const { db } = stage.world.context.database
    await db
      .updateTable('callEvents')
      .set({ appliedAt: null })
      .where('callId', '=', callId)
      .execute()
    await stage.world.settled()
  }

  test('REP-7 a call back that is told of before the missed call counts all the same', async () => {
    const number = stage.number()
    const time = (seconds: number): string =>
      dialplanTime(new Date(stage.world.now().getTime() - 60_000 + seconds * 1000))
    const say = (status: string, id: string, from: string, to: string, at: number) =>
      stage.world.hook({
        status,
        unique_id: id,
        from_user: from,
        to_user: to,
        datetime: time(at),
      })
    const [missed, back] = [stage.uniqueId(), stage.uniqueId()]
    await say('outgoing_start', back, '101', number, 40)
    await say('outgoing_end', back, '101', number, 50)
    await stage.world.settled()
    await say('incoming_ring', missed, number, '101', 5)
    await say('incoming_end', missed, number, '101', 20)
    const [{ id }, { startedAt }] = [await stage.world.call(missed), await stage.world.call(back)]
    const { calls } = await assertFacts(stage.world.context.database.db)
    const fact = calls.find(({ callId }) => callId === id)
    assert.equal(fact?.calledBackAt?.toISOString(), startedAt)
  })

  test('REP-7 a call that one batch first tells to somebody who waits, and then to another, calls nobody back', async () => {
    const { world } = stage
    const { db } = world.context.database
    const number = stage.number()
    const missedId = await (await stage.missed(number)).id()
    const uniqueId = stage.uniqueId()
    const hook = createTeller({
      ...{ source: 'webhook', direction: 'outgoing', uniqueId },
      ...{ from: '101', to: number },
    })
    const connectionId = (await world.api('GET', '/api/connections')).body.items[0].id
    const shiftMs = world.now().getTime() + 60_000 - NOON
    const moved = (at: Date): Date => new Date(at.getTime() + shiftMs)
    // One statement: they are pending together, and applied in one batch.
    await insertCallEvents(
      db,
      [hook.answer(8, null), hook.started(5, { to: stage.number() })].map((event, nr) => ({
        receipt: `${uniqueId} ${nr}`,
        event: { ...event, connectionId, at: moved(event.at), arrivedAt: moved(event.arrivedAt) },
        raw: {},
      })),
    )
    await world.settled()
    assert.notEqual((await world.call(uniqueId)).to.e164, number)
    const { calls } = await assertFacts(db)
    assert.equal(calls.find(({ callId }) => callId === missedId)?.calledBackAt, null)
  })

  test('REP-1 SAFE-9 a response counts after its recording was removed or erased', async () => {
    const { db } = stage.world.context.database
    for (const why of ['over-age', 'erased'] as const) {
      const call = await stage.conversation(stage.number())
      await record(call)
      const { id } = await call.case()
      const callId = await call.id()
      if (why === 'erased') {
        const { personKey } = await db
          .selectFrom('calls')
          .select('personKey')
          .where('id', '=', callId)
          .executeTakeFirstOrThrow()
        await emptyCalls(db, [callId], [callId], [String(personKey)], stage.world.now())
        await emptyCases(db, [id])
      } else {
        const old = await db
          .selectFrom('recordings')
          .select(['id', 'callId', 'storageKey'])
          .where('callId', '=', callId)
          .execute()
        await removeRecordings(db, old, why)
        await db
          .deleteFrom('callEvents')
          .where('callId', '=', callId)
          .where('type', '=', 'recorded')
          .execute()
      }
      const expected = ['handled anna', 'responded anna', 'opened anna']
      assert.deepEqual(await factsOf(id), expected)
      await again(callId)
      assert.deepEqual(await factsOf(id), expected)
    }
  })

  test('REP-1 where the PBX makes no recordings, a conversation is a response without one', async () => {
    const { api, context } = stage.world
    const pbx = { name: 'records nothing', timeZone: 'UTC', country: 'RU', recordings: false }
    const { status, body } = await api('POST', '/api/connections', pbx)
    assert.equal(status, 201)
    const uniqueId = stage.uniqueId()
    const hook = createTeller({ source: 'webhook', uniqueId, from: stage.number() })
    await insertCallEvents(
      context.database.db,
      [hook.ring(1, '101'), hook.answer(4, '101'), hook.end(9)].map((event, nr) => ({
        receipt: `${uniqueId} ${nr}`,
        event: { ...event, connectionId: body.id },
        raw: {},
      })),
    )
    await stage.world.settled()
    const { caseId } = await context.database.db
      .selectFrom('messages')
      .innerJoin('calls', 'calls.id', 'messages.callId')
      .select('messages.caseId')
      .where('calls.uniqueId', '=', uniqueId)
      .executeTakeFirstOrThrow()
    // Its extensions are nobody's here.
    assert.deepEqual(await factsOf(caseId), ['responded nobody', 'opened nobody'])
  })

  test('CALL-3 what another source made a call of its own counts once', async () => {
    const { connectionId, context } = stage.world
    const from = stage.number()
    const [own, other] = [stage.uniqueId(), stage.uniqueId()]
    const tell = async (events: readonly CallEvent[]): Promise<void> => {
      const shiftMs = stage.world.now().getTime() - 60_000 - NOON
      const moved = (at: Date): Date => new Date(at.getTime() + shiftMs)
      await insertCallEvents(
        context.database.db,
        events.map((event, nr) => ({
          receipt: `${own} ${event.source} ${nr}`,
          event: { ...event, connectionId, at: moved(event.at), arrivedAt: moved(event.arrivedAt) },
          raw: {},
        })),
      )
      await stage.world.settled()
    }
    const hook = createTeller({ source: 'webhook', uniqueId: other, from })
    await tell([hook.ring(1, '101'), hook.answer(4, '101'), hook.end(9)])
    await stage.world.record(other, await loadRecording())
    await stage.world.settled()
    const stray = await stage.world.call(other)
    assert.deepEqual(await factsOf(String(stray.caseId)), [
      'handled anna',
      'responded anna',
      'opened anna',
    ])
    const ari = createTeller({ source: 'ari', uniqueId: own, from })
    await tell([
      ari.started(0, { channelIds: [own, other] }),
      ari.ring(1, '101'),
      ari.answer(4, '101'),
      ari.end(9),
    ])
    const call = await stage.world.call(own)
    assert.equal(call.recordings.length, 1)
    assert.deepEqual(await factsOf(String(stray.caseId)), [])
    assert.deepEqual(await factsOf(String(call.caseId)), [
      'handled anna',
      'responded anna',
      'opened anna',
    ])
  })

  test('REP-1 a database that had cases before there were facts gets the same ones', async () => {
    await assertBackfill(stage.world.context.database.db)
  })
})
