// A receiver of Ringside's webhooks: node docs/samples/hook.mjs
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const secret = process.env.HOOK_SECRET ?? '' // whsec_…, shown once when the webhook is added
const port = Number(process.env.PORT ?? 8001)

/** Whether a body is from Ringside, unchanged, and of the last five minutes. */
function isGenuine(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = headers
  if (!(Math.abs(Date.now() / 1000 - Number(at)) <= 300)) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest()
  return signatures.split(' ').some((each) => {
    const given = Buffer.from(each.replace(/^v1,/, ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks) // the bytes as they came: verify first, read then
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end()
  const { type, data } = JSON.parse(body)
  // Answer at once and work afterwards. The same webhook-id can come twice: keep those that were done.
  response.writeHead(204).end()
  console.log(type, data.id)
})
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`))
