import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Database } from '../../db/database.ts'
import { openInMemory } from '../support/in-memory.ts'
import { rawRequest } from '../support/raw-request.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let database: Database
before(async () => {
  database = await openInMemory()
  world = await createWorld(async () => database)
})
after(async () => {
  await world.close()
  await database.close()
})

const PAGES = ['/sign-in', '/agent', '/admin', '/reports', '/wallboard']
const RIGHT = ['/api/calls', '/api/settings', '/api/reports/line', '/openapi.json', '/widget.js']
const WRONG = ['/api/nothing', '/nothing', '/api/calls?limit=x', '/webhooks/asterisk/none']

/** What `/openapi.json` can be asked for without an id, with the answer that comes. */
async function everyAnswer(): Promise<[path: string, answer: Response][]> {
  const { paths } = (await (await fetch(`${world.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  const listed = Object.keys(paths).filter(
    (path) => paths[path]?.get !== undefined && !path.includes('{') && path !== '/api/stream',
  )
  const asked = [...new Set([...PAGES, ...RIGHT, ...WRONG, ...listed])]
  return Promise.all(
    asked.map(async (path): Promise<[string, Response]> => {
      const headers = { authorization: `Bearer ${world.token('anna')}` }
      const answer = await fetch(world.url + path, { headers })
      await answer.arrayBuffer()
      return [path, answer]
    }),
  )
}

test('SAFE-10 no answer of the API or of a page is sniffed, framed, kept or told of to others', async () => {
  const answers = await everyAnswer()
  assert.ok(answers.length > 25, String(answers.length))
  for (const [path, { headers, status }] of answers) {
    assert.ok(headers.get('content-type'), path)
    assert.equal(headers.get('x-powered-by'), null, path)
    assert.equal(headers.get('set-cookie'), null, path)
    assert.equal(headers.get('access-control-allow-credentials'), null, path)
    if (/^text\//.test(headers.get('content-type') ?? '')) {
      assert.match(headers.get('content-type') ?? '', /charset=utf-8/i, path)
    }
    if (!path.startsWith('/api/') && !PAGES.includes(path)) continue
    assert.equal(headers.get('x-content-type-options'), 'nosniff', `${path} ${status}`)
    assert.equal(headers.get('referrer-policy'), 'no-referrer', path)
    const policy = headers.get('content-security-policy') ?? ''
    for (const directive of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) {
      assert.ok(policy.includes(directive), `${path}: ${policy}`)
    }
    assert.match(headers.get('cache-control') ?? '', PAGES.includes(path) ? /no-cache/ : /no-store/)
  }
})

test('SAFE-10 methods that nothing is at are refused: TRACE gives nothing back', async () => {
  for (const method of ['TRACE', 'PROPFIND', 'PUT']) {
    const headers = { 'x-canary': 'canary-7391' }
    const { status, body } = await rawRequest(`${world.url}/api/settings`, { method, headers })
    assert.ok(status >= 400 && status < 500, `${method}: ${status}`)
    assert.ok(!body.includes('canary-7391'), method)
  }
})

test('SAFE-10 no file of the disk is served by its name', async () => {
  const wanted = ['package.json', '.git/config', 'server/main.ts', 'data/embed.secret', '', 'i18n/']
  const ways = ['/', '/widget/', '/agent/', '/sign-in/', '/demo/', '/wallboard/']
  const steps = ['', '../', '%2e%2e%2f', '..%2f..%2f', '....//', '%252e%252e%252f', '..%5c']
  for (const way of ways) {
    for (const path of wanted.flatMap((file) => steps.map((step) => way + step + file))) {
      if (PAGES.includes(path.replace(/\/$/, ''))) continue
      const { status, body } = await rawRequest(world.url, { method: 'GET', path })
      assert.ok(status === 404 || status === 400 || status === 403, `${path}: ${status}`)
      assert.match(body, /problems/, path)
    }
  }
})
