import assert from 'node:assert/strict'
import test from 'node:test'
import type { UserView } from '../../server/http/schemas.ts'
import { display, onStage } from '../support/stage.ts'

onStage((stage) => {
  const user = async (id: string | null): Promise<{ status: number; body: UserView }> =>
    stage.world.api('GET', `/api/users/${id}`)
  const phonesOf = async (id: string) => (await user(id)).body.phones.map(({ e164 }) => e164)

  test('USER-3 an unknown number becomes a user with its case, not before', async () => {
    for (const way of ['incoming', 'outgoing'] as const) {
      const number = stage.number()
      const call = await stage[way](number)
      await call.answer()
      assert.equal((await call.view()).userId, null)
      const { body } = await call.post('anna', 'case', { subject: 'First contact' })
      const { userId } = await call.view()
      assert.equal(body.userId, userId)
      assert.equal((await user(userId)).body.name, display(number))
      await call.end()
    }
  })

  test('USER-3 the name is the number until somebody edits it', async () => {
    const number = stage.number()
    const { userId } = await (await stage.missed(number)).view()
    await stage.world.api('PATCH', `/api/users/${userId}`, { name: 'Ivan' }, 'anna')
    const again = await stage.missed(number)
    assert.equal((await again.view()).userId, userId)
    assert.equal((await user(userId)).body.name, 'Ivan')
  })

  test('USER-3 two first calls of an unknown number at once make one user', async () => {
    const number = stage.number()
    const users = await stage.count('users')
    const calls = [await stage.incoming(number), await stage.incoming(number)]
    await Promise.all(calls.map((call) => call.end()))
    const [first, second] = await Promise.all(calls.map((call) => call.view()))
    assert.equal((await stage.count('users')) - users, 1)
    assert.equal(first?.userId, second?.userId)
    assert.equal(first?.caseId, second?.caseId)
  })

  test('USER-4 linking merges the automatic user that a call at the same time made', async () => {
    const number = stage.number()
    const owner = await stage.user(stage.number())
    const call = await stage.incoming(number)
    await call.answer()
    assert.equal((await call.view()).userId, null)
    const other = await stage.missed(number)
    const automatic = (await other.view()).userId
    await call.post('anna', 'user', { userId: owner.id })
    assert.equal((await user(automatic)).status, 404)
    assert.equal((await other.case()).userId, owner.id)
    assert.equal((await (await stage.incoming(number)).view()).userId, owner.id)
    await call.end()
  })

  test('USER-4 linking adds the number; call and case move', async () => {
    const [known, unknown] = [stage.number(), stage.number()]
    const owner = await stage.user(known)
    const call = await stage.incoming(unknown)
    await call.answer()
    const { body: made } = await call.post('anna', 'case', { subject: 'New phone' })
    const linked = await call.post('anna', 'user', { userId: owner.id })
    assert.deepEqual([linked.status, linked.body.userId], [200, owner.id])
    assert.deepEqual(await phonesOf(owner.id), [known, unknown])
    assert.equal((await stage.case(made.id)).userId, owner.id)
    await call.end()
    assert.equal((await call.case()).id, made.id)
    assert.equal((await (await stage.incoming(unknown)).view()).userId, owner.id)
    assert.equal((await call.post('anna', 'user', { userId: 'nobody' })).status, 404)
  })

  test('USER-4 the automatic user is merged away with all its calls and cases', async () => {
    const number = stage.number()
    const owner = await stage.user(stage.number())
    const earlier = [await stage.conversation(number), await stage.missed(number)]
    const automatic = String((await earlier[0]!.view()).userId)
    const call = await stage.incoming(number)
    await call.answer()
    assert.equal((await call.view()).userId, automatic)
    await call.post('anna', 'user', { userId: owner.id })
    assert.equal((await user(automatic)).status, 404)
    for (const each of earlier) {
      assert.equal((await each.view()).userId, owner.id)
      assert.equal((await each.case()).userId, owner.id)
    }
    await call.end()
    assert.equal((await call.case()).userId, owner.id)
    assert.equal((await earlier[1]!.case()).status, 'closed')
  })

  test('USER-4 an automatic user who has something else stays', async () => {
    const extra = stage.number()
    const changes = { edited: { name: 'Olga' }, numbered: { phones: [extra] }, external: {} }
    for (const kind of ['edited', 'numbered', 'external'] as const) {
      const number = stage.number()
      const owner = await stage.user(stage.number())
      const earlier = await stage.conversation(number)
      const automatic = String((await earlier.view()).userId)
      const change =
        kind === 'external'
          ? { externalId: `crm-${number}` }
          : kind === 'numbered'
            ? { phones: [number, extra] }
            : changes[kind]
      const path = `/api/users/${automatic}`
      assert.equal((await stage.world.api('PATCH', path, change)).status, 200)
      const call = await stage.conversation(number)
      await call.post('anna', 'user', { userId: owner.id })
      assert.equal((await user(automatic)).status, 200, kind)
      assert.equal((await earlier.view()).userId, automatic)
      assert.equal((await earlier.case()).userId, automatic)
      assert.equal((await call.case()).userId, owner.id)
    }
  })

  test('USER-4 an anonymous caller is linked without a number', async () => {
    const number = stage.number()
    const owner = await stage.user(number)
    const red = await (await stage.missed(number)).case()
    const call = await stage.incoming('anonymous')
    await call.answer()
    await call.post('anna', 'user', { userId: owner.id })
    await call.end()
    const { userId, phone } = await call.case()
    assert.deepEqual([userId, phone], [owner.id, null])
    assert.deepEqual(await phonesOf(owner.id), [number])
    assert.equal((await stage.case(red.id)).status, 'closed')
    assert.equal((await (await stage.incoming('anonymous')).view()).userId, null)
  })

  test('USER-4 two open red cases stay two', async () => {
    const [known, unknown] = [stage.number(), stage.number()]
    const owner = await stage.user(known)
    const ofKnown = await (await stage.missed(known)).case()
    const call = await stage.missed(unknown)
    const ofUnknown = await call.case()
    await call.post('anna', 'user', { userId: owner.id })
    for (const { id } of [ofKnown, ofUnknown]) {
      const { status, handset, userId, messages } = await stage.case(id)
      assert.deepEqual([status, handset, userId, messages.length], ['open', 'red', owner.id, 1])
    }
    // Both settle with the next conversation.
    await stage.conversation(known)
    assert.equal((await stage.case(ofKnown.id)).status, 'closed')
    assert.equal((await stage.case(ofUnknown.id)).status, 'closed')
  })

  test('USER-4 CASE-8 linking after the end of an answered call settles', async () => {
    const [known, unknown] = [stage.number(), stage.number()]
    const owner = await stage.user(known)
    const red = await (await stage.missed(known)).case()
    const call = await stage.conversation(unknown)
    const later = await (await stage.missed(stage.number())).case()
    assert.equal((await stage.case(red.id)).status, 'open')
    await call.post('anna', 'user', { userId: owner.id })
    const settled = await stage.case(red.id)
    assert.deepEqual([settled.status, settled.handset], ['closed', 'red'])
    assert.equal((await stage.case(later.id)).status, 'open')
  })

  test('USER-4 CASE-8 but not what was missed after that call', async () => {
    const [known, unknown] = [stage.number(), stage.number()]
    const owner = await stage.user(known)
    const call = await stage.conversation(unknown)
    const red = await (await stage.missed(known)).case()
    await call.post('anna', 'user', { userId: owner.id })
    assert.equal((await stage.case(red.id)).status, 'open')
  })

  test('USER-4 CASE-8 linking a missed call settles nothing', async () => {
    const [known, unknown] = [stage.number(), stage.number()]
    const owner = await stage.user(known)
    const red = await (await stage.missed(known)).case()
    const call = await stage.outgoing(unknown)
    await call.end()
    await call.post('anna', 'user', { userId: owner.id })
    assert.equal((await stage.case(red.id)).status, 'open')
  })

  test("USER-4 another user's case: 409, then linked, then fixed", async () => {
    const [known, unknown] = [stage.number(), stage.number()]
    const owner = await stage.user(known)
    const earlier = await (await stage.conversation(known, '102')).case()
    const call = await stage.incoming(unknown)
    await call.answer()
    const refused = await call.post('anna', 'fix', { caseId: earlier.id })
    assert.deepEqual([refused.status, refused.body.type], [409, '/problems/other-user'])
    assert.equal((await stage.case(earlier.id)).messages.length, 1)
    await call.post('anna', 'user', { userId: owner.id })
    assert.equal((await call.post('anna', 'fix', { caseId: earlier.id })).status, 200)
    await call.end()
    assert.equal((await call.case()).id, earlier.id)
    assert.equal((await call.post('anna', 'fix', { caseId: 'nowhere' })).status, 404)
  })

  test('USER-4 creating for a user links the caller to them', async () => {
    const unknown = stage.number()
    const owner = await stage.user(stage.number())
    const call = await stage.incoming(unknown)
    await call.answer()
    const { body } = await call.post('anna', 'case', { subject: 'Theirs', userId: owner.id })
    assert.equal(body.userId, owner.id)
    assert.equal((await call.view()).userId, owner.id)
    assert.ok((await phonesOf(owner.id)).includes(unknown))
    await call.end()
  })

  test('USER-4 linking the wrong user can be put right', async () => {
    const unknown = stage.number()
    const [wrong, right] = [await stage.user(stage.number()), await stage.user(stage.number())]
    const call = await stage.conversation(unknown)
    await call.post('anna', 'user', { userId: wrong.id })
    await call.post('anna', 'user', { userId: right.id })
    assert.equal((await call.case()).userId, right.id)
    assert.ok((await phonesOf(right.id)).includes(unknown))
    assert.equal((await user(wrong.id)).status, 200)
  })

  test('CALL-16 extensions are never users', async () => {
    await stage.user('102')
    const users = await stage.count('users')
    const call = await stage.incoming('102')
    await call.answer()
    await call.end()
    const { userId, candidateUserIds } = await call.view()
    assert.deepEqual([userId, candidateUserIds], [null, []])
    assert.equal((await call.case()).subject, 'Incoming call from 102')
    assert.equal(await stage.count('users'), users)
  })

  test('CALL-13 by webhook the direction is that of the event', async () => {
    assert.equal((await (await stage.outgoing('102')).view()).direction, 'outgoing')
    assert.equal((await (await stage.incoming('103')).view()).direction, 'incoming')
  })
})
