import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import test, { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { ariTexts } from '../../widget/settings/connections/conf-text.ts'
import { launchBrowser } from '../support/browser.ts'
import { ARI_PASSWORD, createFakeAri, type FakeAri } from '../support/fake-ari.ts'
import { newDataFolder } from '../support/migrated.ts'
import { type ServerProcess, startServer } from '../support/process.ts'
import { wavOf } from '../support/wav.ts'

const dataDir = await newDataFolder('ringside-e2e-')
/** Of a person, of a queue, one that nobody answers, an outgoing one: as the dialplan tells of them. */
const FLOWS: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  '1640854015.1': [
    ['incoming_start', '+375291701699', '74951000101'],
    ['incoming_ring', '+375291701699', '101'],
    ['incoming_answer', '+375291701699', '101'],
    ['incoming_end', '+375291701699', '101'],
  ],
  '1640854015.2': [
    ['incoming_start', '+375291701600', '74951000101'],
    ['incoming_queue', '+375291701600', '101,102'],
    ['incoming_answer', '+375291701600', '101'],
    ['incoming_end', '+375291701600', '101'],
  ],
  '1640854015.3': [
    ['incoming_start', '+375291701601', '74951000101'],
    ['incoming_ring', '+375291701601', '101'],
    ['incoming_end', '+375291701601', '101'],
  ],
  '1640854015.4': [
    ['outgoing_start', '101', '+375291701602'],
    ['outgoing_answer', '101', '+375291701602'],
    ['outgoing_end', '101', '+375291701602'],
  ],
}

let server: ServerProcess
let browser: Browser
let ari: FakeAri
let page: Page

before(async () => {
  server = await startServer({ DATA_DIR: dataDir })
  browser = await launchBrowser()
  ari = await createFakeAri()
})

