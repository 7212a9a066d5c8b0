import { readFile } from 'node:fs/promises'
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../access.ts'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `/sign-in`: where sign-in links lead. */
export function signInPageRoutes() {
  return new Hono<AppEnv>()
    .get('/sign-in', (c) => sendPage(c, 'sign-in.html', 'text/html'))
    .get('/sign-in/page.js', (c) => sendPage(c, 'sign-in.js', 'text/javascript'))
    .get('/sign-in/page.css', (c) => sendPage(c, 'sign-in.css', 'text/css'))
}

async function sendPage(c: Context, file: string, type: string): Promise<Response> {
  return c.body(await readFile(new URL(`../pages/${file}`, import.meta.url), 'utf8'), 200, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  })
}
