import assert from 'node:assert/strict'
import test from 'node:test'
import { agentsWithOpenPage } from '../../db/open-pages.ts'
import type { TraceView } from '../../server/http/schemas.ts'
import { onEachDatabase } from '../support/database.ts'
import { openStream } from '../support/sse.ts'
import { createWorld, type World } from '../support/world.ts'

const CALLER = '+79161234567'

onEachDatabase((open) => {
  test('CALL-19 a call says why: events as received, who was shown a pop-up and who not, rules and results', async () => {
    await using world = await createWorld(open)
    using anna = await openStream(world.url, world.token('anna'))
    await anna.next(({ type }) => type === 'hello')
    await untilPageIsOpen(world, world.agents.anna)

    const say = (status: string, to: string, more: Record<string, string> = {}): Promise<number> =>
      world.hook({ status, unique_id: 'w.1', from_user: CALLER, to_user: to, ...more })
    await say('start of an incoming call', '74951000101', { api_key: 'secret-canary' })
    await say('incoming_ring', '101,102,199')
    world.tick(4)
    await say('incoming_answer', '102')
    world.tick(10)
    await say('incoming_end', '102')
    const items = await traceOf(world, 'w.1')

    assert.deepEqual(
      items.map(({ source }) => source),
      ['webhook', 'webhook', 'webhook', 'webhook'],
    )
    const [started, rang, answered, ended] = items
    assert.equal(started?.raw.status, 'start of an incoming call')
    assert.equal(started?.raw.from_user, CALLER)
    assert.equal(JSON.stringify(items).includes('secret-canary'), false)
    assert.match(started?.reading ?? '', /incoming call from \+79161234567/)
    assert.ok(Date.parse(started?.arrivedAt ?? '') >= Date.parse(started?.at ?? ''))
    assert.match(rang?.reading ?? '', /101, 102, 199/)
    assert.deepEqual(rang?.agents, [
      {
        agentId: world.agents.anna,
        extension: '101',
        shown: true,
        code: 'rings',
        by: null,
        reason: 'rings',
      },
      {
        agentId: world.agents.boris,
        extension: '102',
        shown: false,
        code: 'no-page',
        by: null,
        reason: 'has no page open',
      },
      {
        agentId: null,
        extension: '199',
        shown: false,
        code: 'unmapped',
        by: null,
        reason: '199 is mapped to nobody',
      },
    ])
    const others = answered?.agents.filter(({ extension }) => extension !== '102') ?? []
    assert.deepEqual(
      others.map(({ extension, reason }) => [extension, reason]),
      [
        ['101', 'answered by 102'],
        ['199', 'answered by 102'],
      ],
    )
    assert.deepEqual(
      others.map(({ code, by }) => [code, by]),
      [
        ['elsewhere', '102'],
        ['elsewhere', '102'],
      ],
    )
    assert.equal(started?.rule, null)
    const { type, direction, from } = started?.event ?? {}
    assert.deepEqual([type, direction, from], ['started', 'incoming', CALLER])
    assert.deepEqual(rang?.event.extensions, ['101', '102', '199'])
    const opened = (await world.api('GET', '/api/cases')).body.items[0]
    assert.deepEqual(ended?.changes, [
      {
        rule: 'CASE-4',
        type: 'openCase',
        caseId: opened.id,
        number: opened.number,
        status: 'open',
        handset: 'green',
        assigneeId: world.agents.boris,
      },
    ])
    assert.equal(ended?.rule, 'CASE-4')
    assert.match(ended?.result ?? '', /Incoming call from/)

    const call = await world.call('w.1')
    const path = `/api/calls/${call.id}/trace`
    assert.equal((await world.api('GET', path, undefined, 'anna')).status, 200)
    assert.equal((await world.api('GET', path, undefined, 'susan')).status, 200)
    assert.equal((await world.api('GET', path, undefined, 'clara')).status, 404)
  })

  test('CALL-19 a pop-up that the agent closed, and a ring that was over when it was heard of', async () => {
    await using world = await createWorld(open)
    using anna = await openStream(world.url, world.token('anna'))
    await anna.next(({ type }) => type === 'hello')
    await untilPageIsOpen(world, world.agents.anna)
    const say = (status: string, to: string): Promise<number> =>
      world.hook({ status, unique_id: 'w.2', from_user: CALLER, to_user: to })
    await say('incoming_ring', '101')
    const { id } = await world.call('w.2')
    await world.api('POST', `/api/calls/${id}/dismiss`, undefined, 'anna')
    world.tick(2)
    await say('incoming_ring', '101,102')
    await world.settled()
    world.tick(5)
    await say('incoming_end', '101')
    await world.settled()
    await world.hook({
      status: 'incoming_ring',
      unique_id: 'w.2',
      from_user: CALLER,
      to_user: '103',
      datetime: '',
    })
    const items = await traceOf(world, 'w.2')
    const reasons = items.map(({ agents }) =>
      agents.map(({ extension, reason }) => `${extension} ${reason}`),
    )
    assert.deepEqual(reasons[0], ['101 rings'])
    assert.deepEqual(reasons[1], ['101 closed by the agent', '102 has no page open'])
    assert.deepEqual(reasons[3], ['103 103 does not ring any more'])
    const missed = items.find(({ rule }) => rule !== null)
    assert.equal(missed?.rule, 'CASE-4')
  })
})

async function traceOf(world: World, uniqueId: string): Promise<TraceView['items']> {
  const { id } = await world.call(uniqueId)
  return (await world.api('GET', `/api/calls/${id}/trace`)).body.items
}

/** The page's process tells the database in its own time. */
async function untilPageIsOpen(world: World, agentId: string): Promise<void> {
  const { db } = world.context.database
  for (;;) {
    if ((await agentsWithOpenPage(db, [agentId], world.now())).has(agentId)) return
  }
}
