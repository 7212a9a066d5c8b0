/** Sound and notifications in a Chromium that wants a gesture before anything is heard, as people's browsers do. */
import assert from 'node:assert/strict'
import test, { after, afterEach, before } from 'node:test'
import type { Browser, BrowserContext } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import {
  allShow,
  createTabStage,
  eventually,
  leaderOf,
  type Tab,
  type TabStage,
} from '../support/tab-stage.ts'

let stage: TabStage
let browser: Browser
let noise: string[] = []

before(async () => {
  stage = await createTabStage()
  browser = await launchBrowser(['--autoplay-policy=document-user-activation-required'])
})

after(async () => {
  await browser?.close()
  await stage?.close()
})

afterEach(async () => {
  await stage.clear()
  await Promise.all(browser.contexts().map((each) => each.close()))
  noise = []
})

test('POP-11 three tabs make one sound; another goes on when its tab closes; silent when answered', async () => {
  const tabs = await openTabs(await browser.newContext(), 3)
  for (const tab of tabs) await tab.page.mouse.click(20, 300)
  const call = await stage.ring()
  await allShow(tabs, [call.number])
  const first = await eventually(
    () => sounding(tabs),
    (all) => all.length === 1,
  )
  assert.ok((await loudest(first[0]!)) > 0.01, 'something is to be heard')
  await first[0]!.page.close()
  const left = tabs.filter((tab) => tab !== first[0])
  await eventually(
    () => sounding(left),
    (all) => all.length === 1,
  )
  await call.answer()
  await eventually(
    () => sounding(left),
    (all) => all.length === 0,
  )
  assert.deepEqual(noise, [])
})

test('POP-11 before a gesture nothing is heard and the console stays empty; a click lets it ring', async () => {
  const tab = await openUntouched(await browser.newContext())
  const call = await stage.ring()
  await eventually(() => ask(tab, RINGING), Boolean)
  await tab.page.waitForTimeout(1_500)
  assert.equal(await ask(tab, SOUNDS), 0)
  assert.equal(await ask(tab, 'navigator.userActivation.hasBeenActive'), false)
  await tab.page.mouse.click(20, 300)
  await eventually(
    () => ask(tab, SOUNDS),
    (count) => count === 1,
  )
  await call.end()
  await eventually(
    () => ask(tab, SOUNDS),
    (count) => count === 0,
  )
  assert.deepEqual(noise, [])
})

test('POP-11 the next page of the helpdesk rings by the click that led to it', async () => {
  const tab = await openUntouched(await browser.newContext())
  await ask(tab, ADD_LINK)
  await tab.page.mouse.click(20, 305)
  await eventually(() => ask(tab, `location.href.endsWith('next') && ${CONNECTED}`), Boolean)
  const call = await stage.ring()
  await eventually(
    () => ask(tab, SOUNDS),
    (count) => count === 1,
  )
  await call.end()
  assert.deepEqual(noise, [])
})

test('POP-11 while no tab is looked at one of them shows a notification, until somebody looks or it is over', async () => {
  const context = await browser.newContext()
  const origin = new URL(stage.hostPage.url('')).origin
  await context.grantPermissions(['notifications'], { origin })
  const user = await stage.user()
  const tabs = await openTabs(context, 3)
  const first = await stage.ring('101', user.number)
  await allShow(tabs, [await display(tabs[0]!)])
  assert.deepEqual(await notices(tabs), [])
  for (const tab of tabs) await tab.hide(true)
  const shown = await eventually(
    () => notices(tabs),
    // On a busy machine the number is shown before it is known whose it is.
    (all) => all.length === 1 && all[0]!.startsWith(user.name),
  )
  assert.match(shown[0]!, new RegExp(`^${user.name} \\| \\+7 903 .*\\nPersonal call$`))
  await tabs[1]!.hide(false)
  await eventually(
    () => notices(tabs),
    (all) => all.length === 0,
  )
  await first.end()
  await allShow(tabs, [])
  await tabs[1]!.hide(true)
  const second = await stage.ring()
  const { leader } = await leaderOf(tabs)
  await eventually(
    () => notices([leader]),
    (all) => all.length === 1,
  )
  assert.equal((await notices(tabs)).length, 1)
  await second.answer()
  await eventually(
    () => notices(tabs),
    (all) => all.length === 0,
  )
  assert.deepEqual(noise, [])
})

