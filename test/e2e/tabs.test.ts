import assert from 'node:assert/strict'
import test, { after, afterEach, before } from 'node:test'
import type { BrowserContext } from 'playwright-core'
import { BESIDE_OTHERS } from '../support/beside-others.ts'
import {
  allShow,
  createTabStage,
  eventually,
  leaderOf,
  type TabStage,
} from '../support/tab-stage.ts'

let stage: TabStage
const contexts: BrowserContext[] = []

before(async () => {
  stage = await createTabStage()
})

afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close()
  await stage.clear()
  stage.gate.become('open')
})

after(() => stage.close())

test('POP-11 all tabs of an agent hold one stream and show the same; a new tab shows what rings', async () => {
  const context = await browser()
  const tabs = [await stage.open(context), await stage.open(context), await stage.open(context)]
  await allShow(tabs, [])
  const before = stage.gate.asked()
  const call = await stage.ring()
  await allShow(tabs, [call.number])
  tabs.push(await stage.open(context))
  await allShow(tabs, [call.number])
  await call.answer()
  await allShow(tabs, [])
  await call.end()
  assert.deepEqual(stage.gate.streams(), ['anna'])
  assert.equal(stage.gate.asked(), before, 'a tab that joins asks the leader, not the server')
})

test('POP-11 HOLD-10 the tab with the stream is closed, or crashes: another goes on behind the last event', async () => {
  const context = await browser()
  let tabs = [await stage.open(context), await stage.open(context), await stage.open(context)]
  await allShow(tabs, [])
  const call = await stage.ring()
  for (const how of ['close', 'crash'] as const) {
    const { leader, others } = await leaderOf(tabs)
    if (how === 'close') await leader.page.close()
    else leader.cdp.send('Page.crash').catch(() => undefined)
    tabs = others
    const next = await stage.ring()
    await allShow(tabs, [call.number, next.number])
    await next.end()
    await allShow(tabs, [call.number])
    await eventually(stage.gate.streams, (all) => all.length === 1)
  }
  await call.end()
})

test('HOLD-10 the tab with the stream stands still: another takes over, and it shows the same when it goes on', async () => {
  const context = await browser()
  const tabs = [await stage.open(context), await stage.open(context)]
  await allShow(tabs, [])
  const old = await stage.ring()
  await allShow(tabs, [old.number])
  const { leader, others } = await leaderOf(tabs)
  await leader.stop()
  await old.end()
  const call = await stage.ring()
  await allShow(others, [call.number])
  await leader.resume()
  await allShow(tabs, [call.number])
  await eventually(stage.gate.streams, (all) => all.length === 1)
  assert.equal((await leader.shown()).isLeader, false)
  await call.end()
})

test('HOLD-10 after a sleep that nobody told of everything is right within three seconds', async () => {
  const context = await browser()
  const tabs = [await stage.open(context), await stage.open(context)]
  await allShow(tabs, [])
  const old = await stage.ring()
  await allShow(tabs, [old.number])
  for (const tab of tabs) await tab.stop()
  stage.gate.become('asleep')
  await old.answer()
  const call = await stage.ring()
  // Longer than any tab takes for a pause.
  await new Promise((resolve) => setTimeout(resolve, 7_000))
  stage.gate.become('open')
  for (const tab of tabs) await tab.resume()
  const tookMs = await allShow(tabs, [call.number])
  assert.ok(tookMs <= 3000 * BESIDE_OTHERS, `right after ${tookMs} ms`)
  await eventually(stage.gate.streams, (all) => all.length === 1)
  await call.end()
  await old.end()
})

test('POP-11 a pop-up that rings comes up on each of ten pages, with one stream in all', async () => {
  const context = await browser()
  const tab = await stage.open(context)
  const other = await stage.open(context)
  const call = await stage.ring()
  for (let change = 0; change < 10; change += 1) {
    await tab.page.reload()
    await allShow([tab, other], [call.number])
    await eventually(stage.gate.streams, (all) => all.length === 1)
  }
  await call.end()
  await allShow([tab, other], [])
})

