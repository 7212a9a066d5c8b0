import { parse } from 'csv-parse/sync'
import type { Browser } from 'playwright-core'
import { createSite, type Site } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createWorld, type World } from '../support/world.ts'
import { tellCalls } from './hostile-calls.ts'
import { fillCase, letAgentsAct, prepare, waitInQueues } from './hostile-fill.ts'
import { createHostileLinks } from './hostile-links.ts'
import { type Count, lookAtNotices, showCalls, type Way } from './hostile-live.ts'
import { type WatchedPage, watch } from './hostile-page.ts'
import { elementsFor, ownPagesFor, pagesOf, settle } from './hostile-places.ts'
import { asTold } from './hostile-texts.ts'

/** What the browser showed, place by place, and what went wrong. */
export interface BrowserResult {
  /** How many of the texts were to be seen at each place. */
  readonly shown: Readonly<Record<string, number>>
  readonly failures: readonly string[]
}

export interface BrowserOptions {
  readonly texts: readonly string[]
  /** In which ways a call with the text of this index comes. */
  readonly wayOf: (index: number) => readonly Way[]
}

/** Shows the texts in Chromium in every place where text shows, on a page without a policy of its own. */
export async function tryBrowser(
  browser: Browser,
  options: BrowserOptions,
): Promise<BrowserResult> {
  const database = await openInMemory()
  const world = await createWorld(async () => database)
  const site = await hostSite(world)
  try {
    return await showAll(browser, world, site, options)
  } finally {
    site.close()
    await world.close()
    await database.close()
  }
}

async function showAll(
  browser: Browser,
  world: World,
  site: Site,
  { texts, wayOf }: BrowserOptions,
): Promise<BrowserResult> {
  const shown: Record<string, number> = {}
  const failures: string[] = []
  const count = (place: string, found: number): void => {
    shown[place] = Math.max(shown[place] ?? 0, found)
  }
  const open = async (path: string, isUnseen = false): Promise<WatchedPage> => {
    const watched = await newPage(browser, [world.url, site.url])
    if (isUnseen) await watched.page.addInitScript(beUnseen)
    const token = encodeURIComponent(world.token(agentOf(path)))
    await watched.page.goto(`${site.url}${path}&token=${token}`)
    return watched
  }
  const close = async ({ page, wrong }: WatchedPage): Promise<void> => {
    failures.push(...wrong)
    await page.context().close()
  }
  const boss = await world.api('POST', '/api/agents', {
    externalId: 'boss',
    name: 'boss',
    role: 'admin',
  })
  await prepare(world, texts)
  await using links = await createHostileLinks(world, texts)

  const [widget, unseen] = [await open('/?as=anna'), await open('/?as=anna', true)]
  for (const { page } of [widget, unseen]) await page.locator('ringside-widget .launcher').waitFor()
  const live = { world, links, widget, unseen, count }
  await showCalls(live, texts, wayOf)
  await lookAtNotices(live, texts)
  await close(widget)
  await close(unseen)

  const caseId = await fillCase(world, texts)
  await tellCalls(world, texts, '1641000000')
  await letAgentsAct(world, texts)
  await waitInQueues(world, texts)
  for (const text of texts) links.queue(text)
  for (const [place, path] of Object.entries(elementsFor(caseId))) {
    const watched = await open(path)
    await settle(watched.page)
    for (const page of await pagesOf(watched.page)) {
      await page.open()
      await settle(watched.page)
      count(`${place}${page.name}`, await watched.look(`${place}${page.name}`, texts))
    }
    await close(watched)
  }
  const own = await signIn(browser, world, boss.body.id)
  const ids = { caseId, webhook: world.connectionId, ami: links.connectionIds.ami }
  for (const [place, path] of Object.entries(ownPagesFor(ids))) {
    // Another address of the same page would only be gone to within it.
    await own.page.goto('about:blank')
    await own.page.goto(`${world.url}${path}`)
    await settle(own.page)
    // A page whose script has not come yet is still, too.
    for (let again = 0; again < 20 && HAS_TEXTS.test(place); again += 1) {
      if ((await own.look(place, texts)) > 0) break
      await settle(own.page)
    }
    await settle(own.page)
    count(place, await own.look(place, texts))
  }
  await showDemo(world, own, texts.slice(0, MOST_DEMOS), count)
  await close(own)
  failures.push(...(await tryDialplan(world)), ...(await tryCsv(world, texts, count)))
  return { shown, failures }
}

const MOST_DEMOS = 40
/** Of Ringside's own pages, those that have hostile texts for sure. */
const HAS_TEXTS = /^\/(?:agent|reports|wallboard)|webhook, log$|AMI, (?:link|extensions)$/

