import assert from 'node:assert/strict'
import test from 'node:test'
import { Hono } from 'hono'
import { generateSpecs } from 'hono-openapi'
import * as v from 'valibot'
import { RingsideError } from '../../server/errors.ts'
import type { AppEnv } from '../../server/http/access.ts'
import { decodeCursor, encodeCursor, toPage } from '../../server/http/pagination.ts'
import { notFoundProblem, problemHandler } from '../../server/http/problem.ts'
import { body, describe, MAX_JSON_BYTES, param, query } from '../../server/http/route.ts'
import { listOf, listQuery, newUserInput, userSchema } from '../../server/http/schemas.ts'
import { createMemoryLog } from '../support/memory-log.ts'

const secretInput = v.object({ password: v.string(), role: v.picklist(['agent', 'admin']) })

function createSampleApp() {
  const log = createMemoryLog()
  const route = { summary: 'Sample', tag: 'sample', access: 'public' } as const
  const app = new Hono<AppEnv>()
    .post(
      '/users/:id',
      describe({ ...route, answers: { 201: userSchema } }),
      body(newUserInput),
      (c) => c.json({ id: param(c, 'id'), ...c.req.valid('json') }, 201),
    )
    .get(
      '/users',
      describe({ ...route, answers: { 200: listOf(userSchema) } }),
      query(listQuery),
      (c) => c.json(c.req.valid('query')),
    )
    .post('/secret', describe({ ...route, answers: { 204: null } }), body(secretInput), (c) =>
      c.body(null, 204),
    )
    .get('/fails/:how', (c) => {
      const how = c.req.param('how')
      if (how === 'refused') throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' })
      if (how === 'conflict') {
        throw new RingsideError('conflict', 'the call is not answered', {
          type: 'not-answered',
          extensions: { current: { id: '1' } },
        })
      }
      throw new Error('canary-inside', { cause: new Error('canary-cause') })
    })
  app.onError(problemHandler(log))
  app.notFound(notFoundProblem)
  return { app, log }
}

function post(path: string, text: BodyInit, type = 'application/json') {
  return new Request(`http://test${path}`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': type },
    ...({ duplex: 'half' } as object),
  })
}

async function problemOf(response: Response, status: number) {
  assert.equal(response.status, status)
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  const problem = (await response.json()) as {
    type: string
    detail: string
    status: number
    errors?: { path: string; message: string }[]
    current?: unknown
  }
  assert.equal(problem.status, status)
  return problem
}

test('API bad input names every wrong field, what was found and what was expected', async () => {
  const { app } = createSampleApp()
  const problem = await problemOf(
    await app.request(post('/users/1', '{"email":5,"phones":["1",7]}')),
    400,
  )
  assert.equal(problem.type, '/problems/bad-input')
  assert.deepEqual(problem.errors, [
    { path: 'name', message: 'is missing, expected a value' },
    { path: 'email', message: 'is 5, expected string' },
    { path: 'phones.1', message: 'is 7, expected string' },
  ])
  const empty = await problemOf(await app.request(post('/users/1', '{"name":""}')), 400)
  assert.deepEqual(empty.errors, [
    { path: 'name', message: 'has 0 characters, expected at least 1' },
  ])
})

test('API a query out of its bounds and an unreadable cursor are named', async () => {
  const { app } = createSampleApp()
  for (const limit of ['0', '201', 'x', '1.5', '']) {
    const problem = await problemOf(await app.request(`/users?limit=${limit}`), 400)
    assert.equal(problem.errors?.[0]?.path, 'limit', limit)
    assert.match(String(problem.errors?.[0]?.message), /^is .+, (expected|it must be) /, limit)
  }
  assert.throws(
    () => decodeCursor('%%%', v.tuple([v.string()])),
    (error: RingsideError) => error.details.errors?.[0]?.path === 'cursor',
  )
  assert.throws(() => decodeCursor(encodeCursor(['x', 1]), v.strictTuple([v.string()])))
  assert.deepEqual(decodeCursor(encodeCursor(['x']), v.tuple([v.string()])), ['x'])
  assert.deepEqual(toPage([1, 2, 3], 2, String), { items: [1, 2], next: encodeCursor('2') })
  assert.deepEqual(toPage([1, 2], 2, String), { items: [1, 2], next: null })
})

test('API JSON that cannot be read, of another type or over the bound is refused', async () => {
  const { app } = createSampleApp()
  await problemOf(await app.request(post('/users/1', '{"name":')), 400)
  await problemOf(await app.request(post('/users/1', new Uint8Array([0x22, 0xff, 0x22]))), 400)
  await problemOf(await app.request(post('/users/1', '{"name":"x"}', 'text/plain')), 400)
  const large = JSON.stringify({ name: 'x'.repeat(MAX_JSON_BYTES) })
  await problemOf(await app.request(post('/users/1', large)), 413)
  let sent = 0
  const endless = new ReadableStream({
    pull: (controller) => {
      sent += 1
      controller.enqueue(new Uint8Array(65_536))
    },
  })
  await problemOf(await app.request(post('/users/1', endless)), 413)
  assert.ok(sent < 30, `read ${sent} chunks`)
})

test('SAFE-7 a wrong secret is not shown back, an unexpected error shows nothing', async () => {
  const { app, log } = createSampleApp()
  const bad = await app.request(post('/secret', '{"password":12345,"role":"king"}'))
  const problem = await problemOf(bad, 400)
  assert.deepEqual(problem.errors, [
    { path: 'password', message: 'is ***, expected string' },
    { path: 'role', message: 'is "king", expected ("agent" | "admin")' },
  ])
  const failed = await app.request('/fails/inside')
  assert.doesNotMatch(await failed.clone().text(), /canary/)
  assert.equal((await problemOf(failed, 500)).type, '/problems/internal')
  assert.equal(log.lines[0]?.event, 'http.failed')
})

test('API an error is a problem with its type, and the database being away is 503', async () => {
  const { app } = createSampleApp()
  const conflict = await problemOf(await app.request('/fails/conflict'), 409)
  assert.equal(conflict.type, '/problems/not-answered')
  assert.deepEqual(conflict.current, { id: '1' })
  await problemOf(await app.request('/fails/refused'), 503)
  await problemOf(await app.request('/nothing'), 404)
  await problemOf(await app.request(post('/users/%00', '{"name":"x"}')), 404)
})

test('API openapi.json is made from the routes: bodies, parameters, answers, who may', async () => {
  const { app } = createSampleApp()
  const spec = JSON.parse(JSON.stringify(await generateSpecs(app))) as Spec
  const create = spec.paths['/users/{id}']?.post
  assert.equal(create?.['x-access'], 'public')
  const input = create.requestBody?.content['application/json']?.schema
  assert.deepEqual(input?.required, ['name'])
  assert.deepEqual(input.properties.name, { type: 'string', maxLength: 500, minLength: 1 })
  const answer = create.responses['201']?.content?.['application/json']?.schema
  assert.ok('phones' in (answer?.properties ?? {}))
  assert.ok(create.responses.default?.content?.['application/problem+json'])
  const list = spec.paths['/users']?.get
  assert.deepEqual(list?.parameters?.map(({ name }) => name).sort(), ['cursor', 'limit'])
})

interface Content {
  content?: Record<string, { schema: { required: string[]; properties: Record<string, unknown> } }>
}
interface Spec {
  paths: Record<
    string,
    Record<
      string,
      {
        'x-access': string
        requestBody?: Required<Content>
        responses: Record<string, Content>
        parameters?: { name: string }[]
      }
    >
  >
}
