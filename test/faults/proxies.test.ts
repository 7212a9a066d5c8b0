import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import type { Database } from '../../db/database.ts'
import { openInMemory } from '../support/in-memory.ts'
import { PROXIES, type RunningProxy, startProxy, whyNot } from '../support/proxy.ts'
import { multipart } from '../support/raw-request.ts'
import { createWorld, type World } from '../support/world.ts'
import {
  compareDelays,
  type Finding,
  nothingIsSmuggled,
  post,
  reloadUnderLoad,
  uploadIsPassedOn,
  websocketIsPassedOn,
} from './proxy-checks.ts'

const MAX = 1024 * 1024
const SOUND = 'server/simulate/recording.mp3'

let world: World
let database: Database
before(async () => {
  database = await openInMemory()
  world = await createWorld(async () => database, { RECORDING_MAX_BYTES: String(MAX) })
})
after(async () => {
  await world.close()
  await database.close()
})

const must = ({ what, found, isRight }: Finding): void => assert.ok(isRight, `${what}: ${found}`)

for (const kind of PROXIES) {
  describe(`${kind} as docs/operating.md says`, { skip: whyNot(kind), timeout: 90_000 }, () => {
    let proxy: RunningProxy
    before(async () => {
      proxy = await startProxy(kind, [world.url])
    })
    after(() => proxy[Symbol.asyncDispose]())
    const hookPath = (): string => new URL(world.webhookUrl).pathname

    test(`EMBED-5 events come at once through ${kind}, as without it`, async () => {
      must(await compareDelays(world, proxy, 20))
    })

    test(`HOLD-6 ${kind} reads its configuration anew: no event is refused, a page misses none`, async () => {
      must(await reloadUnderLoad(world, proxy, { events: 20, reloads: 2 }))
    })

    test(`CALL-8 POP-9 a recording goes up and is heard in parts through ${kind}`, async () => {
      const sound = readFileSync(SOUND)
      const id = `16${Date.now()}.1`
      await world.hook({
        unique_id: id,
        status: 'incoming_ring',
        to_user: '101',
        from_user: '1234567',
      })
      const upload = multipart([
        { name: 'status', value: 'record' },
        { name: 'unique_id', value: id },
        { name: 'record', value: sound, fileName: 'a.mp3' },
      ])
      assert.equal((await post(proxy.url + hookPath(), upload.body, upload.headers)).status, 200)
      const [recording] = (await world.call(id)).recordings
      const heard = await new Promise<IncomingMessage>((resolve) =>
        request(`${proxy.url}/api/recordings/${recording?.id}/audio`, {
          agent: false,
          headers: { range: 'bytes=100-299', authorization: `Bearer ${world.token('susan')}` },
        })
          .once('response', resolve)
          .end(),
      )
      assert.equal(heard.statusCode, 206)
      assert.equal(heard.headers['content-range'], `bytes 100-299/${sound.length}`)
      assert.deepEqual(await buffer(heard), sound.subarray(100, 300))
    })

    test(`SAFE-4 an upload is passed on by ${kind} as it comes, and a 413 is the server’s own line`, async () => {
      must(await uploadIsPassedOn(kind))
      const large = multipart([
        { name: 'status', value: 'record' },
        { name: 'unique_id', value: '1.1' },
        { name: 'record', value: Buffer.alloc(8 * MAX), fileName: 'a.mp3' },
      ])
      const refused = await post(proxy.url + hookPath(), large.body, large.headers)
      assert.equal(refused.status, 413)
      assert.match(refused.headers['content-type'] ?? '', /^text\/plain/)
      assert.match(refused.body, /larger|over|bytes/)
    })

    test(`ARI-4 a PBX connects by websocket through ${kind}`, async () => {
      must(await websocketIsPassedOn(kind))
    })

    test(`SAFE-10 the client’s address, the headers and where a request ends, behind ${kind}`, async () => {
      must(await nothingIsSmuggled(kind))
      const forged = { 'x-forwarded-for': '198.51.100.7' }
      const answer = await post(proxy.url + hookPath(), 'status=nonsense', forged)
      assert.equal(answer.status, 400)
      assert.match(String(answer.headers['strict-transport-security']), /max-age=31536000/)
      const { body } = await world.api('GET', `/api/connections/${world.connectionId}/log`)
      assert.equal(body.items[0].source, '198.51.100.7, 127.0.0.1 by 127.0.0.1')
      const fromBrowser = await post(proxy.url + hookPath(), 'status=nonsense', {
        origin: 'https://evil.example',
      })
      assert.equal(fromBrowser.status, 403)
    })
  })
}
