import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CaseSummaryView, HelloView } from '../../server/http/schemas.ts'
import { type Api, ApiError, createApi } from '../../widget/client/api.ts'
import { type Client, createClient } from '../../widget/client/client.ts'
import { createPatience } from '../../widget/client/patience.ts'
import { selectMissed } from '../../widget/client/select.ts'
import type { SharedOptions } from '../../widget/client/tabs.ts'
import { fieldText } from '../../widget/format.ts'
import { at, callView, caseView, ME, NOW, userView } from '../widget/fake-server.ts'

type Answers = Record<string, () => unknown>

/** A client of a server that answers each path as told; everything else with empty lists. */
function createStage(answers: Answers) {
  let stream: SharedOptions | undefined
  const errors: unknown[] = []
  const api: Api = {
    server: 'http://127.0.0.1:9',
    signsIn: false,
    get: async (path) => {
      const [, answer] = Object.entries(answers).find(([start]) => path.startsWith(start)) ?? []
      return (answer === undefined ? { items: [] } : await answer()) as never
    },
    send: () => Promise.reject(new ApiError(404, {})),
    resolve: (address) => address,
  }
  const client: Client = createClient({
    api,
    now: () => NOW,
    onError: (error) => errors.push(error),
    openStream: (options) => {
      stream = { ...options, name: async () => null, open: () => assert.fail('not opened here') }
      return { wake: () => undefined, close: () => undefined }
    },
  })
  client.start()
  assert.ok(stream)
  stream.onState('open', null)
  return { client, errors, tell: stream.onEvent }
}

const hello = (change: Partial<HelloView> = {}): HelloView => ({
  now: at(0),
  resumedFrom: null,
  epoch: '1',
  calls: [],
  drafts: {},
  dismissed: [],
  controls: {},
  ...change,
})
const missed = (id: string, change: Partial<CaseSummaryView> = {}): CaseSummaryView => {
  const { messages: _, ...summary } = caseView({ id, handset: 'red', status: 'open' })
  return { ...summary, ...change }
}
/** What was asked for has been answered. */
const answers = () => new Promise((resolve) => setImmediate(resolve))
const missedIds = ({ state }: Client) => selectMissed(state).map(({ id }) => id)

test('POP-10 HOLD-10 what a colleague has seen to while the machine slept is no missed call any more', async () => {
  let items = [missed('a'), missed('b'), missed('read')]
  const { client, tell } = createStage({
    '/api/me': () => ME,
    '/api/cases?handset=red': () => ({ items }),
    '/api/cases/read': () => ({
      ...missed('read', { status: 'closed', version: 9 }),
      messages: [],
    }),
  })
  tell('hello', hello())
  await answers()
  client.dispatch({ type: 'case-loaded', case: { ...missed('read'), messages: [] } })
  assert.deepEqual(missedIds(client).sort(), ['a', 'b', 'read'])
  items = [missed('b')]
  tell('hello', hello({ epoch: '2' }))
  // It comes while the list is on its way.
  tell('case', { ...missed('new'), message: null, withdrawnTo: null })
  await answers()
  assert.deepEqual(missedIds(client).sort(), ['b', 'new'])
  assert.equal(
    client.state.cases.get('read')?.status,
    'closed',
    'the one on the screen is read again',
  )
  client.close()
})

test('POP-1 who the agent is is asked for until it is answered: a call that rings then has its pop-up', async () => {
  let asked = 0
  const { client, tell } = createStage({
    '/api/me': () => {
      asked += 1
      if (asked < 2) throw new ApiError(502, {})
      return ME
    },
  })
  tell('hello', hello())
  await answers()
  assert.equal(client.state.me, null)
  tell('call', callView())
  await answers()
  assert.deepEqual(client.state.me, ME)
  tell('call', callView())
  await answers()
  assert.equal(asked, 2)
  client.close()
})

test('POP-3 the calls of others do not push out the ones that a supervisor writes about', () => {
  const { client, tell } = createStage({ '/api/me': () => ME })
  client.dispatch({ type: 'me', me: { ...ME, role: 'supervisor' } })
  const ended = { state: 'ended', outcome: 'answered', endedAt: at(0) } as const
  tell('call', callView({ ...ended, id: 'mine' }))
  for (let index = 0; index < 200; index += 1) {
    tell('call', callView({ ...ended, id: `other-${index}`, legs: [] }))
  }
  assert.ok(client.state.calls.get('mine'))
  assert.ok(client.state.calls.size < 60)
  client.close()
})

test('EMBED-5 an event that makes no sense is told of, and those after it are heard', () => {
  const { client, errors, tell } = createStage({ '/api/me': () => ME })
  for (const data of [null, 5, 'text', [], {}]) {
    for (const event of ['hello', 'call', 'case', 'user', 'recording', 'agent', 'controls']) {
      tell(event, data)
    }
  }
  assert.ok(errors.length > 0)
  tell('call', callView())
  assert.ok(client.state.calls.get('call-1'))
  client.close()
})

test('EMBED-5 an answer that breaks off is asked for again, and is never taken for one', async () => {
  let asked = 0
  const api = createApi({
    server: 'http://127.0.0.1:9',
    getToken: async () => 'token',
    backoff: () => 0,
    fetch: async () => {
      asked += 1
      const body = asked === 1 ? '{"items": [{"id"' : '{"items": []}'
      return new Response(body, { headers: { 'content-type': 'application/json' } })
    },
  })
  assert.deepEqual(await api.get('/api/agents'), { items: [] })
  asked = 0
  await assert.rejects(
    api.send('POST', '/api/cases/1/notes'),
    ({ status }: ApiError) => status === 0,
  )
})

test('EMBED-5 an answer that begins and then hangs is given up', { timeout: 5_000 }, async () => {
  const { fetch } = createPatience(50)
  const real = globalThis.fetch
  globalThis.fetch = async (_input, init) =>
    new Response(
      new ReadableStream({
        start: (body) =>
          init?.signal?.addEventListener('abort', () => body.error(new Error('given up'))),
      }),
    )
  try {
    const response = await fetch('http://127.0.0.1:9/')
    await assert.rejects(response.text(), /given up/)
  } finally {
    globalThis.fetch = real
  }
})

test('SAFE-1 a field is what the user has, whatever it is called', () => {
  for (const key of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'id']) {
    assert.equal(fieldText(userView(), key), '', key)
  }
  const fields = JSON.parse('{"__proto__": "own", "constructor": "made by"}')
  assert.equal(fieldText(userView({ fields }), '__proto__'), 'own')
  assert.equal(fieldText(userView({ fields }), 'constructor'), 'made by')
})
