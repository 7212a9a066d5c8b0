import assert from 'node:assert/strict'
import { request as ask, createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { after, before } from 'node:test'
import type { Browser, Download, Locator, Page } from 'playwright-core'
import type { Database } from '../../db/database.ts'
import { signJwt } from '../../server/http/jwt.ts'
import { launchBrowser } from '../support/browser.ts'
import { createHostPage, type HostPage } from '../support/host-page.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createStage } from '../support/stage.ts'
import { wavOf } from '../support/wav.ts'
import { createWorld, EMBED_SECRET, type World } from '../support/world.ts'

const MIB = 1024 * 1024
const HOUR = 60 * 60
let database: Database
let world: World
let browser: Browser
let hostPage: HostPage
let line: Line

before(async () => {
  database = await openInMemory()
  world = await createWorld(async () => database)
  line = await createLine(world.url)
  browser = await launchBrowser()
  hostPage = await createHostPage(line.url)
})
after(async () => {
  await browser?.close()
  hostPage?.close()
  line?.close()
  await world?.close()
  await database?.close()
})

test('POP-9 an hour starts at once, is gone through, and is never loaded whole', async () => {
  const page = await openCase(await recordedCall(longWav(HOUR)))
  const player = page.locator('ringside-recording')
  await player.getByText('0:00 / 1:00:00').waitFor()
  assert.deepEqual(line.audio, { requests: [], bytes: 0 }, 'nothing before somebody presses play')

  await player.getByRole('button', { name: 'Play' }).click()
  await player.getByText('0:02 / 1:00:00').waitFor()
  const atStart = line.audio.bytes
  const slider = player.getByRole('slider', { name: 'Position' })
  const box = (await slider.boundingBox())!
  await slider.click({ position: { x: box.width * 0.75, y: box.height / 2 } })
  await player.getByText(/^45:\d\d \/ 1:00:00$/).waitFor()
  const from = await seconds(player)
  await waitFor(async () => (await seconds(player)) > from + 1)

  const whole = HOUR * 8000 * 2
  const { requests, bytes } = line.audio
  assert.ok(requests.some((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1]) > whole / 2))
  // How far ahead it reads is the browser's choice: some ten minutes of this.
  assert.ok(atStart < whole / 3, `${mib(atStart)} of ${mib(whole)} to start`)
  assert.ok(bytes < whole * 0.6, `${mib(bytes)} of ${mib(whole)} with a leap`)
  await page.close()
})

test('POP-9 when the signed address has ended, a new one goes on at the same place', async () => {
  const page = await openCase(await recordedCall(longWav(HOUR)))
  const player = page.locator('ringside-recording')
  await player.getByRole('button', { name: 'Play' }).click()
  await player.getByText('0:01 / 1:00:00').waitFor()
  const before = new Set(line.audio.requests).size
  world.tick(3 * HOUR)
  const slider = player.getByRole('slider', { name: 'Position' })
  await slider.focus()
  await slider.press('End')
  for (let page = 0; page < 10; page += 1) await slider.press('PageDown')
  await waitFor(async () => (await player.getByRole('button', { name: 'Pause' }).count()) === 0)
  await player.getByRole('button', { name: 'Play' }).click()
  await waitFor(async () => (await seconds(player)) > HOUR - 299)
  assert.ok((await seconds(player)) < HOUR - 290)
  assert.ok(line.refused > 0, 'the old address was refused')
  assert.ok(new Set(line.audio.requests).size > before)
  assert.equal(await player.getByRole('alert').count(), 0)
  await page.close()
})

test('POP-9 two uploads of one call are two parts of one recording', async () => {
  const page = await openCase(await recordedCall(longWav(2), longWav(3)))
  const player = page.locator('ringside-recording')
  await player.getByText('0:00 / 0:05').waitFor()
  assert.equal(await player.count(), 1)
  await player.getByRole('button', { name: 'Play' }).click()
  await player.getByText('0:03 / 0:05').waitFor()
  await player.getByRole('button', { name: 'Play' }).waitFor()
  await player.getByText('0:05 / 0:05').waitFor()
  await page.close()
})

