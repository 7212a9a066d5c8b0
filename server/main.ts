import type { Server } from 'node:http'
import { enableCompileCache, flushCompileCache } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Context } from './context.ts'
import type { EndRequests } from './http/closing.ts'
import type { Log } from './log.ts'

// What an earlier start stripped of its types and compiled is not compiled again: half of a start's time (PERF-8).
// In the folder of the secrets: whoever can write code there needs no cache for it.
enableCompileCache(join(process.env.DATA_DIR || './data', 'compiled'))

/** By then the start is over, whatever came while the server was away is taken in, and nobody waits. */
const SETTLED_MS = 30_000
/** With thousands of streams to look through it takes half a second, in which nobody hears of a call (PERF-3). */
const FEW = 500
/**
 * Connections that wait to be taken; the system allows fewer (Linux 4096, `net.core.somaxconn`). Where thousands of
 * pages come back at once, a webhook that finds no place tries again only after a second (HOLD-6).
 */
const BACKLOG = 16_384

try {
  await start()
} catch (error) {
  process.stderr.write(`Ringside cannot start: ${reasonOf(error)}\n`)
  process.exit(1)
}

async function start(): Promise<void> {
  // Only now: what was imported before the cache was opened would be compiled each time.
  const { readConfig } = await import('./config.ts')
  const { createLog } = await import('./log.ts')
  const { createContext } = await import('./context.ts')
  const { createApp } = await import('./http/app.ts')
  const { createEndRequests } = await import('./http/closing.ts')
  const { createFront } = await import('./http/front.ts')
  const { createFirstAdminLink } = await import('./http/sign-in-link.ts')
  const { collectGarbage } = await import('./collect-garbage.ts')
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  const context = await createContext(config, log)
  const app = await createApp(context)
  // Not when it ends: many a server is killed.
  flushCompileCache()
  const server = createFront({ ...context, fetch: app.fetch })
  const endRequests = createEndRequests(server)
  const port = await listen(server, config.host, config.port)
  server.on('upgrade', context.pbxSockets.handleUpgrade)
  stopOnSignal(endRequests, context, log)
  const local = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
  process.stdout.write(`Ringside: ${local}\nDemo: ${local}/demo\n`)
  const link = await createFirstAdminLink(context.database.db, local, new Date())
  if (link !== null) process.stdout.write(`Admin sign-in (once): ${link}\n`)
  setTimeout(() => {
    if (context.hub.subscribers() <= FEW) collectGarbage()
  }, SETTLED_MS).unref()
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, backlog: BACKLOG }, () =>
      resolve((server.address() as AddressInfo).port),
    )
  })
}

/** How long requests that came before the signal may take: Asterisk never sends an event again. */
const STOP_PATIENCE_MS = 5000
/** How long all that is open may take to close: what a database that does not answer has not taken is in the spool. */
const CLOSE_PATIENCE_MS = 10_000

/**
 * Says that it is leaving for as long as `DRAIN_SECONDS`, or until the second signal; then takes no new
 * connections, ends the streams, lets requests finish, and closes what is open: the links to PBXs, whoever opened
 * them, serve the requests to the last.
 */
function stopOnSignal(endRequests: EndRequests, context: Context, log: Log): void {
  const { leaving } = context
  const stop = async (signal: string): Promise<void> => {
    if (leaving.isLeaving()) return leaving.hurry()
    log.info('server.stopping', { signal })
    await leaving.begin()
    context.endStreams()
    await endRequests(STOP_PATIENCE_MS)
    await close()
  }
  const close = (): Promise<void> => {
    setTimeout(() => {
      log.warn('server.not-closed', { waitedMs: CLOSE_PATIENCE_MS })
      process.exit(0)
    }, CLOSE_PATIENCE_MS)
    return context.close().then(
      () => {
        // Whatever a driver has left open.
        process.exit(0)
      },
      (error: unknown) => {
        log.error('server.stop-failed', { error })
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
}

/** The message of an error and of what caused it, on one line. */
function reasonOf(error: unknown): string {
  const messages: string[] = []
  for (let each = error; each instanceof Error && messages.length < 4; each = each.cause) {
    const [line = ''] = each.message.split('\n')
    messages.push(line.slice(0, 300))
  }
  return messages.join(': ') || String(error)
}
