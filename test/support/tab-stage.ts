import { rmSync } from 'node:fs'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { signJwt } from '../../server/http/jwt.ts'
import type { CallView } from '../../server/http/schemas.ts'
import type { RingsideWidget } from '../../widget/elements/ringside-widget.ts'
import { launchBrowser } from './browser.ts'
import { createHostPage, type HostPage } from './host-page.ts'
import { newDataFolder } from './migrated.ts'
import { startServer } from './process.ts'
import { type StreamGate, startStreamGate } from './stream-gate.ts'
import { dialplanTime } from './world.ts'

const KEY = 'test-admin-key-test-admin-key'
const EMBED_SECRET = 'test-embed-secret-test-embed-secret'

/** What a tab shows. */
export interface Shown {
  readonly isLeader: boolean
  readonly connection: string
  /** The numbers that pop-ups show as ringing, sorted. */
  readonly ringing: readonly string[]
}

/** A page of the helpdesk, and the way to make it stand still. */
export interface Tab {
  readonly page: Page
  readonly cdp: CDPSession
  shown(): Promise<Shown>
  /** How many sounds it plays. */
  sounds(): Promise<number>
  /** Its scripts stand still, without warning, as in a process that is stopped. */
  stop(): Promise<void>
  resume(): Promise<void>
  /** Chromium without a window takes every page for visible: said by hand. */
  hide(isHidden: boolean): Promise<void>
}

export interface OpenTab {
  readonly agent?: string
  /** How long its token is good. */
  readonly seconds?: number
  /** Nobody looks at it. */
  readonly isHidden?: boolean
  /** Run in the page before anything else. */
  readonly script?: () => void
}

/** A server, a gate before it, a helpdesk page, and a browser: agents anna (101) and boris (102). */
export interface TabStage extends AsyncDisposable {
  readonly gate: StreamGate
  readonly browser: Browser
  readonly hostPage: HostPage
  /** A browser of its own for an agent: its tabs share a stream. */
  context(): Promise<BrowserContext>
  open(context: BrowserContext, options?: OpenTab): Promise<Tab>
  token(agent: string, seconds?: number): string
  /** A call rings; `end` when the caller gives up, `answer` when somebody picks up. */
  ring(extension?: string, from?: string): Promise<RingingCall>
  /** Ends what still rings. */
  clear(): Promise<void>
  /** A user who calls. */
  user(): Promise<{ readonly name: string; readonly number: string }>
  close(): Promise<void>
}

export interface RingingCall {
  readonly number: string
  answer(): Promise<void>
  end(): Promise<void>
  /** What the server keeps of what is typed. */
  draft(): Promise<string>
}

