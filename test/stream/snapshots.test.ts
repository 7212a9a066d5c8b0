import assert from 'node:assert/strict'
import test from 'node:test'
import { createSnapshots, type Snapshot } from '../../server/stream/snapshots.ts'
import type { Listener } from '../../server/stream/subscribers.ts'
import { onEachDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'

/** Anna and Boris each have two calls, one of them both; Clara has none. */
async function ringAll(world: World): Promise<void> {
  for (const [id, extensions] of [
    ['s.1', '101'],
    ['s.2', '101,102'],
    ['s.3', '102'],
  ] as const) {
    const from_user = '+79161234567'
    await world.hook({ status: 'incoming_ring', unique_id: id, from_user, to_user: extensions })
    world.tick(1)
  }
  const [first, second] = [await world.call('s.1'), await world.call('s.2')]
  const draft = { subject: 'Bill', essence: '' }
  await world.api('PUT', `/api/calls/${second.id}/draft`, draft, 'boris')
  await world.api('POST', `/api/calls/${first.id}/dismiss`, undefined, 'anna')
  await world.api('POST', `/api/calls/${second.id}/dismiss`, undefined, 'boris')
}

onEachDatabase((open, kind) => {
  // 3: as many calls as are read together at most, so that each is asked for by itself.
  for (const maxActive of [5000, 3]) {
    test(`HOLD-6 CALL-18 of many who come at once each gets their own calls, drafts and closed pop-ups (${kind}, at most ${maxActive})`, async () => {
      await using world = await createWorld(open)
      await ringAll(world)
      const snapshots = createSnapshots(world.context.database.db, maxActive)
      const who: Listener[] = [
        { agentId: world.agents.anna, role: 'agent' },
        { agentId: world.agents.susan, role: 'supervisor' },
        { agentId: world.agents.boris, role: 'agent' },
        { agentId: world.agents.clara, role: 'agent' },
        { agentId: world.agents.anna, role: 'agent' },
        { agentId: null, role: 'admin' },
      ]
      // The first is asked for alone, the others together.
      const found = await Promise.all([who[3]!, ...who].map((listener) => snapshots.of(listener)))
      const names = new Map<string, string>()
      for (const id of ['s.1', 's.2', 's.3']) names.set((await world.call(id)).id, id)
      const said = ({ calls, drafts, dismissed }: Snapshot) => ({
        calls: calls.map((call) => call.uniqueId),
        drafts: Object.entries(drafts).map(([id, { subject }]) => `${names.get(id)} ${subject}`),
        dismissed: dismissed.map((id) => names.get(id)),
      })
      const anna = { calls: ['s.2', 's.1'], drafts: ['s.2 Bill'], dismissed: ['s.1'] }
      const boris = { calls: ['s.3', 's.2'], drafts: ['s.2 Bill'], dismissed: ['s.2'] }
      const all = { calls: ['s.3', 's.2', 's.1'], drafts: ['s.2 Bill'], dismissed: [] }
      const none = { calls: [], drafts: [], dismissed: [] }
      assert.deepEqual(found.map(said), [none, anna, all, boris, none, anna, all])
      const alone: Snapshot[] = []
      for (const listener of who) alone.push(await snapshots.of(listener))
      assert.deepEqual(alone.map(said), [anna, all, boris, none, anna, all])
      assert.ok(found.every(({ at }) => at === alone[0]?.at))
    })
  }
})
