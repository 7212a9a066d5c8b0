import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import test, { after, before } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { signJwt } from '../../server/http/jwt.ts'
import { launchBrowser } from '../support/browser.ts'
import { createSite, type Site } from '../support/host-page.ts'
import { newDataFolder } from '../support/migrated.ts'
import { type ServerProcess, startServer } from '../support/process.ts'

const KEY = 'test-admin-key-test-admin-key'
const EMBED_SECRET = 'test-embed-secret-test-embed-secret'
const dataDir = await newDataFolder('ringside-embed-')

let server: ServerProcess
let browser: Browser
let site: Site
let webhook: string
let anna: { id: string }
/** The page of the host, by its path. */
const pages = new Map<string, string>()

before(async () => {
  server = await startServer({ DATA_DIR: dataDir, ADMIN_API_KEY: KEY, EMBED_SECRET })
  browser = await launchBrowser()
  site = await createSite((url) => {
    const body = pages.get(url.pathname)
    return body === undefined ? null : { body: `<!doctype html><title>Tickets</title>${body}` }
  })
  const where = { name: 'PBX', timeZone: 'UTC', country: 'RU' }
  const connection = await api('POST', '/api/connections', where)
  anna = await api('POST', '/api/agents', { externalId: 'anna', name: 'Anna' })
  const items = [{ extension: '101', agentId: anna.id }]
  await api('PUT', `/api/connections/${connection.id}/extensions`, { items })
  webhook = `${server.url}/webhooks/asterisk/${connection.webhookToken}`
})

