import assert from 'node:assert/strict'
import { request } from 'node:http'
import test from 'node:test'
import type { CallView } from '../../server/http/schemas.ts'
import { openStream } from '../support/sse.ts'
import { onStage, type Stage } from '../support/stage.ts'
import { wavOf } from '../support/wav.ts'
import type { Answer } from '../support/world.ts'
import { signIn } from './identities.ts'
import { answeredCall } from './things.ts'

/** Everything that is done to a call by its address. */
const ON_A_CALL: readonly (readonly [string, string, unknown?])[] = [
  ['GET', ''],
  ['GET', '/trace'],
  ['GET', '/draft'],
  ['PUT', '/draft', { subject: 'mine now' }],
  ['POST', '/close'],
  ['POST', '/case', { subject: 'mine now' }],
  ['POST', '/fix', { caseId: 'CASE' }],
  ['POST', '/user', { userId: 'USER' }],
  ['POST', '/dismiss'],
  ...['answer', 'hangup', 'hold', 'resume', 'mute', 'unmute', 'transfer-complete'].map(
    (verb) => ['POST', `/actions/${verb}`] as const,
  ),
  ...['transfer-cancel', 'park', 'retrieve', 'pause-recording', 'resume-recording'].map(
    (verb) => ['POST', `/actions/${verb}`] as const,
  ),
  ['POST', '/actions/dtmf', { digits: '1' }],
  ['POST', '/actions/transfer', { to: '102', mode: 'blind' }],
]

/** What the agents of the call have before anybody else tries. */
async function play(stage: Stage): Promise<{ call: CallView; caseId: string; userId: string }> {
  const { world } = stage
  const uniqueId = stage.uniqueId()
  const id = await answeredCall(world, uniqueId)
  await world.api('PUT', `/api/calls/${id}/draft`, { subject: 'of anna' }, 'anna')
  const other = await answeredCall(world, stage.uniqueId())
  const made = await world.api('POST', `/api/calls/${other}/case`, { subject: 'open' }, 'anna')
  const { id: userId } = await world.user({ name: 'Vera' })
  return { call: await world.call(uniqueId), caseId: made.body.id, userId }
}

