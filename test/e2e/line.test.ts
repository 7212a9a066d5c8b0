import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import test, { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { signJwt } from '../../server/http/jwt.ts'
import { replay } from '../../server/simulate/replay.ts'
import { rewrite } from '../../server/simulate/rewrite.ts'
import { loadRecording, loadScenario, type PbxRequest } from '../../server/simulate/scenario.ts'
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
  for (const [externalId, extension] of [
    ['anna', '101'],
    ['boris', '102'],
    ['clara', '103'],
  ] as const) {
    const agent = await api('POST', '/api/agents', { externalId, name: externalId })
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

test('POP-1 POP-2 POP-3 CASE-1 CASE-5 CALL-8 a queue call rings two agents, one answers and writes the case, the recording plays', async () => {
  const anna = await open('anna')
  const boris = await open('boris')
  const send = await recordedCall('incoming-queue-answered')

  await send('start of an incoming call')
  await send('call to queue support')
  for (const page of [anna, boris]) {
    await popup(page).getByText('+7 916 123-45-67').waitFor()
    await popup(page)
      .getByText(/Queue .*support/)
      .waitFor()
    await popup(page).getByText('Unknown caller').waitFor()
  }

  await send('incoming call answered')
  await popup(anna).waitFor({ state: 'detached' })
  await popup(boris).waitFor({ state: 'detached' })
  assert.equal(await anna.getByText('Create a case from this call').count(), 0)

  await boris
    .getByRole('button', { name: /create a case/i })
    .first()
    .click()
  await boris.getByLabel('Subject').fill('The parcel has not come')
  await boris.getByLabel('What is the call about?').fill('Order 4711, promised for Friday.')
  await boris.getByRole('button', { name: 'Create case' }).click()
  await boris.getByText('Call in progress').waitFor()

  await send('incoming call is ended')
  await boris.getByText(/^Answered · 0:0\d$/).waitFor()
  await send('record')
  const player = boris.locator('ringside-recording')
  await player.getByRole('button', { name: 'Play' }).click()
  await player.getByText(/^0:01 \/ 0:0[2-9]$/).waitFor()
  assert.equal(await player.getByRole('alert').count(), 0)

  const { items } = await api('GET', '/api/cases')
  assert.equal(items.length, 1)
  const found = await api('GET', `/api/cases/${items[0].id}`)
  assert.equal(found.subject, 'The parcel has not come')
  assert.equal(found.status, 'pending')
  assert.equal(found.handset, 'green')
  assert.equal(found.messages.length, 1)
  assert.equal(found.messages[0].text, 'Order 4711, promised for Friday.')
  assert.equal(found.messages[0].call.talkSeconds, 6)
  assert.equal(found.messages[0].call.recordings.length, 1)
})

test('POP-2 POP-10 nobody answers: the pop-up says that the caller gave up, and the missed call is on the launcher', async () => {
  const anna = await open('anna')
  const send = await recordedCall('incoming-missed', '+79031112233')
  await send('start of an incoming call')
  await send('incoming call to personal number')
  await popup(anna).getByText('+7 903 111-22-33').waitFor()
  await send('incoming call is ended')
  await popup(anna).getByText('The caller gave up').waitFor()
  await anna.getByRole('button', { name: 'Open calls, 1 missed call' }).click()
  await anna.locator('ringside-missed-list').getByText('+7 903 111-22-33').first().waitFor()
})

test('CALL-18 a page that is opened while the phone rings shows the pop-up; closing it is remembered', async () => {
  const send = await recordedCall('incoming-missed', '+79035554433')
  await send('start of an incoming call')
  await send('incoming call to personal number')
  const first = await open('anna')
  const second = await open('anna')
  await popup(first).getByText('+7 903 555-44-33').waitFor()
  await popup(second).getByText('+7 903 555-44-33').waitFor()
  await first.getByRole('button', { name: 'Close this notification everywhere' }).click()
  await popup(first).waitFor({ state: 'detached' })
  await popup(second).waitFor({ state: 'detached' })
  const third = await open('anna')
  await third.getByRole('button', { name: /^Open calls/ }).waitFor()
  assert.equal(await popup(third).count(), 0)
  await send('incoming call is ended')
})

function popup(page: Page) {
  return page.locator('ringside-popup')
}

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
    .waitFor()
  return page
}

/** A recorded call, to be sent event by event by the words of their status. */
async function recordedCall(
  name: string,
  callerNumber?: string,
): Promise<(status: string) => Promise<void>> {
  const scenario = await loadScenario(name, '22')
  assert.ok(scenario, `there is a recorded call ${name}`)
  const requests = rewrite(scenario.requests, {
    uniqueIdBase: Math.floor(Math.random() * 1e6),
    startAt: new Date(),
    timeZone: 'UTC',
    recording: await loadRecording(),
    ...(callerNumber === undefined ? {} : { callerNumber }),
  })
  return async (status) => {
    const found = requests.filter((request) => says(request, status))
    assert.equal(found.length, 1, `one recorded request says ${status}`)
    const [answer] = await replay(found, webhook, { speed: Number.POSITIVE_INFINITY })
    assert.equal(answer?.status, 200, answer?.body)
  }
}

function says(request: PbxRequest, status: string): boolean {
  const body = request.body.toString('latin1')
  return (
    body.includes(`status=${status}`) || (status === 'record' && body.includes('name="record"'))
  )
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
