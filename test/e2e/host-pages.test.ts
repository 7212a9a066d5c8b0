import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test, { after, before } from 'node:test'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core'
import { type AgentAtWork, agentAtWork } from '../support/agent-at-work.ts'
import { launchBrowser } from '../support/browser.ts'
import { createProxy, createSite, type Site, type SiteAnswer } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { type PagePrint, takePrint } from '../support/page-print.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { createWorld, type World } from '../support/world.ts'

interface HostPageKind {
  readonly name: string
  readonly file: string
  /** In place of the page's own script, a file beside it. */
  readonly script?: string
  readonly host?: string
  /** Where the agent is typing when the phone rings. */
  readonly field?: string
  /** False: the page changes by itself. */
  readonly isStill?: boolean
  /** Between the steps of the agent's work. */
  readonly between?: (frame: Frame, step: number) => Promise<unknown>
  readonly isCovered?: boolean
}

const KINDS: readonly HostPageKind[] = [
  { name: 'Bootstrap, and a theme with !important', file: 'bootstrap.html' },
  { name: 'Tailwind preflight, in a column that fills the window', file: 'tailwind.html' },
  { name: 'resets with !important on everything', file: 'resets.html' },
  { name: 'z-index wars, transforms, filters and containment', file: 'z-index.html' },
  {
    name: 'a modal dialog with a scroll lock',
    file: 'dialog.html',
    field: '#reason',
    isCovered: true,
  },
  {
    name: 'prototypes patched as by jQuery, MooTools and Prototype',
    file: 'script.html',
    script: 'patched.js',
  },
  { name: 'jQuery and MooTools', file: 'libraries.html' },
  { name: 'zone.js', file: 'script.html', script: 'lib/zone.js/bundles/zone.umd.js' },
  {
    name: 'a React app that remounts and moves the element',
    file: 'react.html',
    isStill: false,
    between: async (frame, step) => {
      await frame.evaluate(`globalThis.steps[${step}]()`)
      await frame.waitForFunction(`globalThis.step === ${step}`)
    },
  },
  {
    name: 'another Lit, and another copy of the widget from another server',
    file: 'script.html',
    script: 'own-lit.js',
  },
  {
    name: 'an app that moves and remounts the element and swaps the body',
    file: 'script.html',
    script: 'remount.js',
    isStill: false,
    between: async (frame, step) => {
      const move = `globalThis.moves[${step}](document.querySelector('ringside-widget'))`
      await frame.evaluate(move)
    },
  },
  { name: 'quirks mode, right to left, huge, with document.write', file: 'rtl.html' },
  { name: 'frozen globals', file: 'script.html', script: 'frozen.js' },
  {
    name: 'a page that takes all keys and the focus',
    file: 'script.html',
    script: 'keys.js',
  },
  { name: 'a frame of another origin', file: 'iframe.html' },
  { name: 'plain http', file: 'script.html', script: 'none.js', host: 'helpdesk.test' },
]

const TYPED = 'half a sentence'
let world: World
let stage: Stage
let browser: Browser
let site: Site
let otherServer: Site
const contexts: BrowserContext[] = []

before(async () => {
  world = await createWorld(async () => openInMemory())
  stage = createStage(() => world)
  browser = await launchBrowser(['--host-resolver-rules=MAP helpdesk.test 127.0.0.1'])
  otherServer = await createProxy(world.url)
  const ownLit = await bundle(OWN_LIT)
  const reactApp = await bundle(REACT_APP)
  site = await createSite(async (url) => {
    if (url.pathname === '/own-lit.js') return { type: 'text/javascript', body: ownLit }
    if (url.pathname === '/react-app.js') return { type: 'text/javascript', body: reactApp }
    if (url.pathname.startsWith('/lib/')) return library(url.pathname.slice('/lib/'.length))
    if (url.pathname === '/none.js') return { type: 'text/javascript', body: '' }
    const body = await readFile(
      new URL(`../fixtures/pages${url.pathname}`, import.meta.url),
      'utf8',
    )
    if (url.pathname.endsWith('.js')) return { type: 'text/javascript', body }
    return { body: fillIn(body, url) }
  })
})

after(async () => {
  await browser?.close()
  site?.close()
  otherServer?.close()
  await world?.close()
})

