import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallView, HelloView } from '../../server/http/schemas.ts'
import { createApi } from '../../widget/client/api.ts'
import { backoffMs } from '../../widget/client/backoff.ts'
import { createClient } from '../../widget/client/client.ts'
import {
  selectCurrentCalls,
  selectFields,
  selectMissed,
  selectPopups,
} from '../../widget/client/select.ts'
import { emptyState, type Message, reduce, type State } from '../../widget/client/state.ts'
import {
  answered,
  at,
  callView,
  caseView,
  ME,
  messageView,
  NOW,
  userView,
} from '../widget/fake-server.ts'

const start: State = reduce(emptyState, { type: 'me', me: ME })
const hello = (change: Partial<HelloView> = {}): Message => ({
  type: 'hello',
  now: NOW,
  hello: {
    now: at(0),
    resumedFrom: null,
    epoch: '1',
    calls: [],
    drafts: {},
    dismissed: [],
    controls: {},
    ...change,
  },
})
const call = (change: Partial<CallView> = {}): Message => ({
  type: 'call',
  call: callView(change),
  now: NOW,
})
const run = (...messages: readonly Message[]): State => messages.reduce(reduce, start)
const popups = (state: State): string[] =>
  selectPopups(state).map((one) => `${one.kind} ${one.call.id}`)
const [leg] = callView().legs
if (leg === undefined) throw new Error('the call of the fixtures has one leg')
const missed = { state: 'ended', outcome: 'missed', endedAt: at(0), ringSeconds: 12 } as const

const scenarios: readonly { name: string; messages: readonly Message[]; expected: string[] }[] = [
  { name: 'POP-1 my phone rings', messages: [hello(), call()], expected: ['ringing call-1'] },
  {
    name: 'POP-2 another agent rings, not I',
    messages: [hello(), call({ legs: [{ ...leg, agentId: 'agent-2' }] })],
    expected: [],
  },
  {
    name: 'POP-2 another agent answers: gone at once',
    messages: [
      hello(),
      call(),
      call({ state: 'answered', agentId: 'agent-2', legs: [{ ...leg, result: 'elsewhere' }] }),
    ],
    expected: [],
  },
  {
    name: 'POP-2 the caller gives up: it says so',
    messages: [hello(), call(), call({ ...missed, legs: [{ ...leg, result: 'cancelled' }] })],
    expected: ['gave-up call-1'],
  },
  {
    name: 'POP-2 it leaves after a moment',
    messages: [
      hello(),
      call(),
      call({ ...missed, legs: [{ ...leg, result: 'cancelled' }] }),
      { type: 'tick', now: NOW + 6_001 },
    ],
    expected: [],
  },
  {
    name: 'POP-2 I refused: the caller did not give up',
    messages: [hello(), call(), call({ ...missed, legs: [{ ...leg, result: 'busy' }] })],
    expected: [],
  },
  {
    name: 'POP-2 a call that rang elsewhere ends: nothing',
    messages: [hello(), call({ legs: [] }), call({ ...missed, legs: [] })],
    expected: [],
  },
  {
    name: 'POP-2 closed here: closed',
    messages: [hello(), call(), { type: 'dismissed', callId: 'call-1' }, call()],
    expected: [],
  },
  {
    name: 'POP-2 closed, then given up: stays closed',
    messages: [hello(), call(), { type: 'dismissed', callId: 'call-1' }, call(missed)],
    expected: [],
  },
  {
    name: 'POP-2 closed in another tab',
    messages: [hello({ calls: [callView()], dismissed: ['call-1'] })],
    expected: [],
  },
  {
    name: 'CALL-11 a ringing event after the end changes nothing',
    messages: [hello(), call(missed), call()],
    expected: [],
  },
  {
    name: 'POP-1 two calls are stacked, the first on top',
    messages: [hello(), call({ id: 'b', ringingAt: at(3) }), call({ id: 'a', ringingAt: at(9) })],
    expected: ['ringing a', 'ringing b'],
  },
  {
    name: 'POP-11 a new snapshot without the call: it does not ring any more',
    messages: [hello({ calls: [callView()] }), hello()],
    expected: [],
  },
  {
    name: 'POP-11 resumed: what the snapshot leaves out is still there',
    messages: [hello({ calls: [callView()] }), hello({ resumedFrom: '7' })],
    expected: ['ringing call-1'],
  },
]
for (const { name, messages, expected } of scenarios) {
  test(name, () => assert.deepEqual(popups(run(...messages)), expected))
}

test('POP-7 my answered call is current, another agent’s is not, and a transferred one no more', () => {
  const ids = (change: Partial<CallView>) =>
    selectCurrentCalls(run(hello(), { type: 'call', call: answered(change), now: NOW })).map(
      (one) => one.id,
    )
  assert.deepEqual(ids({}), ['call-1'])
  assert.deepEqual(
    ids({ agentId: 'agent-2', legs: [{ ...leg, agentId: 'agent-2', result: 'answered' }] }),
    [],
  )
  assert.deepEqual(ids({ legs: [{ ...leg, result: 'answered', endedAt: at(1) }] }), [])
})

test('POP-6 a call that I dial is current as soon as dialling starts', () => {
  const state = run(
    hello(),
    call({ direction: 'outgoing', state: 'started', agentId: 'agent-1', legs: [] }),
  )
  assert.deepEqual(
    selectCurrentCalls(state).map((one) => one.id),
    ['call-1'],
  )
  assert.deepEqual(popups(state), [])
})

