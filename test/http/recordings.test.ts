import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { PeaksView } from '../../server/http/schemas.ts'
import { onEachDatabase } from '../support/database.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { createWorld, type World } from '../support/world.ts'

const audio = readFileSync('server/simulate/recording.mp3')
const gsm = readFileSync('test/fixtures/recordings/gsm.wav')

onEachDatabase((open) => {
  test('CALL-8 POP-9 a recording is listened to by token or signed address, whole or in parts', async () => {
    await using world = await createWorld(open)
    const id = await recorded(world)
    const { status, body } = await world.api('GET', `/api/recordings/${id}`, undefined, 'boris')
    assert.equal(status, 200)
    assert.equal(body.mime, 'audio/mpeg')
    assert.equal(body.bytes, audio.length)

    const signed = new URL(body.audioUrl, world.url)
    const answer = await fetch(signed)
    assert.equal(answer.status, 200)
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), audio)
    assert.equal(answer.headers.get('content-type'), 'audio/mpeg')
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    assert.match(answer.headers.get('content-security-policy') ?? '', /sandbox/)
    const etag = answer.headers.get('etag') ?? ''

    const part = await fetch(signed, { headers: { range: 'bytes=100-199' } })
    assert.equal(part.status, 206)
    assert.equal(part.headers.get('content-range'), `bytes 100-199/${audio.length}`)
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), audio.subarray(100, 200))

    const late = await fetch(signed, { headers: { range: `bytes=${audio.length}-` } })
    assert.equal(late.status, 416)
    assert.equal(late.headers.get('content-range'), `bytes */${audio.length}`)
    assert.equal((await fetch(signed, { headers: { 'if-none-match': etag } })).status, 304)
    const other = await fetch(signed, { headers: { range: 'bytes=0-9', 'if-range': '"other"' } })
    assert.equal(other.status, 200)
    await other.arrayBuffer()
    const head = await fetch(signed, { method: 'HEAD' })
    assert.equal(head.headers.get('content-length'), String(audio.length))
    assert.equal((await head.arrayBuffer()).byteLength, 0)

    const byToken = await fetch(`${world.url}/api/recordings/${id}/audio`, {
      headers: { authorization: `Bearer ${world.token('boris')}` },
    })
    assert.equal((await byToken.arrayBuffer()).byteLength, audio.length)
  })

  test('CALL-8 HOLD-9 a recording whose file is gone or not whole is answered 404 at once, and logged', async () => {
    const log = createMemoryLog()
    await using world = await createWorld(open, {}, undefined, log)
    const id = await recorded(world)
    const { config, database } = world.context
    const found = database.db.selectFrom('recordings').select('storageKey')
    const { storageKey } = await found.executeTakeFirstOrThrow()
    const path = join(config.dataDir, 'recordings', storageKey)
    const headers = { authorization: `Bearer ${world.token('boris')}` }
    const asked = async (range?: string): Promise<[number, string]> => {
      const answer = await fetch(`${world.url}/api/recordings/${id}/audio`, {
        headers: range === undefined ? headers : { ...headers, range },
        signal: AbortSignal.timeout(3000),
      })
      const text = await answer.text()
      return [answer.status, answer.status === 404 ? JSON.parse(text).detail : '']
    }
    await truncate(path, 1000)
    const short = 'the file of this recording is not whole'
    for (const range of [undefined, 'bytes=500-1500', 'bytes=1500-', 'bytes=0-9', 'bytes=-1']) {
      assert.deepEqual(await asked(range), [404, short], range)
    }
    await writeFile(path, Buffer.concat([audio, audio]))
    assert.equal((await asked())[0], 404)
    await writeFile(path, audio)
    assert.equal((await asked('bytes=500-1500'))[0], 206)
    await rm(path)
    assert.deepEqual(await asked(), [404, 'the file of this recording is gone'])
    const lines = log.lines.filter(({ event }) => event === 'recording.file-not-whole')
    assert.equal(lines.length, 7)
    assert.deepEqual(lines[0], {
      level: 'error',
      event: 'recording.file-not-whole',
      facts: { recordingId: id, storageKey, bytes: audio.length, found: 1000 },
    })
  })

  test('SAFE-8 a signed address is of one recording and ends; without it a token is needed', async () => {
    await using world = await createWorld(open)
    const id = await recorded(world)
    const { body } = await world.api('GET', `/api/recordings/${id}`)
    const audioPath = `${world.url}/api/recordings/${id}/audio`
    assert.equal((await fetch(audioPath)).status, 401)
    const signed = new URL(body.audioUrl, world.url)
    const forged = new URL(signed)
    forged.searchParams.set('expires', String(Number(signed.searchParams.get('expires')) + 1))
    assert.equal((await fetch(forged)).status, 401)
    const elsewhere = new URL(`/api/recordings/another/audio${signed.search}`, world.url)
    assert.equal((await fetch(elsewhere)).status, 401)
    world.tick(3 * 60 * 60)
    assert.equal((await fetch(signed)).status, 401)
    assert.equal((await world.api('GET', '/api/recordings/none')).status, 404)
  })

  test('POP-9 a download has an address of its own, and a name', async () => {
    await using world = await createWorld(open)
    const id = await recorded(world)
    const { body } = await world.api('GET', `/api/recordings/${id}`, undefined, 'boris')
    const answer = await fetch(new URL(body.downloadUrl, world.url))
    const expected = /^attachment; filename="recording-[\d-]{19}\.mp3"$/
    assert.match(answer.headers.get('content-disposition') ?? '', expected)
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), audio)
    const listened = new URL(body.audioUrl, world.url)
    const inline = await fetch(listened)
    assert.equal(inline.headers.get('content-disposition'), 'inline')
    await inline.arrayBuffer()
    listened.searchParams.set('use', 'download')
    assert.equal((await fetch(listened)).status, 401)

    const boris = async () => (await world.api('GET', '/api/me', undefined, 'boris')).body
    assert.ok((await boris()).capabilities.includes('download'))
    await world.api('PATCH', '/api/settings', { downloadRole: 'supervisor' })
    const address = async (as: string) =>
      (await world.api('GET', `/api/recordings/${id}`, undefined, as)).body.downloadUrl
    assert.equal(await address('boris'), null)
    assert.equal(typeof (await address('susan')), 'string')
    assert.ok(!(await boris()).capabilities.includes('download'))
  })

  test('POP-9 the peaks of a recording are asked for by whoever may hear it', async () => {
    await using world = await createWorld(open)
    const id = await recorded(world)
    const path = `/api/recordings/${id}/peaks`
    const peaks = await measured(world, path)
    assert.equal(peaks.state, 'ready')
    assert.equal(peaks.channels.length, 1)
    assert.equal(peaks.channels[0]?.length, 1000)
    assert.ok(peaks.channels[0]?.some((point) => point > 20))
    assert.ok(peaks.channels[0]?.every((point) => point >= 0 && point <= 255))

    const headers = { authorization: `Bearer ${world.token('anna')}` }
    const first = await fetch(`${world.url}${path}`, { headers })
    const etag = first.headers.get('etag') ?? ''
    assert.equal(first.headers.get('cache-control'), 'private, no-cache')
    assert.deepEqual(await first.json(), peaks)
    const again = await fetch(`${world.url}${path}`, {
      headers: { ...headers, 'if-none-match': etag },
    })
    assert.equal(again.status, 304)
    assert.equal((await fetch(`${world.url}${path}`)).status, 401)
    assert.equal((await world.api('GET', '/api/recordings/none/peaks')).status, 404)
  })

  test('POP-9 peaks of an old recording are found out when first asked for; without a decoder there are none', async () => {
    await using world = await createWorld(open)
    const id = await recorded(world)
    const path = `/api/recordings/${id}/peaks`
    await measured(world, path)
    await world.context.database.db.deleteFrom('recordingPeaks').execute()
    const first = await world.api('GET', path)
    assert.deepEqual(first.body, { state: 'pending', channels: [] })
    assert.equal((await measured(world, path)).state, 'ready')

    const uniqueId = `${Date.now()}.7`
    assert.equal(await world.record(uniqueId, gsm, 'record.wav'), 200)
    await world.settled()
    const list = `/api/connections/${world.connectionId}/recordings`
    const { items } = (await world.api('GET', list)).body
    const strange = `/api/recordings/${items[0].id}/peaks`
    assert.deepEqual(await measured(world, strange), { state: 'none', channels: [] })
    assert.equal((await world.api('GET', strange, undefined, 'anna')).status, 404)
  })

  test('CALL-8 a recording whose call is not known is for admins', async () => {
    await using world = await createWorld(open)
    const uniqueId = `${Date.now()}.9`
    assert.equal(await world.record(uniqueId, audio), 200)
    await world.settled()
    const list = `/api/connections/${world.connectionId}/recordings`
    assert.equal((await world.api('GET', list, undefined, 'susan')).status, 403)
    const { items } = (await world.api('GET', list)).body
    assert.equal(items.length, 1)
    const { id } = items[0]
    assert.equal((await world.api('GET', `/api/recordings/${id}`, undefined, 'anna')).status, 404)
    const path = `/api/recordings/${id}/audio`
    assert.equal((await world.api('GET', path, undefined, 'anna')).status, 404)
    const { status, body } = await world.api('GET', `/api/recordings/${id}`)
    assert.equal(status, 200)
    assert.equal(body.callId, null)
    assert.equal((await fetch(new URL(body.audioUrl, world.url))).status, 200)
  })
})

/** Asks until it was measured, as a page does. */
async function measured(world: World, path: string): Promise<PeaksView> {
  for (;;) {
    const { status, body } = await world.api<PeaksView>('GET', path)
    assert.equal(status, 200)
    if (body.state !== 'pending') return body
    await setImmediate()
  }
}

async function recorded(world: World): Promise<string> {
  const uniqueId = `${Date.now()}.1`
  await world.hook({
    status: 'incoming_ring',
    unique_id: uniqueId,
    from_user: '+79161234567',
    to_user: '101',
  })
  await world.hook({
    status: 'incoming_answer',
    unique_id: uniqueId,
    from_user: '+79161234567',
    to_user: '101',
  })
  assert.equal(await world.record(uniqueId, audio), 200)
  const { recordings } = await world.call(uniqueId)
  assert.equal(recordings.length, 1)
  return recordings[0]?.id ?? ''
}