export async function createTabStage(): Promise<TabStage> {
  const dataDir = await newDataFolder('ringside-tabs-')
  const server = await startServer({ DATA_DIR: dataDir, ADMIN_API_KEY: KEY, EMBED_SECRET })
  const gate = await startStreamGate(server.url)
  const browser = await launchBrowser()
  const hostPage = await createHostPage(gate.url)

  const api = async (method: string, path: string, body?: unknown): Promise<any> => {
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const pbx = { name: 'PBX', timeZone: 'UTC', country: 'RU' }
  const connection = await api('POST', '/api/connections', pbx)
  const items: { extension: string; agentId: string }[] = []
  for (const [externalId, extension] of [
    ['anna', '101'],
    ['boris', '102'],
  ] as const) {
    const agent = await api('POST', '/api/agents', { externalId, name: externalId })
    items.push({ extension, agentId: agent.id })
  }
  await api('PUT', `/api/connections/${connection.id}/extensions`, { items })
  const webhook = `${server.url}/webhooks/asterisk/${connection.webhookToken}`

  const token = (agent: string, seconds = 3600): string => {
    const exp = Math.floor(Date.now() / 1000) + seconds
    const claims = { sub: agent, name: agent, aud: 'ringside', exp }
    return signJwt(claims, Buffer.from(EMBED_SECRET))
  }
  const close = async (): Promise<void> => {
    await browser.close()
    hostPage.close()
    gate.close()
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  let calls = 0
  let users = 0
  const ringing = new Set<() => Promise<void>>()
  return {
    gate,
    browser,
    hostPage,
    token,
    context: () => browser.newContext(),
    async open(context, { agent = 'anna', seconds, isHidden = false, script } = {}) {
      const page = await context.newPage()
      page.setDefaultTimeout(15_000)
      await page.addInitScript(countSounds)
      if (isHidden) await page.addInitScript(setHidden, true)
      if (script !== undefined) await page.addInitScript(script)
      await page.goto(hostPage.url(token(agent, seconds)))
      return createTab(page)
    },
    async ring(extension = '101', from) {
      calls += 1
      const uniqueId = `1640854015.${calls}`
      const number = from ?? `+7916${String(calls).padStart(7, '0')}`
      const say = (status: string, to: string) =>
        hook(webhook, { unique_id: uniqueId, from_user: number, status, to_user: to })
      const end = async () => {
        ringing.delete(end)
        await say('incoming_end', extension)
      }
      ringing.add(end)
      await say('incoming_start', '74951000101')
      await say('incoming_ring', extension)
      return {
        number: display(number),
        answer: () => say('incoming_answer', extension),
        end,
        async draft() {
          const { items } = await api('GET', '/api/calls?limit=20')
          const found = items.find((each: CallView) => each.uniqueId === uniqueId)
          return JSON.stringify(await api('GET', `/api/calls/${found.id}/draft`))
        },
      }
    },
    async clear() {
      for (const end of ringing) await end()
    },
    async user() {
      users += 1
      const user = { name: `Maria ${users}`, number: `+7903${String(users).padStart(7, '0')}` }
      await api('POST', '/api/users', { name: user.name, phones: [user.number] })
      return user
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Waits until all of the tabs show what is expected, and gives how long that took. */
export async function allShow(
  tabs: readonly Tab[],
  ringing: readonly string[],
  timeoutMs?: number,
): Promise<number> {
  const startedAt = Date.now()
  const expected = JSON.stringify([...ringing].sort())
  const look = () => Promise.all(tabs.map((tab) => tab.shown()))
  const isRight = (each: Shown) =>
    each.connection === 'open' && JSON.stringify(each.ringing) === expected
  await eventually(look, (all) => all.every(isRight), timeoutMs)
  return Date.now() - startedAt
}

/** The tab that holds the stream, and the others. */
export async function leaderOf(tabs: readonly Tab[]): Promise<{ leader: Tab; others: Tab[] }> {
  const look = () => Promise.all(tabs.map(async (tab) => (await tab.shown()).isLeader))
  const leads = await eventually(look, (all) => all.filter(Boolean).length === 1)
  const at = leads.indexOf(true)
  return { leader: tabs[at]!, others: tabs.filter((_, index) => index !== at) }
}

/** Waits until something is so; says what it was instead. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  isRight: (found: T) => boolean,
  timeoutMs = 10_000,
): Promise<T> {
  const until = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (isRight(found)) return found
    if (Date.now() > until) throw new Error(`still ${JSON.stringify(found)}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

async function createTab(page: Page): Promise<Tab> {
  const cdp = await page.context().newCDPSession(page)
  return {
    page,
    cdp,
    shown: () => page.evaluate(look),
    sounds: () =>
      page.evaluate(() => (globalThis as { sounding?: Set<unknown> }).sounding?.size ?? 0),
    async stop() {
      await cdp.send('Debugger.enable')
      await cdp.send('Debugger.pause')
      // A script must run to be stopped.
      cdp.send('Runtime.evaluate', { expression: 'void 0' }).catch(() => undefined)
      await new Promise((resolve) => cdp.once('Debugger.paused', resolve))
    },
    async resume() {
      await cdp.send('Debugger.disable')
    },
    hide: (isHidden) => page.evaluate(setHidden, isHidden),
  }
}

/** Runs in the page: what has been started and not been told to stop is heard. */
function countSounds(): void {
  const sounding = new Set<AudioScheduledSourceNode>()
  Object.assign(globalThis, { sounding })
  const { start, stop } = AudioBufferSourceNode.prototype
  AudioBufferSourceNode.prototype.start = function (...when) {
    sounding.add(this)
    return start.apply(this, when)
  }
  AudioScheduledSourceNode.prototype.stop = function (...when) {
    sounding.delete(this)
    return stop.apply(this, when)
  }
}

/** Runs in the page. */
function setHidden(isHidden: boolean): void {
  const get = (value: unknown) => ({ configurable: true, get: () => value })
  Object.defineProperty(document, 'hidden', get(isHidden))
  Object.defineProperty(document, 'visibilityState', get(isHidden ? 'hidden' : 'visible'))
  document.dispatchEvent(new Event('visibilitychange'))
}

/** Runs in the page. */
function look(): Shown {
  const widget = document.querySelector<RingsideWidget>('ringside-widget')
  const state = widget?.client?.state
  const popups = [...(widget?.shadowRoot?.querySelectorAll('ringside-popup') ?? [])]
  return {
    isLeader: state?.isLeader === true,
    connection: state?.connection ?? 'none',
    ringing: popups
      .filter(({ entry }) => entry?.kind === 'ringing')
      .map(({ entry }) => entry?.call.from.display ?? '')
      .sort(),
  }
}

async function hook(webhook: string, fields: Record<string, string>): Promise<void> {
  const body = new URLSearchParams({ datetime: dialplanTime(new Date()), ...fields })
  const answer = await fetch(webhook, { method: 'POST', body })
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
}

function display(number: string): string {
  return number.replace(/^\+7(\d{3})(\d{3})(\d\d)(\d\d)$/, '+7 $1 $2-$3-$4')
}
