import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { createHostPage, type HostPage } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createStage, type PlayedCall, type Stage } from '../support/stage.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let stage: Stage
let browser: Browser
let host: HostPage

before(async () => {
  world = await createWorld(async () => openInMemory())
  stage = createStage(() => world)
  browser = await launchBrowser()
  host = await createHostPage(world.url)
})

after(async () => {
  await browser?.close()
  host?.close()
  await world?.close()
})

test('CASE-19 POP-5 the caller hangs up while the agent writes: the case of the end becomes the agent’s own', async () => {
  await using talk = await talking()
  const { panel, call } = talk
  await panel.getByRole('button', { name: /create a case/i }).click()
  await panel.getByLabel('Subject').pressSequentially('Cannot sign in')
  await talk.saved.waitFor()
  await call.end()
  await talk.bar.waitFor({ state: 'detached' })
  const made = await call.case()
  await panel.getByLabel('What is the call about?').pressSequentially('Since Monday.')
  await panel.getByRole('button', { name: 'Create case', exact: true }).click()
  await panel.getByRole('heading', { name: /^Case #/ }).waitFor()
  const found = await call.case()
  assert.deepEqual(
    [found.number, found.subject, found.status, found.messages.map(({ text }) => text)],
    [made.number, 'Cannot sign in', 'pending', ['Since Monday.']],
  )
})

test('CASE-19 POP-3 a case is created from a call that has ended', async () => {
  await using talk = await talking()
  const { panel, call } = talk
  await call.end()
  await panel.getByText('This call is in case').waitFor()
  await panel.getByRole('button', { name: /create a case/i }).click()
  await panel.getByLabel('Subject').pressSequentially('Wants a refund')
  await panel.getByLabel('Subject').press('Control+Enter')
  await panel.getByRole('heading', { name: /^Case #/ }).waitFor()
  assert.equal((await call.case()).subject, 'Wants a refund')
})

test('CASE-15 what is typed stays when a colleague has made the case, wherever the focus is', async () => {
  await using talk = await talking()
  const { panel, page, call } = talk
  await panel.getByRole('button', { name: /create a case/i }).click()
  const subject = panel.getByLabel('Subject')
  await subject.pressSequentially('Cannot sign in')
  await talk.saved.waitFor()
  await call.end()
  assert.equal((await call.post('susan', 'case', { subject: 'Sign-in' })).status, 201)
  const refused = page.waitForResponse((response) => response.status() === 409)
  await subject.pressSequentially(' since Monday')
  await refused
  await page.locator('h1', { hasText: 'Tickets' }).click()
  await page.evaluate(() => document.querySelector('ringside-widget')?.requestUpdate())
  assert.equal(await subject.inputValue(), 'Cannot sign in since Monday')
  assert.equal(await talk.sign.count(), 0)
  await panel.getByRole('button', { name: 'Create case', exact: true }).click()
  await panel.getByRole('button', { name: 'Add what I typed as a note' }).click()
  await panel.getByRole('heading', { name: /^Case #/ }).waitFor()
  const found = await call.case()
  assert.equal(found.subject, 'Sign-in')
  assert.ok(found.messages.some(({ text }) => text === 'Cannot sign in since Monday'))
})

/** Anna in front of a page, talking with somebody nobody knows. */
async function talking() {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(host.url(world.token('anna')))
  await page.getByRole('button', { name: /^Open calls/ }).waitFor()
  const call: PlayedCall = await stage.incoming(stage.number(), { extension: '101' })
  await call.answer('101')
  const bar = page.locator('ringside-call-bar')
  await bar.waitFor()
  return {
    page,
    call,
    bar,
    panel: page.locator('ringside-panel'),
    saved: page.locator('ringside-case-form [role=status]').getByText('Draft saved'),
    sign: page.locator('ringside-case-form [aria-hidden]').getByText('Draft saved'),
    [Symbol.asyncDispose]: () => context.close(),
  }
}
