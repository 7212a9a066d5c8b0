import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import test, { after, before } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { signJwt } from '../../server/http/jwt.ts'
import { replay } from '../../server/simulate/replay.ts'
import { rewrite } from '../../server/simulate/rewrite.ts'
import { loadRecording, loadScenario } from '../../server/simulate/scenario.ts'
import { launchBrowser } from '../support/browser.ts'
import { createHostPage, type HostPage } from '../support/host-page.ts'
import { newDataFolder } from '../support/migrated.ts'
import { type ServerProcess, startServer } from '../support/process.ts'

const KEY = 'test-admin-key-test-admin-key'
const EMBED_SECRET = 'test-embed-secret-test-embed-secret'
const dataDir = await newDataFolder('ringside-e2e-')

let server: ServerProcess
let browser: Browser
let hostPage: HostPage
let webhook: URL

before(async () => {
  server = await startServer({ DATA_DIR: dataDir, ADMIN_API_KEY: KEY, EMBED_SECRET })
  browser = await launchBrowser()
  hostPage = await createHostPage(server.url)
  const connection = await api('POST', '/api/connections', {
    name: 'PBX',
    timeZone: 'UTC',
    country: 'RU',
  })
  const items: { extension: string; agentId: string }[] = []
  for (const [name, extension] of [
    ['anna', '101'],
    ['boris', '102'],
  ] as const) {
    const agent = await api('POST', '/api/agents', { externalId: name, name })
    items.push({ extension, agentId: agent.id })
  }
  await api('PUT', `/api/connections/${connection.id}/extensions`, { items })
  webhook = new URL(`${server.url}/webhooks/asterisk/${connection.webhookToken}`)
})

after(async () => {
  await browser?.close()
  hostPage?.close()
  await server?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

test('CASE-15 CASE-17 both claim the same missed call at once: one has it, the other is told who', async () => {
  const [anna, boris] = await Promise.all([open('anna'), open('boris')])
  await missedCall('+79031112233')
  for (const page of [anna, boris]) await desk(page).getByText('+7 903 111-22-33').first().waitFor()
  const claims = [anna, boris].map((page) => desk(page).getByRole('button', { name: 'Claim' }))
  // Neither claim arrives before both have clicked: the first one's would take the other's button away.
  const both = Promise.withResolvers<void>()
  let asked = 0
  for (const page of [anna, boris]) {
    await page.route('**/api/cases/*/claim', async (route) => {
      asked += 1
      if (asked === 2) both.resolve()
      await both.promise
      await route.continue()
    })
  }
  await Promise.all(claims.map((claim) => claim.click()))
  const [found] = (await api('GET', '/api/cases?handset=red')).items
  const agents: { id: string; name: string }[] = (await api('GET', '/api/agents')).items
  const winner = agents.find((one) => one.id === found.assigneeId)?.name
  assert.ok(winner === 'anna' || winner === 'boris', `somebody has it: ${winner}`)
  const [first, second] = winner === 'anna' ? [anna, boris] : [boris, anna]
  await desk(first).getByText('You call back').waitFor()
  await desk(first)
    .getByText(/1[45] min.? left/)
    .waitFor()
  await desk(second)
    .getByText(new RegExp(`${winner}.? calls back`))
    .first()
    .waitFor()
  assert.equal(await desk(second).getByRole('button', { name: 'Claim' }).count(), 0)

  await desk(first).getByRole('button', { name: 'Give back' }).click()
  await desk(second).getByRole('button', { name: 'Claim' }).waitFor()
})

test('CASE-15 both write the subject: the second keeps the text, learns who was first, and decides', async () => {
  const [anna, boris] = await Promise.all([open('anna'), open('boris')])
  await missedCall('+79035554433')
  for (const page of [anna, boris]) {
    await desk(page).getByText('+7 903 555-44-33').first().click()
    await page.getByRole('button', { name: 'Edit subject' }).click()
  }
  await subject(anna).fill('Written by Anna')
  await subject(boris).fill('Written by Boris')
  await anna.getByRole('button', { name: 'Save' }).click()
  await anna.getByRole('heading', { name: /Written by Anna/ }).waitFor()
  await boris.getByRole('button', { name: 'Save' }).click()
  const alert = boris.getByRole('alert').filter({ hasText: /has meanwhile changed the subject/ })
  await alert.waitFor()
  assert.match(await alert.innerText(), /anna.*Written by Anna/)
  assert.equal(await subject(boris).inputValue(), 'Written by Boris')
  const subjects = async (): Promise<string[]> =>
    (await api('GET', '/api/cases?q=Written')).items.map((one: { subject: string }) => one.subject)
  assert.deepEqual(await subjects(), ['Written by Anna'])
  await boris.getByRole('button', { name: 'Save' }).click()
  await anna.getByRole('heading', { name: /Written by Boris/ }).waitFor()
  assert.deepEqual(await subjects(), ['Written by Boris'])
})

test('CASE-14 a list follows live what another agent does, and finds by text', async () => {
  const [anna, boris] = await Promise.all([open('anna'), open('boris')])
  await missedCall('+79036667788')
  const list = boris.locator('ringside-case-list')
  await boris.getByRole('tab', { name: 'Cases' }).click()
  const row = list.getByRole('row').filter({ hasText: '+7 903 666-77-88' })
  await row.waitFor()
  await desk(anna).getByText('+7 903 666-77-88').first().click()
  const me = (await api('GET', '/api/agents')).items.find(
    (one: { name: string }) => one.name === 'anna',
  )
  await anna.getByLabel('Assignee').selectOption(me.id)
  await row.getByText('anna').waitFor()
  await anna.getByLabel('Status').selectOption('closed')
  await row.waitFor({ state: 'detached' })
  await list.getByLabel('Status').selectOption('')
  await row.waitFor()
  await list.getByRole('searchbox').fill('666-77')
  await list.getByText('1 case', { exact: true }).waitFor()
  await row.waitFor()
})

function desk(page: Page): Locator {
  return page.locator('ringside-missed-list')
}

function subject(page: Page): Locator {
  return page.locator('ringside-case-head').getByLabel('Subject', { exact: true })
}

/** An agent's page with the panel open at the missed calls. */
async function open(agent: string): Promise<Page> {
  const exp = Math.floor(Date.now() / 1000) + 3600
  const token = signJwt(
    { sub: agent, name: agent, aud: 'ringside', exp },
    Buffer.from(EMBED_SECRET),
  )
  const context = await browser.newContext()
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => assert.fail(`the page threw: ${error.message}`))
  await page.goto(hostPage.url(token))
  await page
    .locator('ringside-widget')
    .getByRole('button', { name: /^Open calls/ })
    .click()
  await page.getByRole('tab', { name: 'Missed calls' }).click()
  return page
}

/** A recorded call that nobody answers. */
async function missedCall(callerNumber: string): Promise<void> {
  const scenario = await loadScenario('incoming-missed', '22')
  assert.ok(scenario)
  const requests = rewrite(scenario.requests, {
    uniqueIdBase: Math.floor(Math.random() * 1e6),
    startAt: new Date(),
    timeZone: 'UTC',
    recording: await loadRecording(),
    callerNumber,
  })
  for (const answer of await replay(requests, webhook, { speed: Number.POSITIVE_INFINITY })) {
    assert.equal(answer.status, 200, answer.body)
  }
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
