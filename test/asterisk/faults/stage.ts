import type { AsteriskVersion } from '../../../server/simulate/scenario.ts'
import { type CuttableProxy, startCuttableProxy } from '../../support/cuttable-proxy.ts'
import { type Observer, openLinks, startObserver } from '../observer.ts'
import type { Asterisk } from '../rig.ts'
import type { Report } from './report.ts'

/** A Ringside that hears one Asterisk by one account alone, over a line that can fail. */
export interface FaultLink {
  readonly kind: 'ami' | 'ari'
  readonly observer: Observer
  readonly proxy: CuttableProxy
}

/** What the faults of one version work with. */
export interface FaultStage {
  readonly version: AsteriskVersion
  readonly asterisk: Asterisk
  readonly links: readonly FaultLink[]
  readonly report: Report
  readonly random: () => number
  /** A customer's number that no other call has. */
  readonly nextNumber: () => string
  readonly signal: AbortSignal
}

/** One Ringside for each protocol, connected. */
export async function startFaultLinks(
  asterisk: Asterisk,
  timeZone: string,
  open: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<readonly FaultLink[]> {
  const links: FaultLink[] = []
  for (const kind of ['ami', 'ari'] as const) {
    const proxy = open.use(await startProxyTo(asterisk, kind))
    const observer = await startObserver(kind, timeZone)
    open.defer(observer.ringside.stop)
    await openThrough(observer, proxy, signal)
    links.push({ kind, observer, proxy })
  }
  return links
}

export async function startProxyTo(
  { amiPort, ariUrl }: Asterisk,
  kind: 'ami' | 'ari',
): Promise<CuttableProxy> {
  return startCuttableProxy(kind === 'ami' ? amiPort : Number(new URL(ariUrl).port))
}

export async function openThrough(
  observer: Observer,
  proxy: CuttableProxy,
  signal: AbortSignal,
): Promise<void> {
  const accounts = { ariUrl: `http://127.0.0.1:${proxy.port}`, amiPort: proxy.port }
  await openLinks(observer, accounts, signal)
}

/** As the API tells it. */
export interface LinkStatus {
  readonly state: string
  readonly since: string | null
  readonly error: string | null
}

/** The moment at which this holds of the link's status; rejects where it does not in time. */
export async function linkBecomes(
  { kind, observer }: Pick<FaultLink, 'kind' | 'observer'>,
  isIt: (status: LinkStatus) => boolean,
  withinMs: number,
  signal: AbortSignal,
): Promise<Date> {
  const until = Date.now() + withinMs
  for (;;) {
    const path = `/api/connections/${observer.connectionId}`
    const found = await observer.ringside
      .request<{ status: Record<string, LinkStatus> }>('GET', path)
      .catch(() => null)
    const status = found?.status[kind]
    if (status !== undefined && isIt(status)) return new Date()
    if (Date.now() > until) {
      throw new Error(`the link is ${JSON.stringify(status)} after ${withinMs / 1000} s`)
    }
    await pause(100, signal)
  }
}

/** Up by a connection that was made after this moment. */
export function linkComesUp(
  link: Pick<FaultLink, 'kind' | 'observer'>,
  after: Date,
  withinMs: number,
  signal: AbortSignal,
): Promise<Date> {
  const isNew = (since: string | null): boolean => since !== null && Date.parse(since) >= +after
  return linkBecomes(link, ({ state, since }) => state === 'up' && isNew(since), withinMs, signal)
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, Math.max(0, ms))
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}

export function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / 1000)
}
