import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Metrics } from '../metrics.ts'
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

/** The listener of the server: webhooks are answered at once, without the way through the app (PERF-1). */
export function createFront({ fetch, webhooks, metrics, underway }: FrontOptions): RequestListener {
  // A health check of HTTP/1.0 says no host.
  const others = getRequestListener(fetch, { hostname: 'localhost' })
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
  return (incoming, outgoing) => {
    const found = WEBHOOK.exec(incoming.url ?? '')
    if (found === null) return void others(incoming, outgoing)
    const [, kind, token] = found as unknown as [string, WebhookKind, string]
    underway.add(answer(kind, token, incoming, outgoing))
  }
}
