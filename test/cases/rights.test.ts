import assert from 'node:assert/strict'
import test from 'node:test'
import { onStage } from '../support/stage.ts'

onStage((stage) => {
  test('CASE-3 CALL-12 an agent whom the call only rang neither writes its draft nor ends it', async () => {
    const call = await stage.incoming(stage.number(), { extension: '101,102' })
    await call.answer('101')
    const { id } = await call.view()
    const { world } = stage
    assert.equal((await world.api('GET', `/api/calls/${id}`, undefined, 'boris')).status, 200)
    const acts = [
      ['PUT', 'draft', { subject: 'Taken over' }],
      ['POST', 'close', undefined],
    ] as const
    for (const [method, what, body] of acts) {
      const refused = await world.api(method, `/api/calls/${id}/${what}`, body, 'boris')
      assert.deepEqual(
        [what, refused.status, refused.body.type],
        [what, 403, '/problems/not-yours'],
      )
    }
    const mine = await world.api('POST', `/api/calls/${id}/case`, { subject: 'Mine' }, 'anna')
    assert.equal(mine.status, 201)
    const susan = await world.api('POST', `/api/calls/${id}/close`, undefined, 'susan')
    assert.equal(susan.status, 200)
    assert.equal(susan.body.state, 'ended')
  })

  test('USER-3 two calls of an unknown number at once make one user, and fix in one case', async () => {
    const { world } = stage
    const number = stage.number()
    const first = await stage.incoming(number, { extension: '101' })
    const second = await stage.incoming(number, { extension: '102' })
    await first.answer('101')
    await second.answer('102')
    const [one, two] = [await first.view(), await second.view()]
    const made = await world.api(
      'POST',
      `/api/calls/${two.id}/case`,
      { subject: 'Two lines' },
      'boris',
    )
    assert.equal(made.status, 201)
    const fixed = await world.api(
      'POST',
      `/api/calls/${one.id}/fix`,
      { caseId: made.body.id },
      'anna',
    )
    assert.equal(fixed.status, 200, JSON.stringify(fixed.body))
    const users = await world.api('GET', `/api/users?phone=${encodeURIComponent(number)}`)
    assert.equal(users.body.items.length, 1)
  })

  test('CASE-17 a claim ends with what it was for: closing the case keeps the assignee', async () => {
    const { world } = stage
    const call = await stage.missed(stage.number())
    const { caseId } = await call.view()
    await world.api('POST', `/api/cases/${caseId}/claim`, undefined, 'anna')
    await world.api('PATCH', `/api/cases/${caseId}`, { status: 'closed' }, 'anna')
    world.tick(16 * 60)
    await world.context.caseActs.releaseLapsed(15)
    const { body } = await world.api('GET', `/api/cases/${caseId}`)
    assert.equal(body.assigneeId, world.agents.anna)
    const release = await world.api('POST', `/api/cases/${caseId}/release`, undefined, 'anna')
    assert.deepEqual([release.status, release.body.type], [409, '/problems/not-claimed'])
  })
})
