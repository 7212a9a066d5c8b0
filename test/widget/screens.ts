/**
 * `node test/widget/screens.ts [state…]`: a picture of every state into `dist/screens`, and axe-core's judgement of
 * each; ends with 1 where a state has violations or throws.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type axe from 'axe-core'
import { build } from 'esbuild'
import { type Browser, chromium, type Page } from 'playwright-core'

const VIEWS = [
  { name: 'light', query: 'theme=light', width: 900, height: 760 },
  { name: 'dark', query: 'theme=dark', width: 900, height: 760 },
  { name: 'narrow', query: 'theme=light', width: 320, height: 700 },
  { name: 'rtl', query: 'theme=light&dir=rtl&locale=ar', width: 900, height: 760 },
]
const wanted = process.argv.slice(2)
const bundle = await build({
  entryPoints: ['test/widget/gallery.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2022',
})
const page = await readFile('test/widget/gallery.html')
const server = createServer((request, response) => {
  const isScript = request.url?.startsWith('/gallery.js')
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
  response.end(isScript ? bundle.outputFiles[0]?.contents : page)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
const executablePath =
  process.env.CHROME_PATH ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync)
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
mkdirSync('dist/screens', { recursive: true })
const failures = await photograph(browser)
await browser.close()
server.close()
for (const line of failures) process.stderr.write(`${line}\n`)
process.exitCode = failures.length > 0 ? 1 : 0

async function photograph(browser: Browser): Promise<string[]> {
  const failures: string[] = []
  for (const view of VIEWS) {
    const tab = await browser.newPage({
      viewport: { width: view.width, height: view.height },
      reducedMotion: 'reduce',
    })
    tab.on('pageerror', (error) => failures.push(`${view.name}: ${error.message}`))
    await tab.goto(`${base}?state=none`)
    const all = await tab.evaluate(() => (window as unknown as { sceneNames: string[] }).sceneNames)
    for (const state of wanted.length > 0 ? wanted : all) {
      await tab.goto(`${base}?state=${state}&${view.query}`)
      await tab
        .waitForSelector('body[data-ready]', { timeout: 5_000, state: 'attached' })
        .catch(() => failures.push(`${view.name}/${state}: not ready`))
      failures.push(...(await violations(tab)).map((line) => `${view.name}/${state}: ${line}`))
      await tab.screenshot({ path: `dist/screens/${state}-${view.name}.png` })
    }
    await tab.close()
  }
  return failures
}

/** What axe-core finds in the widget (A11Y-1); the page around it is not ours. */
async function violations(tab: Page): Promise<string[]> {
  await tab.addScriptTag({ path: 'node_modules/axe-core/axe.min.js' })
  return tab.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof axe }
    const found = await run.run('ringside-widget', {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`)
  })
}
