/** Every flow without a mouse, beginning in a field of the helpdesk's page, and what is said on the way. */

import assert from 'node:assert/strict'
import test, { after, afterEach, before } from 'node:test'
import type { Browser, BrowserContext } from 'playwright-core'
import type { Database } from '../../db/database.ts'
import { launchBrowser } from '../support/browser.ts'
import { createHostPage, type HostPage } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import {
  assertInOrder,
  assertNamed,
  eventually,
  type Keyboard,
  openKeyboard,
  REPLY,
  SUMMON,
} from '../support/keyboard.ts'
import { createStage, display, type PlayedCall, type Stage } from '../support/stage.ts'
import { createWorld, type World } from '../support/world.ts'

let database: Database
let world: World
let stage: Stage
let browser: Browser
let hostPage: HostPage
let signInPage: HostPage
let context: BrowserContext | null = null
/** What still rings or goes on when a test ends. */
const calls: PlayedCall[] = []

before(async () => {
  database = await openInMemory()
  world = await createWorld(async () => database)
  stage = createStage(() => world)
  browser = await launchBrowser()
  hostPage = await createHostPage(world.url, { body: REPLY })
  signInPage = await createHostPage(world.url, { body: REPLY, attributes: 'data-sign-in' })
})

afterEach(async () => {
  for (const call of calls.splice(0)) await call.end()
  await context?.close()
  context = null
})

after(async () => {
  await browser?.close()
  hostPage?.close()
  signInPage?.close()
  await world?.close()
  await database?.close()
})

test('POP-13 a call is said once in all tabs, and nobody who writes loses the focus', async () => {
  const anna = await open()
  const others = [await openKeyboard(context!, hostPage.url(world.token('anna'))), await more()]
  await anna.page.bringToFront()
  await anna.page.locator('#reply').focus()
  const from = stage.number()
  const call = await ring(from)
  for (const each of [anna, ...others]) await each.page.locator('ringside-popup').waitFor()
  const all = async () => (await Promise.all([anna, ...others].map((one) => one.said()))).flat()
  await eventually(all, (said) => said.length > 0, 'nobody says it')
  await anna.type('customer, ')
  await call.answer()
  await anna.page.locator('ringside-panel').waitFor()
  await anna.type('thank you ')
  await call.end()
  await anna.page.locator('ringside-call-bar').waitFor({ state: 'detached' })
  await anna.type('for calling.')
  assert.equal(await reply(anna), 'Dear customer, thank you for calling.')
  assert.deepEqual(await all(), [`Incoming call: ${display(from)}`])

  const again = await ring(from)
  await eventually(all, (said) => said.length === 2, 'the same caller rings again')
  await anna.page.reload()
  await anna.page.locator('ringside-popup').waitFor()
  await again.end()
  // In whichever tab: all of them count as looked at here.
  const isGivenUp = (said: readonly string[]) =>
    said.some((text) => /^The caller gave up/.test(text))
  await eventually(all, isGivenUp, 'nobody says that the caller gave up')
  const said = (await all()).filter((text) => /^Incoming/.test(text))
  assert.ok(said.length <= 2, `the next page does not say it again: ${said}`)

  async function more(): Promise<Keyboard> {
    return openKeyboard(context!, hostPage.url(world.token('anna')))
  }
})

