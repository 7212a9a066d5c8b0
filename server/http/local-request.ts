import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

/**
 * True when the request comes from this very machine: the connection, the address that was asked
 * for and the server's own address are all loopback, and no proxy had it in its hands. For methods
 * that change something a browser's request must also be of one of our own pages.
 */
export function isLocalRequest(c: Context, publicUrl: string): boolean {
  const incoming = incomingOf(c)
  const remote = incoming?.socket.remoteAddress
  if (remote === undefined || !isLoopbackAddress(remote)) return false
  // Proxies that add no header of their own mostly still speak HTTP/1.0 to the server behind them.
  if (incoming?.httpVersion === '1.0') return false
  const host = c.req.header('host')
  if (host === undefined || !isLoopbackHost(`http://${host}`)) return false
  if (!isLoopbackHost(publicUrl) || hasPassedProxy(c)) return false
  return c.req.method === 'GET' || isOfOwnPage(c, host)
}

/** The request of Node; there is none when the app is called without a server. */
export function incomingOf(c: Context): HttpBindings['incoming'] | undefined {
  return (c.env as Partial<HttpBindings> | undefined)?.incoming
}

const PROXY_HEADERS = ['forwarded', 'via', 'x-real-ip']

function hasPassedProxy(c: Context): boolean {
  return Object.keys(c.req.header()).some(
    (name) => name.startsWith('x-forwarded') || PROXY_HEADERS.includes(name),
  )
}

function isOfOwnPage(c: Context, host: string): boolean {
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  return (
    (site === undefined || site === 'same-origin') &&
    (origin === undefined || origin === `http://${host}`)
  )
}

function isLoopbackAddress(address: string): boolean {
  return /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address) || address === '::1'
}

function isLoopbackHost(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || isLoopbackAddress(hostname)
}