const STATE = `document.querySelector('ringside-widget')?.client?.state`
const CONNECTED = `${STATE}?.connection === 'open' && ${STATE}.me !== null`
const RINGING = `document.querySelector('ringside-widget').shadowRoot.querySelector('ringside-popup') !== null`
const ADD_LINK = `
  const link = document.body.appendChild(document.createElement('a'))
  Object.assign(link, { href: location.href + '&next', textContent: 'The next ticket' })
  Object.assign(link.style, { position: 'fixed', top: '300px', left: '10px' })`
const SOUNDS = 'sounding.size'

/** What Playwright runs in a page counts as a gesture there; this does not. */
async function ask(tab: Tab, expression: string): Promise<unknown> {
  const { result } = await tab.cdp.send('Runtime.evaluate', { expression, userGesture: false })
  return result.value
}

async function openUntouched(context: BrowserContext): Promise<Tab> {
  const tab = await openTab(context)
  await eventually(() => ask(tab, CONNECTED), Boolean)
  return tab
}

async function openTabs(context: BrowserContext, count: number): Promise<Tab[]> {
  const tabs: Tab[] = []
  for (let i = 0; i < count; i += 1) tabs.push(await openTab(context))
  await allShow(tabs, [])
  return tabs
}

async function openTab(context: BrowserContext): Promise<Tab> {
  const tab = await stage.open(context, { script: listen })
  tab.page.on('console', (message) => noise.push(message.text()))
  tab.page.on('pageerror', (error) => noise.push(error.message))
  return tab
}

async function sounding(tabs: readonly Tab[]): Promise<Tab[]> {
  const counts = await Promise.all(tabs.map((tab) => tab.sounds()))
  return tabs.filter((_tab, index) => counts[index] !== 0)
}

interface Heard {
  readonly notices: readonly { title: string; body: string; isOpen: boolean }[]
  readonly analysers: readonly AnalyserNode[]
}

/** Runs in the page: what goes to the loudspeaker, and which notifications are there, really made ones. */
function listen(): void {
  const heard = {
    notices: [] as { isOpen: boolean; tag: string }[],
    analysers: [] as AnalyserNode[],
  }
  Object.assign(globalThis, { heard })
  const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode
  Object.assign(AudioNode.prototype, {
    connect(this: AudioNode, to: AudioNode) {
      if (to instanceof AudioDestinationNode) {
        const analyser = new AnalyserNode(this.context)
        heard.analysers.push(analyser)
        connect.call(this, analyser)
      }
      return connect.call(this, to)
    },
  })
  const Real = Notification
  globalThis.Notification = class extends Real {
    readonly noted: { isOpen: boolean; tag: string }
    constructor(title: string, options: NotificationOptions = {}) {
      super(title, options)
      const { body, tag = '' } = options
      // One of the same tag takes the place of another.
      for (const each of heard.notices) if (each.tag === tag) each.isOpen = false
      this.noted = Object.assign({ isOpen: true, tag }, { title, body })
      heard.notices.push(this.noted)
    }

    override close(): void {
      this.noted.isOpen = false
      super.close()
    }
  }
}

/** The loudest that is heard within a ring. */
function loudest(tab: Tab): Promise<number> {
  return tab.page.evaluate(async () => {
    const { analysers } = (globalThis as unknown as { heard: Heard }).heard
    const samples = new Float32Array(2048)
    let most = 0
    const until = performance.now() + 4_000
    while (most < 0.01 && performance.now() < until) {
      analysers.at(-1)?.getFloatTimeDomainData(samples)
      most = Math.max(most, ...samples.map(Math.abs))
      await new Promise(requestAnimationFrame)
    }
    return most
  })
}

async function notices(tabs: readonly Tab[]): Promise<string[]> {
  const each = tabs.map((tab) =>
    tab.page.evaluate(() => {
      const { notices: all } = (globalThis as unknown as { heard: Heard }).heard
      return all.filter((one) => one.isOpen).map(({ title, body }) => `${title} | ${body}`)
    }),
  )
  return (await Promise.all(each)).flat()
}

/** The number that rings, as the tab writes it. */
async function display(tab: Tab): Promise<string> {
  const { ringing } = await eventually(
    () => tab.shown(),
    (shown) => shown.ringing.length === 1,
  )
  return ringing[0]!
}