test('A11Y-2 the pop-up is reached, opened and closed, and the sentence in the page goes on', async () => {
  const anna = await open()
  const from = stage.number()
  const user = await stage.user(from)
  const call = await ring(from, { queue: 'Support' })
  await anna.page.locator('ringside-popup').waitFor()
  await anna.press(SUMMON)
  await anna.isOn(new RegExp(user.name))
  await assertNamed(anna)
  await anna.press('Escape')
  await anna.type('you, ')
  await anna.press(SUMMON)
  await anna.isOn(new RegExp(user.name))
  await anna.press('Enter')
  await anna.isOn(/^Incoming call$/)
  await assertNamed(anna)
  assertInOrder(await anna.walk())
  await anna.press(SUMMON)
  await anna.isOn(new RegExp(user.name))
  await anna.press(SUMMON)
  await anna.isOn(/^Incoming call$/)
  await anna.press('Escape')
  await anna.page.locator('ringside-panel').waitFor({ state: 'detached' })
  await anna.type('here ')
  await anna.summon()
  await anna.tabTo(/^Close this notification/, 'Shift+Tab')
  await anna.press('Enter')
  await anna.page.locator('ringside-popup').waitFor({ state: 'detached' })
  await eventually(
    () => anna.focus(),
    ({ tag }) => tag === 'textarea',
    'the field',
  )
  await anna.type('we are.')
  assert.equal(await reply(anna), 'Dear you, here we are.')
  await call.end()
})

