import type { Browser, Page } from 'playwright-core'
import { createSite, type Site } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createWorld, type World } from '../support/world.ts'
import { tellCalls } from './hostile-calls.ts'
import { type WatchedPage, watch } from './hostile-page.ts'

/** What the browser showed, place by place, and what went wrong. */
export interface BrowserResult {
  /** How many of the texts were to be seen at each place. */
  readonly shown: Readonly<Record<string, number>>
  readonly failures: readonly string[]
}

/** Shows the texts in Chromium in every place where text shows, on a page without a policy of its own. */
export async function tryBrowser(
  browser: Browser,
  texts: readonly string[],
): Promise<BrowserResult> {
  const database = await openInMemory()
  const world = await createWorld(async () => database)
  const site = await hostSite(world)
  try {
    return await showAll(browser, world, site, texts)
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
  texts: readonly string[],
): Promise<BrowserResult> {
  const shown: Record<string, number> = {}
  const failures: string[] = []
  const count = (place: string, found: number): void => {
    shown[place] = Math.max(shown[place] ?? 0, found)
  }
  const open = async (path: string): Promise<WatchedPage> => {
    // What a policy would stop has to be stopped without it, too.
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    const watched = await watch(page, [world.url, site.url])
    await page.goto(`${site.url}${path}&token=${encodeURIComponent(world.token(agentOf(path)))}`)
    return watched
  }
  const close = async ({ page, wrong }: WatchedPage): Promise<void> => {
    failures.push(...wrong)
    await page.context().close()
  }
  await world.api('POST', '/api/agents', { externalId: 'boss', name: 'boss', role: 'admin' })
  await prepare(world, texts)

  const widget = await open('/?as=anna')
  await widget.page.locator('ringside-widget .launcher').waitFor()
  await showCalls(world, widget, texts, count)
  await close(widget)

  const caseId = await fillCase(world, texts)
  await tellCalls(world, texts, '1641000000')
  await waitInQueues(world, texts)
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
  failures.push(...(await tryDialplan(world)))
  return { shown, failures }
}

type Count = (place: string, found: number) => void

/** Calls that ring, are answered and end: pop-up, bar, profile, what happened, history. */
async function showCalls(
  world: World,
  watched: WatchedPage,
  texts: readonly string[],
  count: Count,
): Promise<void> {
  const { page } = watched
  const seen: Record<string, number> = {}
  const look = async (place: string, text: string): Promise<void> => {
    seen[place] = (seen[place] ?? 0) + (await watched.look(place, [text]))
    count(place, seen[place])
  }
  for (const [index, text] of texts.entries()) {
    const unique_id = `1642000000.${index + 1}`
    const number = `+7916${String(5_000_000 + index)}`
    const named = text.trim() === '' ? 'x' : text.trim().slice(0, 400)
    const isKnown = index % 3 !== 0
    const fields = { custom: text, site: `https://example.com/"><x ${named}` }
    const user = { name: named, company: text, note: text, phones: [number], fields }
    if (isKnown) await world.user(user)
    // What is no address of the web never gets into a field of links.
    const link = { name: 'x', fields: { site: text } }
    const { status } = await world.api('POST', '/api/users', link)
    if (!/^\s*(https?:\/\/|$)/i.test(text) && status !== 400) {
      watched.wrong.push(`a link of ${JSON.stringify(text)}: ${status}`)
    }
    const call = { unique_id, from_user: isKnown ? number : text, note_of_call: text }
    await world.hook({ ...call, status: 'incoming_start', to_user: text })
    await world.hook({ ...call, status: 'call to queue', queue: text, to_user: '101' })
    await page.locator('ringside-popup').waitFor()
    await settle(page)
    await look('pop-up', text)
    await world.hook({ ...call, status: 'incoming_answer', to_user: '101' })
    await page.locator('ringside-call-bar').waitFor()
    await page.locator('ringside-panel').waitFor()
    await settle(page)
    await look('call bar and profile', text)
    const trace = page.getByRole('button', { name: 'What happened, and who saw it' })
    if ((await trace.count()) > 0) {
      await trace.first().click()
      await page.locator('ringside-call-trace').waitFor()
      await settle(page)
      await look('what happened', text)
    }
    await world.hook({ ...call, status: 'incoming_end', to_user: '101' })
    await page.locator('ringside-call-bar').waitFor({ state: 'detached' })
    const leave = page.getByRole('button', { name: 'Close this panel' })
    if ((await leave.count()) > 0) await leave.click()
  }
  const notices = await page.evaluate(() => (window as unknown as { notices: string[] }).notices)
  count('notifications', notices.length)
  if ((await page.title()) !== 'Tickets') watched.wrong.push(`the title is ${await page.title()}`)
}

/** Fields, agents, keys and connections with the texts as their names. */
async function prepare(world: World, texts: readonly string[]): Promise<void> {
  const [first = 'x', second = 'y'] = texts.filter(
    (text) => text.trim() !== '' && text.length < 150,
  )
  await world.api('PUT', '/api/fields', {
    items: [
      { key: 'custom', label: first, type: 'text', inPopup: true },
      { key: 'site', label: second, type: 'link', inPopup: true },
    ],
  })
  for (const [index, text] of texts.entries()) {
    const name = (text.trim() === '' ? `x${index}` : text.trim()).slice(0, 190)
    await world.api('POST', '/api/agents', { externalId: `h${index}`, name })
    await world.api('POST', '/api/keys', { name, scopes: ['read'] })
    if (index % 4 === 0) {
      await world.api('POST', '/api/connections', { name, timeZone: 'UTC', country: 'RU' })
    }
  }
}

/** One case whose subject was each of the texts, with all of them as notes. */
async function fillCase(world: World, texts: readonly string[]): Promise<string> {
  const { id } = (await world.cases())[0]!
  for (const text of texts) {
    const named = text.trim() === '' ? 'x' : text
    await world.api('PATCH', `/api/cases/${id}`, { subject: named }, 'anna')
    await world.api('POST', `/api/cases/${id}/notes`, { text: named }, 'anna')
  }
  const others = await world.cases()
  for (const [index, { id }] of others.slice(1).entries()) {
    const subject = texts[index % texts.length]!
    await world.api('PATCH', `/api/cases/${id}`, { subject: subject.trim() || 'x' })
  }
  return id
}

/** Somebody waits in a queue of each name. */
async function waitInQueues(world: World, texts: readonly string[]): Promise<void> {
  for (const [index, text] of texts.entries()) {
    const call = { unique_id: `1643000000.${index + 1}`, from_user: `7917${1_000_000 + index}` }
    await world.hook({ ...call, status: 'incoming_start', to_user: text })
    await world.hook({ ...call, status: 'call to queue', queue: text, to_user: '103' })
  }
}

/** An address of the host page for each element that stands in a page by itself. */
function elementsFor(caseId: string): Readonly<Record<string, string>> {
  return {
    'case list': '/?as=anna&element=case-list',
    case: `/?as=anna&element=case&case-id=${caseId}`,
    settings: '/?as=boss&element=settings',
    reports: '/?as=susan&element=reports',
    wallboard: '/?as=susan&element=wallboard',
  }
}

function agentOf(path: string): string {
  return new URL(path, 'http://x').searchParams.get('as') ?? 'anna'
}

interface SubPage {
  readonly name: string
  open(): Promise<void>
}

/** What there is to be opened in an element: each page of the settings and the reports, a case's history. */
async function pagesOf(page: Page): Promise<SubPage[]> {
  const lists = page.locator(
    'ringside-settings nav :is(a, button), ringside-reports nav :is(a, button), ringside-reports [role=tab], ringside-case summary, ringside-case button[aria-expanded=false]',
  )
  const opens = page.locator('ringside-case, ringside-settings, ringside-reports')
  if ((await opens.count()) > 0) await lists.first().waitFor()
  const names = await lists.evaluateAll((all) => all.map((each) => each.textContent?.trim() ?? ''))
  const pages = names.map((name, index) => ({
    name: `: ${name.replaceAll(/\s+/g, ' ').slice(0, 30)}`,
    open: async (): Promise<void> => {
      await lists
        .nth(index)
        .click({ timeout: 5000 })
        .catch(() => undefined)
      const log = page.locator('ringside-settings-connections :is(button, a)').first()
      if (index === 0 && (await log.count()) > 0) await log.click({ timeout: 5000 })
    },
  }))
  return [{ name: '', open: async () => undefined }, ...pages]
}

/** As many frames as it takes until what was asked for is drawn: no text in it has changed for some. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const textOf = (root: Document | ShadowRoot): string =>
      [...root.querySelectorAll('*')]
        .map(({ shadowRoot }) => (shadowRoot === null ? '' : textOf(shadowRoot)))
        .join(String(root.textContent?.length))
    let before = ''
    let same = 0
    for (let frame = 0; frame < 300 && same < 30; frame += 1) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
      const now = textOf(document)
      same = now === before ? same + 1 : 0
      before = now
    }
  })
}

/** What is made for a dialplan holds no name of a connection that could end its line. */
async function tryDialplan(world: World): Promise<string[]> {
  const { items } = (await world.api('GET', '/api/connections')).body
  const wrong: string[] = []
  const shapes = new Set<string>()
  for (const { id } of items) {
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
      <script type="module" src="${world.url}/widget.js" data-token="${searchParams.get('token')}"></script>`,
    }
  })
}
