import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import type { Database } from '../../db/database.ts'
import { launchBrowser } from '../support/browser.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { createWorld, type World } from '../support/world.ts'

let database: Database
let world: World
let stage: Stage
let browser: Browser

before(async () => {
  database = await openInMemory()
  world = await createWorld(async () => database)
  stage = createStage(() => world)
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  await world?.close()
  await database?.close()
})

test('REP-1 REP-7 a supervisor reads the figures, opens what is behind one, the case of it, and comes back', async () => {
  const missed = await stage.missed(stage.number(), { queue: 'support' })
  await stage.conversation(stage.number())
  const found = await missed.case()
  await using screen = await signIn('/reports')
  const { page, errors } = screen
  const card = (name: string) => page.locator('.card').filter({ hasText: name })
  await card('New cases').getByText('2', { exact: true }).waitFor()

  await page.getByRole('button', { name: 'Calls', exact: true }).click()
  await page.locator('[data-figure="card:missed"]').click()
  const list = page.locator('ringside-report-behind')
  const line = list.getByRole('button', { name: 'Missed' })
  await line.getByText('support').waitFor()
  assert.equal(await list.locator('li').count(), 1)
  assert.deepEqual(await axeViolations(page), [])

  await line.click()
  await page.locator('ringside-panel').getByText(`#${found.number}`).first().waitFor()
  await list.getByRole('button', { name: 'Close the list' }).press('Enter')
  assert.equal(await focused(page), 'card:missed')
  assert.deepEqual(errors, [])
})

test('REP-6 the address keeps what was chosen; a row of nobody has its own list; the file comes', async () => {
  await using screen = await signIn('/reports')
  const { page, errors } = screen
  await page.getByRole('button', { name: 'Leaderboard' }).click()
  await page.getByLabel('Period').selectOption('Today')
  await page.getByLabel('Rows').selectOption('Queues')
  await page.getByRole('rowheader', { name: 'support' }).waitFor()
  assert.match(page.url(), /#leaderboard\?period=today&by=queue$/)
  await page.reload()
  await page.getByRole('rowheader', { name: 'support' }).waitFor()

  await page.getByLabel('Queues').click()
  await page.getByRole('checkbox', { name: 'support' }).check()
  await page.keyboard.press('Escape')
  await page.getByRole('rowheader', { name: 'Without a queue' }).waitFor({ state: 'detached' })
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as CSV' }).click()
  assert.match((await download).suggestedFilename(), /^ringside-leaderboard-\d{4}-\d\d-\d\d-/)
  assert.deepEqual(errors, [])
})

interface Screen extends AsyncDisposable {
  readonly page: Page
  /** What went wrong in the page, and what its policy refused. */
  readonly errors: readonly string[]
}

async function signIn(path: string): Promise<Screen> {
  const made = await world.api('POST', `/api/agents/${world.agents.susan}/sign-in-link`)
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('console', (line) => {
    if (line.type() === 'error' && !/status of 401/.test(line.text())) errors.push(line.text())
  })
  await page.addInitScript({ path: 'node_modules/axe-core/axe.min.js' })
  await page.goto(`${world.url}/sign-in${new URL(made.body.url).hash}`)
  await page.getByRole('button', { name: 'Sign in on this browser' }).click()
  await page.waitForURL(`${world.url}/agent`)
  await page.goto(`${world.url}${path}`)
  return { page, errors, [Symbol.asyncDispose]: () => context.close() }
}

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    let found = document.activeElement
    while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement
    return (found as HTMLElement | null)?.dataset.figure
  })
}

function axeViolations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof axe }
    const { violations } = await run.run('ringside-reports', { resultTypes: ['violations'] })
    return violations.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`)
  })
}
