import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { createHostPage, createProxy, type Site } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let stage: Stage
let browser: Browser
const proxies: Site[] = []

before(async () => {
  world = await createWorld(async () => openInMemory())
  stage = createStage(() => world)
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  for (const proxy of proxies) proxy.close()
  await world?.close()
})

test('EMBED-5 a server that goes away and comes back: a small sign, then the call that rings', async () => {
  const proxy = await between()
  await using visit = await open(proxy.url)
  const { page, launcher } = visit
  await launcher.and(page.locator('[title^="Open calls"]')).waitFor()
  proxy.close()
  await launcher.and(page.locator('[title^="No connection to the telephony server"]')).waitFor()
  const call = await stage.incoming(stage.number())
  await between({ port: proxy.port })
  await page.locator('ringside-popup').waitFor()
  await launcher.and(page.locator('[title^="Open calls"]')).waitFor()
  await call.end()
  assert.deepEqual(visit.thrown, [])
})

test('EMBED-5 a server that answers nothing while the page loads: a small sign, then what there is', async () => {
  let isAway = true
  const isGone = (path: string) => isAway && path.startsWith('/api/')
  const proxy = await between({ isGone })
  await using visit = await open(proxy.url)
  await visit.launcher.and(visit.page.locator('[title^="No connection"]')).waitFor()
  isAway = false
  await visit.launcher.and(visit.page.locator('[title^="Open calls"]')).waitFor()
  assert.deepEqual(visit.thrown, [])
})

test('EMBED-5 a page open over an upgrade: what is there no more is said to need a reload', async () => {
  let isUpgraded = false
  const asked: string[] = []
  const proxy = await between({
    isGone: (path) => {
      const isOld = isUpgraded && path.startsWith('/widget/')
      if (isOld) asked.push(path)
      return isOld
    },
  })
  await using visit = await open(proxy.url)
  const { page, launcher } = visit
  await page.waitForFunction(() => customElements.get('ringside-popup') !== undefined)
  isUpgraded = true
  await launcher.click()
  await page.getByText('Telephony was updated. Reload this page.').waitFor()
  const once = asked.length
  await launcher.click()
  await launcher.click()
  assert.equal(asked.length, once, 'it is not asked for at each press')
  // A pop-up still comes: its part was there before.
  const call = await stage.incoming(stage.number())
  await page.locator('ringside-popup').waitFor()
  await call.end()
  isUpgraded = false
  await page.reload()
  await launcher.click()
  await page.locator('ringside-panel').waitFor()
  assert.deepEqual(visit.thrown, [])
})

/** What lies between the page and the server. */
async function between(options: Parameters<typeof createProxy>[1] = {}): Promise<Site> {
  const proxy = await createProxy(world.url, options)
  proxies.push(proxy)
  return proxy
}

async function open(server: string) {
  const host = await createHostPage(server)
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  const page: Page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const thrown: string[] = []
  page.on('pageerror', (error) => thrown.push(String(error.stack)))
  await page.goto(host.url(world.token('anna')))
  return {
    page,
    thrown,
    launcher: page.locator('ringside-widget .launcher'),
    [Symbol.asyncDispose]: async () => {
      await context.close()
      host.close()
    },
  }
}
