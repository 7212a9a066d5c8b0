import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '../../db/database.ts'
import { signJwt } from '../../server/http/jwt.ts'
import { openInMemory } from '../support/in-memory.ts'
import { openStream } from '../support/sse.ts'
import { createWorld, EMBED_SECRET, type World } from '../support/world.ts'

const PATH = '/api/settings/embed-secret'
const database: Promise<Database> = openInMemory()

test.after(async () => (await database).close())

const open = (env: Record<string, string> = { EMBED_SECRET: '' }): Promise<World> =>
  createWorld(() => database, env)

/** A token as a helpdesk signs it that has this secret. */
function signed(world: World, secret: string, claims: Record<string, unknown> = {}): string {
  const exp = Math.floor(world.now().getTime() / 1000) + 3600
  return signJwt(
    { sub: 'helga', name: 'Helga', aud: 'ringside', exp, ...claims },
    Buffer.from(secret),
  )
}

async function ask(world: World, token: string): Promise<number> {
  const answer = await fetch(`${world.url}/api/me`, {
    headers: { authorization: `Bearer ${token}` },
  })
  await answer.text()
  return answer.status
}

const reveal = async (world: World): Promise<string> =>
  (await world.api('POST', `${PATH}/reveal`)).body.secret

test('EMBED-7 ADMIN-6 the embed secret is shown by an act of its own, and by nothing else', async () => {
  await using world = await open()
  const about = await world.api('GET', PATH)
  assert.equal(about.body.origin, 'file')
  assert.deepEqual(about.body.replaced, [])
  assert.ok(!Number.isNaN(new Date(about.body.madeAt).getTime()))
  const secret = await reveal(world)
  assert.ok(Buffer.byteLength(secret) >= 32)
  assert.ok(!JSON.stringify(about).includes(secret))
  assert.equal(await ask(world, signed(world, secret)), 200)
  const rotated = await world.api('POST', `${PATH}/rotate`)
  assert.ok(!JSON.stringify(rotated).includes(await reveal(world)))
  for (const [method, path] of [
    ['POST', '/reveal'],
    ['POST', '/rotate'],
    ['DELETE', '/replaced'],
    ['GET', ''],
  ] as const) {
    for (const role of ['agent', 'supervisor']) {
      const answer = await fetch(`${world.url}${PATH}${path}`, {
        method,
        headers: { authorization: `Bearer ${signed(world, secret, { sub: role, role })}` },
      })
      await answer.text()
      assert.equal(answer.status, 403, `${method} ${path} as ${role}`)
    }
  }
})

test('EMBED-7 pages go on working for a day after a rotation, by old tokens and new ones', async () => {
  await using world = await open()
  const old = await reveal(world)
  const { body } = await world.api('POST', `${PATH}/rotate`)
  const next = await reveal(world)
  assert.notEqual(next, old)
  assert.equal(body.replaced.length, 1)
  const worksUntil = new Date(body.replaced[0].worksUntil).getTime()
  assert.ok(Math.abs(worksUntil - world.now().getTime() - 86_400_000) < 60_000)
  for (const secret of [old, next]) {
    assert.equal(await ask(world, signed(world, secret)), 200)
    using stream = await openStream(world.url, signed(world, secret))
    await stream.next(({ type }) => type === 'hello')
  }
  world.tick(86_400 + 1)
  assert.equal(await ask(world, signed(world, old)), 401)
  assert.equal(await ask(world, signed(world, next)), 200)
})

test('SAFE-8 ending what was replaced ends its tokens and streams at once, not those of the new one', async () => {
  await using world = await open()
  const old = await reveal(world)
  const token = signed(world, old)
  await world.api('POST', `${PATH}/rotate`)
  const next = await reveal(world)
  using stream = await openStream(world.url, token)
  await stream.next(({ type }) => type === 'hello')
  assert.equal(await ask(world, token), 200, 'remembered from here on')
  const ended = await world.api('DELETE', `${PATH}/replaced`)
  assert.deepEqual(ended.body.replaced, [])
  assert.equal(await stream.ended, 'ended')
  assert.equal(await ask(world, token), 401)
  assert.equal(await ask(world, signed(world, next)), 200)
})

test('EMBED-7 a secret of the environment is shown, and is not rotated here', async () => {
  await using world = await open({})
  assert.deepEqual((await world.api('GET', PATH)).body, {
    origin: 'environment',
    madeAt: null,
    replaced: [],
    serverUrl: 'http://localhost:3000',
  })
  assert.equal(await reveal(world), EMBED_SECRET)
  const refused = await world.api('POST', `${PATH}/rotate`)
  assert.equal(refused.status, 409)
  assert.equal(refused.body.type, '/problems/set-by-environment')
  assert.match(refused.body.detail, /EMBED_SECRET: change it there and start the server again/)
  assert.equal((await world.api('DELETE', `${PATH}/replaced`)).status, 409)
})
