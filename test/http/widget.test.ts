import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { Hono } from 'hono'
import type { AppEnv } from '../../server/http/access.ts'
import { widgetRoutes } from '../../server/http/routes/widget.ts'

const CORE = 'export const core = 1\n'
const folder = mkdtempSync(join(tmpdir(), 'ringside-widget-'))
let app: Hono<AppEnv>

before(async () => {
  mkdirSync(join(folder, 'widget'))
  writeFileSync(join(folder, 'widget.js'), "import './widget/core-abc.js'\n")
  writeFileSync(join(folder, 'widget/core-abc.js'), CORE)
  writeFileSync(join(folder, 'secret.txt'), 'not the widget')
  app = await widgetRoutes(folder)
})

after(() => rmSync(folder, { recursive: true, force: true }))

test('EMBED-1 any page may load the script and its parts, and nothing takes them for anything else', async () => {
  for (const path of ['/widget.js', '/widget/core-abc.js']) {
    const { headers, status } = await app.request(path)
    assert.equal(status, 200)
    assert.equal(headers.get('access-control-allow-origin'), '*')
    assert.equal(headers.get('cross-origin-resource-policy'), 'cross-origin')
    assert.equal(headers.get('content-type'), 'text/javascript; charset=utf-8')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
  }
})

test('EMBED-5 the entry is asked for again after minutes, parts never, what is missing always', async () => {
  const caching = async (path: string) => (await app.request(path)).headers.get('cache-control')
  assert.equal(await caching('/widget.js'), 'public, max-age=300')
  assert.equal(await caching('/widget/core-abc.js'), 'public, max-age=31536000, immutable')
  const missing = await app.request('/widget/core-old.js')
  assert.equal(missing.status, 404)
  assert.equal(missing.headers.get('cache-control'), 'no-store')
  assert.equal((await app.request('/widget/..%2Fsecret.txt')).status, 404)
})

test('EMBED-5 an entry that is known is not sent again; parts are sent small', async () => {
  const { headers } = await app.request('/widget.js')
  const etag = headers.get('etag') ?? ''
  const again = await app.request('/widget.js', { headers: { 'if-none-match': etag } })
  assert.equal(again.status, 304)
  const opened = { gzip: gunzipSync, br: brotliDecompressSync }
  for (const [encoding, open] of Object.entries(opened)) {
    const ask = () =>
      app.request('/widget/core-abc.js', { headers: { 'accept-encoding': encoding } })
    for (const small of await Promise.all([ask(), ask()])) {
      assert.equal(small.headers.get('content-encoding'), encoding)
      assert.equal(open(Buffer.from(await small.arrayBuffer())).toString(), CORE)
    }
  }
})
