import type { IncomingMessage } from 'node:http'

/** The address of who connected, and behind a proxy what that says of the one before it. */
export function sourceAddress(incoming: IncomingMessage): string {
  const address = incoming.socket.remoteAddress ?? ''
  const forwarded = incoming.headers['x-forwarded-for']
  if (typeof forwarded !== 'string') return address
  const said = forwarded.replace(/[^\w.:, -]/g, '').slice(0, 100)
  return `${said} by ${address}`
}
