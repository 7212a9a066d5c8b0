import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import test from 'node:test'
import { sql } from 'kysely'
import { toSignedText } from '../../server/http/routes/sign-in.ts'
import { createFirstAdminLink } from '../../server/http/sign-in-link.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { onEachDatabase } from '../support/database.ts'

function createBrowserKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  return { privateKey, publicKey: { kty, crv, x, y } }
}

function signature(key: KeyObject, agentId: string, at: string): string {
  return sign('sha256', Buffer.from(toSignedText(agentId, at)), {
    key,
    dsaEncoding: 'ieee-p1363',
  }).toString('base64url')
}

async function createLink(app: TestApp, externalId: string) {
  const agent = await app.call('POST', '/api/agents', { json: { externalId, name: externalId } })
  const link = await app.call('POST', `/api/agents/${agent.body.id}/sign-in-link`)
  assert.equal(link.status, 201)
  const [page, token] = link.body.url.split('#')
  assert.equal(page, 'https://calls.example.com/sign-in')
  assert.equal(link.body.expiresAt, new Date(app.now().getTime() + 86_400_000).toISOString())
  return { agentId: agent.body.id as string, token: token as string }
}

const post = (app: TestApp, path: string, json: unknown) =>
  app.call('POST', path, { token: null, json })

