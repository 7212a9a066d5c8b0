import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createDelivery, mayHear } from '../../server/stream/delivery.ts'
import { type StreamEvent, toStreamEvent } from '../../server/stream/stream-event.ts'
import {
  createSubscribers,
  type Listener,
  type Subscriber,
} from '../../server/stream/subscribers.ts'
import { createRandom, pickSeed } from '../support/random.ts'

const ANNA: Listener = { agentId: 'anna', role: 'agent' }
const BORIS: Listener = { agentId: 'boris', role: 'agent' }
const SUSAN: Listener = { agentId: 'susan', role: 'supervisor' }
const ADMIN: Listener = { agentId: null, role: 'admin' }

function eventAt(id: number, audience: readonly string[] | null = null, type = 'call') {
  const row = { id, type: type as 'call', audience: audience as string[] | null, data: { id } }
  return toStreamEvent(row, `e${id}`)
}

/** Who hears as a client does: by the positions, of what it is given again only what is new. */
function listen(...listeners: readonly Listener[]) {
  const heard = listeners.map(() => [] as number[])
  const times: number[] = listeners.map(() => 0)
  const subscribers = listeners.map((listener, index) => {
    let last = 0
    return {
      ...listener,
      send: (run: { position: number; bytesAfter(position: number): Buffer }) => {
        if (run.position <= last) return
        const text = run.bytesAfter(last).toString()
        heard[index]!.push(...[...text.matchAll(/^id: e(\d+)$/gm)].map(([, id]) => Number(id)))
        times[index]! += 1
        last = run.position
      },
    }
  })
  return { heard, times, delivery: createDelivery(toSubscribers(subscribers)) }
}

function toSubscribers(some: readonly Subscriber[]) {
  const subscribers = createSubscribers()
  for (const one of some) subscribers.add(one)
  return subscribers
}

function mockTime(t: TestContext): (ms: number) => void {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 1000
  t.mock.method(performance, 'now', () => now)
  return (ms) => {
    now += ms
    t.mock.timers.tick(ms)
  }
}

test('PERF-2 at rest everything is brought at once', (t) => {
  const pass = mockTime(t)
  const { heard, delivery } = listen(ANNA, ADMIN)
  delivery.bring([eventAt(1)])
  assert.deepEqual(heard, [[1], [1]])
  pass(500)
  delivery.bring([eventAt(2)])
  assert.deepEqual(heard, [
    [1, 2],
    [1, 2],
  ])
})

test('PERF-2 what everybody hears comes together, and is there after 200 ms', (t) => {
  const pass = mockTime(t)
  const { heard, times, delivery } = listen(ANNA)
  for (let id = 1; id <= 100; id += 1) {
    delivery.bring([eventAt(id)])
    pass(10)
  }
  pass(200)
  assert.deepEqual(
    heard[0],
    Array.from({ length: 100 }, (_, index) => index + 1),
  )
  assert.equal(times[0], 6)
})

test('PERF-2 what is an agent’s own comes at once, after all that came before it, with what came with it, and to nobody else', (t) => {
  const pass = mockTime(t)
  const { heard, delivery } = listen(ANNA, BORIS, SUSAN)
  delivery.bring([eventAt(1)])
  delivery.bring([eventAt(2), eventAt(3, ['boris'], 'dismissed'), eventAt(4, ['anna']), eventAt(5)])
  assert.deepEqual(heard, [[1, 2, 4, 5], [1, 2, 3, 5], [1]])
  pass(200)
  assert.deepEqual(heard, [
    [1, 2, 4, 5],
    [1, 2, 3, 5],
    [1, 2, 4, 5],
  ])
})

test('PERF-2 nothing is missed, doubled or out of order, whoever hears what and when', (t) => {
  const seed = pickSeed()
  const random = createRandom(seed)
  const pass = mockTime(t)
  const all = [ANNA, BORIS, SUSAN, ADMIN]
  const { heard, delivery } = listen(...all)
  const told: StreamEvent[] = []
  const audiences = [null, null, ['anna'], ['boris', 'susan'], ['anna', 'boris'], []]
  const types = ['call', 'dismissed', 'hook', 'agent']
  for (let id = 1; id <= 2000; ) {
    const some = Array.from({ length: Math.floor(random() * 5) }, () => {
      const audience = audiences[Math.floor(random() * audiences.length)]!
      id += 1
      return eventAt(id, audience, types[Math.floor(random() * types.length)])
    })
    told.push(...some)
    delivery.bring(some)
    pass(Math.floor(random() * 120))
  }
  pass(200)
  for (const [index, listener] of all.entries()) {
    const right = told.filter(({ row }) => mayHear(listener, row)).map(({ position }) => position)
    assert.deepEqual(heard[index], right, `${listener.role}, TEST_SEED=${seed}`)
  }
})

test('PERF-3 what is an agent’s own overtakes what thousands hear, and comes after what came before it', async () => {
  const many = Array.from({ length: 5000 }, (_, index) => ({
    agentId: `agent ${index}`,
    role: 'agent' as const,
  }))
  const { heard, times, delivery } = listen(...many)
  delivery.bring([eventAt(1), eventAt(2), eventAt(3, ['agent 7'])])
  await nextTurn()
  delivery.bring([eventAt(4, ['agent 4900']), eventAt(5, ['agent 0'])])
  assert.ok(heard.filter((each) => each.includes(2)).length < 4000, 'the others wait')
  assert.deepEqual(
    [heard[7], heard[4900], heard[0]],
    [
      [1, 2, 3],
      [1, 2, 4],
      [1, 2, 5],
    ],
  )
  while (heard.at(-1)!.length === 0) await nextTurn()
  delivery.close()
  assert.equal(heard.filter((each) => each.slice(0, 2).join() !== '1,2').length, 0)
  assert.deepEqual([times[7], times[4900], times[0], times[1]], [1, 1, 2, 1])
})

test('PERF-3 where nobody has anything of their own, all hear it at once', () => {
  const many = Array.from({ length: 5000 }, () => ANNA)
  const { heard, delivery } = listen(...many)
  delivery.bring([eventAt(1)])
  assert.equal(heard.filter((each) => each.length === 1).length, 5000)
  delivery.close()
})

test('PERF-3 the longer it takes to tell everybody, the seldomer it is done', async (t) => {
  const pass = mockTime(t)
  let times = 0
  const send = (): void => {
    times += 1
    pass(100)
  }
  const delivery = createDelivery(toSubscribers([{ ...ANNA, send }]))
  for (let id = 1; id <= 30; id += 1) {
    delivery.bring([eventAt(id)])
    pass(100)
  }
  delivery.close()
  assert.ok(times >= 5 && times <= 8, `${times} times in four seconds`)
})

test('PERF-2 nothing is brought after it was closed', (t) => {
  const pass = mockTime(t)
  const { heard, delivery } = listen(ANNA)
  delivery.bring([eventAt(1)])
  delivery.bring([eventAt(2)])
  delivery.close()
  pass(1000)
  assert.deepEqual(heard, [[1]])
})
