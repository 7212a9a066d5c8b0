import assert from 'node:assert/strict'
import test from 'node:test'
import { connectionDialplanRoutes } from '../../server/http/routes/connection-dialplan.ts'
import type { LinkStatus } from '../../server/sources/pbx.ts'
import { onEachDatabase } from '../support/database.ts'
import { wavOf } from '../support/wav.ts'
import { createWorld, type World } from '../support/world.ts'

const DAY = '21.11.2026-10:00:'

async function textOf(world: World, query: string, key?: string) {
  const path = `/api/connections/${world.connectionId}/dialplan${query}`
  const headers = { authorization: `Bearer ${key ?? 'test-admin-key-test-admin-key'}` }
  const answer = await fetch(world.url + path, { headers })
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    text: await answer.text(),
  }
}

onEachDatabase((open) => {
  test('ADMIN-3 a dialplan is made for this connection, as text', async () => {
    await using world = await createWorld(open)
    const { status, type, text } = await textOf(world, '')
    assert.equal(status, 200)
    assert.equal(type, 'text/plain; charset=utf-8')
    const { webhookUrl } = (await world.api('GET', `/api/connections/${world.connectionId}`)).body
    assert.ok(text.includes(`\${CURL(${webhookUrl},`))
    assert.ok(text.includes('[ringside-post]'), 'Gosub where nothing else is asked for')
    assert.ok(text.includes(`\${URIENCODE(`))
    // What a person at the PBX is told to try.
    assert.match(await (await fetch(world.webhookUrl)).text(), /^unique_id is missing/)
    const raw = (await textOf(world, '?flavour=macro&encoding=raw')).text
    assert.ok(raw.includes('[macro-ringside-post]'))
    assert.ok(!raw.includes('URIENCODE'))
    assert.ok((await textOf(world, '?system=freepbx')).text.includes('extensions_custom.conf'))
  })

  test('ADMIN-3 Macro is refused for an Asterisk that has none, and wrong questions are named', async () => {
    await using world = await createWorld(open)
    const path = `/api/connections/${world.connectionId}/dialplan`
    const refused = await world.api('GET', `${path}?flavour=macro&version=22.10.1`)
    assert.equal(refused.status, 400)
    assert.match(refused.body.detail, /flavour is "macro", expected gosub: Asterisk 22\.10\.1/)
    assert.equal((await world.api('GET', `${path}?flavour=ael`)).status, 400)
    assert.equal((await world.api('GET', `${path}?version=new`)).status, 400)
    assert.equal((await world.api('GET', '/api/connections/none/dialplan')).status, 404)
    assert.equal((await world.api('GET', path, undefined, 'susan')).status, 403)
    assert.equal((await world.api('GET', '/api/connections/none/checklist')).status, 404)
    assert.equal((await textOf(world, '?flavour=macro&version=20.9.3')).status, 200)
  })

  const VERSIONS = [
    { ari: '22.10.1', ami: null, seventh: true, eighth: false },
    { ari: null, ami: '16.28.0', seventh: false, eighth: true },
    // The interface's own version: which Asterisk it is, nobody knows.
    { ari: null, ami: '11.0.0', seventh: true, eighth: true },
  ]
  for (const { ari, ami, seventh, eighth } of VERSIONS) {
    test(`ADMIN-3 the dialplan is that of the PBX's own version (ARI ${ari}, AMI ${ami})`, async () => {
      await using world = await createWorld(open)
      const { seal, database, config } = world.context
      const said = (version: string | null): LinkStatus => ({
        state: 'up',
        since: null,
        error: null,
        version,
      })
      const routes = connectionDialplanRoutes({
        db: database.db,
        seal,
        publicUrl: config.publicUrl,
        linkStatus: (_id, kind) => said(kind === 'ari' ? ari : ami),
      })
      const { Hono } = await import('hono')
      const app = new Hono<any>()
        .use(async (c, next) => {
          c.set('identity', { kind: 'key', scopes: ['admin'] })
          await next()
        })
        .route('/', routes)
      const text = await (
        await app.request(`/api/connections/${world.connectionId}/dialplan`)
      ).text()
      const isLine = (start: string): boolean =>
        text.split('\n').some((line) => line.startsWith(' same') && line.includes(start))
      assert.equal(isLine(`Queue(\${EXTEN},t,,,,,ringside-answer)`), seventh)
      assert.equal(isLine(`Queue(\${EXTEN},t,,,,,,ringside-answer)`), eighth)
    })
  }

  test('ADMIN-3 the checklist completes itself as the calls come, flow by flow', async () => {
    await using world = await createWorld(open)
    const list = async () => {
      await world.settled()
      const { body } = await world.api('GET', `/api/connections/${world.connectionId}/checklist`)
      return body.items
    }
    const done = async () =>
      (await list()).filter((item: any) => item.done).map((item: any) => item.flow)
    const send = async (id: string, ...events: readonly Record<string, string>[]) => {
      for (const [second, event] of events.entries()) {
        const datetime = `${DAY}${String(second * 5).padStart(2, '0')}`
        const status = await world.hook({
          unique_id: id,
          from_user: '79161234567',
          datetime,
          ...event,
        })
        assert.equal(status, 200)
      }
    }
    const start = { status: 'incoming_start', to_user: '74951000101' }
    const end = { status: 'incoming_end', to_user: '101' }
    const answer = { status: 'incoming_answer', to_user: '101' }
    assert.deepEqual(await done(), [])

    await send('1795000001.1', start, {
      status: 'incoming_queue',
      to_user: '101,102',
      queue: 'support',
    })
    const queue = (await list()).find((item: any) => item.flow === 'queue')
    assert.deepEqual(
      queue.steps.map(({ state }: any) => state),
      ['seen', 'seen', 'missing', 'missing'],
    )
    assert.match(queue.hint, /Answers do not arrive/)
    await send('1795000001.1', answer, end)
    assert.deepEqual(await done(), ['queue'])

    // The beginning comes last.
    await send('1795000001.2', { status: 'incoming_ring', to_user: '101' }, answer, end)
    assert.deepEqual(await done(), ['queue'])
    await send('1795000001.2', start)
    assert.deepEqual(await done(), ['personal', 'queue'])

    await send('1795000001.3', start, { status: 'incoming_ring', to_user: '101' }, end)
    assert.deepEqual(await done(), ['personal', 'queue', 'missed'])

    const out = { from_user: '101', to_user: '79035557788' }
    await send(
      '1795000001.4',
      ...['outgoing_start', 'outgoing_answer', 'outgoing_end'].map((status) => ({
        ...out,
        status,
      })),
    )
    assert.equal(await world.record('1795000001.4', wavOf(new Int16Array(800))), 200)
    assert.deepEqual(await done(), ['personal', 'queue', 'missed', 'outgoing', 'recording'])
    assert.ok((await list()).every((item: any) => item.hint === ''))

    const { body } = await world.api('GET', `/api/connections/${world.connectionId}`)
    assert.equal(new Set(body.status.webhook.seen).size, body.status.webhook.seen.length)
    assert.equal(body.status.webhook.seen.length, 9)
  })
})
