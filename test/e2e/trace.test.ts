import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import test, { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { signJwt } from '../../server/http/jwt.ts'
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
  const pbx = { name: 'PBX', timeZone: 'UTC', country: 'RU' }
  const connection = await api('POST', '/api/connections', pbx)
  const anna = await api('POST', '/api/agents', { externalId: 'anna', name: 'Anna' })
  const boris = await api('POST', '/api/agents', { externalId: 'boris', name: 'Boris' })
  const items = [
    { extension: '101', agentId: anna.id },
    { extension: '102', agentId: boris.id },
  ]
  await api('PUT', `/api/connections/${connection.id}/extensions`, { items })
  webhook = new URL(`${server.url}/webhooks/asterisk/${connection.webhookToken}`)
})

after(async () => {
  await browser?.close()
  hostPage?.close()
  await server?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

test('CALL-19 the agent reads in the panel who was shown the pop-up, who not and why, and what became of the call', async () => {
  const anna = await open('anna')
  await send('start of an incoming call', '74951000101')
  await send('incoming_ring', '101,102,199')
  await anna.locator('ringside-popup').getByText('+7 916 123-45-67').waitFor()
  await send('incoming_answer', '101')
  await anna.getByRole('button', { name: 'What happened, and who saw it' }).click()
  const trace = anna.locator('ringside-call-trace')
  await trace.getByText(/answered$/).waitFor()
  assert.deepEqual((await trace.locator('.who li').allInnerTexts()).map(oneLine), [
    'Anna (101) You · Pop-up shown The phone rang and a page was open.',
    'Boris (102) · No pop-up No page with calls was open, or it was not signed in.',
    'Extension 199 · No pop-up This extension is assigned to nobody. An admin can assign it in the settings.',
  ])

  // The trace goes on while it is looked at, and leads to the case.
  await send('incoming_end', '101')
  await trace.getByText('The call ended', { exact: true }).waitFor()
  await trace.getByText('nobody had chosen a case when the call ended').waitFor()
  await trace.getByText('As received').first().click()
  await trace.getByText('start of an incoming call').waitFor()
  await trace.getByRole('button', { name: /^Case #.* opened$/ }).click()
  await anna.locator('ringside-case').getByText('+7 916 123-45-67').first().waitFor()
})

const oneLine = (text: string): string =>
  text
    .replaceAll(/[\u2068\u2069]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()

async function open(agent: string): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => assert.fail(`the page threw: ${error.message}`))
  const now = Math.floor(Date.now() / 1000)
  const claims = { sub: agent, name: 'Anna', aud: 'ringside', exp: now + 3600 }
  await page.goto(hostPage.url(signJwt(claims, Buffer.from(EMBED_SECRET))))
  await page.getByRole('button', { name: /^Open calls/ }).waitFor()
  await page.waitForFunction(() => {
    const { client } = document.querySelector('ringside-widget') as any
    return (
      client?.state.isReady && client.state.agents.get(client.state.me?.id)?.state !== 'offline'
    )
  })
  return page
}

async function send(status: string, to: string): Promise<void> {
  const fields = { status, unique_id: '1640854015.77', from_user: '+79161234567', to_user: to }
  const answer = await fetch(webhook, { method: 'POST', body: new URLSearchParams(fields) })
  assert.equal(answer.status, 200, await answer.text())
}

async function api(method: string, path: string, body?: unknown): Promise<any> {
  const answer = await fetch(new URL(path, server.url), {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`)
  return answer.json()
}