after(async () => {
  await browser?.close()
  await server?.stop()
  await ari?.[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

test('ADMIN-3 from an empty server to a first right pop-up, by the admin’s link alone', async () => {
  page = await openAdmin()
  await button('Connect a PBX').click()
  await page.getByLabel('Name', { exact: true }).fill('Head office')
  await page.getByLabel('Country').selectOption('BY')
  await page.getByLabel('Time zone of the PBX').selectOption('Europe/Minsk')
  await button('Save and continue').click()
  await page.getByText('One is enough; several at once are fine').waitFor()
  assert.match(page.url(), /#connections\/[\w-]+\/link$/)

  // Only by the dialplan: on to the phones, which are added by hand.
  await button('Continue').click()
  await page.getByText('can list its phones only by an ARI or AMI account').waitFor()
  await page.getByLabel('Add a phone by its number').fill('101')
  await button('Add').click()
  await page.getByLabel('Agent: 101').selectOption({ index: 1 })
  await button('Save').click()
  await page.getByText('Saved.').waitFor()
  await next('Dialplan').click()

  const url = await page.getByLabel('Webhook address').inputValue()
  await page.getByText('This address works only on the machine').waitFor()
  const dialplan = page.locator('pre.dialplan')
  await dialplan.waitFor()
  assert.ok((await dialplan.innerText()).includes(url), 'the dialplan posts to this address')
  // The server of a test is asked for any free port, which the address does not know.
  const webhook = new URL(new URL(url).pathname, server.url).href
  await next('First call').click()
  await page.getByText('Call a number of this PBX from your mobile now.').waitFor()

  for (const [id, events] of Object.entries(FLOWS)) {
    for (const [status, from, to] of events) {
      await send(webhook, { unique_id: id, status, from_user: from, to_user: to, queue: 'support' })
      if (id.endsWith('.1') && status === 'incoming_ring') await seePopup()
    }
  }
  await page.locator('.flow.done').nth(3).waitFor()
  assert.deepEqual(await flows(), ['done', 'done', 'done', 'done', ''])
  const form = new FormData()
  form.set('status', 'record')
  form.set('unique_id', '1640854015.1')
  form.set('record', new File([wavOf(new Int16Array(8000))], 'call.wav'))
  const answer = await fetch(webhook, { method: 'POST', body: form })
  assert.equal(answer.status, 200, await answer.text())
  await page.getByText('Everything has come: the dialplan is complete.').waitFor()

  // The queue named a phone that is nobody's; what the dialplan does wrong is in the log a moment later.
  await step('Log').click()
  const lines = page.locator('.log li')
  await lines.filter({ hasText: '102' }).getByText('What to do:').waitFor()
  await fetch(webhook, { method: 'POST', body: new URLSearchParams({ status: 'hello' }) })
  await lines.filter({ hasText: 'Refused' }).getByText('What to do:').waitFor()
})

test('ADMIN-1 ADMIN-2 the account form tests by itself, names the cause, and shows the phones of the PBX', async () => {
  await step('How it talks').click()
  await page.getByLabel('ARI account').check()
  // As it is in the built widget: Asterisk reads its files line by line.
  for (const { file, text } of ariTexts('ringside', '…')) {
    const shown = await page.locator(`pre[aria-label="${file}"]`).textContent()
    assert.equal(shown?.replace(/^password = .*$/m, 'password = …'), text)
  }
  const { port, close } = await closedPort()
  close()
  await page.getByLabel('Address').fill(`http://127.0.0.1:${port}`)
  await page.getByLabel('Password').fill('wrong')
  await page.getByLabel('Password').press('Tab')
  const found = page.locator('.found')
  await found.getByText('It does not work.').waitFor()
  assert.match(await found.innerText(), /refuses the connection/)
  assert.match(await found.innerText(), /What to do: .*http\.conf/s)

  await page.getByLabel('Address').fill(ari.url)
  await page.getByLabel('Password').press('Tab')
  await found
    .getByText(/password|401/i)
    .first()
    .waitFor()
  assert.match(await found.innerText(), /What to do: .*ari\.conf/s)

  await page.getByLabel('Password').fill(ARI_PASSWORD)
  await page.getByLabel('Password').press('Tab')
  await found.getByText('It works.').waitFor()
  await found.getByText('101', { exact: true }).waitFor()
  await button('Save and continue').click()
  await page
    .locator('tbody th')
    .filter({ hasText: /101.*PJSIP/ })
    .waitFor()

  // The address alone: the password that is stored for another one is not used.
  await step('How it talks').click()
  await page.getByLabel('Address').fill(`http://localhost:${port}`)
  await page.getByText('The stored one is not sent anywhere else.').waitFor()
  assert.equal(await button('Test').isDisabled(), true)
})

async function openAdmin(): Promise<Page> {
  const line = await waitForLine(/^Admin sign-in \(once\): (\S+)$/)
  const tab = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage()
  tab.setDefaultTimeout(15_000)
  tab.on('pageerror', (error) => assert.fail(`the page threw: ${error.message}`))
  await tab.goto(line)
  await tab.getByRole('button', { name: 'Sign in' }).click()
  await tab.waitForURL(/\/admin/)
  return tab
}

async function waitForLine(pattern: RegExp): Promise<string> {
  for (;;) {
    const found = server.lines.map((each) => pattern.exec(each)?.[1]).find(Boolean)
    if (found !== undefined) return found
    await once(server.child.stdout!, 'data')
  }
}

/** The admin's own phone rings: the pop-up comes on this very page, and the step says whose call it is. */
async function seePopup(): Promise<void> {
  await page.locator('ringside-popup').getByText('+375 29 170-16-99').waitFor()
  await page.locator('ringside-last-call .note.ok').getByText('The pop-up comes to').waitFor()
}

const flows = async (): Promise<string[]> =>
  page
    .locator('.flow')
    .evaluateAll((all) => all.map((one) => (one.classList.contains('done') ? 'done' : '')))

const button = (name: string) =>
  page.locator('ringside-settings').getByRole('button', { name, exact: true })
/** Names in texts stand between marks that keep their direction to themselves. */
const next = (name: string) =>
  page.locator('ringside-settings').getByRole('button', { name: new RegExp(`^Continue:.*${name}`) })
const step = (name: string) =>
  page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name })

async function send(url: string, fields: Record<string, string>): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
  assert.equal(answer.status, 200, await answer.text())
}

/** A port where nobody listens. */
async function closedPort(): Promise<{ port: number; close: () => void }> {
  const listening = createServer()
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as { port: number }
  return { port, close: () => listening.close() }
}
