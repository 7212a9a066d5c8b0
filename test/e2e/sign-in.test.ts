import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Database } from '../../db/database.ts'
import type {} from '../../widget/elements/ringside-widget.ts'
import { launchBrowser } from '../support/browser.ts'
import { createSite, type Site } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { createWorld, type World } from '../support/world.ts'

/** A helpdesk on plain http: its pages have neither WebCrypto nor Web Locks. */
const PLAIN_HOST = 'helpdesk.test'

let database: Database
let world: World
let stage: Stage
let browser: Browser
let site: Site

before(async () => {
  database = await openInMemory()
  world = await createWorld(async () => database)
  stage = createStage(() => world)
  browser = await launchBrowser([`--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`])
  site = await createSite(() => ({
    csp: `default-src 'none'; script-src ${world.url}; connect-src ${world.url}`,
    body: `<!doctype html><html lang="en"><title>Tickets</title><h1>Tickets</h1>
      <script type="module" src="${world.url}/widget.js" data-sign-in></script>`,
  }))
})

after(async () => {
  await browser?.close()
  site?.close()
  await world?.close()
  await database?.close()
})

test('EMBED-7 a pasted link signs the browser in, from then on in every tab and after a reload', async () => {
  await using place = await openContext()
  const page = await place.open()
  await pasteLink(page, await createLink('anna'))
  await signedIn(page, 'anna')
  await page.reload()
  await signedIn(page, 'anna')
  const second = await place.open()
  await signedIn(second, 'anna')

  const call = await stage.incoming(stage.number(), { extension: '101' })
  await call.ring('101')
  for (const each of [page, second]) await each.locator('ringside-popup').waitFor()
  await call.end()

  const kept = await page.evaluate(keptInBrowser)
  assert.deepEqual(kept, { local: [], session: [], extractable: [false], secrets: [] })
})

test('EMBED-7 tabs that open at once share a session, and a used link is of no use to another browser', async () => {
  await using place = await openContext()
  const link = await createLink('boris')
  await pasteLink(await place.open(), link)
  await signedIn(place.pages[0]!, 'boris')
  place.sessions.length = 0
  const pages = await Promise.all(Array.from({ length: 8 }, () => place.open()))
  for (const page of pages) await signedIn(page, 'boris')
  assert.ok(place.sessions.length <= 2, `8 tabs asked for ${place.sessions.length} sessions`)

  await using other = await openContext()
  const stranger = await other.open()
  await pasteLink(stranger, link)
  await stranger.getByText('This link was used already, or has expired.').waitFor()
  await stranger.getByLabel('Sign-in link').fill('hello')
  await stranger.getByRole('button', { name: 'Sign in', exact: true }).click()
  await stranger.getByText('This is not a sign-in link.').waitFor()
})

test('EMBED-7 SAFE-8 a revoked browser says so in all tabs, and a new link brings all of them back', async () => {
  await using place = await openContext()
  const page = await place.open()
  await pasteLink(page, await createLink('clara'))
  await signedIn(page, 'clara')
  const second = await place.open()
  await signedIn(second, 'clara')
  const path = `/api/agents/${world.agents.clara}/sign-ins`
  const { items } = (await world.api('GET', path)).body
  assert.equal(items.length, 1)
  assert.equal(items[0].origin, site.url)
  assert.equal(items[0].holdsFor, 'browser')
  assert.equal((await world.api('DELETE', `${path}/${items[0].id}`)).status, 204)
  for (const each of [page, second]) await signedOut(each)
  await openPanel(page)
  await page.getByText('You were signed out here.').waitFor()
  await page.reload()
  await openPanel(page)
  await page.getByText('You were signed out here.').waitFor()

  await pasteLink(page, await createLink('clara'))
  for (const each of [page, second]) await signedIn(each, 'clara')
})

test('EMBED-7 who signs out takes all tabs of the browser along, and another agent can sign in', async () => {
  await using place = await openContext()
  const page = await place.open()
  await pasteLink(page, await createLink('anna'))
  await signedIn(page, 'anna')
  const second = await place.open()
  await signedIn(second, 'anna')
  await page.getByRole('button', { name: /^My state/i }).click()
  await page.getByRole('button', { name: 'Sign out of telephony here' }).click()
  for (const each of [page, second]) await signedOut(each)
  const path = `/api/agents/${world.agents.anna}/sign-ins`
  const origins = (await world.api('GET', path)).body.items.length
  assert.equal(await page.evaluate(keptInBrowser).then((kept) => kept.extractable.length), 0)

  await pasteLink(second, await createLink('boris'))
  for (const each of [page, second]) await signedIn(each, 'boris')
  assert.equal((await world.api('GET', path)).body.items.length, origins)
  const call = await stage.incoming(stage.number(), { extension: '102' })
  await call.ring('102')
  for (const each of [page, second]) await each.locator('ringside-popup').waitFor()
  await call.end()
})

test('EMBED-7 on plain http the sign-in holds for the tab, and nothing of it is in the local storage', async () => {
  await using place = await openContext(`http://${PLAIN_HOST}:${site.port}`)
  const page = await place.open()
  assert.equal(await page.evaluate(() => globalThis.crypto.subtle === undefined), true)
  await openPanel(page)
  await page.getByText('you stay signed in until you close the tab').waitFor()
  await pasteLink(page, await createLink('anna'))
  await signedIn(page, 'anna')
  await page.reload()
  await signedIn(page, 'anna')
  const { local, session } = await page.evaluate(keptInBrowser)
  assert.deepEqual([local, session], [[], [`ringside:sign-in:${world.url}`]])
  const other = await place.open()
  await signedOut(other)
})

