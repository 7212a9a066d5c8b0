import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test, { after, before } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { onEachDatabase } from '../support/database.ts'
import { type S3Server, startS3 } from '../support/s3-server.ts'
import { createWorld, type World } from '../support/world.ts'

const audio = readFileSync('server/simulate/recording.mp3')
let s3: S3Server
before(async () => {
  s3 = await startS3()
})
after(() => s3.close())

onEachDatabase((open) => {
  test('CALL-8 POP-9 recordings in a bucket: heard in parts and measured; while it is away nothing is lost', async () => {
    const { accessKeyId, secretAccessKey } = s3.place
    await using world = await createWorld(open, {
      RECORDINGS_URL: s3.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey.reveal(),
      LOG_LEVEL: 'fatal',
    })
    const objects = (await s3.objects()).length
    const first = await recorded(world)
    assert.equal((await s3.objects()).length, objects + 1)
    const signed = await address(world, first)
    const part = await fetch(signed, { headers: { range: 'bytes=100-199' } })
    assert.equal(part.status, 206)
    assert.equal(part.headers.get('content-range'), `bytes 100-199/${audio.length}`)
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), audio.subarray(100, 200))
    assert.deepEqual(Buffer.from(await (await fetch(signed)).arrayBuffer()), audio)
    await measured(world, first)
    assert.deepEqual(await ready(world), [200, 'up'])

    await s3.goAway()
    const second = await recorded(world)
    const here = await fetch(await address(world, second))
    assert.deepEqual(Buffer.from(await here.arrayBuffer()), audio)
    await measured(world, second)
    const there = await fetch(await address(world, first))
    assert.equal(there.status, 503)
    assert.match(await there.text(), /does not answer/)

    await s3.comeBack()
    await until(() => world.context.storage.waiting() === 0)
    assert.equal((await s3.objects()).length, objects + 2)
    const back = await fetch(await address(world, second))
    assert.deepEqual(Buffer.from(await back.arrayBuffer()), audio)
  })
})

async function recorded(world: World): Promise<string> {
  const uniqueId = `${performance.now()}`
  const fields = { unique_id: uniqueId, from_user: '+79161234567', to_user: '101' }
  await world.hook({ ...fields, status: 'incoming_ring' })
  assert.equal(await world.record(uniqueId, audio), 200)
  const { recordings } = await world.call(uniqueId)
  return recordings[0]?.id ?? ''
}

async function address(world: World, id: string): Promise<URL> {
  const { body } = await world.api('GET', `/api/recordings/${id}`)
  return new URL(body.audioUrl, world.url)
}

async function measured(world: World, id: string): Promise<void> {
  await until(async () => {
    const { body } = await world.api('GET', `/api/recordings/${id}/peaks`)
    assert.notEqual(body.state, 'none')
    return body.state === 'ready'
  })
}

async function ready(world: World): Promise<unknown[]> {
  const answer = await fetch(`${world.url}/readyz`)
  return [answer.status, ((await answer.json()) as { recordings: string }).recordings]
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await setImmediate()
}
