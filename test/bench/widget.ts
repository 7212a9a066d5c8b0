/**
 * PERF-7: what a pop-up costs in the page's thread, beside the same card in bare Lit and in the bare DOM, and whether
 * the widget's memory grows from call 1,000 to call 10,000. In headless Chromium, with the built widget on a page of
 * another origin and an event stream over HTTP.
 *
 * `npm run bench:widget [calls] [pop-ups]`
 */

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { medianOf, quantileOf } from '../support/quantile.ts'
import { createRandom, pickSeed } from '../support/random.ts'
import { createPlayedCalls, type PlayedCalls } from './played-calls.ts'
import { type PlayedServer, startPlayedServer } from './played-server.ts'

const POPUP_MS = 8
const GROWTH = 1.05
/** Between two looks at the memory. */
const SAMPLE_CALLS = 83
const WARM_UP = 5
/** Everything that a pop-up brings has been drawn, its data fetched, its animation over. */
const DRAWN_MS = 400
/** A pop-up says for so long that the caller gave up. */
const NOTICE_MS = 7_000

interface Cost {
  /** Scripting, style and layout, of the thread's own time. */
  readonly ms: number
  /** All that the page's thread did, painting and collecting garbage included. */
  readonly taskMs: number
}
interface Memory {
  readonly heap: number
  readonly nodes: number
  readonly listeners: number
}

const [callCount = 10_000, popupCount = 60] = process.argv.slice(2).map(Number)
const seed = pickSeed()
const calls = createPlayedCalls(createRandom(seed))
// A copy: who builds meanwhile does not change what is measured.
const folder = mkdtempSync(join(tmpdir(), 'ringside-bench-'))
const built = process.env.WIDGET_FOLDER ?? 'dist'
cpSync(join(built, 'widget.js'), join(folder, 'widget.js'))
cpSync(join(built, 'widget'), join(folder, 'widget'), { recursive: true })
const server = await startPlayedServer(folder, calls, await listPages())
const browser = await launchBrowser()
try {
  print(`Chromium ${browser.version()}, seed ${seed} (TEST_SEED sets it)\n`)
  const met = [await popups(browser, server, calls), await memory(server, calls)]
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  await browser.close()
  server.close()
  rmSync(folder, { recursive: true })
}

async function listPages() {
  const floors = await build({
    entryPoints: ['test/bench/floors.ts'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
  })
  const page = (script: string) => ({ type: 'text/html', text: `<!doctype html>${script}` })
  return {
    '/host': page('<title>Tickets</title><h1>Tickets</h1>'),
    '/floor': page('<title>Floor</title><script type="module" src="/floors.js"></script>'),
    '/floors.js': { type: 'text/javascript', text: floors.outputFiles[0]?.text ?? '' },
  }
}

/** A page with the widget; the page is of another origin than the server. */
async function openWidget(browser: Browser, { url }: PlayedServer): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => print(`FAIL  the page threw: ${error.message}`))
  await page.goto(`${url.replace('127.0.0.1', 'localhost')}/host`)
  await page.evaluate((src) => {
    const script = Object.assign(document.createElement('script'), { type: 'module', src })
    script.dataset.token = 'played'
    document.head.append(script)
  }, `${url}/widget.js`)
  await page.waitForFunction(() => {
    const state = document.querySelector('ringside-widget')?.client?.state
    return state?.connection === 'open' && state.me !== null
  })
  return page
}

// ---- what a pop-up costs ------------------------------------------------------