for (const kind of KINDS) {
  test(`SAFE-11 EMBED-5 a host page with ${kind.name}: all flows pass, nothing of the page is changed`, async () => {
    let agent: AgentAtWork | null = null
    try {
      const bare = await open(kind, false)
      await startTyping(kind, bare.frame)
      const [before, keysBefore] = [await takePrint(bare.frame), await pressKeys(bare.page)]
      const { page, frame, written } = await open(kind, true)
      agent = agentAtWork(frame, stage)
      await startTyping(kind, frame)
      const moves = async (step: number) => kind.between?.(frame, step)
      await moves(0)
      await agent.isCalled({ isPressable: !kind.isCovered })
      if (kind.isStill !== false) assertSame(await takePrint(frame), before)
      assert.deepEqual(await pressKeys(page), keysBefore)
      if (kind.isCovered) {
        await isSeenOverDialog(page, frame)
        await frame.getByRole('button', { name: 'Close', exact: true }).click()
      }
      await moves(1)
      await agent.answers()
      await moves(2)
      await agent.createsCase()
      await agent.hears()
      await moves(3)
      await agent.searches()
      await moves(4)
      await agent.closesPanel()
      if (kind.isStill !== false && !kind.isCovered) {
        await frame.locator('#reply').focus()
        await frame.evaluate(() => scrollTo(0, 120))
        assertSame(await takePrint(frame), before)
      }
      if (kind.script === 'own-lit.js') await othersWork(frame)
      if (kind.script === 'patched.js') await listsArrive(frame)
      assert.deepEqual(written, bare.written)
    } finally {
      await agent?.hangsUp()
      for (const context of contexts.splice(0)) await context.close()
    }
  })
}

async function open(kind: HostPageKind, hasWidget: boolean) {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  contexts.push(context)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const written: string[] = []
  page.on('console', (message) => written.push(message.text()))
  page.on('pageerror', (error) => written.push(`thrown: ${error.stack}`))
  const query = new URLSearchParams({ script: kind.script ?? '', token: '' })
  if (hasWidget) query.set('token', world.token('anna'))
  const origin = `http://${kind.host ?? '127.0.0.1'}:${site.port}`
  await page.goto(`${origin}/${kind.file}?${query}`)
  const frame = page.frames()[1] ?? page.mainFrame()
  if (hasWidget) {
    const isReady = () => {
      const widget = document.querySelector('ringside-widget') as any
      return widget?.client?.state.isReady === true && widget.client.state.me !== null
    }
    await frame.waitForFunction(isReady)
  }
  return { page, frame, written }
}

async function startTyping({ field = '#reply' }: HostPageKind, frame: Frame): Promise<void> {
  await frame.locator(field).focus()
  await frame.locator(field).pressSequentially(TYPED)
  await frame.evaluate(() => scrollTo(0, 120))
}

/** What the page hears of keys that are its own, and whether somebody took them. */
async function pressKeys(page: Page): Promise<string[]> {
  const frame = page.frames()[1] ?? page.mainFrame()
  await frame.evaluate(() => {
    const heard: string[] = []
    Reflect.set(document, Symbol.for('heard'), heard)
    const onKey = (event: KeyboardEvent) => {
      queueMicrotask(() => heard.push(`${event.key} ${event.defaultPrevented}`))
    }
    addEventListener('keydown', onKey, { once: false })
  })
  for (const key of ['F2', 'Control+k', 'Alt+Shift+d', 'x', '/', 'Backspace', 'Backspace']) {
    await page.keyboard.press(key)
  }
  return frame.evaluate(() => Reflect.get(document, Symbol.for('heard')))
}

/** The dialog of the page is above all of it, and the pop-up above the dialog. */
async function isSeenOverDialog(page: Page, frame: Frame): Promise<void> {
  const box = await frame.locator('ringside-popup .name').boundingBox()
  assert.ok(box)
  const covered = await page.screenshot({ clip: box })
  await frame.evaluate(() => {
    document.querySelector('dialog')?.setAttribute('style', 'display: none')
  })
  const bare = await page.screenshot({ clip: box })
  await frame.evaluate(() => document.querySelector('dialog')?.removeAttribute('style'))
  assert.ok(covered.equals(bare), 'the pop-up looks the same with the dialog of the page')
}

async function listsArrive(frame: Frame): Promise<void> {
  const user = await stage.user(stage.number())
  const phones = [stage.number(), stage.number()]
  const change = { path: `/api/users/${user.id}`, body: { phones } }
  const changed = await frame.evaluate(({ path, body }) => {
    const { client } = document.querySelector('ringside-widget') as any
    return client.api.send('PATCH', path, { body })
  }, change)
  assert.deepEqual(
    changed.phones.map((phone: { e164: string }) => phone.e164),
    phones,
  )
}

