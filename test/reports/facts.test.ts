import assert from 'node:assert/strict'
import test from 'node:test'
import type { CaseFactsTable } from '../../db/schema.ts'
import { loadRecording } from '../../server/simulate/scenario.ts'
import { assertFacts } from '../support/expected-facts.ts'
import { onStage, type PlayedCall } from '../support/stage.ts'

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
})
