import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { display, onStage } from '../support/stage.ts'

const mp3 = readFileSync(new URL('../../server/simulate/recording.mp3', import.meta.url))

onStage((stage) => {
  test('CASE-1 before an incoming call is answered no case can be made', async () => {
    const call = await stage.incoming(stage.number())
    const refused = await call.post('anna', 'case', { subject: 'Too early' })
    assert.equal(refused.status, 409)
    assert.equal(refused.body.type, '/problems/not-answered')
    assert.equal((await call.view()).caseId, null)
    await call.end()
  })

  test('CASE-1 the message says "in progress", then duration, outcome and the recording', async () => {
    const call = await stage.incoming(stage.number())
    await call.answer()
    const made = await call.post('anna', 'case', { subject: 'Delivery', essence: 'Late again' })
    assert.equal(made.status, 201)
    assert.equal(made.body.status, 'open')
    assert.equal(made.body.assigneeId, stage.world.agents.anna)
    const [during] = made.body.messages
    assert.deepEqual([during.kind, during.inProgress, during.text], ['call', true, 'Late again'])
    assert.equal(during.call.talkSeconds, null)
    stage.world.tick(40)
    await call.end()
    const after = await call.case()
    assert.equal(after.id, made.body.id)
    assert.equal(after.number, made.body.number)
    assert.equal(after.messages.length, 1)
    const [message] = after.messages
    assert.equal(message?.id, during.id)
    assert.equal(message?.inProgress, false)
    assert.equal(message?.call?.outcome, 'answered')
    // The clock that the test moves goes on by itself as well.
    const talked = message?.call?.talkSeconds ?? 0
    assert.ok(talked >= 40 && talked <= 43, `talked for ${talked} s`)
    assert.deepEqual(message?.call?.recordings, [])
    assert.equal(await stage.world.record(call.uniqueId, mp3), 200)
    assert.equal((await call.case()).messages[0]?.call?.recordings.length, 1)
  })

  test('CASE-1 supervisors may too, agents who are not on the call may not', async () => {
    const call = await stage.incoming(stage.number())
    await call.answer()
    assert.equal((await call.post('boris', 'case', { subject: 'Not mine' })).status, 404)
    const made = await call.post('susan', 'case', { subject: 'By the supervisor' })
    assert.equal(made.status, 201)
    assert.equal(made.body.assigneeId, stage.world.agents.susan)
    await call.end()
  })

  test('CASE-1 an outgoing call has its case as soon as it starts', async () => {
    const call = await stage.outgoing(stage.number())
    const made = await call.post('anna', 'case', { subject: 'Offer' })
    assert.equal(made.status, 201)
    assert.equal(made.body.status, 'open')
    assert.equal(made.body.messages[0].inProgress, true)
    await call.end()
    assert.equal((await call.case()).messages[0]?.call?.outcome, 'unanswered')
  })

  test('CASE-2 the assignee stays, or is the agent where there was nobody', async () => {
    const number = stage.number()
    const ofBoris = await (await stage.conversation(number, '102')).case()
    const ofNobody = await (await stage.conversation(number, '102')).case()
    await stage.patch(ofNobody.id, 'boris', { assigneeId: null })
    for (const [before, expected] of [
      [ofBoris, 'boris'],
      [ofNobody, 'anna'],
    ] as const) {
      const call = await stage.incoming(number)
      await call.answer()
      const fixed = await call.post('anna', 'fix', { caseId: before.id, essence: 'Once more' })
      assert.equal(fixed.status, 200)
      assert.equal(fixed.body.assigneeId, stage.world.agents[expected])
      assert.equal(fixed.body.subject, before.subject)
      assert.equal(fixed.body.messages.at(-1).text, 'Once more')
      assert.equal(fixed.body.messages.at(-1).inProgress, true)
      await call.end()
      assert.equal((await call.case()).assigneeId, stage.world.agents[expected])
    }
  })

  test('CASE-3 a draft is kept on the server, one for the call', async () => {
    const call = await stage.incoming(stage.number(), { extension: '101,102' })
    await call.draft('anna', { subject: 'First', essence: '' })
    await call.draft('boris', { subject: 'Second', essence: 'words' })
    const path = `/api/calls/${await call.id()}/draft`
    const { body } = await stage.world.api('GET', path, undefined, 'anna')
    assert.deepEqual(
      [body.subject, body.essence, body.updatedBy],
      ['Second', 'words', stage.world.agents.boris],
    )
    assert.equal((await stage.world.api('GET', path, undefined, 'clara')).status, 404)
    assert.equal((await call.draft('clara', { subject: 'Not mine' })).status, 404)
    assert.equal((await call.draft('susan', { subject: 'Supervisor' })).status, 200)
    await call.end()
  })

  test('CASE-3 until 60 s after the end a draft updates the case that nobody touched', async () => {
    const call = await stage.incoming(stage.number())
    await call.answer()
    await call.draft('anna', { subject: 'Half a', essence: '' })
    await call.end()
    assert.equal((await call.case()).subject, 'Half a')
    stage.world.tick(50)
    await call.draft('anna', { subject: 'Half a sentence', essence: 'and its end' })
    const after = await call.case()
    assert.deepEqual(
      [after.subject, after.messages[0]?.text, after.status],
      ['Half a sentence', 'and its end', 'pending'],
    )
    stage.world.tick(15)
    await call.draft('anna', { subject: 'Too late', essence: 'too late' })
    assert.equal((await call.case()).subject, 'Half a sentence')
    assert.equal((await call.case()).messages[0]?.text, 'and its end')
  })

  test('CASE-3 the first word typed after the end makes it the case of a draft', async () => {
    const call = await stage.conversation(stage.number())
    const quick = await stage.incoming(stage.number())
    await quick.answer()
    await quick.end()
    await quick.draft('anna', { subject: 'Typed after', essence: '' })
    const after = await quick.case()
    assert.deepEqual([after.subject, after.status], ['Typed after', 'pending'])
    // 61 s after its end.
    await call.draft('anna', { subject: 'Typed after' })
    assert.equal((await call.case()).status, 'open')
  })

  test('CASE-3 a draft after the end leaves a touched case alone', async () => {
    const call = await stage.incoming(stage.number())
    await call.answer()
    await call.end()
    const { id } = await call.case()
    await stage.patch(id, 'anna', { subject: 'By hand' })
    await call.draft('anna', { subject: 'By draft', essence: 'By draft' })
    const after = await call.case()
    assert.deepEqual([after.subject, after.messages[0]?.text], ['By hand', ''])
  })

  test('CASE-4 a draft of white space is none; an essence alone is one', async () => {
    const number = stage.number()
    const blank = await stage.incoming(number)
    await blank.answer()
    await blank.draft('anna', { subject: '  ', essence: '\n\t' })
    await blank.end()
    const ofBlank = await blank.case()
    assert.deepEqual(
      [ofBlank.subject, ofBlank.status],
      [`Incoming call from ${display(number)}`, 'open'],
    )
    const essence = await stage.outgoing(number)
    await essence.answer()
    await essence.draft('anna', { subject: ' ', essence: 'Called back' })
    await essence.end()
    const ofEssence = await essence.case()
    assert.deepEqual(
      [ofEssence.subject, ofEssence.status, ofEssence.messages[0]?.text],
      [`Outgoing call to ${display(number)}`, 'pending', 'Called back'],
    )
  })

  test('CASE-4 an extension that is mapped to nobody: assignee nobody', async () => {
    const answered = await stage.incoming(stage.number(), { extension: '199' })
    await answered.answer('199')
    await answered.end()
    const ofAnswered = await answered.case()
    assert.deepEqual([ofAnswered.status, ofAnswered.assigneeId], ['open', null])
    const dialled = await stage.outgoing(stage.number(), { extension: '199' })
    await dialled.end()
    const ofDialled = await dialled.case()
    assert.deepEqual([ofDialled.status, ofDialled.assigneeId], ['closed', null])
  })

  test('CASE-4 CALL-15 a number that cannot be read is shown as it came', async () => {
    const call = await stage.missed('sip-kiosk')
    assert.equal((await call.case()).subject, 'Missed call from sip-kiosk')
    const again = await stage.missed('SIP-KIOSK ')
    assert.equal((await again.view()).caseId, (await call.view()).caseId)
  })

  test('CASE-4 the case of an ended call is made at its end', async () => {
    const call = await stage.conversation(stage.number())
    const { createdAt } = await call.case()
    assert.equal(createdAt, (await call.view()).endedAt)
  })

  test('CASE-5 a status that a person set after creating stays', async () => {
    for (const status of ['closed', 'open', 'pending']) {
      const call = await stage.incoming(stage.number())
      await call.answer()
      const { body } = await call.post('anna', 'case', { subject: 'Quick' })
      if (status === 'open') await stage.patch(body.id, 'anna', { status: 'pending' })
      await stage.patch(body.id, 'anna', { status })
      await call.end()
      assert.equal((await call.case()).status, status)
    }
  })

  test('CASE-5 a status that a person set after fixing stays', async () => {
    const number = stage.number()
    const earlier = await (await stage.conversation(number, '102')).case()
    const call = await stage.outgoing(number)
    await call.post('anna', 'fix', { caseId: earlier.id })
    await stage.patch(earlier.id, 'anna', { status: 'closed' })
    await call.answer()
    await call.end()
    assert.equal((await call.case()).status, 'closed')
  })

  test('CASE-5 a status that was set before fixing does not stay', async () => {
    const number = stage.number()
    const earlier = await (await stage.conversation(number, '102')).case()
    await stage.patch(earlier.id, 'boris', { status: 'closed' })
    await stage.patch(earlier.id, 'boris', { status: 'open' })
    const call = await stage.incoming(number)
    await call.answer()
    await call.post('anna', 'fix', { caseId: earlier.id })
    await stage.patch(earlier.id, 'anna', { subject: 'Only the subject' })
    await call.end()
    assert.equal((await call.case()).status, 'pending')
  })
})
