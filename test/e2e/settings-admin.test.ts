import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test, { after, before } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import type { Database } from '../../db/database.ts'
import { signJwt } from '../../server/http/jwt.ts'
import { localeNames } from '../../widget/i18n/t.ts'
import { SNIPPETS } from '../../widget/settings/keys/snippets.ts'
import { launchBrowser } from '../support/browser.ts'
import { openInMemory } from '../support/in-memory.ts'
import { startReceiver } from '../support/receiver.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { createWorld, type World } from '../support/world.ts'

let database: Database
let world: World
let stage: Stage
let browser: Browser
let page: Page
let link: string
const errors: string[] = []

before(async () => {
  database = await openInMemory()
  // The secret is the server's own, so that it can be rotated.
  world = await createWorld(async () => database, { EMBED_SECRET: '', HOOKS_ALLOW_PRIVATE: 'true' })
  stage = createStage(() => world)
  browser = await launchBrowser()
  const boss = await world.api('POST', '/api/agents', {
    externalId: 'boss',
    // A name as a spreadsheet must not take it.
    name: '=cmd|calc!A1',
    role: 'admin',
  })
  const made = await world.api('POST', `/api/agents/${boss.body.id}/sign-in-link`)
  link = `${world.url}/sign-in#${made.body.url.split('#')[1]}`
  const context = await browser.newContext({ acceptDownloads: true })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.url })
  page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('console', (line) => {
    if (line.type() === 'error') errors.push(`${line.text()} ${line.location().url}`)
  })
})

after(async () => {
  await browser?.close()
  await world?.close()
  await database?.close()
})

test('SAFE-8 a sign-in link that pages were opened by is not used up before its button is pressed', async () => {
  // As a program that looks at links in mails does, with scripts and all.
  for (const _visit of [1, 2]) {
    const stranger = await browser.newContext()
    const looking = await stranger.newPage()
    await looking.goto(link)
    await looking.getByRole('button', { name: 'Sign in on this browser' }).waitFor()
    await stranger.close()
  }
  await page.goto(link)
  await page.getByRole('button', { name: 'Sign in on this browser' }).click()
  await page.waitForURL(`${world.url}/admin`)
  await page.getByRole('navigation', { name: 'Settings' }).waitFor()
})

test('ADMIN-6 ADMIN-7 a webhook is added, told of a call, seen to fail, and sent again', async () => {
  await using receiver = await startReceiver()
  let isUp = false
  receiver.answer = () => (isUp ? 204 : 500)
  await open('hooks')
  await page.getByLabel('Address', { exact: true }).fill('https://169.254.169.254/latest')
  await page.getByRole('button', { name: 'Add an address' }).click()
  await page.getByText(/Address: is not allowed/).waitFor()

  await page.getByLabel('Address', { exact: true }).fill(receiver.url)
  await page.getByLabel('Only some events').check()
  for (const box of await page.getByRole('checkbox').all()) await box.uncheck()
  await page.getByLabel('A call ended').check()
  await page.getByRole('button', { name: 'Add an address' }).click()
  const secret = await page.getByLabel('Signing secret').inputValue()
  assert.match(secret, /^whsec_/)
  await page.getByText('Nothing was sent yet.').waitFor()

  await stage.conversation(stage.number())
  const told = row('A call ended')
  await told.getByText('answered 500').waitFor()
  await told.getByText('Next try').waitFor()
  await page.getByText('Being tried again').waitFor()
  isUp = true
  await told.getByRole('button', { name: /Try now/ }).click()
  await told.getByText('Delivered').waitFor()
  await told.getByText(/Status .204/).waitFor()
  await page.getByText('Works').waitFor()
  const got = receiver.received.at(-1)
  assert.equal(got?.body.type, 'call.ended')
  new Webhook(secret).verify(got?.text ?? '', got?.headers as Record<string, string>)
  assert.ok(receiver.received.every(({ body }) => body.type === 'call.ended'))

  await told.getByRole('button', { name: /Send again/ }).click()
  await receiver.until(
    (all) =>
      all.filter(({ headers }) => headers['webhook-id'] === got?.headers['webhook-id']).length >= 3,
  )
  await page.getByRole('button', { name: 'Send a test' }).click()
  await row('Test').getByText('Delivered').waitFor()
  await page.getByLabel('Show').selectOption('Given up')
  await page.getByText('No delivery is in this state.').waitFor()

  await page.getByRole('button', { name: 'Pause' }).click()
  await confirm('Pause')
  await page.getByText('Paused').waitFor()
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Send a test' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Send a test' }).waitFor()
  assert.equal(await page.getByLabel('Signing secret').count(), 0, 'shown once')
})

