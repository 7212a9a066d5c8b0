import assert from 'node:assert/strict'
import test from 'node:test'
import type { CaseSummaryView, CaseView } from '../../server/http/schemas.ts'
import { onStage } from '../support/stage.ts'
import { dialplanTime } from '../support/world.ts'

onStage((stage) => {
  test('CASE-6 missed calls of one user from all their numbers are one case', async () => {
    const [home, mobile] = [stage.number(), stage.number()]
    await stage.user(home, mobile)
    const first = await stage.missed(home)
    const second = await stage.missed(mobile)
    const third = await stage.missed(home, { queue: 'sales', extension: '101,102' })
    assert.equal((await second.view()).caseId, (await first.view()).caseId)
    assert.equal((await third.case()).messages.length, 3)
  })

  test('CASE-6 a pending missed-call case becomes open, its assignee stays', async () => {
    const number = stage.number()
    const before = await (await stage.missed(number)).case()
    await stage.patch(before.id, 'boris', {
      status: 'pending',
      assigneeId: stage.world.agents.boris,
    })
    const after = await (await stage.missed(number)).case()
    assert.deepEqual(
      [after.id, after.status, after.handset, after.assigneeId, after.messages.length],
      [before.id, 'open', 'red', stage.world.agents.boris, 2],
    )
  })

  test('CASE-6 after a conversation, either way round, the next missed call makes a new case', async () => {
    for (const way of ['incoming', 'outgoing'] as const) {
      const number = stage.number()
      const first = await (await stage.missed(number)).case()
      const talk = await stage[way](number)
      await talk.answer()
      stage.world.tick(20)
      await talk.end()
      stage.world.tick(20)
      // A person opens the settled case again: it is red and open, and still of before.
      await stage.patch(first.id, 'anna', { status: 'open' })
      const second = await (await stage.missed(number)).case()
      assert.notEqual(second.id, first.id)
      assert.equal(second.handset, 'red')
      assert.equal((await stage.case(first.id)).messages.length, 1)
    }
  })

  test('CASE-6 a closed missed-call case takes no further call', async () => {
    const number = stage.number()
    const first = await (await stage.missed(number)).case()
    await stage.patch(first.id, 'anna', { status: 'closed' })
    assert.notEqual((await stage.missed(number).then((call) => call.case())).id, first.id)
  })

  test('CASE-7 the handset is green when the conversation is in the case, recorded or not', async () => {
    const number = stage.number()
    const missed = await (await stage.missed(number)).case()
    const call = await stage.incoming(number)
    await call.answer()
    const fixed = await call.post('anna', 'fix', { caseId: missed.id })
    assert.equal(fixed.body.handset, 'green')
    await call.end()
    const after = await call.case()
    assert.deepEqual([after.handset, after.status], ['green', 'pending'])
    assert.deepEqual(after.messages.at(-1)?.call?.recordings, [])
    // The next missed call is after a conversation.
    assert.notEqual((await stage.missed(number).then((next) => next.case())).id, missed.id)
  })

  test('CASE-8 every open missed-call case of the user settles, and says by which rule', async () => {
    const number = stage.number()
    const [first, second] = await twoRedCases(number)
    const call = await stage.conversation(number)
    for (const { id } of [first, second]) {
      const settled = await stage.case(id)
      assert.deepEqual([settled.status, settled.handset], ['closed', 'red'])
      const { body } = await stage.world.api('GET', `/api/cases/${id}/history`)
      const last = body.items.findLast((entry: { to: unknown }) => entry.to === 'closed')
      assert.deepEqual([last.rule, last.agentId, last.from], ['CASE-8', null, 'open'])
    }
    assert.equal((await call.case()).status, 'open')
  })

  test('CASE-8 a pending missed-call case settles too; one of another user does not', async () => {
    const number = stage.number()
    const mine = await (await stage.missed(number)).case()
    const other = await (await stage.missed(stage.number())).case()
    await stage.patch(mine.id, 'anna', { status: 'pending' })
    await stage.conversation(number)
    assert.equal((await stage.case(mine.id)).status, 'closed')
    assert.equal((await stage.case(other.id)).status, 'open')
  })

  test('CASE-8 a talk that is in no case yet settles nothing until it ends', async () => {
    const number = stage.number()
    const missed = await (await stage.missed(number)).case()
    const call = await stage.incoming(number)
    await call.answer()
    await stage.world.settled()
    assert.equal((await stage.case(missed.id)).status, 'open')
    await call.end()
    assert.equal((await stage.case(missed.id)).status, 'closed')
  })

  test('CASE-8 an end that is late does not settle what was missed after it', async () => {
    const number = stage.number()
    const call = await stage.incoming(number)
    await call.answer()
    stage.world.tick(30)
    const datetime = dialplanTime(stage.world.now())
    stage.world.tick(30)
    const missed = await (await stage.missed(number)).case()
    const { uniqueId: unique_id } = call
    const end = { status: 'incoming_end', unique_id, from_user: number, to_user: '101', datetime }
    await stage.world.hook(end)
    assert.equal((await call.case()).status, 'open')
    const after = await stage.case(missed.id)
    assert.deepEqual([after.status, after.handset], ['open', 'red'])
  })

  test('CASE-9 a talk added to one missed-call case settles the others', async () => {
    const number = stage.number()
    const [first, second] = await twoRedCases(number)
    const call = await stage.outgoing(number)
    await call.post('anna', 'fix', { caseId: first.id })
    assert.equal((await stage.case(second.id)).status, 'open')
    await call.answer()
    await stage.world.settled()
    assert.equal((await stage.case(second.id)).status, 'closed')
    await call.end()
    const after = await call.case()
    assert.deepEqual([after.id, after.status, after.handset], [first.id, 'pending', 'green'])
  })

  test('CASE-10 an attempt leaves a pending missed-call case pending, and it settles later', async () => {
    const number = stage.number()
    const missed = await (await stage.missed(number)).case()
    await stage.patch(missed.id, 'anna', {
      status: 'pending',
      assigneeId: stage.world.agents.anna,
    })
    const attempt = await stage.outgoing(number, { extension: '102' })
    await attempt.draft('boris', { essence: 'Rang out' })
    stage.world.tick(20)
    await attempt.end()
    const after = await attempt.case()
    assert.deepEqual(
      [after.id, after.status, after.handset, after.assigneeId, after.messages.length],
      [missed.id, 'pending', 'red', stage.world.agents.anna, 2],
    )
    assert.equal(after.messages[1]?.text, 'Rang out')
    // The attempt was no conversation: the next missed call is still of this case.
    assert.equal((await stage.missed(number).then((call) => call.case())).id, missed.id)
  })

  test('CASE-11 nobody opened Ringside: closed, assigned to who dialled', async () => {
    const call = await stage.outgoing(stage.number(), { extension: '103' })
    await call.answer()
    await call.end()
    const { status, assigneeId, closedAt, createdAt } = await call.case()
    assert.deepEqual([status, assigneeId], ['closed', stage.world.agents.clara])
    assert.equal(closedAt, createdAt)
  })

  test('CASE-18 anonymous callers never share a case', async () => {
    const ids = new Set<string>()
    const names = ['anonymous', 'Unknown', 'restricted', 'PRIVATE', '', 'anonymous']
    for (const from of names) ids.add((await (await stage.missed(from)).case()).id)
    assert.equal(ids.size, names.length)
    for (const id of ids) {
      const { subject, userId, messages } = await stage.case(id)
      assert.equal(subject, 'Missed call from an anonymous number')
      assert.deepEqual([userId, messages.length], [null, 1])
    }
  })

  test('CASE-17 two agents cannot both claim, even at once', async () => {
    const { id } = await (await stage.missed(stage.number())).case()
    const answers = await Promise.all(
      ['anna', 'boris', 'clara'].map((agent) =>
        stage.world.api('POST', `/api/cases/${id}/claim`, undefined, agent),
      ),
    )
    const winner = answers.filter(({ status }) => status === 200)
    assert.equal(winner.length, 1)
    for (const { status, body } of answers) {
      if (status === 200) continue
      assert.equal(status, 409)
      assert.equal(body.current.assigneeId, winner[0]?.body.assigneeId)
    }
    assert.equal((await stage.case(id)).assigneeId, winner[0]?.body.assigneeId)
  })

  test('CASE-17 a claim without a call is released after 15 minutes', async () => {
    const { id } = await (await stage.missed(stage.number())).case()
    await claim(id, 'anna')
    stage.world.tick(14 * 60)
    await stage.world.context.caseActs.releaseLapsed(15)
    assert.equal((await stage.case(id)).assigneeId, stage.world.agents.anna)
    stage.world.tick(61)
    await stage.world.context.caseActs.releaseLapsed(15)
    assert.equal((await stage.case(id)).assigneeId, null)
    await claim(id, 'boris')
    const { body } = await stage.world.api('GET', `/api/cases/${id}/history`)
    assert.ok(body.items.some((entry: { rule: string }) => entry.rule === 'CASE-17'))
  })

  test('CASE-17 a claim stays when the agent called back, though nobody answered', async () => {
    const number = stage.number()
    const { id } = await (await stage.missed(number)).case()
    await claim(id, 'anna')
    stage.world.tick(60)
    const attempt = await stage.outgoing(number)
    await attempt.end()
    stage.world.tick(20 * 60)
    await stage.world.context.caseActs.releaseLapsed(15)
    assert.equal((await stage.case(id)).assigneeId, stage.world.agents.anna)
  })

  test('CASE-17 a claim is not released while the agent is calling', async () => {
    const number = stage.number()
    const { id } = await (await stage.missed(number)).case()
    await claim(id, 'anna')
    stage.world.tick(14 * 60)
    const call = await stage.outgoing(number)
    await call.answer()
    await stage.world.settled()
    stage.world.tick(120)
    await stage.world.context.caseActs.releaseLapsed(15)
    assert.equal((await stage.case(id)).assigneeId, stage.world.agents.anna)
    await call.end()
  })

  test('CASE-17 an agent gives a claim back; nobody else can for them', async () => {
    const { id } = await (await stage.missed(stage.number())).case()
    await claim(id, 'anna')
    const release = (agent: string) =>
      stage.world.api('POST', `/api/cases/${id}/release`, undefined, agent)
    assert.equal((await release('boris')).status, 409)
    assert.equal((await stage.case(id)).assigneeId, stage.world.agents.anna)
    assert.equal((await release('anna')).status, 200)
    assert.equal((await stage.case(id)).assigneeId, null)
  })

  test('CASE-17 a person who was assigned by hand is not released', async () => {
    const { id } = await (await stage.missed(stage.number())).case()
    await stage.patch(id, 'susan', { assigneeId: stage.world.agents.boris })
    stage.world.tick(20 * 60)
    await stage.world.context.caseActs.releaseLapsed(15)
    assert.equal((await stage.case(id)).assigneeId, stage.world.agents.boris)
  })

  test('CASE-17 callers waiting longest come first', async () => {
    const [first, second, third] = [stage.number(), stage.number(), stage.number()]
    const ids: string[] = []
    for (const number of [first, second, third]) {
      ids.push((await (await stage.missed(number)).case()).id)
    }
    // Calling again does not lose one's place.
    await stage.missed(first)
    const { body } = await stage.world.api('GET', '/api/cases?handset=red&status=open&limit=200')
    const listed = body.items.map(({ id }: CaseSummaryView) => id)
    assert.deepEqual(
      listed.filter((id: string) => ids.includes(id)),
      ids,
    )
  })

  async function claim(id: string, agent: 'anna' | 'boris'): Promise<void> {
    const { status, body } = await stage.world.api(
      'POST',
      `/api/cases/${id}/claim`,
      undefined,
      agent,
    )
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(body.assigneeId, stage.world.agents[agent])
  }

  /** The first was closed, and opened again after the second came. */
  async function twoRedCases(number: string): Promise<[CaseView, CaseView]> {
    const first = await (await stage.missed(number)).case()
    await stage.patch(first.id, 'boris', { status: 'closed' })
    const second = await (await stage.missed(number)).case()
    await stage.patch(first.id, 'boris', { status: 'open' })
    assert.notEqual(first.id, second.id)
    return [first, second]
  }
})