async function popups(browser: Browser, server: PlayedServer, calls: PlayedCalls) {
  const floor = async (kind: string): Promise<Page> => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${server.url}/floor?floor=${kind}`)
    return page
  }
  const pages = {
    widget: await openWidget(browser, server),
    lit: await floor('lit'),
    dom: await floor('dom'),
  }
  const costs: Record<keyof typeof pages, Cost[]> = { widget: [], lit: [], dom: [] }
  const sessions = {
    widget: await metricsOf(pages.widget),
    lit: await metricsOf(pages.lit),
    dom: await metricsOf(pages.dom),
  }
  for (let turn = 0; turn < popupCount + WARM_UP; turn += 1) {
    const [[first]] = [calls.next()] as const
    const call = first?.[0]?.data as { id: string; userId: string }
    const user = calls.user(call.userId)
    const before = await each(sessions, read)
    const lines = [user.name, user.phones[0]?.display, user.email, user.company, 'Queue Support']
    server.push('call', call)
    server.push('card', { id: call.id, lines })
    await sleep(DRAWN_MS)
    const after = await each(sessions, read)
    const text = await pages.widget.locator('ringside-popup .name').allInnerTexts()
    if (text.join() !== user.name) throw new Error(`the pop-up says ${text}, not ${user.name}`)
    server.push('dismissed', { callId: call.id })
    server.push('call', { ...call, state: 'ended', outcome: 'missed', legs: [] })
    server.push('gone', { id: call.id })
    await sleep(DRAWN_MS / 2)
    if (turn < WARM_UP) continue
    for (const name of ['widget', 'lit', 'dom'] as const) {
      costs[name].push(difference(before[name], after[name]))
    }
  }
  await Promise.all(Object.values(pages).map((page) => page.context().close()))
  return reportCosts(costs)
}

function reportCosts(costs: Record<'widget' | 'lit' | 'dom', readonly Cost[]>): boolean {
  print(`pop-up, median (and worst tenth) of ${costs.widget.length}, thread time`)
  for (const name of ['dom', 'lit', 'widget'] as const) {
    const ms = costs[name].map((one) => one.ms)
    const task = medianOf(costs[name].map((one) => one.taskMs))
    const worst = quantileOf(ms, 0.9).toFixed(2)
    const own = medianOf(ms).toFixed(2).padStart(6)
    print(
      `  ${name.padEnd(8)}${own} ms (${worst}) script, style, layout; ${task.toFixed(2)} ms in all`,
    )
  }
  const own = medianOf(costs.widget.map((one) => one.ms))
  for (const name of ['lit', 'dom'] as const) {
    const ratio = own / medianOf(costs[name].map((one) => one.ms))
    print(`  widget / ${name} ${ratio.toFixed(2)}`)
  }
  return check('a pop-up', own, POPUP_MS, 'ms')
}

async function metricsOf(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return session
}

async function read(session: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics')
  return new Map(metrics.map(({ name, value }) => [name, value * 1000]))
}

function difference(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Cost {
  const of = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
  const ms = of('ScriptDuration') + of('LayoutDuration') + of('RecalcStyleDuration')
  return { ms, taskMs: of('TaskDuration') }
}

async function each<K extends string, T, R>(all: Record<K, T>, run: (one: T) => Promise<R>) {
  const entries = Object.entries(all) as [K, T][]
  const results = entries.map(async ([name, one]) => [name, await run(one)] as const)
  return Object.fromEntries(await Promise.all(results)) as Record<K, R>
}

// ---- whether memory grows -------------------------------------------------------

async function memory(server: PlayedServer, calls: PlayedCalls) {
  // V8 compiles what runs often when it likes: without that the heap holds what the widget keeps, and little else.
  await using browser = await launchBrowser(['--js-flags=--no-opt --no-maglev --no-sparkplug'])
  const page = await openWidget(browser, server)
  const session = await page.context().newCDPSession(page)
  const startedAt = performance.now()
  const early = await measureAbout(callCount / 10, 0)
  const late = await measureAbout(callCount, callCount / 10 + 2 * SAMPLE_CALLS)
  const perCall = (performance.now() - startedAt) / callCount
  print(
    `\nmemory after a forced collection, medians of 3 (${perCall.toFixed(1)} ms per call played)`,
  )
  for (const [when, all] of [
    [callCount / 10, early],
    [callCount, late],
  ] as const) {
    const [heap, nodes, listeners] = (['heap', 'nodes', 'listeners'] as const).map((name) =>
      medianOf(all.map((one) => one[name])),
    )
    const megabytes = ((heap ?? 0) / 1e6).toFixed(2)
    print(
      `  at call ${String(when).padStart(6)}: ${megabytes} MB, ${nodes} nodes, ${listeners} listeners`,
    )
  }
  const heapOf = (all: readonly Memory[]) => medianOf(all.map((one) => one.heap))
  return check('heap, end / beginning', heapOf(late) / heapOf(early), GROWTH, '')

  /** Of cases some hundreds are kept, more or less: what is there is taken at three places of that cycle. */
  async function measureAbout(call: number, played: number): Promise<readonly Memory[]> {
    const all: Memory[] = []
    for (const [index, more] of [call - played, SAMPLE_CALLS, SAMPLE_CALLS].entries()) {
      const step = index === 0 && played > 0 ? more - 2 * SAMPLE_CALLS : more
      await play(page, server, calls, step)
      all.push(await measure(page, session))
    }
    return all
  }
}

/** One step of each of four calls per frame: one rings, one is answered, one gets a case, one ends. */
async function play(page: Page, server: PlayedServer, calls: PlayedCalls, count: number) {
  const running: (readonly { event: string; data: unknown }[])[][] = []
  for (let i = 0; i < count + 4; i += 1) {
    if (i < count) running.push([...calls.next()])
    for (const steps of running)
      for (const { event, data } of steps.shift() ?? []) server.push(event, data)
    while (running[0]?.length === 0) running.shift()
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
}

async function measure(page: Page, session: CDPSession): Promise<Memory> {
  // The text of a stream stays in memory until it ends: how much of it there is just now is chance.
  server.endStreams()
  await sleep(NOTICE_MS)
  // Both times the widget stands in the same place.
  const close = page.getByRole('button', { name: 'Close this panel' })
  if ((await close.count()) > 0) await close.click()
  await page.getByRole('button', { name: /^Open calls/ }).waitFor()
  for (let turn = 0; turn < 3; turn += 1) {
    await session.send('HeapProfiler.collectGarbage')
    await sleep(200)
  }
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters')
  return { heap: usedSize, nodes, listeners: jsEventListeners }
}

// ---- figures ------------------------------------------------------------------

function check(what: string, value: number, most: number, unit: string): boolean {
  const isMet = value <= most
  print(
    `  ${isMet ? 'pass' : 'FAIL'}  ${what}: ${value.toFixed(3)} ${unit}, at most ${most} ${unit}`,
  )
  return isMet
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A line for people: this file is a command. */
function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
