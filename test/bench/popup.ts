/**
 * `npm run bench:popup`: from a webhook's request until the pop-up is painted in headless Chromium (PERF-2), while
 * `--rate` events a second (100) come in all, on a PostgreSQL of its own; two pop-ups a second are of the agent whose
 * page it is. Beside it, in the same run, a request that a bare server tells a bare page, and how far it was when the
 * webhook was answered and when a plain client of the same agent’s stream had it. `--before`: the calls (5,000) that
 * were there already. `--popups`, `--seed`.
 */

import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { signJwt } from '../../server/http/jwt.ts'
import { launchBrowser } from '../support/browser.ts'
import { createHostPage } from '../support/host-page.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { quantileOf } from '../support/quantile.ts'
import { pickSeed } from '../support/random.ts'
import { openReturningPage, type ReturningPage } from '../support/returning-page.ts'
import type { StreamEvent } from '../support/sse.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { type Ringside, startRingside } from './intake-servers.ts'
import { createDialplanClock } from './intake-stories.ts'
import { playLoad } from './play-load.ts'
import { startPopupFloor } from './popup-floor.ts'
import { CALLS_BEFORE, useBefore } from './used-before.ts'

const P50_MS = 50
const P99_MS = 150
const EVERY_MS = 500
const SHOWN_WITHIN_MS = 10_000
const EXTENSION = '190'
/** Start, ring and end of each measured call. */
const OWN_EVENTS_PER_SECOND = 6
const WARM_UP = 6
const EMBED_SECRET = 'bench-embed-secret-bench-embed-secret'
const { values } = parseArgs({
  options: {
    popups: { type: 'string', default: '400' },
    rate: { type: 'string', default: '100' },
    before: { type: 'string', default: String(CALLS_BEFORE) },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const popups = wholeNumber('popups', values.popups)
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const server = await startPostgresOrFail()
try {
  process.exitCode = (await bench(server.url)) ? 0 : 1
} finally {
  server.stop()
}

async function bench(server: string): Promise<boolean> {
  const ringside = await startRingside(server, { EMBED_SECRET })
  const browser = await launchBrowser()
  const floor = await startPopupFloor()
  const host = await createHostPage(ringside.url)
  try {
    const seed = wholeNumber('seed', values.seed, 0)
    await useBefore(ringside, seed, wholeNumber('before', values.before))
    await addAgent(ringside)
    const [own, bare] = [await browser.newPage(), await browser.newPage()]
    await watchPaint(own)
    await watchPaint(bare)
    await own.goto(host.url(tokenOf('measured')))
    await own
      .locator('ringside-widget')
      .getByRole('button', { name: /^Open calls/ })
      .waitFor()
    await bare.goto(floor.url)
    using follower = openReturningPage(ringside.url, tokenOf('measured'), isRinging)
    await follower.ready
    const seconds = Math.ceil(((popups + WARM_UP) * EVERY_MS) / 1000)
    const rate = wholeNumber('rate', values.rate) - OWN_EVENTS_PER_SECOND
    print(`node ${process.version}, Chromium ${browser.version()}, seed ${values.seed}`)
    const { url, paths } = ringside
    const load = playLoad({
      ...{ url, paths, seed, calls: rate * seconds, firstCall: 0, inFlight: 64 },
      ...{ rate, seconds, streamToken: null },
    })
    const [found, { requests, failures }] = await Promise.all([
      measure(ringside, floor.url, own, bare, follower),
      load,
    ])
    print(`${requests} other events, ${rate} a second, ${failures} of them refused\n`)
    return report(found) && failures === 0
  } finally {
    host.close()
    floor.close()
    await browser.close()
    await ringside.stop()
  }
}

/** One who is rung by nobody but us. */
async function addAgent({ url, token }: Ringside): Promise<void> {
  const ask = async (method: string, path: string, body?: unknown): Promise<any> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const { id: agentId } = await ask('POST', '/api/agents', { externalId: 'measured', name: 'M' })
  for (const { id } of (await ask('GET', '/api/connections')).items) {
    const { items } = await ask('GET', `/api/connections/${id}/extensions`)
    const own = { extension: EXTENSION, agentId }
    await ask('PUT', `/api/connections/${id}/extensions`, { items: [...items, own] })
  }
}

function isRinging({ type, data }: StreamEvent): boolean {
  const isOwn = (leg: { extension: string; result: string }): boolean =>
    leg.extension === EXTENSION && leg.result === 'ringing'
  return type === 'call' && data.legs.some(isOwn)
}

function tokenOf(sub: string): string {
  const exp = Math.floor(Date.now() / 1000) + 3600
  return signJwt({ sub, name: sub, aud: 'ringside', exp }, Buffer.from(EMBED_SECRET))
}

/**
 * Looks before the frame after each change which numbers are shown; the next task begins when that frame was painted.
 * Between changes the page is left alone: to look before every frame took more of the processor than the page itself.
 */
async function watchPaint(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const painted: Record<string, number> = {}
    const awaited = new Map<string, (at: number) => void>()
    const paintedAt = (number: string): Promise<number> =>
      new Promise((resolve) => {
        if (painted[number]) resolve(painted[number])
        else awaited.set(number, resolve)
      })
    Object.assign(window, { paintedAt })
    const popups = (): readonly Element[] => [
      ...(document
        .querySelector('ringside-widget')
        ?.shadowRoot?.querySelectorAll('ringside-popup') ?? []),
    ]
    const look = (): void => {
      isAsked = false
      const texts = popups().map((popup) => popup.shadowRoot?.textContent ?? '')
      const shown = [...texts, document.querySelector('.floor')?.textContent ?? ''].join('\n')
      const numbers = shown.replaceAll(/[ -]/g, '').match(/\+7916\d{7}/g) ?? []
      for (const number of numbers) {
        if (number in painted) continue
        painted[number] = Number.NaN
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => {
          painted[number] = Date.now()
          awaited.get(number)?.(painted[number])
        }
        port2.postMessage(null)
      }
    }
    let isAsked = false
    const watched = new WeakSet<Node>()
    const watch = (node: Node | null | undefined): void => {
      if (!node || watched.has(node)) return
      watched.add(node)
      changes.observe(node, { childList: true, characterData: true, subtree: true })
    }
    const changes = new MutationObserver(() => {
      watch(document.querySelector('ringside-widget')?.shadowRoot)
      for (const popup of popups()) watch(popup.shadowRoot)
      if (isAsked) return
      isAsked = true
      requestAnimationFrame(look)
    })
    watch(document)
  })
}

/** In ms from the request of each. */
interface Found {
  readonly own: number[]
  readonly bare: number[]
  /** The webhook is answered. */
  readonly answered: number[]
  /** A plain client of the stream has it. */
  readonly told: number[]
}

async function measure(
  ringside: Ringside,
  floorUrl: string,
  own: Page,
  bare: Page,
  follower: ReturningPage,
): Promise<Found> {
  const found: Found = { own: [], bare: [], answered: [], told: [] }
  const now = createDialplanClock()
  const begin = performance.now()
  const count = popups + WARM_UP
  for (let turn = 0; turn < count; turn += 1) {
    await until(begin + turn * EVERY_MS)
    const number = `+7916${9_000_000 + turn}`
    const id = `1650000000.${turn}`
    const post = async (status: string): Promise<number> => {
      const to = status === 'incoming_start' ? '74951000100' : EXTENSION
      const fields = { unique_id: id, status, from_user: number, to_user: to }
      const body = new URLSearchParams({ datetime: now(), ...fields })
      const answer = await fetch(ringside.url + ringside.paths[turn % ringside.paths.length], {
        ...{ method: 'POST', body },
      })
      if (!answer.ok) throw new Error(`${status}: ${answer.status}`)
      return performance.now()
    }
    await post('incoming_start')
    const [asked, from] = [Date.now(), performance.now()]
    const ring = post('incoming_ring')
    const took = (await paintedAt(own, number)) - asked
    const answeredAt = await ring
    const toldAt = await follower.arrival(id)
    await post('incoming_end')
    const askedBare = Date.now()
    const answered = fetch(floorUrl, { method: 'POST', body: number })
    const tookBare = (await paintedAt(bare, number)) - askedBare
    await answered
    if (turn < WARM_UP) continue
    found.own.push(took)
    found.bare.push(tookBare)
    found.answered.push(answeredAt - from)
    found.told.push(toldAt - from)
  }
  return found
}

async function paintedAt(page: Page, number: string): Promise<number> {
  const at = await page.evaluate(
    ([wanted, patience]) => {
      const { paintedAt } = window as unknown as { paintedAt: (number: string) => Promise<number> }
      const never = new Promise<null>((resolve) => setTimeout(resolve, patience, null))
      return Promise.race([paintedAt(wanted), never])
    },
    [number, SHOWN_WITHIN_MS] as const,
  )
  if (at === null) throw new Error(`${number} is not shown: ${await page.innerText('body')}`)
  return at
}

function until(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())))
}

function report({ own, bare, answered, told }: Found): boolean {
  const spread = (times: readonly number[]): string =>
    `p50 ${quantileOf(times, 0.5).toFixed()} ms, p99 ${quantileOf(times, 0.99).toFixed()} ms, slowest ${Math.max(...times).toFixed()} ms`
  print(`from the request until it is painted, ${own.length} pop-ups`)
  print(`  bare server and page  ${spread(bare)}`)
  print(
    `  Ringside              ${spread(own)}; ${(quantileOf(own, 0.5) / quantileOf(bare, 0.5)).toFixed(1)} × bare`,
  )
  print(`    the webhook is answered               ${spread(answered)}`)
  print(`    a plain client of the stream has it   ${spread(told)}`)
  const met = [
    check('p50', quantileOf(own, 0.5), P50_MS),
    check('p99', quantileOf(own, 0.99), P99_MS),
  ]
  return met.every(Boolean)
}

function check(what: string, value: number, most: number): boolean {
  const isMet = value <= most
  print(`  ${isMet ? 'pass' : 'FAIL'}  ${what} ${value} ms, at most ${most} ms`)
  return isMet
}
