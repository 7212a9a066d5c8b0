// A helpdesk page with Ringside in it: EMBED_SECRET=… RINGSIDE_URL=http://127.0.0.1:3000 node node.mjs
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'

const { EMBED_SECRET = '', RINGSIDE_URL = 'http://127.0.0.1:3000', PORT = '8000' } = process.env
const AGENTS = {
  anna: { id: 'anna', name: 'Anna Petrova', email: 'anna@helpdesk.example', extensions: ['101'] },
}

/** Who the agent is, signed: all that Ringside needs of a helpdesk. */
function ringsideToken({ id, name, email, extensions }) {
  const part = (data) => Buffer.from(JSON.stringify(data)).toString('base64url')
  const exp = Math.floor(Date.now() / 1000) + 3600 // at most 24 hours
  const claims = { sub: String(id), name, email, extensions, aud: 'ringside', exp }
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${text}.${createHmac('sha256', EMBED_SECRET).update(text).digest('base64url')}`
}

const PAGE = `<!doctype html>
<html lang="en">
<title>Tickets</title>
<h1>Tickets</h1>
<p>Call the customer: <a href="tel:+74951234567">+7 495 123-45-67</a></p>
<script type="module" src="${RINGSIDE_URL}/widget.js" data-token-url="/token" data-intercept-tel></script>`

createServer((request, response) => {
  // Your helpdesk knows who is signed in; this one believes a cookie.
  const agent = AGENTS[/(?:^|; )agent=(\w+)/.exec(request.headers.cookie ?? '')?.[1]]
  if (request.url === '/token') {
    const headers = { 'content-type': 'text/plain', 'cache-control': 'no-store' }
    if (agent) response.writeHead(200, headers).end(ringsideToken(agent))
    else response.writeHead(401, headers).end('Log in first.')
  } else {
    response.setHeader('set-cookie', 'agent=anna; HttpOnly; SameSite=Lax')
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(PAGE)
  }
}).listen(Number(PORT), '127.0.0.1', function () {
  console.log(`http://127.0.0.1:${this.address().port}`)
})