test('ADMIN-6 an API key is made, used, seen to have been used, and revoked', async () => {
  await open('keys')
  await page.getByLabel('Name', { exact: true }).fill('Wall board')
  await page.getByRole('button', { name: 'Make the key' }).click()
  const key = await page.getByLabel('API key', { exact: true }).inputValue()
  assert.match(key, /^rsk_/)
  await row('Wall board').getByText('Never').waitFor()
  const ask = async () => {
    const answer = await fetch(`${world.url}/api/users`, {
      headers: { authorization: `Bearer ${key}` },
    })
    await answer.text()
    return answer.status
  }
  assert.equal(await ask(), 200)
  await page.reload()
  await row('Wall board').getByText('=cmd|calc!A1').waitFor()
  assert.equal(await row('Wall board').getByText('Never').count(), 0)
  assert.equal(await page.getByLabel('API key', { exact: true }).count(), 0, 'shown once')
  await page.getByRole('button', { name: /Revoke .*Wall board/ }).click()
  await confirm('Revoke')
  await page.getByText('There are no keys yet.').waitFor()
  assert.equal(await ask(), 401)
})

test('EMBED-7 ADMIN-6 what the settings show is enough to sign; a new secret leaves a day for the old one', async () => {
  await open('keys')
  await page.getByRole('button', { name: 'Show the secret' }).click()
  const old = await page.getByLabel('Embed secret', { exact: true }).inputValue()
  assert.equal(await signsIn(old), 200)
  await page.getByText('1. Sign who the agent is').waitFor()
  await page.getByText(`<script type="module" src="${world.url}/widget.js"`).waitFor()
  // As it is in the built widget: a text to be pasted has its lines.
  for (const { label, code } of SNIPPETS) {
    await page.getByLabel(label, { exact: true }).check()
    const shown = page.getByLabel(`1. Sign who the agent is, on your helpdesk’s server: ${label}`)
    await shown.waitFor()
    assert.equal(await shown.textContent(), code)
    await shown.locator('xpath=..').getByRole('button', { name: 'Copy' }).click()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code)
  }

  await page.getByRole('button', { name: 'Make a new secret' }).click()
  const { promise: hasLooked, resolve: look } = Promise.withResolvers<void>()
  await page.route('**/reveal', (route) => hasLooked.then(() => route.continue()))
  await confirm('Make a new secret')
  await page.getByText('The old secret works until').waitFor()
  const shownAs = page.getByLabel('Embed secret', { exact: true })
  assert.equal(await shownAs.count(), 0, 'the old secret is not shown as the new one')
  look()
  const next = await page.getByLabel('Embed secret', { exact: true }).inputValue()
  assert.notEqual(next, old)
  assert.deepEqual([await signsIn(old), await signsIn(next)], [200, 200])
  await page.getByRole('button', { name: 'End the old secret now' }).click()
  await confirm('End the old secret now')
  await page.getByText('The old secret works until').waitFor({ state: 'detached' })
  assert.deepEqual([await signsIn(old), await signsIn(next)], [401, 200])
})

