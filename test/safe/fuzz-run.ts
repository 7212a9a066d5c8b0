import { MAX_JSON_BYTES } from '../../server/http/route.ts'
import { MAX_BODY_BYTES } from '../../server/sources/webhook-decode.ts'
import { hasEnded, type Played } from './fuzz-alive.ts'
import { createFuzzRequests, type FuzzRequest, readOperations } from './fuzz-requests.ts'
import { asCurl, createSender, HANG_MS, type Outcome, sendRaw } from './fuzz-send.ts'
import { type FuzzServer, memoryOf } from './fuzz-server.ts'
import { oddBytes } from './fuzz-wire.ts'

export interface FuzzOptions {
  readonly requests: number
  readonly inFlight: number
  readonly seed: number
  /** What takes longer is a hang; more than SAFE-3 says where other tests share the machine. */
  readonly hangMs?: number
  readonly onProgress?: (done: number) => void
}

/** So many of a hundred requests are odd bytes. */
const RAW_SHARE = 5
const RENEW_EVERY = 2000
const MAX_FAILURES = 20
/** How often a request whose answer was lost is sent again. */
const AGAIN = 3
const SLOWEST = 10

/** Sends the requests of a seed, from the first to the last; ends early where all that can be is said. */
export async function fuzzRequests(
  server: FuzzServer,
  { requests, inFlight, seed, hangMs = HANG_MS, onProgress }: FuzzOptions,
): Promise<Played> {
  if (requests === 0) return { lines: [], failures: [] }
  const make = createFuzzRequests(server.openapi, seed)
  const sender = createSender(server.url, hangMs)
  const statuses = new Map<string, number>()
  const routes = new Set<string>()
  const failures: string[] = []
  let slowest: readonly { readonly ms: number; readonly route: string }[] = []
  let raw = 0
  let next = 0
  let done = 0
  let sentAgain = 0
  const note = (status: Outcome['status']): void => {
    const name = String(status)
    statuses.set(name, (statuses.get(name) ?? 0) + 1)
  }

  async function sendOne(index: number): Promise<void> {
    const asked = make(index, server.world)
    let outcome = await sender.send(asked)
    // Of a request that is refused in the middle the answer may be lost with its connection.
    for (let times = 0; mayBeLost(outcome, asked) && times < AGAIN; times += 1) {
      sentAgain += 1
      outcome = await sender.send(asked, true)
    }
    const { status, ms, detail } = outcome
    note(status)
    if (slowest.length < SLOWEST || ms > slowest.at(-1)!.ms) {
      const all = [...slowest, { ms, route: asked.route }]
      slowest = all.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST)
    }
    if (typeof status === 'number' && status >= 200 && status < 300) routes.add(asked.route)
    if (isFailure(status, asked)) {
      failures.push(`#${index} ${asked.as}: ${status} ${detail}\n  ${asCurl(server.url, asked)}`)
    }
  }

  async function sendOdd(index: number): Promise<void> {
    const paths = ['/healthz', '/api/calls', server.webhookUrl, '/widget.js', '/none']
    const odd = oddBytes(raw++, seed, paths)
    const { statuses: found, isHang } = await sendRaw(server.port, odd, hangMs)
    for (const status of found) note(status)
    const bad = found.find((status) => status >= 500 && !NODES_OWN.includes(status))
    const isShort = found.length < odd.answers
    if (isHang || isShort || bad !== undefined) {
      const hex = Buffer.concat(odd.pieces).subarray(0, 2000).toString('base64')
      const answers = `${found.length} of ${odd.answers} answers`
      const what = isHang ? `hang, ${answers}` : String(bad ?? answers)
      failures.push(`#${index} ${odd.name}: ${what}\n  echo ${hex} | base64 -d | nc 127.0.0.1 PORT`)
    }
  }

  async function renew(): Promise<void> {
    await server.renew().catch((error: unknown) => failures.push(`no request gets in: ${error}`))
  }

  async function work(): Promise<void> {
    while (next < requests && failures.length < MAX_FAILURES) {
      const index = next++
      if (index % RENEW_EVERY === RENEW_EVERY - 1) {
        await renew()
        onProgress?.(index + 1)
      }
      await (index % 100 < RAW_SHARE ? sendOdd(index) : sendOne(index))
      done += 1
      if (hasEnded(server)) return
    }
  }

  await renew()
  await Promise.all(Array.from({ length: inFlight }, work))
  sender.close()
  if (done < requests) failures.push(`only ${done} of ${requests} requests were sent`)
  const described = new Set(readOperations(server.openapi).map((each) => each.route)).size
  failures.push(...turnedAway({ requests: done, statuses, routes: routes.size, described }))
  const classes = [...statuses].sort(([a], [b]) => a.localeCompare(b))
  return {
    failures,
    lines: [
      `requests: ${done}, of them ${raw} as bytes on connections of their own; ${sentAgain} sent again, as their answers were lost`,
      `answers: ${classes.map(([status, count]) => `${status} × ${count}`).join(', ')}`,
      `routes that answered with 2xx: ${routes.size} of ${described}`,
      `slowest: ${slowest.map(({ ms, route }) => `${ms.toFixed(0)} ms ${route}`).join(', ')} (SAFE-3, on a machine of its own: at most ${HANG_MS} ms)`,
      ...(hasEnded(server) ? [] : [describeMemory(server)]),
    ],
  }
}

function describeMemory({ server }: FuzzServer): string {
  const { now, peak } = memoryOf(server.child.pid ?? 0)
  return `the server's memory: ${now.toFixed(0)} MiB, at most ${peak.toFixed(0)} MiB`
}

/** What Node answers by itself to what is no HTTP of today: the server has no part in it. */
const NODES_OWN = [501, 505]

/** Without a body there is nothing in whose middle a request could be refused. */
function mayBeLost({ status }: Outcome, { body }: FuzzRequest): boolean {
  return status === 'lost' && body !== null
}

function isFailure(status: Outcome['status'], asked: FuzzRequest): boolean {
  if (typeof status === 'number') return status >= 500
  return status === 'hang' || !isTooLarge(asked)
}

/** Refused while it is still being sent: that the answer is lost with the connection is HTTP's own. */
function isTooLarge({ route, body }: FuzzRequest): boolean {
  const limit = route.includes(' /webhooks/') ? MAX_BODY_BYTES : MAX_JSON_BYTES
  return body !== null && body.length > limit
}

interface Answered {
  readonly requests: number
  readonly statuses: ReadonlyMap<string, number>
  /** Those that answered with 2xx. */
  readonly routes: number
  readonly described: number
}

/** Shares of the routes and of the answers; 8000 requests had 0.58 and 0.12. */
const LEAST_ROUTES = 0.4
const LEAST_SHARE = 0.05

/** Requests that are all refused at the door would show nothing of what is behind it. */
function turnedAway({ requests, statuses, routes, described }: Answered): string[] {
  const wanted = Math.min(described * LEAST_ROUTES, requests / 100)
  const good = [...statuses].filter(([status]) => status.startsWith('2'))
  const share = good.reduce((sum, [, count]) => sum + count, 0) / Math.max(requests, 1)
  const found: string[] = []
  if (routes < wanted) found.push(`only ${routes} of ${described} routes answered with 2xx`)
  if (share < LEAST_SHARE) found.push(`only ${(share * 100).toFixed(1)} % of the answers are 2xx`)
  return found
}
