import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test, { after, before } from 'node:test'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { type AgentAtWork, agentAtWork } from '../support/agent-at-work.ts'
import { launchBrowser } from '../support/browser.ts'
import { createSite, type Site } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { createWorld, type World } from '../support/world.ts'

const NONCE = 'bm9uY2U'
const TRUSTED = "require-trusted-types-for 'script'; trusted-types"

interface Variant {
  readonly name: string
  readonly csp?: (server: string) => string
  /** Runs before the widget, as part of the page. */
  readonly script?: string
  /** What the widget writes, exactly once. */
  readonly line?: RegExp
  /** How many lines the browser writes of what it refused, at most. */
  readonly refusals?: number
  /** What works all the same. */
  readonly works: 'all' | 'all but recordings' | 'nothing'
}

const strict = (server: string) =>
  `default-src 'none'; script-src ${server}; connect-src ${server}; style-src 'self'; media-src ${server}`
const trusted = (policies: string) => (server: string) =>
  `script-src ${server} 'nonce-${NONCE}'; ${TRUSTED} ${policies}`

const VARIANTS: readonly Variant[] = [
  { name: 'no policy', works: 'all' },
  { name: 'the strict one of the docs', csp: strict, works: 'all' },
  {
    name: 'a nonce and strict-dynamic',
    csp: (server) =>
      `default-src 'none'; script-src 'nonce-${NONCE}' 'strict-dynamic'; connect-src ${server}; media-src ${server}`,
    works: 'all',
  },
  {
    name: 'no media-src',
    csp: (server) => strict(server).replace(/; media-src.*/, ''),
    line: /media-src/,
    works: 'all but recordings',
  },
  {
    name: 'no connect-src',
    csp: (server) => strict(server).replace(/connect-src [^;]+; /, ''),
    line: /connect-src/,
    works: 'nothing',
  },
  { name: 'Trusted Types with ringside', csp: trusted('ringside'), works: 'all' },
  {
    name: 'Trusted Types with lit-html taken by the page, and ringside',
    csp: trusted('lit-html ringside'),
    script: 'OWN LIT',
    works: 'all',
  },
  {
    name: 'Trusted Types with lit-html only',
    csp: trusted('lit-html'),
    script: 'OWN LIT',
    line: /"ringside" to "trusted-types"/,
    works: 'nothing',
  },
  {
    name: 'Trusted Types without any policy',
    csp: trusted("'none'"),
    line: /"ringside" to "trusted-types"/,
    works: 'nothing',
  },
  {
    name: 'Trusted Types with a default policy of the page',
    csp: trusted('default'),
    script: "trustedTypes.createPolicy('default', { createHTML: (text) => text })",
    refusals: 1,
    works: 'all',
  },
  {
    name: 'a sandbox without an origin',
    csp: (server) => `sandbox allow-scripts; ${strict(server)}`,
    works: 'all',
  },
]

let world: World
let stage: Stage
let browser: Browser
let site: Site
let ownLit = ''

before(async () => {
  world = await createWorld(async () => openInMemory())
  stage = createStage(() => world)
  browser = await launchBrowser()
  const bundled = await build({
    stdin: { contents: OWN_LIT, resolveDir: import.meta.dirname },
    bundle: true,
    format: 'iife',
    write: false,
  })
  ownLit = bundled.outputFiles[0]?.text ?? ''
  const plain = await readFile(new URL('../fixtures/pages/plain.html', import.meta.url), 'utf8')
  site = await createSite((url) => {
    const variant = VARIANTS[Number(url.pathname.slice(1))]
    if (variant === undefined) return null
    const script = variant.script === 'OWN LIT' ? ownLit : variant.script
    const own = script === undefined ? '' : `<script nonce="${NONCE}">${script}</script>`
    const token = url.searchParams.get('token')
    const tag = `<script type="module" nonce="${NONCE}" src="${world.url}/widget.js" data-token="${token}"></script>`
    return {
      csp: variant.csp?.(world.url),
      body: plain.replace('{{long}}', '').replace('{{tag}}', () => `${own}${tag}`),
    }
  })
})

after(async () => {
  await browser?.close()
  site?.close()
  await world?.close()
})

for (const [index, variant] of VARIANTS.entries()) {
  test(`SAFE-11 EMBED-5 Content-Security-Policy: ${variant.name}; ${variant.works} works`, async () => {
    const context = await browser.newContext({ reducedMotion: 'reduce' })
    let agent: AgentAtWork | null = null
    try {
      const page = await context.newPage()
      page.setDefaultTimeout(15_000)
      const lines: string[] = []
      const thrown: string[] = []
      const line = Promise.withResolvers<void>()
      page.on('console', (message) => {
        lines.push(message.text())
        if (isOurs(message.text())) line.resolve()
      })
      page.on('pageerror', (error) => thrown.push(error.message))
      await page.goto(`${site.url}/${index}?token=${world.token('anna')}`)
      agent = agentAtWork(page.mainFrame(), stage)
      if (variant.works !== 'nothing') {
        await agent.isCalled()
        await agent.answers()
        await agent.createsCase()
        await agent.hears(variant.works === 'all')
        await agent.searches()
        await agent.closesPanel()
      } else await line.promise
      assert.deepEqual(thrown, [])
      const own = lines.filter(isOurs)
      assert.equal(own.length, variant.line === undefined ? 0 : 1, own.join('\n'))
      if (variant.line !== undefined) assert.match(own[0] ?? '', variant.line)
      // The browser writes a line of its own for what it refused; nothing is tried again.
      for (const type of ['online', 'pageshow']) {
        await page.evaluate((name) => dispatchEvent(new Event(name)), type)
      }
      const others = lines.filter((line) => !isOurs(line))
      assert.ok(
        others.length <= (variant.refusals ?? (variant.line === undefined ? 0 : 3)),
        others.join('\n'),
      )
      if (variant.script === 'OWN LIT') await page.locator('own-card').getByText('Own').waitFor()
    } finally {
      await agent?.hangsUp()
      await context.close()
    }
  })
}

const isOurs = (line: string): boolean => line.startsWith('ringside-widget: ')

const OWN_LIT = `
import { html, LitElement } from 'lit'
customElements.define('own-card', class extends LitElement { render() { return html\`<b>Own</b>\` } })
addEventListener('DOMContentLoaded', () => document.body.append(document.createElement('own-card')))
`
