import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { sql } from 'kysely'
import { agentsByExtensions } from '../../db/agents.ts'
import { signJwt } from '../../server/http/jwt.ts'
import { ADMIN_API_KEY, createTestApp, EMBED_SECRET, START } from '../support/app.ts'
import { onEachDatabase } from '../support/database.ts'

const HOUR = 3600
const now = START.getTime() / 1000

onEachDatabase((open) => {
  test('EMBED-7 an agent is made on first sight and updated by its token', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const first = await app.call('GET', '/api/me', {
      token: app.token({ name: 'Anna', email: 'anna@example.com' }),
    })
    assert.equal(first.status, 200)
    assert.deepEqual(
      { ...first.body, id: '' },
      {
        id: '',
        name: 'Anna',
        email: 'anna@example.com',
        role: 'agent',
        extensions: [],
        capabilities: ['calls', 'cases', 'users', 'download'],
        controls: {},
        internalCalls: [],
        claimMinutes: 15,
      },
    )
    const promoted = await app.call('GET', '/api/me', {
      token: app.token({ name: 'Anna B.', role: 'admin' }),
    })
    assert.equal(promoted.body.id, first.body.id)
    assert.deepEqual(
      [promoted.body.name, promoted.body.email, promoted.body.role],
      ['Anna B.', 'anna@example.com', 'admin'],
    )
    const later = await app.call('GET', '/api/me', { token: app.token({ name: undefined }) })
    assert.equal(later.body.role, 'admin', 'without the claim the stored role stays')
    assert.equal(later.body.name, 'Anna B.')
    const demoted = await app.call('GET', '/api/me', { token: app.token({ role: 'agent' }) })
    assert.equal(demoted.body.role, 'agent')
  })

  test('EMBED-7 twenty first requests at once make one agent', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        app.call('GET', '/api/me', {
          token: app.token({ jti: index, extensions: ['101', '102'] }),
        }),
      ),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  })

  test('EMBED-7 extensions come from the token and replace the list', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const connection = await app.call('POST', '/api/connections', {
      json: { name: 'PBX', timeZone: 'Europe/Minsk', country: 'BY' },
    })
    const connectionId = connection.body.id as string
    const me = (claims: Record<string, unknown>) =>
      app.call('GET', '/api/me', { token: app.token(claims) })
    const both = await me({ extensions: ['101', '102'] })
    const anna = both.body.id as string
    assert.deepEqual(both.body.extensions, [
      { connectionId: '*', extension: '101' },
      { connectionId: '*', extension: '102' },
    ])
    const one = await me({ extensions: { [connectionId]: ['103'], gone: ['999'] } })
    assert.deepEqual(one.body.extensions, [{ connectionId, extension: '103' }])
    assert.deepEqual((await me({})).body.extensions, one.body.extensions)
    const bert = (await me({ sub: 'bert', extensions: ['103', '104'] })).body.id as string
    assert.deepEqual(
      await agentsByExtensions(db, connectionId, ['103', '104', '105']),
      new Map([
        ['103', anna],
        ['104', bert],
        ['105', null],
      ]),
      'the own list of the connection wins',
    )
    const other = await agentsByExtensions(db, 'another', ['103'])
    assert.equal(other.get('103'), bert)
    await me({ sub: 'carla', extensions: ['104'] })
    assert.notEqual((await agentsByExtensions(db, 'x', ['104'])).get('104'), bert)
    assert.deepEqual((await me({ extensions: [] })).body.extensions, [])
  })

  test('EMBED-7 SAFE-8 tokens that must not count are refused with 401', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const key = Buffer.from(EMBED_SECRET)
    const claims = { sub: 'eve', aud: 'ringside', exp: now + HOUR, role: 'admin' }
    const [, payload] = app.token(claims).split('.')
    const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const hs512 = `${encode({ alg: 'HS512', typ: 'JWT' })}.${payload}`
    const bad: Record<string, string | null> = {
      'no token': null,
      'no exp': app.token({ ...claims, exp: undefined }),
      'exp as text': app.token({ ...claims, exp: String(now + HOUR) }),
      'exp infinite': app
        .token(claims)
        .replace(
          /\..*\./,
          `.${Buffer.from('{"sub":"eve","aud":"ringside","exp":1e999}').toString('base64url')}.`,
        ),
      expired: app.token({ ...claims, exp: now - 1 }),
      'expires now': app.token({ ...claims, exp: now }),
      'over 24 hours ahead': app.token({ ...claims, exp: now + 24 * HOUR + 120 }),
      'no aud': app.token({ ...claims, aud: undefined }),
      'another aud': app.token({ ...claims, aud: 'another' }),
      'aud list without us': app.token({ ...claims, aud: ['a', 'b'] }),
      'no sub': app.token({ ...claims, sub: undefined }),
      'sub with U+0000': app.token({ ...claims, sub: 'a\0b' }),
      'unknown role': app.token({ ...claims, role: 'owner' }),
      'not valid yet': app.token({ ...claims, nbf: now + HOUR }),
      'another key': signJwt(claims, Buffer.from('another-secret')),
      'alg none': `${encode({ alg: 'none' })}.${payload}.`,
      'alg none, signed': signJwt(claims, key, { alg: 'none' }),
      'alg HS512': `${hs512}.${createHmac('sha512', key).update(hs512).digest('base64url')}`,
      'alg HS512, signed by HS256': signJwt(claims, key, { alg: 'HS512' }),
      'typ of a session': signJwt(claims, key, { typ: 'ringside-session', alg: 'none' }),
      'cut signature': app.token(claims).slice(0, -1),
      'a part too many': `${app.token(claims)}.x`,
      'an unknown key': 'rsk_unknown',
      'nearly the admin key': `${ADMIN_API_KEY}x`,
    }
    for (const [name, token] of Object.entries(bad)) {
      const { status, body, headers } = await app.call('GET', '/api/me', { token })
      assert.equal(status, 401, name)
      assert.equal(body.type, '/problems/unauthorized', name)
      assert.equal(headers.get('www-authenticate'), 'Bearer', name)
    }
    for (const good of [{ aud: ['x', 'ringside'] }, { exp: now + 24 * HOUR }, { nbf: now + 30 }]) {
      assert.equal((await app.call('GET', '/api/me', { token: app.token(good) })).status, 200)
    }
    const made = await sql`select 1 from agents where external_id = 'eve'`.execute(db)
    assert.equal(made.rows.length, 0)
  })

  test('EMBED-7 a claim that cannot be kept is refused by its name, with what was found and expected', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const refusalOf = async (claims: Record<string, unknown>): Promise<string> => {
      const { status, body } = await app.call('GET', '/api/me', { token: app.token(claims) })
      return `${status} ${body.detail}`
    }
    const { id } = (await app.call('GET', '/api/me', { token: app.token() })).body
    for (const odd of [' 777', 'PJSIP/778', '779 ', 'a b', '\u202e101', '1\n2', '101,102']) {
      const shown = JSON.stringify(odd.replace('\u202e', '\ufffd'))
      const expected = 'it must be an extension such as "101"'
      const list = await refusalOf({ extensions: ['101', odd] })
      const byConnection = await refusalOf({ extensions: { pbx: [odd] } })
      if (odd !== '1\n2') {
        assert.equal(list, `401 claim extensions.1 is ${shown}, ${expected}`)
        assert.equal(byConnection, `401 claim extensions.pbx.0 is ${shown}, ${expected}`)
      } else {
        assert.match(list, /^401 claim extensions.1 is .+ must not hold control characters$/)
      }
      const put = await app.call('PUT', `/api/agents/${id}/extensions`, {
        json: { items: [{ connectionId: '*', extension: odd }] },
      })
      assert.equal(put.status, 400, 'as where an admin says it')
    }
    assert.equal(
      await refusalOf({ name: '' }),
      '401 claim name has 0 characters, expected at least 1',
    )
    assert.equal(await refusalOf({ name: 5 }), '401 claim name is 5, expected string')
    assert.equal(await refusalOf({ exp: undefined }), '401 claim exp is missing, expected a value')
    assert.match(await refusalOf({ role: 'root' }), /^401 claim role is "root", expected \(.+\)$/)
    assert.match(
      await refusalOf({ extensions: '101' }),
      /^401 claim extensions is "101", expected \(Array \| Object\)$/,
    )
    assert.deepEqual((await app.call('GET', '/api/me', { token: app.token() })).body.extensions, [])
  })

  test('SAFE-8 a remembered token ends with its exp', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const token = app.token({ exp: now + 30 })
    assert.equal((await app.call('GET', '/api/me', { token })).status, 200)
    app.tick(29_000)
    assert.equal((await app.call('GET', '/api/me', { token })).status, 200)
    app.tick(1000)
    assert.equal((await app.call('GET', '/api/me', { token })).status, 401)
  })

  test('EMBED-7 a verified token costs no further write', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const token = app.token({ name: 'Anna', extensions: ['101'] })
    const version = async () => {
      const rows = await sql<{ version: string }>`select agents.xmin::text || ':' || e.xmin::text
        as version from agents join agent_extensions e on e.agent_id = agents.id`.execute(db)
      return rows.rows[0]?.version
    }
    await app.call('GET', '/api/me', { token })
    const first = await version()
    assert.ok(first)
    for (const ms of [0, 120_000]) {
      app.tick(ms)
      await app.call('GET', '/api/me', { token })
      await app.call('GET', '/api/me', { token: app.token({ extensions: ['101'], jti: ms }) })
    }
    assert.equal(await version(), first)
  })

  test('SAFE-2 who may what: routes by identity', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const key = async (scope: string): Promise<string> => {
      const made = await app.call('POST', '/api/keys', { json: { name: scope, scopes: [scope] } })
      assert.equal(made.status, 201)
      assert.match(made.body.key, /^rsk_/)
      return made.body.key
    }
    const identities: Record<string, string | null> = {
      none: null,
      agent: app.token({ sub: 'a1' }),
      supervisor: app.token({ sub: 's1', role: 'supervisor' }),
      admin: app.token({ sub: 'b1', role: 'admin' }),
      read: await key('read'),
      users: await key('users'),
      cases: await key('cases'),
      calls: await key('calls'),
      adminKey: await key('admin'),
    }
    const user = await app.call('POST', '/api/users', { json: { name: 'Ursula' } })
    const one = `/api/users/${user.body.id}`
    const admin = ['admin', 'adminKey']
    const agents = ['agent', 'supervisor', ...admin]
    const routes: [string, string, unknown, readonly string[]][] = [
      ['GET', '/api/users', undefined, [...agents, 'read']],
      ['GET', one, undefined, [...agents, 'read']],
      ['PATCH', one, { note: 'x' }, [...agents, 'users']],
      ['POST', '/api/users', { name: 'Other' }, [...agents, 'users']],
      ['PUT', '/api/users/external/e1', { name: 'External' }, [...agents, 'users']],
      ['POST', '/api/users/import', undefined, [...admin, 'users']],
      ['GET', '/api/users/imports/none', undefined, [...admin, 'users']],
      ['GET', '/api/agents', undefined, [...agents, 'read']],
      ['POST', '/api/agents', { name: 'only the name' }, admin],
      ['GET', '/api/fields', undefined, [...agents, 'read', 'users', 'cases', 'calls']],
      ['GET', '/api/me', undefined, [...agents, 'read', 'users', 'cases', 'calls']],
      ['PUT', '/api/fields', { items: [] }, admin],
      ['GET', '/api/settings', undefined, admin],
      ['PATCH', '/api/settings', {}, admin],
      ['GET', '/api/keys', undefined, admin],
      ['POST', '/api/keys', {}, admin],
      ['GET', '/api/connections', undefined, admin],
      ['GET', '/api/connections/none/log', undefined, ['supervisor', ...admin]],
      ['GET', '/api/reports/calls', undefined, ['supervisor', ...admin]],
      ['GET', '/api/reports/calls?format=csv', undefined, ['supervisor', ...admin]],
      ['GET', '/api/reports/none', undefined, ['supervisor', ...admin]],
      ['GET', '/api/reports/calls/behind?figure=missed', undefined, ['supervisor', ...admin]],
      ['DELETE', '/api/users/none', undefined, [...agents, 'users']],
    ]
    for (const [method, path, json, allowed] of routes) {
      for (const [name, token] of Object.entries(identities)) {
        const { status } = await app.call(method, path, { token, json })
        const expected = token === null ? 401 : allowed.includes(name) ? 'in' : 403
        const found = status === 401 || status === 403 ? status : 'in'
        assert.equal(found, expected, `${method} ${path} as ${name}: ${status}`)
        assert.ok(status < 500)
      }
    }
  })

  test('API a key works until it is deleted, and is kept only as a hash', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { body: made } = await app.call('POST', '/api/keys', {
      json: { name: 'CRM', scopes: ['read', 'users', 'read'] },
    })
    assert.equal((await app.call('GET', '/api/users', { token: made.key })).status, 200)
    const { body: list } = await app.call('GET', '/api/keys')
    assert.deepEqual(list.items, [
      {
        id: made.id,
        name: 'CRM',
        scopes: ['read', 'users'],
        createdAt: START.toISOString(),
        createdBy: null,
        lastUsedAt: START.toISOString(),
      },
    ])
    const stored = await sql`select * from api_keys`.execute(db)
    assert.doesNotMatch(JSON.stringify(stored.rows), new RegExp(made.key.slice(4)))
    assert.equal((await app.call('DELETE', `/api/keys/${made.id}`)).status, 204)
    assert.equal((await app.call('GET', '/api/users', { token: made.key })).status, 401)
    assert.equal((await app.call('DELETE', `/api/keys/${made.id}`)).status, 404)
    const none = await app.call('POST', '/api/keys', { json: { name: 'x', scopes: [] } })
    assert.equal(none.body.errors[0].path, 'scopes')
    const odd = await app.call('POST', '/api/keys', { json: { name: 'x', scopes: ['root'] } })
    assert.equal(odd.body.errors[0].path, 'scopes.0')
  })

  test('ADMIN-6 of a key an admin sees who made it and when it was last used, to the minute', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const admin = app.token({ sub: 'boss', name: 'Boris', role: 'admin' })
    const me = await app.call('GET', '/api/me', { token: admin })
    const { body: made } = await app.call('POST', '/api/keys', {
      token: admin,
      json: { name: 'CRM', scopes: ['read'] },
    })
    const look = async () => {
      const { createdBy, lastUsedAt } = (await app.call('GET', '/api/keys')).body.items[0]
      return { createdBy, lastUsedAt }
    }
    const createdBy = { agentId: me.body.id, name: 'Boris' }
    assert.deepEqual(await look(), { createdBy, lastUsedAt: null })
    for (const [ms, seconds] of [
      [5_000, 5],
      [59_000, 5],
      [1_000, 65],
      [3_600_000, 3665],
    ] as const) {
      app.tick(ms)
      assert.equal((await app.call('GET', '/api/users', { token: made.key })).status, 200)
      const lastUsedAt = new Date(START.getTime() + seconds * 1000).toISOString()
      assert.deepEqual(await look(), { createdBy, lastUsedAt })
    }
  })
})