test('SAFE-9 ADMIN-6 a person is found, what goes is said, and after a typed confirmation nothing is left', async () => {
  const number = stage.number()
  const user = await world.user({ name: 'Zenobia Canary', phones: [number], note: 'canary' })
  const call = await stage.conversation(number)
  const caseId = (await call.case()).id
  await open('privacy')
  await page.getByLabel('Name, e-mail address or phone number').fill('Zenobia')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByLabel(/Zenobia Canary/).check()
  await page.getByText('What is deleted').waitFor()
  await page.getByText('What stays').waitFor()
  await page.getByRole('button', { name: 'Erase' }).click()
  const dialog = page.getByRole('dialog')
  assert.equal(await dialog.getByRole('button', { name: 'Erase' }).isDisabled(), true)
  await dialog.getByRole('textbox').fill('Zenobia')
  assert.equal(await dialog.getByRole('button', { name: 'Erase' }).isDisabled(), true)
  await dialog.getByRole('textbox').fill('Zenobia Canary')
  await dialog.getByRole('button', { name: 'Erase' }).click()
  await page.getByText('Erased. Nothing of this person is left here.').waitFor()
  assert.match(page.url(), /#privacy\/.+/)
  assert.equal((await world.api('GET', `/api/users/${user.id}`)).status, 404)
  const left = JSON.stringify((await world.api('GET', `/api/cases/${caseId}`)).body)
  assert.doesNotMatch(left, new RegExp(`Zenobia|canary|${number.slice(2)}`))
  await page.getByRole('button', { name: 'Erase somebody else' }).click()
  await page.getByLabel('Name, e-mail address or phone number').waitFor()
  assert.equal(await page.getByText('Zenobia').count(), 0)
})

test('SAFE-9 days of keeping are saved, after a question where they become fewer', async () => {
  await open('privacy')
  await page.getByLabel('Recordings, days').fill('0')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(/Recordings, days: is 0, expected at least 1/).waitFor()
  await page.getByLabel('Recordings, days').fill('90')
  await page.getByRole('button', { name: 'Save' }).click()
  await confirm('Save and delete')
  await page.getByText('Saved.').waitFor()
  const { retention } = (await world.api('GET', '/api/settings')).body
  assert.deepEqual(retention, { recordingsDays: 90, eventsDays: 30 })
})

test('ADMIN-6 every one of these changes is in the audit log, by whom, and in a file without formulas', async () => {
  await open('audit')
  const table = page.getByRole('table', { name: 'Who did what' })
  const done = [
    'Signed in by a link',
    'Added a webhook',
    'Sent a test to a webhook',
    'Sent a webhook again',
    'Changed a webhook',
    'Made an API key',
    'Revoked an API key',
    'Was shown the embed secret',
    'Made a new embed secret',
    'Ended the old embed secret',
    'Erased a person',
    'Changed settings',
  ]
  await table.getByText('Erased a person').waitFor()
  for (const words of done) {
    const entry = table.getByRole('row').filter({ hasText: words }).first()
    assert.match(await entry.innerText(), /=cmd\|calc!A1/, words)
  }
  // What was refused is written down, too.
  await table
    .getByRole('row')
    .filter({ hasText: 'Added a webhook' })
    .filter({ hasText: 'Refused' })
    .waitFor()
  const text = await table.innerText()
  assert.doesNotMatch(text, /whsec_|rsk_|Zenobia|canary/)

  await page.getByLabel('What', { exact: true }).selectOption('Erasing')
  await table.getByText('Added a webhook').first().waitFor({ state: 'detached' })
  assert.equal(await table.getByRole('row').count(), 2)
  await page.getByLabel('Who', { exact: true }).selectOption('anna')
  await page.getByText('Nothing of this kind was done.').waitFor()
  await page.getByLabel('Who', { exact: true }).selectOption('Everybody')
  await page.getByLabel('What', { exact: true }).selectOption('Everything')
  await page.getByLabel('To day').fill('2020-01-01')
  await page.getByText('Nothing of this kind was done.').waitFor()
  await page.getByLabel('To day').fill('')
  await table.waitFor()

  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download as CSV' }).click()
  const file = await readFile(await (await downloading).path(), 'utf8')
  const { items } = (await world.api('GET', '/api/audit?limit=200')).body
  const lines = file.trim().split('\r\n')
  assert.equal(lines.length, items.length + 1)
  assert.match(file, /"Erased a person","POST \/api\/erase"/)
  assert.match(file, /"'=cmd\|calc!A1"/)
  assert.doesNotMatch(file, /(^|,)"?[=+\-@]/m)
  assert.doesNotMatch(file, /whsec_|rsk_|Zenobia|canary/)
})

test('POP-12 the pages of the server speak the language of the browser, where there are texts of it', async () => {
  const polyglot = { externalId: 'polyglot', name: 'Polly', role: 'admin' }
  const { id } = (await world.api('POST', '/api/agents', polyglot)).body
  for (const [locale, lang, dir, title] of [
    ['de-AT', 'de-AT', 'ltr', 'Einstellungen'],
    ['ar', 'ar', 'rtl', 'الإعدادات'],
    ['fi', 'en', 'ltr', 'Settings'],
  ] as const) {
    const made = await world.api('POST', `/api/agents/${id}/sign-in-link`)
    await using context = await browser.newContext({ locale })
    const tab = await context.newPage()
    await tab.goto(`${world.url}/sign-in#${made.body.url.split('#')[1]}`)
    await tab.getByRole('button', { name: 'Sign in on this browser' }).click()
    await tab.waitForURL(`${world.url}/admin`)
    await tab.getByRole('navigation', { name: title, exact: true }).waitFor()
    assert.deepEqual(
      await tab.evaluate(() => [document.documentElement.lang, document.documentElement.dir]),
      [lang, dir],
    )
  }
  const script = await (await fetch(`${world.url}/agent/language.js`)).text()
  assert.ok(
    script.includes(`['${localeNames().join("', '")}']`),
    'the languages are those of the widget',
  )
})

test('EMBED-5 nothing of all this broke the strict policy of the page', () => {
  // What the server refused is told to the console by the browser itself.
  const broken = errors.filter(
    (line) => !/the server responded with a status of (4\d\d)/.test(line),
  )
  assert.deepEqual(broken, [])
})

async function open(where: string): Promise<void> {
  await page.goto(`${world.url}/admin#${where}`)
  await page.reload()
}

function row(text: string): Locator {
  return page.getByRole('row').filter({ hasText: text }).first()
}

async function confirm(label: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: label, exact: true }).click()
}

async function signsIn(secret: string): Promise<number> {
  const exp = Math.floor(world.now().getTime() / 1000) + 600
  const token = signJwt({ sub: 'helga', name: 'Helga', aud: 'ringside', exp }, Buffer.from(secret))
  const answer = await fetch(`${world.url}/api/me`, {
    headers: { authorization: `Bearer ${token}` },
  })
  await answer.text()
  return answer.status
}
