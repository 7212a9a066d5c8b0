import assert from 'node:assert/strict'
import test from 'node:test'
import type { CaseFactsTable } from '../../db/schema.ts'
import { closeSilentCalls } from '../../server/pipeline/close-calls.ts'
import { loadRecording } from '../../server/simulate/scenario.ts'
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

  test('REP-1 a database that had cases before there were facts gets the same ones', async () => {
    await assertBackfill(stage.world.context.database.db)
  })
})