onEachDatabase((open) => {
  test('EMBED-7 a sign-in link works once, and its browser then has sessions', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { agentId, token } = await createLink(app, 'anna')
    const { privateKey, publicKey } = createBrowserKey()
    const signedIn = await post(app, '/api/sign-in', { token, publicKey })
    assert.equal(signedIn.status, 200)
    assert.equal(signedIn.body.agentId, agentId)
    assert.equal((await post(app, '/api/sign-in', { token, publicKey })).status, 401, 'used')
    const at = app.now().toISOString()
    const session = await post(app, '/api/session', {
      agentId,
      signature: signature(privateKey, agentId, at),
      at,
    })
    assert.equal(session.status, 200)
    assert.equal(session.body.expiresAt, new Date(app.now().getTime() + 900_000).toISOString())
    const me = await app.call('GET', '/api/me', { token: session.body.token })
    assert.equal(me.body.id, agentId)
    app.tick(899_000)
    assert.equal((await app.call('GET', '/api/me', { token: session.body.token })).status, 200)
    app.tick(1000)
    assert.equal((await app.call('GET', '/api/me', { token: session.body.token })).status, 401)
  })

  test('SAFE-8 whatever only looks at a link does not use it up', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { token } = await createLink(app, 'anna')
    const { publicKey } = createBrowserKey()
    const addresses = [
      '/sign-in',
      `/sign-in?token=${token}`,
      `/sign-in/${token}`,
      '/api/sign-in',
      `/api/sign-in?token=${token}`,
      `/api/sign-in/${token}`,
    ]
    for (const address of addresses) {
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'PROPFIND']) {
        const looked = await app.app.request(address, {
          method,
          headers: { 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch' },
        })
        assert.doesNotMatch(await looked.text(), /agentId|keyId/, `${method} ${address}`)
      }
    }
    const form = await app.app.request('/api/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${token}`,
    })
    assert.equal(form.status, 400, 'a form of any page is no press of our button')
    const { rows } = await sql`select 1 from sign_in_links where used_at is null`.execute(db)
    assert.equal(rows.length, 1)
    assert.equal((await post(app, '/api/sign-in', { token, publicKey })).status, 200)
    assert.equal((await post(app, '/api/sign-in', { token, publicKey })).status, 401)
  })

  test('EMBED-7 two browsers at once: one of them gets the link', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { token } = await createLink(app, 'anna')
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        post(app, '/api/sign-in', { token, publicKey: createBrowserKey().publicKey }),
      ),
    )
    assert.deepEqual(
      answers.map(({ status }) => status).sort(),
      [200, 401, 401, 401, 401, 401, 401, 401],
    )
  })

  test('EMBED-7 a link expires after a day and is not kept readable', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { token } = await createLink(app, 'anna')
    const { rows } = await sql`select * from sign_in_links`.execute(db)
    assert.ok(!JSON.stringify(rows).includes(token))
    app.tick(86_400_000)
    const late = await post(app, '/api/sign-in', { token, publicKey: createBrowserKey().publicKey })
    assert.equal(late.status, 401)
  })

  test('EMBED-7 only the right key, agent and time make a session', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const anna = await createLink(app, 'anna')
    const bert = await createLink(app, 'bert')
    const annaKey = createBrowserKey()
    const bertKey = createBrowserKey()
    await post(app, '/api/sign-in', { token: anna.token, publicKey: annaKey.publicKey })
    await post(app, '/api/sign-in', { token: bert.token, publicKey: bertKey.publicKey })
    const ask = async (agentId: string, key: KeyObject, offsetMs: number, signedFor = agentId) => {
      const at = new Date(app.now().getTime() + offsetMs).toISOString()
      return (
        await post(app, '/api/session', { agentId, signature: signature(key, signedFor, at), at })
      ).status
    }
    assert.equal(await ask(anna.agentId, annaKey.privateKey, 0), 200)
    assert.equal(await ask(anna.agentId, annaKey.privateKey, -120_000), 200)
    assert.equal(await ask(anna.agentId, annaKey.privateKey, -120_001), 401)
    assert.equal(await ask(anna.agentId, annaKey.privateKey, 120_001), 401)
    assert.equal(await ask(anna.agentId, bertKey.privateKey, 0), 401)
    assert.equal(await ask(anna.agentId, bertKey.privateKey, 0, bert.agentId), 401)
    assert.equal(await ask('nobody', annaKey.privateKey, 0), 401)
  })

  test('EMBED-7 revoking ends the sessions, the browser key and unused links', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { agentId, token } = await createLink(app, 'anna')
    const { privateKey, publicKey } = createBrowserKey()
    await post(app, '/api/sign-in', { token, publicKey })
    const at = app.now().toISOString()
    const asked = { agentId, signature: signature(privateKey, agentId, at), at }
    const session = (await post(app, '/api/session', asked)).body.token
    assert.equal((await app.call('GET', '/api/me', { token: session })).status, 200)
    const unused = (await app.call('POST', `/api/agents/${agentId}/sign-in-link`)).body.url
    assert.equal((await app.call('DELETE', `/api/agents/${agentId}/sign-ins`)).status, 204)
    assert.equal((await app.call('GET', '/api/me', { token: session })).status, 401)
    assert.equal((await post(app, '/api/session', asked)).status, 401)
    const late = await post(app, '/api/sign-in', { token: unused.split('#')[1], publicKey })
    assert.equal(late.status, 401)
  })

  test('EMBED-7 without a key a secret holds for the tab: kept as a hash, and revoked like a key', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { agentId, token } = await createLink(app, 'anna')
    const signedIn = (await post(app, '/api/sign-in', { token })).body
    assert.match(signedIn.secret, /^[\w-]{43}$/)
    const { rows } = await sql`select * from browser_keys`.execute(db)
    assert.ok(!JSON.stringify(rows).includes(signedIn.secret))
    const ask = (secret: unknown, of = agentId) =>
      post(app, '/api/session', { agentId: of, secret })
    const session = await ask(signedIn.secret)
    assert.equal(session.status, 200)
    const me = await app.call('GET', '/api/me', { token: session.body.token })
    assert.equal(me.body.id, agentId)
    app.tick(3 * 86_400_000)
    assert.equal((await ask(signedIn.secret)).status, 200, 'it has no end of its own')
    const bert = await createLink(app, 'bert')
    assert.equal((await ask(signedIn.secret, bert.agentId)).status, 401, "another agent's")
    assert.equal((await ask(`${signedIn.secret}x`)).status, 401)
    assert.equal((await ask('')).status, 400)
    const path = `/api/agents/${agentId}/sign-ins/${signedIn.keyId}`
    assert.equal((await app.call('DELETE', path)).status, 204)
    assert.equal((await ask(signedIn.secret)).status, 401, 'revoked')
    assert.equal((await app.call('GET', '/api/me', { token: session.body.token })).status, 401)
  })

  test('EMBED-7 an admin sees the browsers of an agent and ends one of them', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const home = await createLink(app, 'anna')
    const { agentId } = home
    const office = String((await app.call('POST', `/api/agents/${agentId}/sign-in-link`)).body.url)
    const keys = [createBrowserKey(), createBrowserKey()] as const
    const used: string[] = []
    for (const [index, token] of [home.token, office.split('#')[1]].entries()) {
      const answer = await app.app.request('/api/sign-in', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          origin: `https://helpdesk-${index}.example`,
          'user-agent': 'Browser/1'.padEnd(9_000, '!'),
        },
        body: JSON.stringify({ token, publicKey: keys[index]?.publicKey }),
      })
      used.push(((await answer.json()) as { keyId: string }).keyId)
    }
    const session = (index: 0 | 1) => {
      const at = app.now().toISOString()
      const signed = signature(keys[index].privateKey, agentId, at)
      return post(app, '/api/session', { agentId, keyId: used[index], signature: signed, at })
    }
    app.tick(60_000)
    const tokens = [(await session(0)).body.token, (await session(1)).body.token]
    const path = `/api/agents/${agentId}/sign-ins`
    const first = await app.call('GET', `${path}?limit=1`)
    const second = await app.call('GET', `${path}?limit=1&cursor=${first.body.next}`)
    assert.deepEqual(
      [...first.body.items, ...second.body.items],
      [
        browser(used[1], 'https://helpdesk-1.example'),
        browser(used[0], 'https://helpdesk-0.example'),
      ],
    )
    assert.equal(second.body.next, null)
    assert.equal((await app.call('DELETE', `${path}/${used[0]}`)).status, 204)
    assert.equal((await app.call('DELETE', `${path}/${used[0]}`)).status, 404)
    assert.equal((await app.call('GET', '/api/me', { token: tokens[0] })).status, 401)
    assert.equal((await app.call('GET', '/api/me', { token: tokens[1] })).status, 200)
    assert.equal((await session(0)).status, 401)
    assert.equal((await session(1)).status, 200)
    const left = await app.call('GET', path)
    assert.deepEqual(
      left.body.items.map(({ id }: { id: string }) => id),
      [used[1]],
    )
    const bert = await createLink(app, 'bert')
    const wrong = await app.call('DELETE', `/api/agents/${bert.agentId}/sign-ins/${used[1]}`)
    assert.equal(wrong.status, 404, 'of another agent')
    for (const method of ['GET', 'DELETE']) {
      assert.equal((await app.call(method, path, { token: app.token() })).status, 403)
    }

    function browser(id: string | undefined, origin: string) {
      return {
        id,
        holdsFor: 'browser',
        origin,
        userAgent: 'Browser/1'.padEnd(300, '!'),
        createdAt: new Date(app.now().getTime() - 60_000).toISOString(),
        usedAt: app.now().toISOString(),
      }
    }
  })

  test('EMBED-7 an agent signs the browser out, and only that one', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { agentId, token } = await createLink(app, 'anna')
    const { secret } = (await post(app, '/api/sign-in', { token })).body
    const session = (await post(app, '/api/session', { agentId, secret })).body.token
    const helpdesk = app.token({ sub: 'anna' })
    assert.equal((await app.call('DELETE', '/api/session', { token: helpdesk })).status, 409)
    assert.equal((await app.call('DELETE', '/api/session', { token: session })).status, 204)
    assert.equal((await app.call('GET', '/api/me', { token: session })).status, 401)
    assert.equal((await post(app, '/api/session', { agentId, secret })).status, 401)
    assert.equal((await app.call('GET', '/api/me', { token: helpdesk })).status, 200)
  })

  test('EMBED-7 a browser whose clock is wrong is told the time', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { agentId, token } = await createLink(app, 'anna')
    const { privateKey, publicKey } = createBrowserKey()
    await post(app, '/api/sign-in', { token, publicKey })
    const at = new Date(app.now().getTime() + 3_600_000).toISOString()
    const signed = signature(privateKey, agentId, at)
    const answer = await post(app, '/api/session', { agentId, signature: signed, at })
    assert.equal(answer.status, 401)
    assert.equal(answer.body.type, '/problems/clock')
    assert.equal(answer.body.now, app.now().toISOString())
  })

  test('SAFE-8 what one process revokes ends in the others, too', async () => {
    const { db } = await open()
    await using here = await createTestApp(db)
    await using there = await createTestApp(db)
    const { agentId, token } = await createLink(here, 'anna')
    const { secret, keyId } = (await post(here, '/api/sign-in', { token })).body
    const session = (await post(there, '/api/session', { agentId, secret })).body.token
    const ask = async () => (await there.call('GET', '/api/me', { token: session })).status
    assert.equal(await ask(), 200)
    const identity = await there.authenticator.identify(session)
    let ended = 0
    const stop = there.authenticator.onForget(identity, () => {
      ended += 1
    })
    await there.authenticator.forgetRevoked()
    assert.equal(ended, 0)
    await here.call('DELETE', `/api/agents/${agentId}/sign-ins/${keyId}`)
    await there.authenticator.forgetRevoked()
    await there.authenticator.forgetRevoked()
    assert.equal(ended, 1, 'once')
    assert.equal(await ask(), 401)
    stop()
  })

  test('SAFE-8 a lower role and a deleted key end in the other processes, too', async () => {
    const { db } = await open()
    await using here = await createTestApp(db)
    await using there = await createTestApp(db)
    const token = there.token({ sub: 'anna' })
    const { id: agentId } = (await here.call('GET', '/api/me', { token })).body
    const give = (role: string) => here.call('PATCH', `/api/agents/${agentId}`, { json: { role } })
    await give('supervisor')
    const made = await here.call('POST', '/api/keys', { json: { name: 'k', scopes: ['read'] } })
    const { id: keyId, key } = made.body
    const seen = async (by: string) => (await there.call('GET', '/api/me', { token: by })).status
    const report = '/api/reports/calls?from=2026-03-01&to=2026-03-02&tz=UTC'
    const asSupervisor = async () => (await there.call('GET', report, { token })).status
    assert.deepEqual([await asSupervisor(), await seen(key)], [200, 200])
    const ended = { role: 0, key: 0 }
    const stops = [
      there.authenticator.onForget(await there.authenticator.identify(token), () => {
        ended.role += 1
      }),
      there.authenticator.onForget(await there.authenticator.identify(key), () => {
        ended.key += 1
      }),
    ]
    await there.authenticator.forgetRevoked()
    assert.deepEqual(ended, { role: 0, key: 0 })
    assert.deepEqual([await asSupervisor(), await seen(key)], [200, 200])

    await give('agent')
    await here.call('DELETE', `/api/keys/${keyId}`)
    await there.authenticator.forgetRevoked()
    await there.authenticator.forgetRevoked()
    assert.deepEqual(ended, { role: 1, key: 1 }, 'once')
    assert.deepEqual([await asSupervisor(), await seen(key)], [403, 401])

    // Of a token that another process has seen, too.
    await give('admin')
    there.tick(61_000)
    assert.equal(await asSupervisor(), 200)
    const lower = here.token({ sub: 'anna', role: 'supervisor' })
    await here.call('GET', '/api/me', { token: lower })
    await there.authenticator.forgetRevoked()
    assert.equal(ended.role, 2)
    for (const stop of stops) stop()
  })

  test('EMBED-7 keys that are none are refused with 400 and leave the link usable', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const { token } = await createLink(app, 'anna')
    const { publicKey } = createBrowserKey()
    for (const bad of [
      { ...publicKey, y: publicKey.x },
      { ...publicKey, crv: 'P-384' },
      { kty: 'oct', k: 'abc' },
      { ...publicKey, x: 'short' },
      null,
    ]) {
      assert.equal((await post(app, '/api/sign-in', { token, publicKey: bad })).status, 400)
    }
    assert.equal((await post(app, '/api/sign-in', { token, publicKey })).status, 200)
  })

  test('EMBED-7 the first start gives a link for an admin, until there is one', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const url = String(await createFirstAdminLink(db, 'http://localhost:3000', app.now()))
    assert.match(url, /^http:\/\/localhost:3000\/sign-in#[\w-]{32}$/)
    // A link that nobody used is no reason to be locked out.
    assert.notEqual(await createFirstAdminLink(db, 'http://localhost:3000', app.now()), null)
    const { privateKey, publicKey } = createBrowserKey()
    const token = url.split('#')[1]
    const { agentId } = (await post(app, '/api/sign-in', { token, publicKey })).body
    const at = app.now().toISOString()
    const session = await post(app, '/api/session', {
      agentId,
      signature: signature(privateKey, agentId, at),
      at,
    })
    const me = await app.call('GET', '/api/me', { token: session.body.token })
    assert.deepEqual([me.body.name, me.body.role], ['Admin', 'admin'])
    assert.equal(await createFirstAdminLink(db, 'http://localhost:3000', app.now()), null)
  })

  test('EMBED-5 the sign-in page runs under a strict policy', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const page = await app.call('GET', '/sign-in', { token: null })
    assert.equal(page.status, 200)
    assert.match(
      String(page.headers.get('content-security-policy')),
      /^default-src 'none'; script-src 'self'/,
    )
    assert.doesNotMatch(String(page.headers.get('content-security-policy')), /unsafe/)
    assert.doesNotMatch(page.body, /<script>|style=|onclick/)
    for (const [, path] of String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)) {
      assert.equal((await app.call('GET', String(path), { token: null })).status, 200, path)
    }
  })
})
