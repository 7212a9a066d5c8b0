import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import test, { after, before } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { newDataFolder } from '../support/migrated.ts'
import { type ServerProcess, startServer } from '../support/process.ts'

/** A server that was never started before: what it prints is all that an admin has. */
let server: ServerProcess
let folder: string
let browser: Browser
let context: BrowserContext
let page: Page
const errors: string[] = []

before(async () => {
  folder = await newDataFolder('ringside-admin-')
  server = await startServer({ DATA_DIR: folder })
  browser = await launchBrowser()
  context = await newContext()
  page = await context.newPage()
})
after(async () => {
  await browser?.close()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function newContext(): Promise<BrowserContext> {
  const made = await browser.newContext({
    acceptDownloads: true,
    viewport: { width: 1280, height: 900 },
  })
  made.on('page', (opened) => {
    opened.on('pageerror', ({ message }) => errors.push(message))
    opened.on('console', (line) => {
      if (line.type() === 'error') errors.push(`${line.text()} ${line.location().url}`)
    })
  })
  return made
}

async function signIn(tab: Page, link: string, place: string): Promise<void> {
  await tab.goto(`${server.url}/sign-in${new URL(link).hash}`)
  await tab.getByRole('button', { name: 'Sign in on this browser' }).click()
  await tab.waitForURL(`${server.url}${place}`)
}

const nav = (name: string) =>
  page.getByRole('navigation', { name: 'Settings' }).getByRole('button', { name }).click()
const button = (name: string | RegExp, tab = page) => tab.getByRole('button', { name })
const saved = () => page.getByText('Saved.').waitFor()

test('ADMIN-6 a fresh server prints a link, and its page leads to the settings', async () => {
  await page.goto(`${server.url}/admin`)
  await page.getByText('You are not signed in on this browser').waitFor()
  const link = server.lines.find((line) => line.startsWith('Admin sign-in'))?.split(': ')[1]
  assert.ok(link, 'the first start prints a link')
  await signIn(page, link, '/admin')
  await page.getByRole('navigation', { name: 'Settings' }).waitFor()
  assert.deepEqual(await violations(page), [])
})

test('ADMIN-6 somebody is added by hand, signs in by a personal link, and is no admin', async () => {
  await nav('People')
  await button('Add a person').click()
  await page.getByLabel('Name', { exact: true }).fill('Boris Klein')
  await page.getByLabel(/E-mail address/).fill('boris@helpdesk.example')
  await button('Add an extension').click()
  await page.getByLabel('Extension', { exact: true }).fill('102')
  await button('Add', page).last().click()
  await page.getByRole('heading', { name: 'Boris Klein' }).waitFor()
  assert.match(page.url(), /#people\/[\w-]+$/)
  await button('Make a link').click()
  const link = await page.getByLabel('Personal link').inputValue()

  const other = await newContext()
  const tab = await other.newPage()
  await signIn(tab, link, '/agent')
  await tab.goto(`${server.url}/admin`)
  await tab.getByText('Settings are for admins').waitFor()
  await page.reload()
  const browsers = page.getByRole('table', { name: 'Browsers signed in' })
  await browsers.getByText(/Chrome/).waitFor()
  await browsers.getByRole('button', { name: /^Sign out/ }).click()
  await page.getByText('No browser is signed in by a link.').waitFor()
  await tab.getByText('You are not signed in on this browser').waitFor()
  await other.close()
  // What a page is told whose sign-in has ended.
  assert.deepEqual(
    errors.splice(0).filter((line) => !line.includes('401')),
    [],
  )
})

test('ADMIN-6 what is typed is not lost by going elsewhere, and who leaves keeps the name', async () => {
  await page.getByLabel('Role').selectOption('supervisor')
  await nav('General')
  await button('Stay here').click()
  assert.equal(await page.getByLabel('Role').inputValue(), 'supervisor')
  await button('Save').click()
  await saved()
  await button('This person leaves').click()
  await button('Leaves').last().click()
  await page.getByText('This person has left').waitFor()
  await button('All people').click()
  await page.getByLabel(/Show who has left/).check()
  await page
    .getByRole('row', { name: /Boris Klein/ })
    .getByText('Has left')
    .waitFor()
  await button('Boris Klein').click()
  await button('Let them in again').click()
  await page.getByLabel('Role').waitFor()
  assert.equal(await page.getByLabel('Role').inputValue(), 'supervisor')
})

test('ADMIN-5 a field of one’s own is added, ordered by keyboard, and is in the pop-up', async () => {
  await nav('Data fields')
  await button('Add a field').click()
  const field = page.getByRole('group', { name: 'New field' })
  await field.getByLabel('Name').fill('Contract')
  const own = page.getByRole('group', { name: 'Contract' })
  await own.getByLabel('Kind').selectOption('choice')
  await button('Save').click()
  await page.getByText('Not saved: look at the fields marked in red.').waitFor()
  await own.getByLabel('Choices').fill('Gold\nSilver')
  await own.getByLabel('Name').press('Alt+ArrowUp')
  await page.getByText(/Contract\W+is now number 5 of 6/).waitFor()
  assert.equal(
    await own.getByLabel('Name').evaluate((found: Element) => found.matches(':focus')),
    true,
  )
  await page.locator('.popup').getByText('Gold').waitFor()
  await button('Save').click()
  await saved()
  await page.reload()
  await own.waitFor()
  const names = await page
    .getByRole('listitem')
    .getByRole('group')
    .evaluateAll((all) => all.map((one) => one.ariaLabel))
  assert.deepEqual(names.indexOf('Contract'), 4)
  assert.deepEqual(await violations(page), [])
})

test('USER-5 a file is imported with progress and a report of bad lines, which outlive a reload', async () => {
  await nav('Import of users')
  const rows = Array.from({ length: 3000 }, (_one, index) => `${index},User ${index},,,,`)
  rows[1499] = 'broken,line'
  const csv = `externalId,name,email,company,phones,note\n${rows.join('\n')}\n`
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'users.txt', mimeType: 'text/plain', buffer: Buffer.from(csv) })
  await page.getByText(/users.txt\W+is neither .csv nor/).waitFor()
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await page.waitForURL(/#users\/[\w-]+\/3000$/)
  await page.reload()
  await page.getByText('Done.').waitFor({ timeout: 60_000 })
  await page.getByText('2,999', { exact: true }).waitFor()
  await page
    .getByRole('row', { name: /1,501/ })
    .getByText(/has 2 values, the header has 6/)
    .waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    button('Download the report').click(),
  ])
  assert.match(await readFile(await download.path(), 'utf8'), /"1501","has 2 values/)
})

test('ADMIN-6 general settings: what is wrong stands at its field, what is right is kept', async () => {
  await nav('General')
  await page.getByLabel('Wrap-up after a call (seconds)').fill('9999')
  await button('Save').click()
  await page.getByText(/Wrap-up after a call \(seconds\): /).waitFor()
  await page.getByLabel('Wrap-up after a call (seconds)').fill('45')
  await page.getByLabel('Country').selectOption('DE')
  await button(/Add hours on \W*Saturday/).click()
  await page.getByLabel('Day', { exact: true }).fill('2026-12-25')
  await button('Add', page).last().click()
  await button('Save').click()
  await saved()
  await page.reload()
  await page.getByLabel('Wrap-up after a call (seconds)').waitFor()
  assert.equal(await page.getByLabel('Wrap-up after a call (seconds)').inputValue(), '45')
  assert.equal(await page.getByLabel('Country').inputValue(), 'DE')
  assert.equal(await page.getByLabel(/Saturday\W*, from/).inputValue(), '09:00')
  await page.getByText('Dec 25, 2026').waitFor()
})

test('EMBED-5 nothing of it breaks the page’s strict policy', () => {
  // A refused value is answered with 400, which the browser writes down.
  assert.deepEqual(
    errors.filter((line) => !line.includes('400')),
    [],
  )
})

/** What axe-core finds in the page, our elements included. */
async function violations(tab: Page): Promise<string[]> {
  await tab.evaluate(await readFile('node_modules/axe-core/axe.min.js', 'utf8'))
  return tab.evaluate(async () => {
    const found = await (window as any).axe.run()
    return found.violations.map((one: any) => `${one.id}: ${one.nodes[0]?.html.slice(0, 200)}`)
  })
}
