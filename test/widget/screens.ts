/**
 * `node test/widget/screens.ts [--view=NAME] [--no-pictures] [--sheets] [state…]`: a picture of every state into
 * `dist/screens`, and axe-core's judgement of each; ends with 1 where a state has violations or throws. `--sheets`
 * puts some of the pictures side by side into `docs/images`.
 */
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { createGallery } from '../support/gallery-site.ts'
import { SHEETS, VIEWS, type View } from './screen-views.ts'
import { FOLDER, makeSheets } from './sheets.ts'

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    view: { type: 'string', multiple: true, default: [] },
    'no-pictures': { type: 'boolean', default: false },
    sheets: { type: 'boolean', default: false },
  },
})
const inSheets = new Set(SHEETS.flatMap(({ states }) => states))
const site = await createGallery()
const browser = await launchBrowser()
mkdirSync(FOLDER, { recursive: true })
const views = VIEWS.filter(({ name }) => options.view.length === 0 || options.view.includes(name))
const failures: string[] = []
// Two at a time: one draws while the other is judged.
await Promise.all([photographAll(browser), photographAll(browser)])
if (options.sheets) await makeSheets(browser)
await browser.close()
site.close()
for (const line of failures) process.stderr.write(`${line}\n`)
process.exitCode = failures.length > 0 ? 1 : 0

async function photographAll(browser: Browser): Promise<void> {
  for (let view = views.shift(); view !== undefined; view = views.shift()) {
    failures.push(...(await photograph(browser, view)))
  }
}

async function photograph(browser: Browser, view: View): Promise<string[]> {
  const found: string[] = []
  const tab = await openTab(browser, view)
  tab.on('pageerror', (error) => found.push(`${view.name}: ${error.message}`))
  for (const state of await statesOf(tab, view)) {
    await tab.goto(`${site.url}/?state=${state}&${view.query}`)
    await tab
      .waitForSelector('body[data-ready]', { timeout: 15_000, state: 'attached' })
      .catch(() => found.push(`${view.name}/${state}: not ready`))
    found.push(...(await violations(tab)).map((line) => `${view.name}/${state}: ${line}`))
    if (!options['no-pictures']) {
      // What is as wide as the page is as long as it needs: all of it is of interest.
      const fullPage = (await tab.locator('[data-wide]').count()) > 0
      await tab.screenshot({ path: `${FOLDER}/${state}-${view.name}.png`, fullPage })
    }
  }
  await tab.context().close()
  return found
}

async function openTab(browser: Browser, { width, height, scale, isForced }: View): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale ?? 1,
    reducedMotion: 'reduce',
    forcedColors: isForced ? 'active' : 'none',
  })
  const tab = await context.newPage()
  await tab.addInitScript({ path: 'node_modules/axe-core/axe.min.js' })
  await tab.goto(`${site.url}/?state=none`)
  return tab
}

async function statesOf(tab: Page, view: View): Promise<readonly string[]> {
  const all = await tab.evaluate(() => (window as unknown as { sceneNames: string[] }).sceneNames)
  if (wanted.length > 0) return wanted.filter((state) => all.includes(state))
  if (options.sheets) return all.filter((state) => inSheets.has(nameOf(state, view)))
  return view.states ?? all
}

function nameOf(state: string, view: View): string {
  return view.name === 'light' ? state : `${state}-${view.name}`
}

/** What axe-core finds in the widget (A11Y-1); the page around it is not ours. */
async function violations(tab: Page): Promise<string[]> {
  return tab.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof axe }
    const found = await run.run('ringside-widget, [data-wide]', {
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`)
  })
}