test('POP-10 the missed list: red and not closed, who waits longest first', () => {
  const red = { handset: 'red', status: 'open' } as const
  const state = run({
    type: 'cases',
    items: [
      caseView({ ...red, id: 'late', waitingSince: at(5) }),
      caseView({ ...red, id: 'early', waitingSince: at(500) }),
      caseView({ ...red, id: 'done', status: 'closed' }),
      caseView({ id: 'green' }),
    ],
  })
  assert.deepEqual(
    selectMissed(state).map((one) => one.id),
    ['early', 'late'],
  )
})

test('CASE-15 an older version of a case never covers a newer one', () => {
  const event = { ...caseView({ version: 3, status: 'pending' }), message: null, withdrawnTo: null }
  const state = run(
    { type: 'cases', items: [caseView({ version: 4, status: 'closed' })] },
    { type: 'case', case: event },
  )
  assert.equal(state.cases.get('case-1')?.status, 'closed')
})

test('CASE-1 the message of a loaded case follows the call live', () => {
  const first = messageView({ id: 'm', kind: 'call', inProgress: true, createdAt: at(50) })
  const event = {
    ...caseView({ version: 4 }),
    message: { ...first, inProgress: false },
    withdrawnTo: null,
  }
  const state = run(
    { type: 'case-loaded', case: caseView({ messages: [first, messageView()] }) },
    { type: 'case', case: event },
  )
  assert.deepEqual(
    state.messages.get('case-1')?.map((one) => [one.id, one.inProgress]),
    [
      ['message-1', false],
      ['m', false],
    ],
  )
})

test('CASE-19 a withdrawn case is gone and says where its call went', () => {
  const event = { ...caseView(), message: null, withdrawnTo: 'case-2' }
  const state = run({ type: 'cases', items: [caseView()] }, { type: 'case', case: event })
  assert.deepEqual(
    [state.cases.get('case-1'), state.withdrawn.get('case-1')],
    [undefined, 'case-2'],
  )
})

test('CASE-1 a recording reaches the call and the messages that show it', () => {
  const ended = callView({ ...missed, outcome: 'answered' })
  const loaded = caseView({ messages: [messageView({ kind: 'call', call: ended })] })
  const recording = {
    id: 'r1',
    callId: 'call-1',
    mime: 'audio/wav',
    bytes: 5,
    seconds: 3,
    pauses: [],
  }
  const state = run(
    { type: 'call', call: ended, now: NOW },
    { type: 'case-loaded', case: loaded },
    { type: 'recording', recording },
    { type: 'recording', recording },
  )
  assert.deepEqual(state.calls.get('call-1')?.recordings, [recording])
  assert.deepEqual(state.messages.get('case-1')?.[0]?.call?.recordings, [recording])
})

test('CASE-3 what is typed and not saved is newer than the snapshot’s draft', () => {
  const draft = { subject: 'mine', essence: '', updatedAt: null, updatedBy: null }
  const told = { ...draft, subject: 'older' }
  const state = run(
    { type: 'draft', callId: 'call-1', draft: { ...draft, sync: 'unsaved' } },
    hello({ drafts: { 'call-1': told } }),
  )
  assert.equal(state.drafts.get('call-1')?.subject, 'mine')
})

test('PERF-7 ten thousand calls later the state is as large as after a thousand', () => {
  let state = run(hello())
  const sizes: number[] = []
  for (let index = 0; index < 3_000; index += 1) {
    const id = `call-${index}`
    state = reduce(state, { type: 'call', call: callView({ ...missed, id }), now: NOW })
    state = reduce(state, { type: 'user', user: userView({ id: `user-${index}` }) })
    state = reduce(state, { type: 'cases', items: [caseView({ id: `case-${index}` })] })
    state = reduce(state, { type: 'dismissed', callId: id })
    if (index === 999 || index === 2_999)
      sizes.push(Math.round(JSON.stringify(state).length / 10_000))
  }
  assert.ok((sizes[1] ?? 0) <= (sizes[0] ?? 0) * 1.4, `sizes ${sizes.join(' → ')}`)
})

test('POP-2 the reducer changes nothing it was given', () => {
  const before = run(hello(), call())
  const copy = structuredClone(before)
  reduce(before, { type: 'call', call: callView(missed), now: NOW })
  assert.deepEqual(before, copy)
})

test('HOLD-6 browsers come back spread out, and wait longer each time up to a bound', () => {
  assert.ok(backoffMs(0, 0.99) < 250)
  for (let attempt = 1; attempt < 20; attempt += 1) {
    assert.ok(backoffMs(attempt, 0) >= backoffMs(attempt - 1, 0))
    assert.ok(backoffMs(attempt, 1) <= 15_000)
    assert.ok(backoffMs(attempt, 1) > backoffMs(attempt, 0))
  }
})

test('ADMIN-5 settings that an admin changes are in open pages at once', () => {
  let tell: (event: string, data: unknown) => void = () => assert.fail('nobody listens')
  let asked: readonly string[] = []
  const client = createClient({
    api: createApi({ server: 'http://127.0.0.1:9', getToken: async () => null }),
    openStream: ({ events, onEvent }) => {
      asked = events
      tell = onEvent
      return { wake: () => undefined, close: () => undefined }
    },
  })
  client.start()
  assert.ok(asked.includes('settings'))
  const fields = [{ key: 'tier', label: 'Tier', type: 'text', inPopup: true }]
  let told = 0
  client.subscribe(() => {
    told += 1
  })
  tell('settings', { wrapUpSeconds: 30, fields })
  assert.deepEqual([selectFields(client.state), told], [fields, 1])
  client.close()
})
