import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { BEATS, createLive } from '../../server/stream/live.ts'

/** An answer that has begun with `hello`, and the client's end of it. */
async function answered(): Promise<{
  outgoing: ServerResponse
  incoming: IncomingMessage
  [Symbol.dispose](): void
}> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const asked = once(server, 'request')
  const came = once(get({ port: (server.address() as AddressInfo).port }), 'response')
  const [, outgoing] = (await asked) as [IncomingMessage, ServerResponse]
  outgoing.write('hello')
  const [incoming] = (await came) as [IncomingMessage]
  return {
    ...{ outgoing, incoming },
    [Symbol.dispose]: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

test('PERF-3 a heartbeat goes to whom nothing was written since the beat before, in the order of what is written', async () => {
  using pair = await answered()
  const { outgoing, incoming } = pair
  const live = createLive(outgoing, () => assert.fail('enough'))
  assert.equal(live.writeNow(Buffer.from('early')), false, 'the answer has not begun')
  live.begin()
  for (let i = 0; i < 2 * BEATS; i += 1) live.beat()
  for (let i = 0; i < 3; i += 1) {
    assert.equal(live.writeNow(Buffer.from(`event ${i}`)), true)
    live.beat()
  }
  live.count(Buffer.from('written by the answer itself'))
  live.beat()
  outgoing.end('end')
  const text = (await incoming.setEncoding('utf8').toArray()).join('')
  const beat = ': still here\n\n'
  assert.equal(text, `hello${beat}${beat}event 0event 1event 2end`)
})

test('PERF-3 a client that does not read is given nothing more until it has read', async () => {
  using pair = await answered()
  const { outgoing, incoming } = pair
  incoming.pause()
  const live = createLive(outgoing, () => undefined)
  live.begin()
  const chunk = Buffer.alloc(64 * 1024, 'x')
  let written = 'hello'.length
  while (live.writeNow(chunk)) written += chunk.length
  for (let i = 0; i < 2 * BEATS; i += 1) live.beat()
  outgoing.end()
  let read = 0
  for await (const bytes of incoming) read += bytes.length
  assert.equal(read, written)
})