test('POP-11 two agents in two tabs of one page origin never share', async () => {
  const context = await browser()
  const anna = await stage.open(context)
  const boris = await stage.open(context, { agent: 'boris' })
  await allShow([anna, boris], [])
  const [first, second] = [await stage.ring('101'), await stage.ring('102')]
  await allShow([anna], [first.number])
  await allShow([boris], [second.number])
  assert.deepEqual([...stage.gate.streams()].sort(), ['anna', 'boris'])
  await first.end()
  await second.end()
})

test('POP-11 without locks, as in pages by plain http, every tab has its own stream', async () => {
  const context = await browser()
  const script = () => {
    Reflect.deleteProperty(Navigator.prototype, 'locks')
  }
  const tabs = [await stage.open(context, { script }), await stage.open(context, { script })]
  await allShow(tabs, [])
  const call = await stage.ring()
  await allShow(tabs, [call.number])
  assert.deepEqual(stage.gate.streams(), ['anna', 'anna'])
  await call.end()
})

test('SAFE-8 a leader whose token has ended leaves the lead to a tab with a good one, and is told', async () => {
  const context = await browser()
  const first = await stage.open(context, { seconds: 6 })
  await allShow([first], [])
  const second = await stage.open(context)
  await allShow([second], [])
  assert.equal((await first.shown()).isLeader, true)
  await eventually(
    async () => (await second.shown()).isLeader,
    (leads) => leads,
  )
  const call = await stage.ring()
  await allShow([first, second], [call.number])
  assert.deepEqual(stage.gate.streams(), ['anna'])
  await call.end()
})

test('HOLD-10 tabs that nobody looks at ask nothing about a call; looked at, they know all of it', async () => {
  const context = await browser()
  const leader = await stage.open(context)
  await allShow([leader], [])
  const hidden = [
    await stage.open(context, { isHidden: true }),
    await stage.open(context, { isHidden: true }),
  ]
  await allShow(hidden, [])
  await eventually(stage.gate.takeRequests, (asked) => asked.length === 0)
  const known = await stage.user()
  const call = await stage.ring('101', known.number)
  await allShow([leader, ...hidden], [call.number])
  await leader.page.locator('ringside-popup').getByText(known.name).waitFor()
  let asked = 0
  // The name is known from the stream, it may be shown before the page asks for the rest.
  const askedOfUsers = () => {
    asked += stage.gate.takeRequests().filter((one) => one.includes('/api/users/')).length
    return asked
  }
  await eventually(askedOfUsers, (times) => times >= 1)
  await hidden[0]!.hide(false)
  await hidden[0]!.page.locator('ringside-popup').getByText(known.name).waitFor()
  await eventually(askedOfUsers, (times) => times >= 2)
  await call.end()
  assert.equal(askedOfUsers(), 2)
})

test('EMBED-5 CASE-3 while the server is away a sign says so; what is typed is sent when it is back', async () => {
  const context = await browser()
  const tab = await stage.open(context)
  await allShow([tab], [])
  const call = await stage.ring()
  await allShow([tab], [call.number])
  await call.answer()
  const { page } = tab
  await page
    .getByRole('button', { name: /create a case/i })
    .first()
    .click()
  const status = page.locator('ringside-case-form').locator('form').getByRole('status')
  await page.getByLabel('Subject').fill('Parcel')
  await status.getByText('Draft saved').waitFor()
  stage.gate.become('away')
  await page.getByLabel('Subject').fill('The parcel of Friday')
  await status.getByText('Draft not saved. Keep this page open.').waitFor()
  await eventually(
    async () => (await tab.shown()).connection,
    (state) => state === 'waiting',
  )
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  )
  assert.doesNotMatch(kept, /parcel|\+7|anna/i)
  stage.gate.become('open')
  await status.getByText('Draft saved').waitFor()
  assert.match(await call.draft(), /The parcel of Friday/)
  await call.end()
})

async function browser(): Promise<BrowserContext> {
  const context = await stage.context()
  contexts.push(context)
  return context
}
