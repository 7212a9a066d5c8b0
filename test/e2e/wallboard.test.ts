import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Database } from '../../db/database.ts'
import { launchBrowser } from '../support/browser.ts'
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { createWorld, type World } from '../support/world.ts'

let database: Database
let world: World
let stage: Stage
let proxy: CuttableProxy
/** Ringside, as the screen reaches it: by a line that can be cut. */
let site: string
let browser: Browser

before(async () => {
  database = await openInMemory()
  world = await createWorld(async () => database)
  stage = createStage(() => world)
  proxy = await startCuttableProxy(Number(new URL(world.url).port))
  site = `http://127.0.0.1:${proxy.port}`
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  await proxy?.close()
  await world?.close()
  await database?.close()
})

test('REP-7 a supervisor signs in and is led to the wallboard; the page fills the screen and breaks no policy', async () => {
  await using screen = await signIn('susan', '/agent')
  const { page, errors } = screen
  const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link')
  await links.getByText('Wallboard').waitFor()
  // The settings are for admins.
  assert.deepEqual(await links.allTextContents(), ['Reports', 'Wallboard'])
  await links.getByText('Wallboard').click()
  await page.waitForURL('**/wallboard')
  await figure(page, 'Incoming').getByText('0', { exact: true }).waitFor()
  assert.equal(await page.locator('ringside-widget .launcher').count(), 0)
  const [scroll, height] = await page.evaluate(() => [
    document.documentElement.scrollHeight,
    innerHeight,
  ])
  assert.equal(scroll, height, 'nothing to scroll')

  await page.getByRole('button', { name: 'Light' }).click()
  await page.reload()
  await page.getByRole('button', { name: 'Dark' }).waitFor()
  assert.equal(await page.locator('ringside-wallboard').getAttribute('theme'), 'light')
  await page.getByRole('heading', { name: 'Calls waiting' }).waitFor()
  assert.deepEqual(errors, [])
})

test('REP-7 a call waits, is answered and ends; another is missed: the board follows', async () => {
  await using screen = await signIn('susan', '/wallboard')
  const { page } = screen
  const waiting = tile(page, 'Calls waiting')
  const progress = tile(page, 'Calls in progress')
  await waiting.getByText('0', { exact: true }).waitFor()
  const number = stage.number()
  const call = await stage.incoming(number, { queue: 'support', extension: '101,102' })
  await waiting.getByRole('list', { name: 'Waiting by queue' }).getByText('support').waitFor()
  await waiting.getByText(/^longest/).waitFor()
  await call.answer('101')
  await waiting.getByText('support').waitFor({ state: 'detached' })
  await progress.getByText('1 incoming').waitFor()
  await state(page, 'Busy').getByText('1', { exact: true }).waitFor()
  const shown = await page.locator('ringside-wallboard').innerText()
  assert.doesNotMatch(shown.replaceAll(/\D/g, ''), new RegExp(number.slice(-7)))
  world.tick(30)
  await call.end()
  await progress.getByText('0', { exact: true }).waitFor()
  await figure(page, 'Answered').getByText('1', { exact: true }).waitFor()
  await figure(page, 'Service level').getByText('100%').waitFor()

  await stage.missed(stage.number(), { queue: 'support' })
  await figure(page, 'Abandoned in a queue').getByText('1', { exact: true }).waitFor()
  await figure(page, 'Service level').getByText('50%').waitFor()
  await figure(page, 'Callbacks owed').getByText('1', { exact: true }).waitFor()
  assert.deepEqual(await axeViolations(page), [])
})

test('REP-7 the line is cut: the board says so and since when; then it is right again', async () => {
  await using screen = await signIn('susan', '/wallboard')
  const { page } = screen
  const waiting = tile(page, 'Calls waiting')
  await page.getByText('Live', { exact: true }).waitFor()
  proxy.cut()
  await page
    .getByRole('status')
    .getByText(/Not live since/)
    .waitFor()
  const call = await stage.incoming(stage.number(), { queue: 'sales' })
  await world.settled()
  assert.equal(await waiting.getByText('sales').count(), 0)
  proxy.become('pass')
  await page.getByText('Live', { exact: true }).waitFor()
  await waiting.getByText('sales').waitFor()
  await call.end()
  await waiting.getByText('sales').waitFor({ state: 'detached' })
})

test('REP-7 ADMIN-4 agents are told that the wallboard is not for them; a signed-out screen says what to do', async () => {
  await using screen = await signIn('anna', '/wallboard')
  const { page } = screen
  await page.getByText('The wallboard is for supervisors and admins.').waitFor()
  await page.locator('ringside-widget .launcher').waitFor()
  assert.equal(await page.getByRole('link', { name: 'Reports' }).isVisible(), false)
  const path = `/api/agents/${world.agents.anna}/sign-ins`
  assert.equal((await world.api('DELETE', path)).status, 204)
  await page.getByText('This screen is signed out.').waitFor()
  await page.locator('ringside-widget .launcher').waitFor()
})

interface Screen extends AsyncDisposable {
  readonly page: Page
  /** What the page threw, and what its policy refused. */
  readonly errors: readonly string[]
}

/** A browser of its own, signed in by a personal link, at a page of Ringside. */
async function signIn(
  agent: 'anna' | 'susan',
  path: string,
): Promise<Screen & { readonly context: BrowserContext }> {
  const made = await world.api('POST', `/api/agents/${world.agents[agent]}/sign-in-link`)
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('console', (line) => {
    if (line.type() === 'error' && !/ERR_|status of 401/.test(line.text())) errors.push(line.text())
  })
  await page.addInitScript({ path: 'node_modules/axe-core/axe.min.js' })
  await page.goto(`${site}/sign-in${new URL(made.body.url).hash}`)
  await page.getByRole('button', { name: 'Sign in on this browser' }).click()
  await page.waitForURL(`${site}/agent`)
  if (path !== '/agent') await page.goto(`${site}${path}`)
  return { context, page, errors, [Symbol.asyncDispose]: () => context.close() }
}

const tile = (page: Page, name: string) => page.getByRole('region', { name })
const cell = (page: Page, list: string, name: string) =>
  page.locator(`${list} > div`).filter({ has: page.getByText(name, { exact: true }) })
const figure = (page: Page, name: string) => cell(page, '.figures', name)
const state = (page: Page, name: string) => cell(page, '.counts', name)

function axeViolations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof axe }
    const { violations } = await run.run({ resultTypes: ['violations'] })
    return violations.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`)
  })
}
