import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Metrics } from '../metrics.ts'
import { isAriSocket } from '../sources/ari-socket.ts'
import { createStreamTurns } from './stream-turns.ts'
import type { Underway } from './underway.ts'
import type { WebhookKind, Webhooks } from './webhooks.ts'

export interface FrontOptions {
  /** The app, which answers whatever else is asked. */
  readonly fetch: Parameters<typeof getRequestListener>[0]
  readonly webhooks: Webhooks
  readonly metrics: Pick<Metrics, 'noteRequest'>
  readonly underway: Pick<Underway, 'add'>
}

/** An address of a webhook as we write it; what is written otherwise finds its route in the app. */
const WEBHOOK = /^\/webhooks\/(asterisk|cti)\/([\w-]+)(?:\?|$)/

const STREAM = /^\/api\/stream(?:\?|$)/

/**
 * The server, which does not listen yet: webhooks are answered at once, without the way through the app (PERF-1), and streams
 * wait for their turn before anything is looked up for them.
 */
export function createFront({ fetch, webhooks, metrics, underway }: FrontOptions): Server {
  // Some routes write their answer themselves. A middleware that sets a header, and a HEAD, make a new response of what
  // they return, in which node-server does not see that: it would answer a second time.
  const once: typeof fetch = async (request, env) => {
    const response = await fetch(request, env)
    return env.outgoing.headersSent ? RESPONSE_ALREADY_SENT : response
  }
  // A health check of HTTP/1.0 says no host.
  const others = getRequestListener(once, { hostname: 'localhost' })
  const turns = createStreamTurns()
  const answer = async (
    kind: WebhookKind,
    token: string,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> => {
    const begin = performance.now()
    await webhooks.answer(kind, token, incoming, outgoing)
    metrics.noteRequest({
      method: incoming.method ?? '',
      route: `/webhooks/${kind}/:token`,
      status: outgoing.statusCode,
      seconds: (performance.now() - begin) / 1000,
    })
  }
  // Whatever else somebody offers to speak instead (`curl --http2` asks for h2c) is not taken up: the request is
  // answered as it is (RFC 9110 7.8), and an event not lost.
  const server = createServer({ shouldUpgradeCallback: isAriSocket }, (incoming, outgoing) => {
    turns.noteArrival()
    const { method, url = '', headers } = incoming
    // What stood right behind such a request is lost in node:http: its sender sees that, and asks again.
    if (headers.upgrade !== undefined) outgoing.setHeader('connection', 'close')
    // Who has no token is refused without a look at anything.
    if (method === 'GET' && STREAM.test(url) && headers.authorization !== undefined) {
      turns.begin({
        isGone: () => outgoing.destroyed,
        begin: async () => {
          // A server that stops lets nobody in any more; they come to the next one.
          if (server.listening) await others(incoming, outgoing)
          else outgoing.destroy()
        },
      })
      return
    }
    const found = WEBHOOK.exec(url)
    if (found !== null) {
      const [, kind, token] = found as unknown as [string, WebhookKind, string]
      underway.add(answer(kind, token, incoming, outgoing))
    } else {
      void others(incoming, outgoing)
    }
  })
  server.on('connection', turns.noteArrival)
  // A recording may take long to come; a request that falls silent is ended by its route.
  server.requestTimeout = 30 * 60_000
  return server
}