test('A11Y-2 a case is written while talking, and everything of it is changed', async () => {
  const anna = await open()
  const call = await talking(anna, stage.number())
  await anna.summon()
  await anna.tabTo(/^Create a case from this call$/)
  await anna.press('Enter')
  await anna.isOn(/^Subject$/)
  await anna.press('Control+Enter')
  await anna.page.getByText('Give the case a subject.').waitFor()
  await anna.isOn(/^Subject$/)
  await anna.type('The parcel')
  await anna.hears(/^Draft saved$/)
  await anna.tabTo(/^What is the call about/)
  await anna.type('It has not come')
  const other = await ring(stage.number())
  await anna.page.locator('ringside-popup').waitFor()
  await other.answer()
  await other.end()
  await anna.type(' yet.')
  await assertNamed(anna)
  await anna.press('Control+Enter')
  await anna.isOn(/^Case #\d+$/)
  const made = await call.case()
  assert.equal(made.subject, 'The parcel')
  assert.match(JSON.stringify(made), /It has not come yet\./)

  await assertNamed(anna)
  await anna.tabTo(/^Edit subject$/)
  await anna.press('Enter', 'End')
  await anna.type(' is late')
  await anna.press('Enter')
  await anna.isOn(/^Edit subject$/)
  await anna.tabTo(/^Status/)
  await anna.press('ArrowDown')
  await anna.tabTo(/^Assignee/)
  await anna.type('boris')
  await anna.press('Enter')
  await anna.tabTo(/^Edit what the call was about$/)
  await anna.press('Enter', 'Control+End')
  await anna.type(' Asked twice.')
  await anna.press('Control+Enter')
  await anna.isOn(/^Edit what the call was about$/)
  await anna.press('n')
  await anna.isOn(/^Note$/)
  await anna.type('Ring back')
  await call.end()
  await anna.page.locator('ringside-call-bar').waitFor({ state: 'detached' })
  await anna.type(' tomorrow')
  await anna.press('Control+Enter')
  await anna.page.locator('ringside-case-message').getByText('Ring back tomorrow').waitFor()
  await anna.tabTo(/^History/)
  await anna.press('Enter')
  await anna.page.locator('ringside-case details[open] li').first().waitFor()
  const found = await stage.case(made.id)
  assert.deepEqual(
    [found.subject, found.status, found.assigneeId],
    ['The parcel is late', 'pending', world.agents.boris],
  )
  assert.match(JSON.stringify(found.messages), /It has not come yet\. Asked twice\./)
  await toPage(anna)
})

test('A11Y-2 the call is fixed in an earlier case of the user, whose data are edited in place', async () => {
  const anna = await open()
  const from = stage.number()
  await stage.user(from)
  const earlier = await stage.conversation(from)
  const { id, number } = await earlier.case()
  const call = await talking(anna, from)
  await anna.summon()
  await anna.tabTo(/^Edit E-mail$/)
  await anna.press('Enter')
  await anna.isOn(/^E-mail$/)
  await anna.type('wrong')
  await anna.press('Escape')
  await anna.isOn(/^Edit E-mail$/)
  await anna.press('Enter')
  await anna.type('maria@example.com')
  await anna.press('Enter')
  await anna.isOn(/^Edit E-mail$/)
  await anna.page.getByText('maria@example.com').waitFor()
  await anna.tabTo(/^Fix the call in this case$/)
  await anna.press('Enter')
  await anna.isOn(/^What was this call about/)
  await anna.press('Escape')
  await anna.isOn(/^Fix the call in this case$/)
  await anna.press('Enter')
  await anna.isOn(/^What was this call about/)
  await anna.type('The same parcel')
  await anna.press('Control+Enter')
  await anna.isOn(new RegExp(`^Case #${number}$`))
  assert.equal((await call.view()).caseId, id)
  await call.end()
  await toPage(anna)
})

test('A11Y-2 an unknown number is linked to a user by arrows and Enter; the results are counted', async () => {
  const anna = await open()
  for (const name of ['Zoe Alder', 'Zoe Birch']) await world.user({ name, phones: [] })
  const call = await talking(anna, stage.number())
  await anna.summon()
  await anna.tabTo(/^Find a user and link the number$/)
  await anna.press('Enter')
  await anna.isOn(/^Name, e-mail/)
  await anna.type('zoe')
  await anna.hears(/^2 users found$/)
  await assertNamed(anna)
  const second = await anna.page.locator('[role=option] .strong').nth(1).innerText()
  await anna.press('ArrowDown')
  await anna.page.locator('[role=option][aria-selected=true]').getByText(second).waitFor()
  await anna.press('Enter')
  await anna.isOn(/^Incoming call$/)
  await anna.page.locator('ringside-user-fields').getByText(second).waitFor()
  assert.notEqual((await call.view()).userId, null)
  await call.end()
  await toPage(anna)
})

test('A11Y-2 missed calls: claimed, given back, and told why the call came to whom', async () => {
  const anna = await open()
  await stage.missed(stage.number())
  await anna.page.getByRole('button', { name: /missed call/ }).waitFor()
  await anna.page.locator('ringside-popup').waitFor({ state: 'detached' })
  await anna.press(SUMMON)
  await anna.isOn(/^Calls$/)
  await assertNamed(anna)
  await anna.tabTo(/^Claim$/)
  await anna.press('Space')
  await anna.isOn(/^Give back$/)
  const claimed = async () =>
    (await world.cases('&handset=red')).filter((one) => one.assigneeId === world.agents.anna).length
  assert.equal(await claimed(), 1)
  await anna.press('Space')
  await anna.isOn(/^Claim$/)
  assert.equal(await claimed(), 0)
  assertInOrder(await anna.walk())

  await anna.summon()
  await anna.tabTo(/waiting/)
  await anna.press('Enter')
  await anna.isOn(/^Case #/)
  await anna.tabTo(/^What happened in this call$/)
  await anna.press('Enter')
  await anna.isOn(/^What happened$/)
  await anna.page.locator('ringside-call-trace .who').waitFor()
  await anna.tabTo(/what the PBX sent|Webhook/i)
  await anna.press('Enter')
  await anna.page.locator('ringside-call-trace details[open]').waitFor()
  await assertNamed(anna)
  await anna.press('Escape')
  await anna.isOn(/^Case #/)
  await anna.press('Escape')
  await anna.isOn(/^Calls$/)
  await toPage(anna)
})

test('A11Y-2 the list of cases: searched, filtered, read row by row, opened and come back to', async () => {
  const subjects = ['Wolf one', 'Wolf two', 'Wolf three']
  for (const subject of subjects) {
    const { id } = await (await stage.conversation(stage.number())).case()
    await stage.patch(id, 'anna', { version: 1, subject })
  }
  const anna = await open()
  await anna.press(SUMMON)
  await anna.isOn(/^Calls$/)
  await anna.press('l')
  await anna.page.locator('ringside-case-list tbody tr').first().waitFor()
  await anna.press('/')
  await anna.isOn(/^Number, subject, user or phone$/)
  await anna.type('wolf')
  await anna.hears(/^3 cases/)
  await assertNamed(anna)
  await anna.press('ArrowDown')
  await anna.isOn(/^Wolf three$/)
  await anna.press('j', 'ArrowDown', 'k')
  await anna.isOn(/^Wolf two$/)
  await anna.press('Enter')
  await anna.isOn(/^Case #/)
  await anna.press('Escape')
  await anna.isOn(/^Wolf two$/)
  await anna.tabTo(/^Status/, 'Shift+Tab')
  await anna.type('Closed')
  await anna.press('Enter')
  await anna.hears(/^0 cases/)
  await toPage(anna)
})

test('A11Y-2 my state with its reason, sound, the list of keys; each step back by Escape', async () => {
  const anna = await open()
  await anna.summon()
  await anna.tabTo(/^My state/)
  await anna.press('Enter')
  await anna.isOn(/^Free/)
  await assertNamed(anna)
  await anna.tabTo(/^Ring$/)
  const isOn = async () =>
    await anna.page.getByRole('switch', { name: 'Ring' }).getAttribute('aria-checked')
  assert.equal(await isOn(), 'true')
  await anna.press('Space')
  await eventually(isOn, (is) => is === 'false', 'the sound is off')
  await anna.press('Space')
  await anna.tabTo(/^Lunch$/, 'Shift+Tab')
  await anna.press('Enter')
  await anna.isOn(/^My state: Away.*Lunch/)
  await anna.press('Enter', 'Escape')
  await anna.isOn(/^My state/)
  await anna.press('Enter', 'Enter')
  await anna.isOn(/^My state: Free/)
  await anna.press('?')
  await anna.isOn(/^Keyboard shortcuts$/)
  await assertNamed(anna)
  await anna.press('Escape')
  await anna.isOn(/^Calls$/)
  await toPage(anna)
})

test('A11Y-2 a personal link is pasted and signs in', async () => {
  const { body } = await world.api('POST', `/api/agents/${world.agents.clara}/sign-in-link`)
  context = await browser.newContext({ reducedMotion: 'reduce' })
  const clara = await openKeyboard(context, signInPage.url(''))
  await clara.press(SUMMON)
  await clara.isOn(/^Sign-in link$/)
  await assertNamed(clara)
  await clara.type('not a link')
  await clara.press('Enter')
  await clara.page.getByRole('alert').filter({ hasText: 'sign-in#' }).waitFor()
  await clara.press('Control+A')
  await clara.page.keyboard.insertText(body.url)
  await clara.press('Enter')
  await clara.isOn(/^Calls$/)
  await toPage(clara)
})

async function open(): Promise<Keyboard> {
  context = await browser.newContext({ reducedMotion: 'reduce' })
  return openKeyboard(context, hostPage.url(world.token('anna')))
}

async function ring(from: string, options?: { queue: string }): Promise<PlayedCall> {
  const call = await stage.incoming(from, options)
  calls.push(call)
  return call
}

/** A call that the agent has answered; its profile is open, and the focus where it was. */
async function talking(anna: Keyboard, from: string) {
  const call = await ring(from)
  await anna.page.locator('ringside-popup').waitFor()
  await call.answer()
  await anna.page.locator('ringside-panel h1').waitFor()
  assert.equal((await anna.focus()).tag, 'textarea')
  return call
}

const reply = (anna: Keyboard) => anna.page.locator('#reply').inputValue()

/** Out of the widget, and on with the sentence. */
async function toPage(anna: Keyboard): Promise<void> {
  for (let step = 0; step < 6 && (await anna.focus()).isInWidget; step += 1) {
    await anna.press('Escape')
  }
  await anna.type('on')
  assert.equal(await reply(anna), 'Dear on')
}
