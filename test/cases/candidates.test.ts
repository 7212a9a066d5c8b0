import assert from 'node:assert/strict'
import test from 'node:test'
import { sql } from 'kysely'
import type { CallView, UserView } from '../../server/http/schemas.ts'
import { onStage } from '../support/stage.ts'

onStage((stage) => {
  const user = async (id: string): Promise<{ status: number; body: UserView }> =>
    stage.world.api('GET', `/api/users/${id}`)
  const phonesOf = async (id: string) => (await user(id)).body.phones.map(({ e164 }) => e164)

  test('USER-3 CALL-16 several users with the number: all offered, none chosen', async () => {
    const number = stage.number()
    const [one, two] = [await stage.user(number), await stage.user(number)]
    const call = await stage.incoming(number)
    await call.answer()
    const { userId, candidateUserIds } = await call.view()
    assert.equal(userId, null)
    assert.deepEqual(candidateUserIds.toSorted(), [one.id, two.id].toSorted())
    const { body: made } = await call.post('anna', 'case', { subject: 'Which one?' })
    assert.deepEqual([made.userId, made.phone.e164], [null, number])
    await call.end()
  })

  test('USER-4 choosing a candidate adds no number and takes the case along', async () => {
    const number = stage.number()
    const [one, two] = [await stage.user(number), await stage.user(number)]
    const call = await stage.conversation(number)
    assert.equal((await call.case()).userId, null)
    const linked = await call.post('anna', 'user', { userId: two.id })
    assert.deepEqual([linked.status, linked.body.userId], [200, two.id])
    assert.equal((await call.case()).userId, two.id)
    assert.deepEqual(await phonesOf(two.id), [number])
    assert.deepEqual(await phonesOf(one.id), [number])
    // The choice was for that call: the next one offers both again.
    assert.equal((await (await stage.incoming(number)).view()).candidateUserIds.length, 2)
  })

  test('USER-4 choosing a candidate merges an automatic one away', async () => {
    const number = stage.number()
    const earlier = await stage.conversation(number)
    const automatic = String((await earlier.view()).userId)
    const owner = await stage.user(number)
    const call = await stage.incoming(number)
    await call.answer()
    assert.equal((await call.view()).candidateUserIds.length, 2)
    await call.post('anna', 'user', { userId: owner.id })
    assert.equal((await user(automatic)).status, 404)
    assert.equal((await earlier.case()).userId, owner.id)
    assert.deepEqual(await phonesOf(owner.id), [number])
    await call.end()
    assert.equal((await (await stage.incoming(number)).view()).userId, owner.id)
  })

  test('USER-3 a candidate who is deleted is offered no longer, in calls before and now', async () => {
    const number = stage.number()
    const [one, two] = [await stage.user(number), await stage.user(number)]
    const three = await stage.user(number)
    const earlier = await stage.missed(number)
    const call = await stage.incoming(number)
    assert.equal((await call.view()).candidateUserIds.length, 3)
    const remove = (id: string) => stage.world.api('DELETE', `/api/users/${id}`)
    assert.equal((await remove(two.id)).status, 204)
    const left = [one.id, three.id].toSorted()
    assert.deepEqual((await call.view()).candidateUserIds.toSorted(), left)
    assert.deepEqual((await earlier.view()).candidateUserIds.toSorted(), left)
    // The pages that show the call hear of it.
    const { id } = await call.view()
    const { data } = await stage.world.context.database.db
      .selectFrom('outbox')
      .select('data')
      .where('type', '=', 'call')
      .where(sql`data ->> 'id'`, '=', id)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    assert.deepEqual((data as CallView).candidateUserIds.toSorted(), left)
    assert.equal((await remove(three.id)).status, 204)
    await call.answer()
    assert.equal((await call.view()).userId, one.id)
    await call.end()
  })

  test('USER-4 CASE-6 missed calls that were grouped by number are of the user who is chosen for one of them', async () => {
    const number = stage.number()
    const [one, two] = [await stage.user(number), await stage.user(number)]
    const both = { extension: '101,102' }
    const [first, second] = [await stage.missed(number, both), await stage.missed(number, both)]
    const grouped = await first.case()
    assert.equal(grouped.id, (await second.case()).id)
    assert.equal((await first.post('anna', 'user', { userId: one.id })).status, 200)
    const { userId, candidateUserIds } = await second.view()
    assert.deepEqual([userId, candidateUserIds], [one.id, []])
    assert.equal((await first.case()).userId, one.id)

    // Whoever knows better says so for one of the calls: the case and its calls stay one person's.
    assert.equal((await second.post('boris', 'user', { userId: two.id })).status, 200)
    assert.deepEqual([(await first.view()).userId, (await second.view()).userId], [two.id, two.id])
    const settled = await first.case()
    assert.deepEqual([settled.id, settled.userId], [grouped.id, two.id])
    const history = await stage.world.api('GET', `/api/cases/${grouped.id}/history`)
    const { anna, boris } = stage.world.agents
    assert.deepEqual(
      history.body.items
        .filter(({ kind }: { kind: string }) => kind === 'user')
        .map(({ agentId, from, to }: Record<string, unknown>) => [agentId, from, to]),
      [
        [anna, null, one.id],
        [boris, one.id, two.id],
      ],
    )
  })

  test('USER-4 a call from another number in the case keeps its user', async () => {
    const [own, shared] = [stage.number(), stage.number()]
    const owner = await stage.user(own, shared)
    const other = await stage.user(stage.number())
    const [first, second] = [await stage.missed(own), await stage.missed(shared)]
    assert.equal((await first.case()).id, (await second.case()).id)
    await second.post('anna', 'user', { userId: other.id })
    assert.equal((await first.view()).userId, owner.id)
    assert.equal((await second.view()).userId, other.id)
  })

  test('USER-4 CASE-8 with the candidate chosen, what the number missed settles', async () => {
    const number = stage.number()
    const [owner] = [await stage.user(number), await stage.user(number)]
    const red = await (await stage.missed(number)).case()
    assert.equal(red.userId, null)
    const call = await stage.incoming(number)
    await call.answer()
    await call.post('anna', 'user', { userId: owner.id })
    await call.end()
    assert.equal((await stage.case(red.id)).status, 'closed')
  })

  test("USER-4 a candidate's case: 409 until the candidate is chosen", async () => {
    const [own, shared] = [stage.number(), stage.number()]
    const owner = await stage.user(own, shared)
    await stage.user(shared)
    const earlier = await (await stage.conversation(own, '102')).case()
    assert.equal(earlier.userId, owner.id)
    const call = await stage.incoming(shared)
    await call.answer()
    assert.equal((await call.post('anna', 'fix', { caseId: earlier.id })).status, 409)
    await call.post('anna', 'user', { userId: owner.id })
    assert.equal((await call.post('anna', 'fix', { caseId: earlier.id })).status, 200)
    await call.end()
  })
})
