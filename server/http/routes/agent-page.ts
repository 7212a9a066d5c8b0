import { readFile } from 'node:fs/promises'
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../access.ts'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types ringside',
].join('; ')

/** `/agent`: a bare page for agents who have no helpdesk page, made of the widget's elements (EMBED-6). */
export function agentPageRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/agent', (c) => sendPage(c, 'agent.html', 'text/html'))
    .get('/agent/page.js', (c) => sendPage(c, 'agent.js', 'text/javascript'))
    .get('/agent/language.js', (c) => sendPage(c, 'language.js', 'text/javascript'))
    .get('/agent/signed-in.js', (c) => sendPage(c, 'signed-in.js', 'text/javascript'))
    .get('/agent/page.css', (c) => sendPage(c, 'agent.css', 'text/css'))
}

/** `/admin`: the settings on a page of their own, for admins who have no helpdesk page yet (EMBED-6). */
export function adminPageRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>().get('/admin', (c) => sendPage(c, 'admin.html', 'text/html'))
}

/** `/reports` and `/wallboard`: for supervisors and admins; what they may not see is not in the pages themselves. */
export function supervisorPageRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/reports', (c) => sendPage(c, 'reports.html', 'text/html'))
    .get('/wallboard', (c) => sendPage(c, 'wallboard.html', 'text/html'))
    .get('/wallboard/page.js', (c) => sendPage(c, 'wallboard.js', 'text/javascript'))
    .get('/wallboard/page.css', (c) => sendPage(c, 'wallboard.css', 'text/css'))
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
