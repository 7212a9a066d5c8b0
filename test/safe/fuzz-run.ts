import { createFuzzRequests, type FuzzRequest } from './fuzz-requests.ts'
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

export interface FuzzResult {
  readonly requests: number
  /** Of them, those that went as bytes on connections of their own. */
  readonly raw: number
  readonly statuses: ReadonlyMap<string, number>
  readonly slowestMs: number
  /** Each with what it takes to try it again. */
  readonly failures: readonly string[]
  readonly routesAnswered: number
}

/** So many of a hundred requests are odd bytes. */
const RAW_SHARE = 5
const RENEW_EVERY = 2000
const MAX_FAILURES = 20

/** Sends the requests of a seed, from the first to the last; ends early where all that can be is said. */
export async function fuzzRequests(
  server: FuzzServer,
  { requests, inFlight, seed, hangMs = HANG_MS, onProgress }: FuzzOptions,
): Promise<FuzzResult> {
  const make = createFuzzRequests(server.openapi, seed)
  const sender = createSender(server.url, hangMs)
  const statuses = new Map<string, number>()
  const routes = new Set<string>()
  const failures: string[] = []
  let slowestMs = 0
  let raw = 0
  let next = 0
  const note = (status: Outcome['status']): void => {
    const name = String(status)
    statuses.set(name, (statuses.get(name) ?? 0) + 1)
  }

  async function sendOne(index: number): Promise<void> {
    const asked = make(index, server.world)
    const { status, ms, detail } = await sender.send(asked)
    note(status)
    slowestMs = Math.max(slowestMs, ms)
    if (typeof status === 'number' && status < 300) routes.add(asked.route)
    if (isFailure(status, asked)) {
      failures.push(`#${index} ${asked.as}: ${status} ${detail}\n  ${asCurl(server.url, asked)}`)
    }
  }

  async function sendOdd(index: number): Promise<void> {
    const paths = ['/healthz', '/api/calls', server.webhookUrl, '/widget.js', '/none']
    const odd = oddBytes(raw++, seed, paths)
    const { statuses: found, isHang } = await sendRaw(server.port, odd.pieces, odd.isBroken, hangMs)
    for (const status of found) note(status)
    const bad = found.find((status) => status >= 500 && !NODES_OWN.includes(status))
    if (isHang || bad !== undefined) {
      const hex = Buffer.concat(odd.pieces).subarray(0, 2000).toString('base64')
      const what = isHang ? 'hang' : String(bad)
      failures.push(`#${index} ${odd.name}: ${what}\n  echo ${hex} | base64 -d | nc 127.0.0.1 PORT`)
    }
  }

  async function work(): Promise<void> {
    while (next < requests && failures.length < MAX_FAILURES) {
      const index = next++
      if (index % RENEW_EVERY === RENEW_EVERY - 1) {
        await server.renew()
        onProgress?.(index + 1)
      }
      await (index % 100 < RAW_SHARE ? sendOdd(index) : sendOne(index))
      if (server.server.child.exitCode !== null) return
    }
  }

  await server.renew()
  await Promise.all(Array.from({ length: inFlight }, work))
  sender.close()
  failures.push(...(await aliveAfter(server)))
  return { requests: next, raw, statuses, slowestMs, failures, routesAnswered: routes.size }
}

/** What Node answers by itself to what is no HTTP of today: the server has no part in it. */
const NODES_OWN = [501, 505]

function isFailure(status: Outcome['status'], { headers, body }: FuzzRequest): boolean {
  if (status === 'hang') return true
  if (typeof status === 'number') return status >= 500
  // Of a request that was refused in the middle the answer may be lost with its connection.
  return body === null && headers.expect === undefined
}

/** What is amiss with the process itself. */
async function aliveAfter({ server, healthMs }: FuzzServer): Promise<string[]> {
  const found: string[] = []
  if (server.child.exitCode !== null || server.child.signalCode !== null) {
    found.push(`the server ended with ${server.child.exitCode ?? server.child.signalCode}`)
  } else {
    await healthMs().catch((error: unknown) => found.push(`afterwards: ${String(error)}`))
  }
  const failed = server.errors.filter((line) => /"level":(50|60)|Error:|"error"/.test(line))
  const unexpected = failed.filter((line) => /http\.failed|webhook\.failed|uncaught/i.test(line))
  found.push(...unexpected.slice(0, 5).map((line) => `the server's log: ${line.slice(0, 1500)}`))
  return found
}

/** As lines for people. */
export function describeFuzz(result: FuzzResult, server: FuzzServer): string[] {
  const classes = [...result.statuses].sort(([a], [b]) => a.localeCompare(b))
  const { now, peak } = memoryOf(server.server.child.pid ?? 0)
  return [
    `requests: ${result.requests}, of them ${result.raw} as bytes on connections of their own`,
    `answers: ${classes.map(([status, count]) => `${status} × ${count}`).join(', ')}`,
    `routes that answered with 2xx: ${result.routesAnswered}`,
    `slowest: ${result.slowestMs.toFixed(0)} ms (SAFE-3, on a machine of its own: at most ${HANG_MS})`,
    `the server's memory: ${now.toFixed(0)} MiB, at most ${peak.toFixed(0)} MiB`,
  ]
}
