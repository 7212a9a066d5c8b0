import { until } from '../support/linked.ts'
import type { World } from '../support/world.ts'
import type { HostileLinks, LiveCall } from './hostile-links.ts'
import type { WatchedPage } from './hostile-page.ts'
import { settle } from './hostile-places.ts'

export type Count = (place: string, found: number) => void
export const WAYS = ['webhook', 'ami', 'ari'] as const
export type Way = (typeof WAYS)[number]

/** What is looked at while calls come: the page that shows them, and one that nobody looks at. */
export interface Shown {
  readonly world: World
  readonly links: HostileLinks
  readonly widget: WatchedPage
  readonly unseen: WatchedPage
  readonly count: Count
}

/** Calls that ring, are answered and end, told in each of the ways: pop-up, bar, profile, what happened. */
export async function showCalls(
  shown: Shown,
  texts: readonly string[],
  wayOf: (index: number) => readonly Way[],
): Promise<void> {
  const seen: Record<string, number> = {}
  const look = async (place: string, text: string): Promise<void> => {
    const found = await shown.widget.look(place, [text])
    seen[place] = (seen[place] ?? 0) + found
    shown.count(place, seen[place])
  }
  for (const [index, text] of texts.entries()) {
    const number = `+7916${String(5_000_000 + index)}`
    const isKnown = index % 2 === 0
    if (isKnown) await makeUser(shown, text, number)
    for (const way of wayOf(index)) {
      const from = isKnown ? number : text
      const call = await begin(shown, way, { text, number: from, index })
      await showCall(shown.widget, call, (place) => look(`${place} by ${way}`, text))
    }
  }
  const { page, wrong } = shown.widget
  if ((await page.title()) !== 'Tickets') wrong.push(`the title is ${await page.title()}`)
}

async function makeUser({ world, widget }: Shown, text: string, number: string): Promise<void> {
  const named = text.trim() === '' ? 'x' : text.trim().slice(0, 400)
  const fields = { custom: text, site: `https://example.com/"><x ${named}` }
  await world.user({ name: named, company: text, note: text, phones: [number], fields })
  // What is no address of the web never gets into a field of links.
  const link = { name: 'x', fields: { site: text } }
  const { status } = await world.api('POST', '/api/users', link)
  if (!/^\s*(https?:\/\/|$)/i.test(text) && status !== 400) {
    widget.wrong.push(`a link of ${JSON.stringify(text)}: ${status}`)
  }
}

async function begin(
  { world, links }: Shown,
  way: Way,
  { text, number, index }: { text: string; number: string; index: number },
): Promise<LiveCall> {
  if (way !== 'webhook') return links.callBy[way]({ text, number })
  const uniqueId = `1642000000.${index + 1}`
  const call = { unique_id: uniqueId, from_user: number, note_of_call: text }
  return {
    uniqueId,
    ring: async () => {
      await world.hook({ ...call, status: 'incoming_start', to_user: text })
      await world.hook({ ...call, status: 'call to queue', queue: text, to_user: '101' })
    },
    answer: async () => {
      await world.hook({ ...call, status: 'incoming_answer', to_user: '101' })
    },
    end: async () => {
      await world.hook({ ...call, status: 'incoming_end', to_user: '101' })
    },
  }
}

async function showCall(
  { page }: WatchedPage,
  call: LiveCall,
  look: (place: string) => Promise<void>,
): Promise<void> {
  await call.ring()
  await page.locator('ringside-popup').waitFor()
  await settle(page)
  await look('pop-up')
  await call.answer()
  await page.locator('ringside-call-bar').waitFor()
  await page.locator('ringside-panel').waitFor()
  await settle(page)
  await look('call bar and profile')
  const trace = page.getByRole('button', { name: 'What happened, and who saw it' })
  if ((await trace.count()) > 0) {
    await trace.first().click()
    await page.locator('ringside-call-trace').waitFor()
    await settle(page)
    await look('what happened')
  }
  await call.end()
  await page.locator('ringside-call-bar').waitFor({ state: 'detached' })
  const leave = page.getByRole('button', { name: 'Close this panel' })
  if ((await leave.count()) > 0) await leave.click()
}

/** What the page that nobody looks at gave to the system: texts as they are, and nothing but texts. */
export async function lookAtNotices(
  { unseen, count }: Shown,
  texts: readonly string[],
): Promise<void> {
  const read = (): Promise<string[]> =>
    unseen.page.evaluate(() => (window as unknown as { notices: string[] }).notices)
  await until(async () => (await read()).length >= texts.length)
  const notices = (await read()).map(squeeze)
  const shown = texts.filter((text) => {
    const line = squeeze(text).slice(0, 100)
    return line !== '' && notices.some((notice) => notice.includes(line))
  })
  count('notifications', shown.length)
}

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