onStage(
  (stage) => {
    test('SAFE-2 to an agent who is not on it a call is not there, whatever is asked of it; it stays as it was', async () => {
      const world = stage.world
      const { call, caseId, userId } = await play(stage)
      const none = '00000000-0000-7000-8000-000000000000'
      const answers: Record<string, unknown> = {}
      for (const [method, path, body] of ON_A_CALL) {
        const text = JSON.stringify(body)?.replace('CASE', caseId).replace('USER', userId)
        const json = text === undefined ? undefined : JSON.parse(text)
        const foreign = await world.api(method, `/api/calls/${call.id}${path}`, json, 'boris')
        const missing = await world.api(method, `/api/calls/${none}${path}`, json, 'boris')
        assert.equal(foreign.status, 404, `${method} ${path}: ${JSON.stringify(foreign.body)}`)
        // A call of others and one that never was are the same to them.
        assert.deepEqual(shape(foreign, call.id), shape(missing, none), `${method} ${path}`)
        answers[path] = foreign.status
      }
      assert.ok(Object.keys(answers).length >= 20)
      const { body: draft } = await world.api(
        'GET',
        `/api/calls/${call.id}/draft`,
        undefined,
        'anna',
      )
      assert.equal(draft.subject, 'of anna')
      assert.deepEqual(await world.call(call.uniqueId), call, 'the call is as it was')
      const list = await world.api('GET', '/api/calls?limit=200', undefined, 'boris')
      assert.ok(!JSON.stringify(list.body).includes(call.id))
      for (const query of [`?agentId=${world.agents.anna}`, '?state=active', `?userId=${userId}`]) {
        const found = await world.api('GET', `/api/calls${query}`, undefined, 'boris')
        assert.ok(!JSON.stringify(found.body).includes(call.id), query)
      }
    })

    test('SAFE-2 the stream tells an agent nothing of calls and drafts of others, live, in the snapshot or replayed', async () => {
      const world = stage.world
      using early = await openStream(world.url, world.token('boris'))
      const hello = await early.next(({ type }) => type === 'hello')
      const { call } = await play(stage)
      // Something for him comes after it: whatever was before would be there.
      const own = { unique_id: stage.uniqueId(), from_user: '79160000009' }
      await world.hook({ ...own, status: 'incoming_start', to_user: '74951000101' })
      await world.hook({ ...own, status: 'incoming_ring', to_user: '102' })
      const isOwn = ({ type, data }: { type: string; data: any }): boolean =>
        type === 'call' && data.uniqueId === own.unique_id
      await early.next(isOwn)
      using again = await openStream(world.url, world.token('boris'), hello.id)
      await again.next(isOwn)
      using late = await openStream(world.url, world.token('boris'))
      await late.next(({ type }) => type === 'hello')
      for (const { events } of [early, again, late]) {
        const told = events.filter(({ type }) => ['hello', 'call', 'draft'].includes(type))
        assert.ok(!JSON.stringify(told).includes(call.id))
        assert.ok(!JSON.stringify(told).includes('of anna'))
      }
    })

    test('SAFE-2 what is of another parent is not there: messages, deliveries, sign-ins', async () => {
      const world = stage.world
      const first = await answeredCall(world, stage.uniqueId())
      const second = await answeredCall(world, stage.uniqueId())
      const cases: string[] = []
      for (const id of [first, second]) {
        const made = await world.api('POST', `/api/calls/${id}/case`, { subject: 's' }, 'anna')
        cases.push(made.body.id)
      }
      const note = await world.api('POST', `/api/cases/${cases[0]}/notes`, { text: 'n' }, 'anna')
      const path = `/api/cases/${cases[1]}/messages/${note.body.id}`
      assert.equal((await world.api('PATCH', path, { text: 'x' }, 'anna')).status, 404)

      const hooks: string[] = []
      for (const path of ['/1', '/2']) {
        const url = `http://127.0.0.1:1${path}`
        hooks.push(
          (await world.api('POST', '/api/hooks', { url, events: ['user.linked'] })).body.id,
        )
      }
      const ping = await world.api('POST', `/api/hooks/${hooks[0]}/test`)
      const resend = `/api/hooks/${hooks[1]}/deliveries/${ping.body.id}/resend`
      assert.equal((await world.api('POST', resend)).status, 404)

      const { keyId, token } = await signIn(world, 'anna')
      const revoke = `/api/agents/${world.agents.boris}/sign-ins/${keyId}`
      assert.equal((await world.api('DELETE', revoke)).status, 404)
      const me = await fetch(`${world.url}/api/me`, {
        headers: { authorization: `Bearer ${token}` },
      })
      assert.equal(me.status, 200, 'anna is still signed in')
    })

    test('SAFE-2 the token of a connection reaches no call of another one', async () => {
      const world = stage.world
      const uniqueId = stage.uniqueId()
      await answeredCall(world, uniqueId)
      const before = await world.call(uniqueId)
      const pbx = { name: 'Another PBX', timeZone: 'UTC', country: 'RU' }
      const { body: other } = await world.api('POST', '/api/connections', pbx)
      const foreign = `${world.url}/webhooks/asterisk/${other.webhookToken}`
      const form = new FormData()
      form.set('status', 'record')
      form.set('unique_id', uniqueId)
      form.set('record', new Blob([wavOf(new Int16Array(800))]), 'record.wav')
      await fetch(foreign, { method: 'POST', body: form })
      const end = { status: 'incoming_end', unique_id: uniqueId, from_user: '1', to_user: '2' }
      await fetch(foreign, { method: 'POST', body: new URLSearchParams(end) })
      assert.deepEqual(await world.call(uniqueId), before)
    })

    test('SAFE-2 a PBX’s websocket is opened by its own token alone, and by no browser', async () => {
      const world = stage.world
      const connection = await world.api('GET', `/api/connections/${world.connectionId}`)
      const own = `/pbx/ari/${connection.body.webhookToken}`
      const refused = [
        '/pbx/ari/',
        '/pbx/ari/none',
        '/pbx/ari/test-admin-key-test-admin-key',
        `/pbx/ari/${world.token('anna')}`,
        `${own}x`,
        `${own}/..`,
        '/api/stream',
        '/',
      ]
      for (const each of refused) {
        for (const token of [null, world.token('anna'), 'test-admin-key-test-admin-key']) {
          const status = await upgradeStatus(world.url + each, token)
          // Elsewhere the offer is nothing, and the request an ordinary one.
          const usual = each === '/api/stream' && token !== null ? 200 : 404
          assert.ok([401, usual].includes(status), `${each}: ${status}`)
        }
      }
      assert.equal(await upgradeStatus(world.url + own, null), 101)
      assert.equal(await upgradeStatus(world.url + own, null, 'https://calls.example.com'), 403)
    })

    test('SAFE-2 a recording of no known call is for admins; a signed address is for one file, one use and two hours', async () => {
      const world = stage.world
      const uniqueId = stage.uniqueId()
      const id = await answeredCall(world, uniqueId)
      await world.record(uniqueId, wavOf(new Int16Array(800)))
      await world.record(stage.uniqueId(), wavOf(new Int16Array(1600)))
      await world.settled()
      const { recordings } = (await world.api('GET', `/api/calls/${id}`)).body
      const path = `/api/connections/${world.connectionId}/recordings`
      const { items } = (await world.api('GET', path)).body
      const [known, unknown] = [recordings[0].id, items[0].id]
      for (const as of ['anna', 'susan']) {
        for (const what of ['', '/audio', '/peaks']) {
          const { status } = await world.api(
            'GET',
            `/api/recordings/${unknown}${what}`,
            undefined,
            as,
          )
          assert.equal(status, 404, `${as} ${what}`)
        }
      }
      await world.api('PATCH', '/api/settings', { downloadRole: 'supervisor' })
      const get = (path: string): Promise<number> => statusOf(world.url + path)
      const detail = await world.api('GET', `/api/recordings/${known}`, undefined, 'anna')
      const { audioUrl } = detail.body
      assert.equal(await get(audioUrl), 200)
      assert.equal(detail.body.downloadUrl, null, 'an agent may listen only')
      const spoilt = [
        audioUrl.replace(known, unknown),
        audioUrl.replace('use=listen', 'use=download'),
        audioUrl.replace(/agent=[^&]*/, `agent=${world.agents.susan}`),
        audioUrl.replace(/agent=[^&]*&/, ''),
        audioUrl.replace(/agent=/, 'key='),
        audioUrl.replace(
          /expires=(\d+)/,
          (_: string, at: string) => `expires=${Number(at) + 1000}`,
        ),
        audioUrl.replace(/signature=.*/, 'signature='),
        audioUrl.replace(/&signature=.*/, ''),
        `/api/recordings/${known}/audio`,
      ]
      for (const each of spoilt) assert.equal(await get(each), 401, each)
      world.tick(2 * 60 * 60 - 5)
      assert.equal(await get(audioUrl), 200)
      world.tick(10)
      assert.equal(await get(audioUrl), 401, 'after two hours')
    })
  },
  { HOOKS_ALLOW_PRIVATE: 'true' },
)

/** An answer without the id that was asked for. */
function shape({ status, body }: Answer, id: string): unknown {
  return { status, body: JSON.parse(JSON.stringify(body).replaceAll(id, 'ID')) }
}

async function statusOf(url: string): Promise<number> {
  const answer = await fetch(url)
  await answer.body?.cancel()
  return answer.status
}

/** 101 where a websocket opens. */
function upgradeStatus(url: string, token: string | null, origin?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'x3JJHMbDL1EzLkh9GBhXDw==',
        'sec-websocket-protocol': 'ari',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(origin === undefined ? {} : { origin }),
      },
      agent: false,
    })
    asked.once('response', (answer) => {
      answer.destroy()
      resolve(answer.statusCode ?? 0)
    })
    asked.once('upgrade', (_, socket) => {
      socket.destroy()
      resolve(101)
    })
    asked.once('error', reject)
    asked.end()
  })
}