/** The demo's page shows what the widget shows, on the demo's own PBX. */
async function showDemo(
  world: World,
  watched: WatchedPage,
  texts: readonly string[],
  count: Count,
): Promise<void> {
  const { page } = watched
  await page.goto(`${world.url}/demo`)
  await page.locator('ringside-widget .launcher').waitFor()
  const { items } = (await world.api('GET', '/api/connections?limit=200')).body
  const { webhookUrl } = items.find(({ name }: { name: string }) => name === 'Demo PBX')
  const hook = async (fields: Record<string, string>): Promise<void> => {
    const url = `${world.url}${new URL(webhookUrl).pathname}`
    await (await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })).text()
  }
  let seen = 0
  for (const [index, text] of texts.entries()) {
    const call = { unique_id: `1644000000.${index + 1}`, from_user: text, to_user: '101' }
    await hook({ ...call, status: 'incoming_start' })
    await hook({ ...call, status: 'call to queue', queue: text })
    await page.locator('ringside-popup').waitFor()
    await settle(page)
    seen += await watched.look('/demo', [text])
    await hook({ ...call, status: 'incoming_end' })
    await page.locator('ringside-popup').waitFor({ state: 'detached' })
  }
  count('/demo', seen)
}

/** A page of a browser of its own, in which what a policy would stop has to be stopped without it. */
async function newPage(browser: Browser, origins: readonly string[]): Promise<WatchedPage> {
  const context = await browser.newContext({ bypassCSP: true })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  return watch(page, origins)
}

/** Ringside's own pages, signed in to by the link that an admin gives. */
async function signIn(browser: Browser, world: World, agentId: string): Promise<WatchedPage> {
  const { url } = (await world.api('POST', `/api/agents/${agentId}/sign-in-link`)).body
  const watched = await newPage(browser, [world.url])
  const { page } = watched
  await page.goto(`${world.url}/sign-in${new URL(url).hash}`)
  await page.getByRole('button', { name: 'Sign in on this browser' }).click()
  await page.waitForURL(`${world.url}/admin`)
  return watched
}

/** Runs in the page: a tab that nobody looks at. */
function beUnseen(): void {
  Object.defineProperty(document, 'hidden', { get: () => true })
  Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
}

function agentOf(path: string): string {
  return new URL(path, 'http://x').searchParams.get('as') ?? 'anna'
}

/** What is made for a dialplan holds no name of a connection that could end its line. */
async function tryDialplan(world: World): Promise<string[]> {
  const { items } = (await world.api('GET', '/api/connections')).body
  const wrong: string[] = []
  const shapes = new Set<string>()
  for (const { id, ami, ari } of items) {
    // Who is linked needs less of a dialplan.
    if (ami !== null || ari !== null) continue
    const { status, body } = await world.api('GET', `/api/connections/${id}/dialplan`)
    if (status !== 200) wrong.push(`dialplan: ${status}`)
    shapes.add(
      String(body)
        .replaceAll(/[\w-]{32,}/g, 'TOKEN')
        .replaceAll(/^;.*$/gm, ';'),
    )
  }
  if (shapes.size !== 1) wrong.push(`dialplans of ${items.length} names: ${shapes.size} shapes`)
  return wrong
}

/** Reports as files for spreadsheets: queues are texts in their cells, no formulas and no further cells. */
async function tryCsv(world: World, texts: readonly string[], count: Count): Promise<string[]> {
  const wrong: string[] = []
  const found = new Set<string>()
  for (const report of ['channels', 'calls', 'leaderboard', 'workload']) {
    const by = report === 'calls' ? '&by=queue' : ''
    const query = `from=2026-01-01&to=2028-01-01&tz=UTC&format=csv${by}`
    const { status, body } = await world.api('GET', `/api/reports/${report}?${query}`)
    if (status !== 200) wrong.push(`CSV of ${report}: ${status}`)
    const rows = parse(String(body), { bom: true, relax_column_count: true }) as string[][]
    for (const cell of rows.flat()) {
      found.add(plainOf(cell))
      if (/^[\s"]*[=+@|]|^[\s"]*-(?![\d.])/.test(cell)) wrong.push(`CSV of ${report} has ${cell}`)
    }
    if (new Set(rows.slice(1).map((row) => row.length)).size > 1) {
      wrong.push(`CSV of ${report} has rows of several lengths`)
    }
  }
  count('CSV', texts.filter((text) => found.has(plainOf(asTold(text).slice(0, 150)))).length)
  return wrong
}

/** Without what keeps a program from taking it for a formula. */
function plainOf(text: string): string {
  return text.replaceAll("'", '')
}

/** A page of a helpdesk that has no policy: what could run would. */
function hostSite(world: World): Promise<Site> {
  return createSite(({ searchParams }) => {
    const element = searchParams.get('element')
    const caseId = searchParams.get('case-id')
    const tag = element === null ? '' : `ringside-${element}`
    const attributes = caseId === null ? '' : ` case-id="${caseId}"`
    const inPage = tag === '' ? '' : `<${tag}${attributes}></${tag}>`
    return {
      body: `<!doctype html><html lang="en"><title>Tickets</title>${inPage}
      <script>
        window.notices = []
        window.Notification = class { static permission = 'granted'
          constructor(title, { body }) { notices.push(title + ' ' + body) } close() {} }
      </script>
      <script type="module" src="${world.url}/widget.js" data-token="${searchParams.get('token')}" data-notifications="on"></script>`,
    }
  })
}
