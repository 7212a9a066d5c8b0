import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Database } from '../../db/database.ts'
import { createApp } from '../../server/http/app.ts'
import { openInMemory } from '../support/in-memory.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { createWorld, type World } from '../support/world.ts'
import { askAs, inFlight, isLetIn, type Outcome, wrongWith } from './access-matrix.ts'
import { pathOf, TABLE, type Things } from './access-table.ts'
import { createIdentities, type Identity } from './identities.ts'
import { createThings } from './things.ts'

let database: Database
let world: World
let receiver: Receiver
let things: Things
let identities: readonly Identity[]

before(async () => {
  database = await openInMemory()
  receiver = await startReceiver()
  // Under a name of its own the demo is no playground of this machine, but for admins.
  const env = { PUBLIC_URL: 'https://calls.example.com', HOOKS_ALLOW_PRIVATE: 'true' }
  world = await createWorld(async () => database, env)
  things = await createThings(world, receiver.url)
  identities = await createIdentities(world)
})

after(async () => {
  await world?.close()
  await receiver?.[Symbol.asyncDispose]()
  await database?.close()
})

test('SAFE-2 every route, of openapi.json or not, has a row, and declares the access of its row', async () => {
  const { paths } = (await (await fetch(`${world.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { 'x-access'?: string }>>
  }
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { 'x-access': access }]) => [`${method.toUpperCase()} ${path}`, access] as const,
    ),
  )
  const app = await createApp(world.context)
  const served = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{.*?\})?/g, '{$1}')}`)
  const rows = TABLE.map(({ route }) => route)
  assert.deepEqual([...new Set(served)].sort(), rows.toSorted(), 'what is served has a row')
  const without = described.filter(([route]) => !rows.includes(route))
  assert.deepEqual(without, [], 'what is described has a row')

  const byRoute = new Map(TABLE.map((row) => [row.route, row.access]))
  // It lets in who has the signed address, and checks tokens by itself.
  byRoute.set('GET /api/recordings/{id}/audio', 'public')
  const others = described.filter(
    ([route, access]) => access !== undefined && access !== byRoute.get(route),
  )
  assert.deepEqual(others, [], 'what the code declares is what the table says')
})

test('SAFE-2 nobody is let in where the table does not say so', async (t) => {
  const asked = TABLE.flatMap((row) =>
    identities.filter((identity) => !isLetIn(row, identity)).map((identity) => ({ row, identity })),
  )
  const wrong: string[] = []
  await inFlight(asked, 8, async ({ row, identity }) => {
    const found = wrongWith(await askAs(world.url, row, identity, things))
    if (found !== null) wrong.push(found)
  })
  t.diagnostic(
    `${TABLE.length} routes × ${identities.length} identities: ${asked.length} to refuse, ${wrong.length} wrong`,
  )
  assert.deepEqual(wrong, [])
  assert.ok(asked.length > 2000, 'the matrix is whole')
})

test('SAFE-2 every route lets in whom the table names, with what the route is for', async (t) => {
  const outcomes: Outcome[] = []
  for (const row of TABLE) {
    const welcome = identities.filter((identity) => isLetIn(row, identity))
    await inFlight(welcome, 4, async (identity) => {
      outcomes.push(await askAs(world.url, row, identity, things))
    })
  }
  const wrong = outcomes.map(wrongWith).filter((each) => each !== null)
  t.diagnostic(`${outcomes.length} to let in, ${wrong.length} wrong`)
  assert.deepEqual(wrong, [])
  const never = TABLE.filter(
    ({ route, answers }) =>
      !outcomes.some((each) => each.row.route === route && each.status === answers[0]),
  )
  assert.deepEqual(
    never.map(({ route, answers }) => `${route}: nobody was answered ${answers[0]}`),
    [],
  )
})

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'] as const

test('SAFE-2 no other method, and no other spelling of an address, gets past the door', async () => {
  const found: string[] = []
  const shut = TABLE.filter(({ access }) => access !== 'public')
  const lookers = ['nobody', 'key users', 'agent'].map(
    (name) => identities.find((each) => each.name === name)!,
  )
  const byRoute = new Map(TABLE.map((row) => [row.route, row]))
  const asked = (await Promise.all(shut.map((row) => variantsOf(row)))).flat()
  await inFlight(asked, 8, async ({ row, method, path, override }) => {
    for (const identity of lookers) {
      // The same address may be open by another method; HEAD is GET's.
      const other = `${method.replace('HEAD', 'GET')} ${row.route.split(' ')[1]}`
      const neighbour = path === null ? byRoute.get(other) : undefined
      if ([row, neighbour ?? row].some((each) => isLetIn(each, identity))) continue
      const address = path ?? (await pathOf(row, things, false))
      const answer = await fetch(world.url + address, {
        method,
        headers: { ...identity.headers(), ...override, 'x-forwarded-for': '203.0.113.7' },
      })
      await answer.body?.cancel()
      if (answer.status < 400) found.push(`${method} ${address} as ${identity.name}`)
    }
  })
  assert.deepEqual(found, [])
})

interface Variant {
  readonly row: (typeof TABLE)[number]
  readonly method: string
  /** Null: the route's own. */
  readonly path: string | null
  readonly override: Record<string, string>
}

async function variantsOf(row: (typeof TABLE)[number]): Promise<Variant[]> {
  const [method = ''] = row.route.split(' ')
  const path = await pathOf(row, things, false)
  const [bare = '', query = ''] = path.split('?')
  const spellings = [
    `${bare}/`,
    `/${bare}`,
    `${bare}//`,
    bare.replace('/api/', '/API/'),
    bare.replace('/api/', '/./api/'),
    bare.replace('/api/', '/healthz/..%2fapi/'),
    bare.replace('/api/', '/%61pi/'),
    bare.replace('/api/', '//api/'),
    `${bare};x=y`,
    `${bare}%00`,
    `${bare}.json`,
    `${bare}%20`,
    `/widget.js/..${bare}`,
  ].map((each) => (query === '' ? each : `${each}?${query}`))
  const get = method === 'GET' ? [] : [{ 'x-http-method-override': method }]
  return [
    ...METHODS.map((each) => ({ row, method: each, path: null, override: {} })),
    ...spellings.map((each) => ({ row, method, path: each, override: {} })),
    ...get.map((override) => ({ row, method: 'GET', path: null, override })),
  ]
}
