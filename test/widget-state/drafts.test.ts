import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HelloView } from '../../server/http/schemas.ts'
import { type Api, ApiError } from '../../widget/client/api.ts'
import { without } from '../../widget/client/by-id.ts'
import { type Client, createClient } from '../../widget/client/client.ts'
import { toMessage, toSnapshot } from '../../widget/client/messages.ts'
import { emptyState, reduce, type State } from '../../widget/client/state.ts'
import type { SharedOptions } from '../../widget/client/tabs.ts'
import { answered, at, callView, ME, NOW } from '../widget/fake-server.ts'

interface Stage {
  readonly client: Client
  readonly sent: string[]
  readonly tell: SharedOptions
  /** What the server answers to drafts; null: it takes them. */
  answer: ApiError | null
}

/** A client with one call, and a server that does as it is told. */
function createStage(): Stage {
  const sent: string[] = []
  let tell: SharedOptions | undefined
  const stage = { answer: null as ApiError | null }
  const api: Api = {
    server: 'http://127.0.0.1:9',
    signsIn: false,
    get: () => Promise.reject(new ApiError(404, {})),
    send: async (_method, _path, options) => {
      const body = options?.body as { essence: string }
      sent.push(body.essence)
      if (stage.answer !== null) throw stage.answer
      return { ...body, updatedAt: at(0), updatedBy: ME.id } as never
    },
    resolve: (address) => address,
  }
  const client = createClient({
    api,
    now: () => NOW,
    openStream: (options) => {
      tell = { ...options, name: async () => null, open: () => assert.fail('not opened here') }
      return { wake: () => undefined, close: () => undefined }
    },
  })
  client.start()
  assert.ok(tell)
  tell.onState('open', null)
  return Object.assign(stage, { client, sent, tell })
}

const syncOf = ({ client }: Stage) => client.state.drafts.get('call-1')?.sync
/** What was asked for has been answered. */
const answers = () => new Promise((resolve) => setImmediate(resolve))

test('CASE-3 what is typed while the server is away is sent as soon as the stream is back', async () => {
  const stage = createStage()
  stage.answer = new ApiError(0, {})
  stage.client.drafts.type('call-1', '', 'first')
  await stage.client.drafts.settle('call-1')
  assert.equal(syncOf(stage), 'failed')
  stage.tell.onState('waiting', null)
  stage.answer = null
  stage.tell.onState('open', null)
  await answers()
  assert.deepEqual([stage.sent, syncOf(stage)], [['first', 'first'], 'saved'])
  stage.tell.onState('waiting', null)
  stage.tell.onState('open', null)
  await answers()
  assert.equal(stage.sent.length, 2, 'what is saved is not sent again')
  stage.client.close()
})

test('CASE-3 what is typed is sent at once when the page is left', () => {
  const stage = createStage()
  stage.client.drafts.type('call-1', '', 'half a sen')
  stage.tell.onLeave()
  assert.deepEqual(stage.sent, ['half a sen'])
})

test('CASE-15 what is typed on a call that has its case meanwhile is dropped quietly', async () => {
  for (const status of [404, 409]) {
    const stage = createStage()
    stage.answer = new ApiError(status, {})
    stage.client.drafts.type('call-1', '', 'late')
    await stage.client.drafts.settle('call-1')
    assert.deepEqual(
      [syncOf(stage), stage.client.state.drafts.get('call-1')?.essence],
      ['saved', ''],
      String(status),
    )
    stage.client.close()
  }
})

test('CASE-3 a draft that is refused otherwise stays, and is tried again with the next connection', async () => {
  const stage = createStage()
  stage.answer = new ApiError(401, {})
  stage.client.drafts.type('call-1', '', 'kept')
  await stage.client.drafts.settle('call-1')
  assert.equal(syncOf(stage), 'failed')
  stage.answer = null
  stage.tell.onState('waiting', null)
  stage.tell.onState('open', null)
  await answers()
  assert.deepEqual([stage.sent, syncOf(stage)], [['kept', 'kept'], 'saved'])
  stage.client.close()
})

test('POP-11 a snapshot makes a new tab know what the leader knows, but for what is being typed', () => {
  const hello: HelloView = {
    now: at(-90),
    resumedFrom: null,
    epoch: '7',
    calls: [callView(), answered({ id: 'call-2' })],
    drafts: { 'call-1': { subject: 'S', essence: 'E', updatedAt: at(5), updatedBy: ME.id } },
    dismissed: ['call-2'],
    controls: { pbx: ['dial'] },
  }
  const typed = { subject: 'mine', essence: '', updatedAt: null, updatedBy: null }
  const leader = [
    { type: 'me', me: { ...ME, controls: hello.controls } } as const,
    { type: 'hello', hello, now: NOW } as const,
    { type: 'draft', callId: 'call-2', draft: { ...typed, sync: 'unsaved' } } as const,
  ].reduce<State>(reduce, emptyState)
  assert.equal(toSnapshot(emptyState, NOW), null)

  const told = structuredClone(toSnapshot(leader, NOW)) ?? []
  const follower = told.reduce<State>((state, [event, data]) => {
    const message = toMessage(event, data, NOW)
    return message === null ? state : reduce(state, message)
  }, emptyState)
  assert.deepEqual(follower, { ...leader, drafts: without(leader.drafts, 'call-2') })
})

test('POP-2 who gave up while the machine slept is not said to have given up just now', () => {
  const start = reduce(emptyState, { type: 'me', me: ME })
  const ringing = reduce(start, { type: 'call', call: callView(), now: NOW })
  const ended = { state: 'ended', outcome: 'missed' } as const
  const after = (secondsAgo: number) =>
    reduce(ringing, {
      type: 'call',
      call: callView({ ...ended, endedAt: at(secondsAgo) }),
      now: NOW,
    }).notices.length
  assert.deepEqual([after(2), after(600)], [1, 0])
})