after(async () => {
  await browser?.close()
  site?.close()
  await server?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

const script = (attributes = '', from = server.url) =>
  `<script type="module" src="${from}/widget.js" ${attributes}></script>`
const launcher = (page: Page) => page.getByRole('button', { name: /^Open calls/ })

test('EMBED-1 one tag, in the head or late, twice or in an iframe, is one widget with one stream', async () => {
  const tag = script(`data-token="${token('anna')}"`)
  const late = `<script>addEventListener('load', () => {
    const tag = document.createElement('script')
    Object.assign(tag, { type: 'module', src: '${server.url}/widget.js' })
    tag.dataset.token = '${token('anna')}'
    document.head.append(tag)
  })</script>`
  pages.set('/frame', tag)
  for (const [name, body] of Object.entries({
    head: `<head>${tag.replace('<script', '<script async')}</head><body><h1>Tickets</h1>`,
    late,
    'late, where the script stands without a token': script() + late,
    twice: `${tag}<p>Tickets</p>${tag}`,
    iframe: '<iframe src="/frame" width="900" height="700"></iframe>',
  })) {
    pages.set('/', body)
    const { page, streams } = await open('/')
    const frame = page.frames().at(-1)!
    await frame.getByRole('button', { name: /^Open calls/ }).waitFor()
    await frame.waitForFunction(
      () => document.querySelector('ringside-widget')?.client?.state.connection === 'open',
    )
    assert.equal(await frame.locator('ringside-widget').count(), 1, name)
    assert.equal(streams.length, 1, name)
    await page.context().close()
  }
})

test('EMBED-1 a framework may move the element and make it anew: the stream goes on', async () => {
  const attributes = `token="${token('anna')}"`
  pages.set(
    '/',
    `${script()}<div id="one"><ringside-widget ${attributes}></ringside-widget></div><div id="two"></div>`,
  )
  const { page, streams } = await open('/')
  await launcher(page).click()
  await page.locator('#one ringside-panel h1').waitFor()
  await page.evaluate((value) => {
    const [one, two] = [document.querySelector('#one')!, document.querySelector('#two')!]
    const before = document.querySelector('ringside-widget')!
    two.append(before)
    one.append(before)
    before.remove()
    const after = document.createElement('ringside-widget')
    after.token = value
    setTimeout(() => two.append(after))
  }, token('anna'))
  await page.locator('#two ringside-widget ringside-panel').waitFor()
  await page.waitForFunction(
    () => document.querySelector('ringside-widget')?.client?.state.connection === 'open',
  )
  assert.equal(streams.length, 1)
  await page.context().close()
})

test('EMBED-1 two widgets of different servers stand on one page', async () => {
  const other = server.url.replace('127.0.0.1', 'localhost')
  assert.notEqual(other, server.url)
  const tags = [server.url, other].map((from) => script(`data-token="${token('anna')}"`, from))
  pages.set('/', tags.join(''))
  const { page, streams } = await open('/')
  await page.waitForFunction(() =>
    [...document.querySelectorAll('ringside-widget')].every(
      (one, _index, all) => all.length === 2 && one.client?.state.connection === 'open',
    ),
  )
  assert.deepEqual(new Set(streams.map((url) => new URL(url).origin)).size, 2)
  await page.context().close()
})

test('EMBED-3 a call and its case are told in every tab, and one of them is the one to act', async () => {
  pages.set('/', script(`data-token="${token('anna')}"`))
  const { page: first, context } = await open('/')
  await launcher(first).waitFor()
  const second = await context.newPage()
  await second.goto(`${site.url}/`)
  await launcher(second).waitFor()
  const tabs = [first, second]
  for (const tab of tabs) {
    await tab.evaluate(() => {
      const heard: [string, any][] = []
      Object.assign(window, { heard })
      for (const name of ['call', 'case-created', 'case-updated', 'user-linked'])
        document.addEventListener(`ringside-${name}`, (event) => {
          heard.push([name, (event as CustomEvent).detail])
        })
    })
    await tab.waitForFunction(
      () => document.querySelector('ringside-widget')?.client?.state.isReady === true,
    )
  }
  await say({ status: 'incoming_start' })
  await say({ status: 'incoming_ring', to_user: '101' })
  await say({ status: 'incoming_answer', to_user: '101' })
  await first
    .getByRole('button', { name: /create a case/i })
    .first()
    .click()
  await first.getByLabel('Subject').fill('Where is it?')
  await first.getByRole('button', { name: 'Create case' }).click()
  await first.getByText('Call in progress').first().waitFor()
  await say({ status: 'incoming_end' })
  const told = []
  for (const tab of tabs) {
    await tab.waitForFunction(() =>
      (window as any).heard.some(
        ([name, detail]: [string, any]) => name === 'call' && detail.call.state === 'ended',
      ),
    )
    await tab.waitForFunction(() =>
      (window as any).heard.some(([name]: [string, any]) => name === 'case-updated'),
    )
    told.push(await tab.evaluate(() => (window as any).heard as [string, any][]))
  }
  for (const heard of told) {
    const states = heard.flatMap(([name, detail]) => (name === 'call' ? [detail.call.state] : []))
    for (const state of ['ringing', 'answered', 'ended']) assert.ok(states.includes(state), state)
    assert.equal(heard.filter(([name]) => name === 'case-created').length, 1)
    assert.equal(heard.filter(([name]) => name === 'user-linked').length, 1)
  }
  await say({ unique_id: '1640854015.27', status: 'incoming_start' })
  await say({ unique_id: '1640854015.27', status: 'incoming_ring', to_user: '101' })
  await say({ unique_id: '1640854015.27', status: 'incoming_end' })
  await first.waitForFunction(
    () =>
      (window as any).heard.filter(([name]: [string, any]) => name === 'case-created').length === 2,
  )
  const leaders = told.map((heard) => new Set(heard.flatMap(([, { leader }]) => leader ?? [])))
  assert.deepEqual(
    leaders.map((set) => set.size),
    [1, 1],
  )
  assert.deepEqual(leaders.flatMap((set) => [...set]).sort(), [false, true])
  await context.close()
})

test('EMBED-6 elements stand alone in a page by the same script, one stream for all, in shadow roots too', async () => {
  const attributes = `token="${token('anna')}"`
  pages.set(
    '/',
    `${script('data-elements="case-list"')}<div id="place"></div>
    <script>
      const root = document.querySelector('#place').attachShadow({ mode: 'open' })
      root.innerHTML = '<ringside-case-list ${attributes}></ringside-case-list>'
    </script>`,
  )
  const { page, streams } = await open('/')
  const row = page.locator('ringside-case-list').getByRole('button', { name: 'Where is it?' })
  await page
    .locator('ringside-case-list')
    .getByRole('button', { name: 'Closed' })
    .or(row)
    .first()
    .waitFor()
  const { items } = await api('GET', '/api/cases')
  await page.evaluate(
    ([value, id]) => {
      const element = document.createElement('ringside-case')
      element.setAttribute('token', value!)
      element.setAttribute('case-id', id!)
      document.body.append(element)
    },
    [token('anna'), items.find((one: any) => one.subject === 'Where is it?').id],
  )
  await page.locator('ringside-case').getByText('Where is it?').waitFor()
  assert.equal(streams.length, 1)
  await page.context().close()
})

test('EMBED-6 /agent: by a personal link to the list, the case beside it, and back', async () => {
  const link = await api('POST', `/api/agents/${anna.id}/sign-in-link`)
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await newPage(context)
  await page.goto(`${server.url}/agent`)
  await page.getByText('You are not signed in on this browser').waitFor()
  await page.goto(`${server.url}/sign-in${new URL(link.url).hash}`)
  await page.getByRole('button', { name: 'Sign in on this browser' }).click()
  await page.waitForURL(`${server.url}/agent`)
  const list = page.locator('ringside-case-list')
  const row = list.getByRole('button', { name: 'Where is it?' })
  await row.click()
  await page.locator('ringside-case').getByText('Where is it?').waitFor()
  assert.match(new URL(page.url()).hash, /^#[\w-]+$/)
  await page.reload()
  await page.locator('ringside-case').getByText('Where is it?').waitFor()
  assert.deepEqual(await violations(page), [])
  await page.setViewportSize({ width: 360, height: 700 })
  assert.equal(await list.isVisible(), false)
  await page.getByRole('link', { name: 'All cases' }).click()
  await row.waitFor()
  assert.equal(await page.locator('ringside-case').count(), 0)
  await context.close()
})

/** What axe-core finds in the page, our elements included. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile('node_modules/axe-core/axe.min.js', 'utf8'))
  return page.evaluate(async () => {
    const found = await (window as any).axe.run()
    return found.violations.map((one: any) => `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`)
  })
}

async function open(path: string) {
  const context = await browser.newContext()
  const page = await newPage(context)
  const streams: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/api/stream')) streams.push(request.url())
  })
  await page.goto(site.url + path)
  return { context, page, streams }
}

async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => assert.fail(`the page threw: ${error.message}`))
  return page
}

function token(sub: string): string {
  const exp = Math.floor(Date.now() / 1000) + 3600
  return signJwt({ sub, name: sub, aud: 'ringside', exp }, Buffer.from(EMBED_SECRET))
}

/** One thing that the PBX says of the one call of this file. */
async function say(fields: Record<string, string>): Promise<void> {
  const call = { unique_id: '1640854015.26', from_user: '79161234567', to_user: '74951000101' }
  const body = new URLSearchParams({ ...call, datetime: datetime(), ...fields })
  const { status } = await fetch(webhook, { method: 'POST', body })
  assert.equal(status, 200)
}

function datetime(): string {
  const [date, time] = new Date().toISOString().split(/[T.]/)
  return `${date?.split('-').reverse().join('.')}-${time}`
}

async function api(method: string, path: string, body?: unknown): Promise<any> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}
