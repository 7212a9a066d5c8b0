import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signJwt } from '../../server/http/jwt.ts'
import { type ServerProcess, startServer } from '../support/process.ts'
import { freePort, startProxy } from '../support/proxy.ts'
import { openReturningPage } from '../support/returning-page.ts'
import { openStream } from '../support/sse.ts'
import { type Finding, post } from './proxy-checks.ts'

const KEY = 'test-admin-key-test-admin-key'
const SECRET = 'one-secret-for-both-servers-0123456789'
const EVERY_MS = 50
/** Two checks that are good, two seconds apart, and a little: then HAProxy sends it requests again. */
const SEEN_MS = 6000

/** Two processes behind HAProxy, restarted in turn while calls ring and a page looks on. */
export async function rollOver(
  databaseUrl: string,
  { rolls, drainSeconds }: { rolls: number; drainSeconds: number },
): Promise<Finding[]> {
  await using open = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'ringside-rolling-'))
  open.defer(() => rmSync(folder, { recursive: true, force: true }))
  const ports = [await freePort(), await freePort()]
  const start = (index: number): Promise<ServerProcess> =>
    startServer({
      DATABASE_URL: databaseUrl,
      DATA_DIR: join(folder, String(index)),
      RECORDINGS_URL: `file:${join(folder, 'recordings')}`,
      RINGSIDE_SECRET: SECRET,
      EMBED_SECRET: SECRET,
      ADMIN_API_KEY: KEY,
      DRAIN_SECONDS: String(drainSeconds),
      PORT: String(ports[index]),
    })
  const servers = [await start(0), await start(1)]
  open.defer(async () => void (await Promise.all(servers.map((each) => each.stop('SIGKILL')))))
  const proxy = open.use(
    await startProxy(
      'haproxy',
      servers.map(({ url }) => url),
    ),
  )
  const hook = await connect(servers[0]?.url ?? '')
  // The other process reads of a new connection within 5 seconds.
  const asked = { method: 'POST', body: new URLSearchParams({ status: 'nonsense' }) }
  while ((await fetch(`${servers[1]?.url}${hook}`, asked)).status === 404) await sleep(200)
  const exp = Math.floor(Date.now() / 1000) + 3600
  const token = signJwt(
    { sub: 'anna', aud: 'ringside', exp, extensions: ['101'] },
    Buffer.from(SECRET),
  )
  const page = open.use(openReturningPage(proxy.url, token))
  await page.ready
  const sent: string[] = []
  const failed: string[] = []
  let isOver = false
  const sending = (async () => {
    while (!isOver) {
      const id = `18${Date.now()}.${sent.length + 1}`
      sent.push(id)
      const fields = {
        unique_id: id,
        status: 'incoming_ring',
        to_user: '101',
        from_user: `+7916${1_000_000 + sent.length}`,
      }
      const status = await post(proxy.url + hook, new URLSearchParams(fields).toString()).then(
        (answer) => answer.status,
        () => 0,
      )
      if (status !== 200) failed.push(`${id}: ${status}`)
      await sleep(EVERY_MS)
    }
  })()
  for (let roll = 0; roll < rolls; roll += 1) {
    const index = roll % 2
    await servers[index]?.stop()
    servers[index] = await start(index)
    await sleep(SEEN_MS)
  }
  isOver = true
  await sending
  const taken = sent.filter((id) => !failed.some((each) => each.startsWith(`${id}:`)))
  await page.until(taken)
  using fresh = await openStream(proxy.url, token)
  const { data } = await fresh.next(({ type }) => type === 'hello')
  const ringing = new Set(data.calls.map((call: { uniqueId: string }) => call.uniqueId))
  const doubled = page.ids.length - new Set(page.ids).size
  const gone = taken.filter((id) => !ringing.has(id)).length
  return [
    {
      what: `${rolls} restarts in turn, ${sent.length} webhooks: failed`,
      found: `${failed.length} ${failed.slice(0, 3).join(', ')}`,
      isRight: failed.length === 0 && sent.length > 20 * rolls,
    },
    {
      what: 'events that the page was told twice, times that it came back, streams cut off, not resumed',
      found: `${doubled}, ${page.connections() - 1}, ${page.cutOff()}, ${page.holes()}`,
      isRight: page.connections() > 1 && doubled + page.cutOff() + page.holes() === 0,
    },
    {
      what: 'calls that ring and are not there for a new page',
      found: `${gone} of ${sent.length}, ${data.calls.length - ringing.size} twice`,
      isRight: gone === 0 && data.calls.length === taken.length,
    },
  ]
}

async function connect(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/connections`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'PBX', timeZone: 'UTC', country: 'RU' }),
  })
  const { webhookUrl } = (await answer.json()) as { webhookUrl: string }
  return new URL(webhookUrl).pathname
}
