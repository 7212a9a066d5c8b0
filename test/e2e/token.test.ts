import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Database } from '../../db/database.ts'
import { signJwt } from '../../server/http/jwt.ts'
import type {} from '../../widget/elements/ringside-widget.ts'
import { launchBrowser } from '../support/browser.ts'
import { createSite, type Site } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { createWorld, EMBED_SECRET, type World } from '../support/world.ts'

/** Good, but asked for anew when the stream ends, which the server does here before the token's time. */
const ENDS_SOON = 50

let database: Database
let world: World
let stage: Stage
let browser: Browser
let site: Site
/** Who is signed in at the helpdesk, and how long its tokens last. */
let helpdesk: { agent: string; seconds: number }

before(async () => {
  database = await openInMemory()
  world = await createWorld(async () => database)
  stage = createStage(() => world)
  browser = await launchBrowser()
  site = await createSite(({ pathname, searchParams }) => {
    if (pathname === '/token') {
      return { type: 'text/plain', body: token(helpdesk.agent, helpdesk.seconds) }
    }
    const attributes = searchParams.get('attributes') ?? ''
    return {
      body: `<!doctype html><html lang="en"><title>Tickets</title><h1>Tickets</h1>
        <script type="module" src="${world.url}/widget.js" ${attributes}></script>`,
    }
  })
})

after(async () => {
  await browser?.close()
  site?.close()
  await world?.close()
  await database?.close()
})

test('EMBED-7 SAFE-8 a stream that ends with its token while a call rings goes on with the next one', async () => {
  helpdesk = { agent: 'anna', seconds: ENDS_SOON }
  const page = await open('data-token-url="/token"')
  await signedIn(page, 'anna')
  const states = await page.evaluateHandle(() => {
    const heard: string[] = []
    document
      .querySelector('ringside-widget')
      ?.addEventListener('ringside-connection', ({ detail }) => heard.push(detail.state))
    return heard
  })
  const call = await stage.incoming(stage.number(), { extension: '101' })
  await call.ring('101')
  await page.locator('ringside-popup').waitFor()
  const asked = page.waitForResponse((response) => response.url().endsWith('/token'))
  const resumed = page.waitForResponse((response) => response.url().endsWith('/api/stream'))
  world.context.authenticator.forget(world.agents.anna)
  await asked
  await resumed
  assert.equal(await page.locator('ringside-popup').count(), 1)
  await call.answer('101')
  await page.locator('ringside-popup').waitFor({ state: 'detached' })
  await page.locator('ringside-call-bar').waitFor()
  await call.end()
  assert.ok(!(await states.jsonValue()).includes('refused'))
  await page.context().close()
})

test('EMBED-7 who signs in at the helpdesk as somebody else is somebody else here with the next token', async () => {
  helpdesk = { agent: 'anna', seconds: ENDS_SOON }
  const page = await open('data-token-url="/token"')
  await signedIn(page, 'anna')
  const call = await stage.incoming(stage.number(), { extension: '101' })
  await call.ring('101')
  await page.locator('ringside-popup').waitFor()
  helpdesk = { agent: 'boris', seconds: 600 }
  world.context.authenticator.forget(world.agents.anna)
  await signedIn(page, 'boris')
  await page.locator('ringside-popup').waitFor({ state: 'detached' })
  await call.end()
  await page.context().close()
})

test('EMBED-2 EMBED-7 a changed token attribute: of the same agent nothing is lost, of another nothing is left', async () => {
  const page = await open(`data-token="${token('anna', 600)}"`)
  await signedIn(page, 'anna')
  const call = await stage.incoming(stage.number(), { extension: '101' })
  await call.ring('101')
  await page.locator('ringside-popup').waitFor()
  const client = await page.evaluateHandle(() => document.querySelector('ringside-widget')?.client)
  const isSame = () =>
    page.evaluate((had) => document.querySelector('ringside-widget')?.client === had, client)

  await change(page, token('anna', 900))
  await signedIn(page, 'anna')
  assert.equal(await page.locator('ringside-popup').count(), 1)
  assert.equal(await isSame(), true)

  await change(page, token('boris', 900))
  await signedIn(page, 'boris')
  await page.locator('ringside-popup').waitFor({ state: 'detached' })
  assert.equal(await isSame(), false)
  await call.end()
  await page.context().close()
})

function token(agent: string, seconds: number): string {
  const exp = Math.floor(Date.now() / 1000) + seconds
  return signJwt({ sub: agent, name: agent, aud: 'ringside', exp }, Buffer.from(EMBED_SECRET))
}

async function open(attributes: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => assert.fail(`the page threw: ${error.message}`))
  await page.goto(`${site.url}/?attributes=${encodeURIComponent(attributes)}`)
  return page
}

async function change(page: Page, next: string): Promise<void> {
  await page.evaluate(
    (value) => document.querySelector('ringside-widget')?.setAttribute('token', value),
    next,
  )
}

/** The stream is open, and it is this agent's. */
async function signedIn(page: Page, name: string): Promise<void> {
  await page.waitForFunction((wanted) => {
    const state = document.querySelector('ringside-widget')?.client?.state
    return state?.connection === 'open' && state.isReady && state.me?.name === wanted
  }, name)
}