test('POP-9 the picture of a real recording, and its download under a name', async () => {
  const page = await openCase(await recordedCall(longWav(20)))
  const player = page.locator('ringside-recording')
  await waitFor(async () =>
    player
      .locator('ringside-waveform path')
      .first()
      .evaluate((path) => new Set(path.getAttribute('d')?.match(/v[\d.]+/g)).size > 1)
      .catch(() => false),
  )
  const address = page.url()
  const saved = downloadOf(page)
  await player.getByRole('button', { name: 'Download' }).click()
  assert.match((await saved).suggestedFilename(), /^recording-[\d-]{19}\.wav$/)
  assert.equal(page.url(), address)
  await page.close()
})

/** The server through a line that counts what audio goes over it. */
interface Line {
  readonly url: string
  readonly audio: { requests: string[]; bytes: number }
  readonly refused: number
  close(): void
}

async function createLine(target: string): Promise<Line> {
  let audio = { requests: [] as string[], bytes: 0 }
  let refused = 0
  const server: Server = createServer((request, response) => {
    const { url = '/', method, headers } = request
    const isAudio = url.includes('/audio?')
    if (isAudio) audio.requests.push(String(headers.range))
    const passed = ask(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      if (isAudio && answer.statusCode === 401) refused += 1
      if (isAudio) answer.on('data', (piece: Buffer) => (audio.bytes += piece.length))
      answer.pipe(response)
    })
    passed.on('error', () => response.destroy())
    response.on('close', () => passed.destroy())
    request.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get audio() {
      return audio
    },
    get refused() {
      return refused
    },
    close: () => {
      audio = { requests: [], bytes: 0 }
      server.close()
      server.closeAllConnections()
    },
  }
}

let calls = 0

/** An answered call with its recordings, measured; the id of its case. */
async function recordedCall(...parts: readonly Uint8Array[]): Promise<string> {
  calls += 1
  const stage = createStage(() => world)
  const uniqueId = `${Math.floor(world.now().getTime() / 1000)}.${calls}`
  const from = `+7916000${1000 + calls}`
  const say = (status: string) =>
    world.hook({ status, unique_id: uniqueId, from_user: from, to_user: '101' })
  await say('incoming_ring')
  await say('incoming_answer')
  world.tick(5)
  await say('incoming_end')
  for (const part of parts) {
    assert.equal(await world.record(uniqueId, part, 'record.wav'), 200)
    await stage.world.settled()
  }
  await waitFor(async () => {
    const { recordings } = await world.call(uniqueId)
    return recordings.length === parts.length && recordings.every(({ seconds }) => seconds !== null)
  })
  line.audio.requests.length = 0
  line.audio.bytes = 0
  return (await world.caseOf(uniqueId)).id
}

function token(): string {
  const exp = Math.floor(world.now().getTime() / 1000) + 12 * HOUR
  const claims = { sub: 'anna', name: 'anna', aud: 'ringside', exp: Math.floor(exp / HOUR) * HOUR }
  return signJwt(claims, Buffer.from(EMBED_SECRET))
}

async function openCase(id: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(hostPage.url(token()))
  await page.waitForSelector('ringside-widget', { state: 'attached' })
  await page.evaluate(async (caseId) => {
    await customElements.whenDefined('ringside-widget')
    const widget = document.querySelector('ringside-widget') as unknown as {
      openCase(id: string): Promise<void>
    }
    await widget.openCase(caseId)
  }, id)
  return page
}

/** A download opens a tab, which may be gone again before anybody listens to it. */
function downloadOf(page: Page): Promise<Download> {
  return new Promise((resolve) => {
    page.on('download', resolve)
    page.context().on('page', (tab) => tab.on('download', resolve))
  })
}

async function seconds(player: Locator): Promise<number> {
  return Number(
    await player.getByRole('slider', { name: 'Position' }).getAttribute('aria-valuenow'),
  )
}

async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await isTrue())) {
    assert.ok(Date.now() < end, `still not: ${isTrue}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A tone that comes and goes, 8,000 samples of 16 bits a second. */
function longWav(length: number): Uint8Array {
  const second = Int16Array.from({ length: 8000 }, (_, at) =>
    Math.round(Math.sin(at / 3) * (at < 4000 ? 20_000 : 200)),
  )
  const samples = new Int16Array(length * second.length)
  for (let at = 0; at < samples.length; at += second.length) samples.set(second, at)
  return wavOf(samples)
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`
}
