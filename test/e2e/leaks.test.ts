/** The built widget through many calls: what is left of them in the page (PERF-7; memory itself: `bench:widget`). */
import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Browser } from 'playwright-core'
import { createPlayedCalls } from '../bench/played-calls.ts'
import { type PlayedServer, startPlayedServer } from '../bench/played-server.ts'
import { launchBrowser } from '../support/browser.ts'
import { createRandom, pickSeed } from '../support/random.ts'

const CALLS = 60
const seed = pickSeed()
const calls = createPlayedCalls(createRandom(seed))
let browser: Browser
let server: PlayedServer

before(async () => {
  const host = { type: 'text/html', text: '<!doctype html><title>Tickets</title>' }
  server = await startPlayedServer('dist', calls, { '/host': host })
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  server?.close()
})

test(`PERF-7 after ${CALLS} calls the page holds no more nodes than after three (seed ${seed})`, async () => {
  const page = await browser.newPage()
  await page.goto(`${server.url}/host`)
  await page.evaluate((src) => {
    const script = Object.assign(document.createElement('script'), { type: 'module', src })
    script.dataset.token = 'played'
    document.head.append(script)
  }, `${server.url}/widget.js`)
  await page.waitForFunction(
    () => document.querySelector('ringside-widget')?.client?.state.isReady === true,
  )
  const play = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i += 1) {
      for (const step of calls.next()) {
        for (const { event, data } of step) server.push(event, data)
        await page.evaluate(() => new Promise(requestAnimationFrame))
      }
    }
    await page.waitForFunction(() => {
      const { state } = document.querySelector('ringside-widget')!.client!
      return [...state.calls.values()].every((call) => call.state === 'ended')
    })
    const close = page.getByRole('button', { name: 'Close this panel' })
    if ((await close.count()) > 0) await close.click()
    await page.locator('ringside-popup').first().waitFor({ state: 'detached', timeout: 15_000 })
    return page.evaluate(() => {
      const { shadowRoot } = document.querySelector('ringside-widget')!
      const walker = document.createTreeWalker(shadowRoot!, NodeFilter.SHOW_ALL)
      let count = 0
      while (walker.nextNode() !== null) count += 1
      return count
    })
  }
  const few = await play(3)
  assert.ok(few > 5, `${few} nodes`)
  const many = await play(CALLS)
  assert.equal(many, few)
})
