import assert from 'node:assert/strict'
import test from 'node:test'
import { loadAgent, updateAgent } from '../../db/agents.ts'
import type { Db } from '../../db/database.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { onEachDatabase } from '../support/database.ts'

async function addAgent(app: TestApp, externalId: string, change: object = {}) {
  const json = { externalId, name: externalId, ...change }
  return (await app.call('POST', '/api/agents', { json })).body
}

async function addConnection(app: TestApp): Promise<string> {
  const json = { name: 'Office', timeZone: 'UTC', country: 'DE' }
  return (await app.call('POST', '/api/connections', { json })).body.id
}

/** What pages were told of agents. */
async function told(db: Db): Promise<any[]> {
  const rows = await db.selectFrom('outbox').select(['type', 'data']).orderBy('id').execute()
  return rows.filter(({ type }) => type === 'agent').map(({ data }) => data)
}

onEachDatabase((open) => {
  test('ADMIN-6 an agent who leaves is signed out and has no extension; the name stays', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const connectionId = await addConnection(app)
    const anna = await addAgent(app, 'anna', { name: 'Anna' })
    const items = [
      { connectionId, extension: '101' },
      { connectionId: '*', extension: '201' },
    ]
    const given = await app.call('PUT', `/api/agents/${anna.id}/extensions`, { json: { items } })
    assert.deepEqual(
      given.body.extensions.map(({ extension }: { extension: string }) => extension).sort(),
      ['101', '201'],
    )
    const token = app.token({ sub: 'anna' })
    assert.equal((await app.call('GET', '/api/me', { token })).status, 200)
    assert.equal((await app.call('DELETE', `/api/agents/${anna.id}`)).status, 204)

    assert.equal((await app.call('GET', '/api/me', { token })).status, 401, 'at once')
    const other = app.token({ sub: 'anna', extensions: ['101'] })
    const refused = await app.call('GET', '/api/me', { token: other })
    assert.equal(refused.status, 401)
    assert.match(refused.body.detail, /has left/)
    const { items: listed } = (await app.call('GET', '/api/agents')).body
    assert.deepEqual(
      listed.map(({ name, hasLeft, extensions }: any) => ({ name, hasLeft, extensions })),
      [{ name: 'Anna', hasLeft: true, extensions: [] }],
    )
    const kept = await app.call('GET', `/api/connections/${connectionId}/extensions`)
    assert.deepEqual(kept.body.items, [{ extension: '101', agentId: null }])
    assert.equal((await told(db)).at(-1).hasLeft, true)
    assert.equal((await app.call('POST', `/api/agents/${anna.id}/sign-in-link`)).status, 409)
    const again = await app.call('PUT', `/api/agents/${anna.id}/extensions`, { json: { items } })
    assert.equal(again.status, 409)

    const back = await app.call('PATCH', `/api/agents/${anna.id}`, { json: { hasLeft: false } })
    assert.equal(back.body.hasLeft, undefined)
    assert.equal((await app.call('GET', '/api/me', { token })).status, 200)
  })

  test('ADMIN-6 whoever has left gets no extension of a connection', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const connectionId = await addConnection(app)
    const anna = await addAgent(app, 'anna')
    await app.call('DELETE', `/api/agents/${anna.id}`)
    const items = [{ extension: '101', agentId: anna.id }]
    const url = `/api/connections/${connectionId}/extensions`
    assert.equal((await app.call('PUT', url, { json: { items } })).status, 409)
  })

  test('ADMIN-6 an extension goes from one agent to another, and pages hear of both', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const connectionId = await addConnection(app)
    const [anna, bert] = [await addAgent(app, 'anna'), await addAgent(app, 'bert')]
    const items = [{ connectionId, extension: '101' }]
    await app.call('PUT', `/api/agents/${anna.id}/extensions`, { json: { items } })
    await app.call('PUT', `/api/agents/${bert.id}/extensions`, { json: { items } })
    const { items: listed } = (await app.call('GET', '/api/agents')).body
    assert.deepEqual(
      listed.map(({ extensions }: any) => extensions.length),
      [0, 1],
    )
    const last = (await told(db)).slice(-2)
    assert.deepEqual(
      last.map(({ name, extensions }: any) => [name, extensions.length]),
      [
        ['bert', 1],
        ['anna', 0],
      ],
    )
    const unknown = [{ connectionId: 'none', extension: '101' }]
    const bad = await app.call('PUT', `/api/agents/${bert.id}/extensions`, {
      json: { items: unknown },
    })
    assert.equal(bad.body.errors[0].path, 'items.0.connectionId')
  })

  test('ADMIN-6 an id of the helpdesk is corrected; nobody takes the settings from themselves', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const anna = await addAgent(app, 'ana', { role: 'admin' })
    await addAgent(app, 'bert')
    const patch = (json: object, token?: string) =>
      app.call('PATCH', `/api/agents/${anna.id}`, token === undefined ? { json } : { json, token })
    assert.equal((await patch({ externalId: 'bert' })).status, 409)
    assert.equal((await patch({ externalId: 'anna' })).body.externalId, 'anna')
    const token = app.token({ sub: 'anna' })
    assert.equal((await app.call('GET', '/api/me', { token })).body.id, anna.id)
    const own = await patch({ role: 'agent' }, token)
    assert.deepEqual([own.status, own.body.type.split('/').at(-1)], [409, 'own-role'])
    assert.equal((await app.call('DELETE', `/api/agents/${anna.id}`, { token })).status, 409)
    assert.equal((await patch({ role: 'agent' })).status, 200, 'somebody else may')
  })

  test('SAFE-2 a demotion stays though a token that was read before it changes the name', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { id } = await addAgent(app, 'anna', { role: 'supervisor' })
    const read = (await loadAgent(db, id))!
    await app.call('PATCH', `/api/agents/${id}`, { json: { role: 'agent' } })
    const updated = await updateAgent(db, read, { name: 'Anna B.' }, app.now())
    assert.deepEqual([updated.name, updated.role], ['Anna B.', 'agent'])
    assert.deepEqual(await loadAgent(db, id), updated)
  })

  test('SAFE-2 an agent keeps each of the changes that are made at once', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { id, name } = await addAgent(app, 'anna')
    for (const role of ['supervisor', 'agent', 'admin', 'agent'] as const) {
      const changes = [{ name: `${name} ${role}` }, { email: `${role}@example.com` }, { role }]
      const token = app.token({ sub: 'anna', name: undefined, jti: role })
      await Promise.all([
        ...changes.map((json) => app.call('PATCH', `/api/agents/${id}`, { json })),
        app.call('GET', '/api/me', { token }),
      ])
      const kept = (await loadAgent(db, id))!
      assert.deepEqual([{ name: kept.name }, { email: kept.email }, { role: kept.role }], changes)
      assert.equal((await app.call('GET', '/api/me', { token })).body.role, role)
    }
  })

  test('ADMIN-6 pages of agents go on after the longest names', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const names = ['a', '"', '\u0001', 'Ж', '電'].map((sign) => sign.repeat(200))
    names.push('😀'.repeat(100))
    for (const [index, name] of names.entries()) await addAgent(app, `x${index}`, { name })
    const listed: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const { status, body } = await app.call('GET', `/api/agents?limit=1&cursor=${next}`)
      assert.equal(status, 200, body.detail)
      listed.push(...body.items.map(({ name }: { name: string }) => name))
      next = body.next
    }
    assert.deepEqual(listed.toSorted(), names.toSorted())
  })
})
