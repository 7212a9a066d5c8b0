import assert from 'node:assert/strict'
import test from 'node:test'
import type { CaseSummaryView } from '../../server/http/schemas.ts'
import { display, onStage, type PlayedCall } from '../support/stage.ts'
import { dialplanTime } from '../support/world.ts'

onStage((stage) => {
  /** An answer that comes after the call's end, with its own time. */
  async function lateAnswer(call: PlayedCall, direction = 'incoming'): Promise<void> {
    const { startedAt, endedAt, from, to } = await call.view()
    const middle = (Date.parse(startedAt) + Date.parse(String(endedAt))) / 2
    const status = await stage.world.hook({
      status: `${direction}_answer`,
      unique_id: call.uniqueId,
      from_user: from.raw,
      to_user: direction === 'incoming' ? '101' : to.raw,
      datetime: dialplanTime(new Date(middle)),
    })
    assert.equal(status, 200)
    await stage.world.settled()
    assert.equal((await call.view()).outcome, 'answered')
  }

  test('CASE-16 a missed call found answered: alone and untouched, its case is rewritten', async () => {
    const number = stage.number()
    const call = await stage.missed(number)
    const before = await call.case()
    await lateAnswer(call)
    const after = await call.case()
    assert.deepEqual(
      [after.id, after.number, after.subject, after.status, after.handset, after.assigneeId],
      [
        before.id,
        before.number,
        `Incoming call from ${display(number)}`,
        'open',
        'green',
        stage.world.agents.anna,
      ],
    )
    assert.equal(after.messages.length, 1)
  })

  test('CASE-16 with a draft it becomes the case of that draft', async () => {
    const call = await stage.incoming(stage.number())
    await call.draft('anna', { subject: 'Heard it all', essence: 'the words' })
    stage.world.tick(20)
    await call.end()
    await lateAnswer(call)
    const after = await call.case()
    assert.deepEqual(
      [after.subject, after.status, after.messages[0]?.text],
      ['Heard it all', 'pending', 'the words'],
    )
  })

  test('CASE-16 grouped, its message moves and the red case settles', async () => {
    const number = stage.number()
    const first = await stage.missed(number)
    const second = await stage.missed(number)
    const red = await first.case()
    assert.equal(red.messages.length, 2)
    await lateAnswer(second)
    const own = await second.case()
    assert.notEqual(own.id, red.id)
    assert.deepEqual(
      [own.subject, own.status, own.handset, own.messages.length],
      [`Incoming call from ${display(number)}`, 'open', 'green', 1],
    )
    const after = await stage.case(red.id)
    assert.deepEqual(
      [after.status, after.handset, after.messages.length, after.messages[0]?.call?.id],
      ['closed', 'red', 1, await first.id()],
    )
  })

  test('CASE-16 what was missed after the talk stays open', async () => {
    const number = stage.number()
    const first = await stage.missed(number)
    const second = await stage.missed(number)
    const red = await first.case()
    await lateAnswer(first)
    assert.notEqual((await first.case()).id, red.id)
    const after = await second.case()
    assert.deepEqual(
      [after.id, after.status, after.handset, after.messages.length],
      [red.id, 'open', 'red', 1],
    )
  })

  test('CASE-16 in a touched case facts and handset are corrected, the rest stays', async () => {
    const call = await stage.missed(stage.number())
    const { id } = await call.case()
    await stage.patch(id, 'boris', { subject: 'I know this one', status: 'pending' })
    await lateAnswer(call)
    const after = await call.case()
    assert.deepEqual(
      [after.id, after.subject, after.status, after.handset, after.assigneeId],
      [id, 'I know this one', 'pending', 'green', null],
    )
    assert.equal(after.messages[0]?.call?.outcome, 'answered')
  })

  test('CASE-16 a note is a touch', async () => {
    const call = await stage.missed(stage.number())
    const before = await call.case()
    await stage.world.api('POST', `/api/cases/${before.id}/notes`, { text: 'Sent a mail' }, 'boris')
    await lateAnswer(call)
    const after = await call.case()
    assert.deepEqual([after.id, after.subject, after.handset], [before.id, before.subject, 'green'])
  })

  test('CASE-16 an attempt found answered leaves the missed-call case, which settles', async () => {
    const number = stage.number()
    const red = await (await stage.missed(number)).case()
    const attempt = await stage.outgoing(number)
    stage.world.tick(20)
    await attempt.end()
    assert.equal((await attempt.case()).id, red.id)
    await lateAnswer(attempt, 'outgoing')
    const own = await attempt.case()
    assert.deepEqual([own.subject, own.status], [`Outgoing call to ${display(number)}`, 'closed'])
    const after = await stage.case(red.id)
    assert.deepEqual([after.status, after.handset, after.messages.length], ['closed', 'red', 1])
  })

  test('CASE-16 a late answer of a chosen case makes it pending and settles', async () => {
    const number = stage.number()
    const red = await (await stage.missed(number)).case()
    const call = await stage.outgoing(number)
    await call.post('anna', 'case', { subject: 'Call back' })
    stage.world.tick(20)
    await call.end()
    assert.equal((await call.case()).status, 'open')
    await lateAnswer(call, 'outgoing')
    assert.equal((await call.case()).status, 'pending')
    assert.equal((await stage.case(red.id)).status, 'closed')
  })

  test('CASE-19 after the end, create gives the automatic case subject and essence', async () => {
    const call = await stage.conversation(stage.number())
    const before = await call.case()
    const made = await call.post('anna', 'case', { subject: 'Invoice', essence: 'Wrong sum' })
    assert.equal(made.status, 201)
    const { id, number, subject, status, messages } = made.body
    assert.deepEqual(
      [id, number, subject, status, messages.length, messages[0].text],
      [before.id, before.number, 'Invoice', 'pending', 1, 'Wrong sum'],
    )
    assert.equal(made.body.createdAt, before.createdAt)
  })

  test('CASE-19 of an outgoing call as well, answered or not: pending, not closed', async () => {
    for (const isAnswered of [true, false]) {
      const call = await stage.outgoing(stage.number())
      if (isAnswered) await call.answer()
      await call.end()
      const before = await call.case()
      assert.equal(before.status, 'closed')
      const made = await call.post('anna', 'case', { subject: 'Offer' })
      assert.deepEqual(
        [made.status, made.body.id, made.body.status, made.body.closedAt],
        [201, before.id, 'pending', null],
      )
    }
  })

  test('CASE-19 after the end, fix moves the message and withdraws the automatic case', async () => {
    const number = stage.number()
    const earlier = await (await stage.conversation(number, '102')).case()
    await stage.patch(earlier.id, 'boris', { status: 'closed' })
    const call = await stage.conversation(number)
    const automatic = await call.case()
    const fixed = await call.post('anna', 'fix', { caseId: earlier.id, essence: 'Same thing' })
    assert.equal(fixed.status, 200)
    assert.deepEqual(
      [fixed.body.id, fixed.body.status, fixed.body.messages.length, fixed.body.assigneeId],
      [earlier.id, 'pending', 2, stage.world.agents.boris],
    )
    assert.equal(fixed.body.messages[1].text, 'Same thing')
    assert.equal((await call.view()).caseId, earlier.id)
    const { body } = await stage.world.api('GET', `/api/cases?userId=${earlier.userId}`)
    assert.deepEqual(
      body.items.map(({ id }: CaseSummaryView) => id),
      [earlier.id],
    )
    assert.notEqual(automatic.id, earlier.id)
  })

  test('CASE-19 not when somebody touched the automatic case: 409 with that case', async () => {
    const number = stage.number()
    const earlier = await (await stage.conversation(number, '102')).case()
    const call = await stage.conversation(number)
    const { id } = await call.case()
    await stage.patch(id, 'boris', { status: 'pending' })
    for (const [verb, body] of [
      ['case', { subject: 'Mine' }],
      ['fix', { caseId: earlier.id }],
    ] as const) {
      const refused = await call.post('anna', verb, body)
      assert.equal(refused.status, 409)
      assert.equal(refused.body.case.id, id)
    }
    assert.equal((await call.case()).id, id)
  })

  test('CASE-19 not where a case was already chosen: 409 with that case', async () => {
    const number = stage.number()
    const earlier = await (await stage.conversation(number, '102')).case()
    const call = await stage.incoming(number)
    await call.answer()
    const { body: made } = await call.post('anna', 'case', { subject: 'Chosen' })
    for (const moment of ['during', 'after']) {
      const again = await call.post('anna', 'case', { subject: `Again ${moment}` })
      assert.deepEqual([again.status, again.body.case?.id], [409, made.id])
      const fixed = await call.post('anna', 'fix', { caseId: earlier.id })
      assert.deepEqual([fixed.status, fixed.body.case?.id], [409, made.id])
      if (moment === 'during') await call.end()
    }
    const after = await call.case()
    assert.deepEqual([after.subject, after.messages.length], ['Chosen', 1])
  })

  test('CASE-19 CASE-1 a missed call stays one: nothing can be created from it', async () => {
    const call = await stage.missed(stage.number())
    const refused = await call.post('anna', 'case', { subject: 'Not talked' })
    assert.deepEqual([refused.status, refused.body.type], [409, '/problems/not-answered'])
  })
})