test('EMBED-7 on plain http a link that is opened signs its tab in to the page of Ringside itself', async () => {
  await using place = await openContext()
  const server = world.url.replace('127.0.0.1', PLAIN_HOST)
  const page = await place.open()
  await page.goto(`${server}/sign-in${new URL(await createLink('anna')).hash}`)
  await page.getByText('you stay signed in until you close this tab').waitFor()
  await page.getByRole('button', { name: 'Sign in on this browser' }).click()
  await page.waitForURL(`${server}/agent`)
  await signedIn(page, 'anna')
  await page.reload()
  await signedIn(page, 'anna')
  const { local, session } = await page.evaluate(keptInBrowser)
  assert.deepEqual([local, session], [[], [`ringside:sign-in:${server}`]])
})

test('EMBED-7 a browser whose clock is an hour wrong signs in all the same', async () => {
  await using place = await openContext()
  const page = await place.open(() => {
    const { now } = Date
    Date.now = () => now() + 3_600_000
  })
  await pasteLink(page, await createLink('anna'))
  await signedIn(page, 'anna')
})

test('EMBED-7 without the server nobody is signed out: it comes back by itself', async () => {
  await using place = await openContext()
  const page = await place.open()
  await pasteLink(page, await createLink('anna'))
  await signedIn(page, 'anna')
  await place.context.route('**/api/session', (route) => route.abort())
  await page.reload()
  await launcher(page, /No connection to the telephony server/).waitFor()
  await place.context.unroute('**/api/session')
  await signedIn(page, 'anna')
})

test('EMBED-7 a link that is opened signs in to the page of Ringside itself, or is copied for the helpdesk', async () => {
  const link = (await createLink('anna')).replace(/^[^#]*(?=\/sign-in)/, world.url)
  await using place = await openContext(link)
  await place.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.url })
  const page = await place.open()
  await page.getByRole('button', { name: 'Copy the link' }).click()
  await page.getByText('Copied').waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link)
  await page.getByRole('button', { name: 'Sign in on this browser' }).click()
  await page.waitForURL(`${world.url}/agent`)
  await signedIn(page, 'anna')
})

interface Place extends AsyncDisposable {
  readonly context: BrowserContext
  readonly pages: Page[]
  /** Requests for a session so far. */
  readonly sessions: string[]
  open(script?: () => void): Promise<Page>
}

/** A browser of its own: nothing is kept in it yet. */
async function openContext(address = site.url): Promise<Place> {
  const context = await browser.newContext()
  context.setDefaultTimeout(15_000)
  const sessions: string[] = []
  const pages: Page[] = []
  context.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/session')) {
      sessions.push(request.url())
    }
  })
  return {
    context,
    pages,
    sessions,
    async open(script) {
      const page = await context.newPage()
      pages.push(page)
      if (script !== undefined) await page.addInitScript(script)
      page.on('pageerror', (error) => assert.fail(`the page threw: ${error.message}`))
      await page.goto(address)
      return page
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

function launcher(page: Page, name: RegExp) {
  return page.locator('ringside-widget').getByRole('button', { name })
}

const signedOut = (page: Page) => launcher(page, /^Sign in to telephony$/).waitFor()

/** The stream is open, and it is this agent's. */
async function signedIn(page: Page, name: string): Promise<void> {
  await page.waitForFunction((wanted) => {
    const state = document.querySelector('ringside-widget')?.client?.state
    return state?.connection === 'open' && state.isReady && state.me?.name === wanted
  }, name)
}

async function openPanel(page: Page): Promise<void> {
  await launcher(page, /^Sign in to telephony$/).click()
}

async function pasteLink(page: Page, link: string): Promise<void> {
  const field = page.getByLabel('Sign-in link')
  if (!(await field.isVisible())) await openPanel(page)
  await field.fill(`  ${link}\n`)
  await field.press('Enter')
}

async function createLink(agent: keyof World['agents']): Promise<string> {
  const answer = await world.api('POST', `/api/agents/${world.agents[agent]}/sign-in-link`)
  assert.equal(answer.status, 201)
  return answer.body.url
}

/** What the page's origin keeps: names in the storages, keys and texts in the database. */
async function keptInBrowser() {
  const values = await new Promise<unknown[]>((resolve) => {
    const opening = indexedDB.open('ringside', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore('sign-in')
    opening.onsuccess = () => {
      const all = opening.result.transaction('sign-in').objectStore('sign-in').getAll()
      all.onsuccess = () => {
        opening.result.close()
        resolve(all.result)
      }
    }
  })
  const kept = values as { privateKey: CryptoKey; secret?: string }[]
  return {
    local: Object.keys(localStorage),
    // Which calls have been said to screen readers is no secret.
    session: Object.keys(sessionStorage).filter((key) => key !== 'ringside-said'),
    extractable: kept.map(({ privateKey }) => privateKey.extractable),
    secrets: kept.flatMap(({ secret }) => secret ?? []),
  }
}