async function othersWork(frame: Frame): Promise<void> {
  await frame.locator('own-card').getByText('Own').waitFor()
  const widgets = await frame.evaluate(() =>
    [...document.querySelectorAll('ringside-widget')].map((widget: any) => [
      widget.server,
      widget.client?.state.me?.name,
    ]),
  )
  assert.deepEqual(
    widgets.sort(),
    [
      [world.url, 'anna'],
      [otherServer.url, 'boris'],
    ].sort(),
  )
}

function assertSame(now: PagePrint, before: PagePrint): void {
  assert.deepEqual(differenceOf(now.globals, before.globals), [])
  assert.deepEqual(now.prototypes, before.prototypes)
  assert.deepEqual(now.page, before.page)
  // Property by property: the difference is what is to be read.
  const differences = before.elements.flatMap((element, index) => {
    const others = (now.elements[index] ?? '').split(';')
    const lines = element.split(';').filter((line, at) => line !== others[at])
    return lines.map((line) => `${element.slice(0, 60)}: ${line}`)
  })
  assert.deepEqual(differences, [])
  assert.equal(now.elements.length, before.elements.length)
}

/** The long list of names is nothing to read: only what one of them lacks. */
function differenceOf(now: readonly string[], before: readonly string[]): string[] {
  return [
    ...now.filter((name) => !before.includes(name)).map((name) => `new: ${name}`),
    ...before.filter((name) => !now.includes(name)).map((name) => `gone: ${name}`),
  ]
}

function fillIn(html: string, url: URL): string {
  const token = url.searchParams.get('token')
  const tag = (server: string, agent: string, more = '') =>
    `<script type="module" src="${server}/widget.js" data-token="${agent}"${more}></script>`
  const script = url.searchParams.get('script') ?? ''
  const isTwice = token && script === 'own-lit.js'
  const second = isTwice
    ? tag(otherServer.url, world.token('boris'), ' data-position="bottom-left"')
    : ''
  // A tag that loads nothing takes the same place.
  const none = `<script type="text/plain" src="${world.url}/widget.js"></script>`
  const tags = token ? `${tag(world.url, token)}${second}` : none
  const values: Record<string, string> = {
    tag: tags,
    server: world.url,
    token: token ?? '',
    quoted: JSON.stringify(tags).replaceAll('</', '<\\/'),
    script: `/${script}`,
    frame: `http://localhost:${site.port}/script.html?${new URLSearchParams({ script: 'none.js', token: token ?? '' })}`,
    long: '<p>A line of a long conversation.</p>'.repeat(60),
  }
  return html.replaceAll(/\{\{(\w+)\}\}/g, (_all, name: string) => values[name] ?? '')
}

/** A file of a library as it is published. */
async function library(path: string): Promise<SiteAnswer> {
  const body = await readFile(new URL(`../../node_modules/${path}`, import.meta.url))
  return { type: path.endsWith('.css') ? 'text/css' : 'text/javascript', body }
}

async function bundle(contents: string): Promise<string> {
  const options = {
    bundle: true,
    write: false,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
  } as const
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    ...options,
  })
  return outputFiles[0]?.text ?? ''
}

const OWN_LIT = `
import { html, LitElement } from 'lit'
customElements.define('own-card', class extends LitElement { render() { return html\`<b>Own</b>\` } })
addEventListener('DOMContentLoaded', () => document.getElementById('root').append(document.createElement('own-card')))
`

/** React makes the element, makes it anew, moves it into a portal, takes it out and puts it back. */
const REACT_APP = `
import { createElement as h, StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { createPortal } from 'react-dom'
const root = document.getElementById('app')
const { server, token } = root.dataset
const side = document.body.appendChild(document.createElement('aside'))
const widget = (key) => token === '' ? null : h('ringside-widget', { key, server, token })
const places = [
  () => h('main', null, widget('first')),
  () => h('main', null, widget('made anew')),
  () => h('main', null, createPortal(widget('portal'), side)),
  () => h('section', null, widget('another parent')),
  () => h('main', null, widget('first')),
]
function App() {
  const [step, go] = useState(0)
  globalThis.steps = places.map((_place, index) => () => go(index))
  useEffect(() => { globalThis.step = step }, [step])
  return h('div', null, h('h1', null, 'Tickets'), h('input', { id: 'reply', 'aria-label': 'Reply' }), places[step]())
}
createRoot(root).render(h(StrictMode, null, h(App)))
`
