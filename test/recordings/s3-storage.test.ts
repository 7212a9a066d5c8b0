import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import test, { afterEach, beforeEach } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { S3Place } from '../../server/recordings/recordings-place.ts'
import { createS3Client } from '../../server/recordings/s3-client.ts'
import { createS3Send } from '../../server/recordings/s3-request.ts'
import { createS3Storage, type S3StorageOptions } from '../../server/recordings/s3-storage.ts'
import type { KeptFile, RecordingStorage } from '../../server/recordings/storage.ts'
import { Secret } from '../../server/secret.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { type S3Server, startS3 } from '../support/s3-server.ts'

const wav = readFileSync(new URL('../fixtures/audio/pcm.wav', import.meta.url))
let s3: S3Server
let folder = ''
let cleanUp: (() => unknown)[] = []
beforeEach(async () => {
  s3 = await startS3()
  folder = await mkdtemp(join(tmpdir(), 'ringside-waiting-'))
})
afterEach(async () => {
  for (const each of cleanUp) await each()
  cleanUp = []
  await s3.close()
  await rm(folder, { recursive: true, force: true })
})

interface Opened {
  readonly place?: Partial<S3Place>
  readonly partBytes?: number
  readonly idleMs?: number
  readonly patienceMs?: number
}

const log = createMemoryLog()
async function open(options: Opened = {}): Promise<RecordingStorage> {
  const place = { ...s3.place, ...options.place }
  const { idleMs = 2000, patienceMs = 60_000 } = options
  const send = createS3Send({ place, idleMs, retryMs: () => 1 })
  cleanUp.push(send.close)
  const client = createS3Client(send, place.prefix, options.partBytes)
  const settings: S3StorageOptions = { client, folder, log, patienceMs, retryMs: () => 5 }
  const storage = await createS3Storage(settings)
  cleanUp.unshift(storage.close)
  return storage
}

async function keep(storage: RecordingStorage, uniqueId = '1.1'): Promise<KeptFile> {
  const received = await storage.receive(
    (async function* () {
      yield wav
    })(),
    1_000_000,
  )
  assert.ok(received.type === 'received')
  const kept = await received.upload.keep('c1', uniqueId)
  await received.upload.discard()
  return kept
}

async function bytesOf(storage: RecordingStorage, key: string): Promise<Buffer | null> {
  const found = await storage.open(key)
  return found === null ? null : buffer(found.content)
}

async function listAll(storage: RecordingStorage): Promise<{ key: string; modifiedAt: Date }[]> {
  const found: { key: string; modifiedAt: Date }[] = []
  for await (const each of storage.stored?.() ?? []) found.push(each)
  return found
}

async function waitingFiles(): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map(({ name }) => name)
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await setImmediate()
}

test('CALL-8 a recording is in the bucket when it is acknowledged, and nothing is left here', async () => {
  const storage = await open()
  const { recording, isNew } = await keep(storage)
  assert.equal(isNew, true)
  assert.deepEqual(await s3.objects(), [recording.key])
  assert.deepEqual(await waitingFiles(), [])
  assert.equal(storage.waiting(), 0)
  assert.equal((await keep(storage)).isNew, false)
  assert.deepEqual(await bytesOf(storage, recording.key), wav)
  assert.equal(await storage.status(), 'up')
})

test('CALL-8 HOLD-2 what comes while the bucket is away is acknowledged, heard, and brought there later', async () => {
  const storage = await open()
  const { recording: before } = await keep(storage, '0.1')
  await s3.goAway()
  const { recording, isNew } = await keep(storage)
  assert.equal(isNew, false, 'nobody knows whether it is new: nobody takes it back')
  assert.deepEqual(await bytesOf(storage, recording.key), wav)
  await using borrowed = await storage.borrow(recording.key)
  assert.deepEqual(readFileSync(String(borrowed?.path)), wav)
  assert.equal(storage.waiting(), 1)
  assert.equal(await storage.status(), 'away')
  await assert.rejects(storage.open(before.key), { code: 'unavailable' })

  await s3.comeBack()
  await until(() => storage.waiting() === 0)
  assert.deepEqual((await s3.objects()).sort(), [before.key, recording.key].sort())
  assert.deepEqual(await bytesOf(storage, recording.key), wav)
  assert.deepEqual(readFileSync(String(borrowed?.path)), wav, 'what was borrowed stays')
  await borrowed?.[Symbol.asyncDispose]()
  assert.deepEqual(await waitingFiles(), [])
})

test('CALL-8 HOLD-1 a process that ends while the bucket is away leaves its recordings to the next', async () => {
  const first = await open({ patienceMs: 0 })
  await s3.goAway()
  const kept = [await keep(first, '1.1'), await keep(first, '1.2'), await keep(first, '1.3')]
  await first.close()
  assert.equal((await waitingFiles()).length, 3)
  const second = await open({ patienceMs: 0 })
  assert.equal(second.waiting(), 3)
  for (const { recording } of kept) assert.deepEqual(await bytesOf(second, recording.key), wav)
  await s3.comeBack()
  await until(() => second.waiting() === 0)
  const keys = kept.map(({ recording }) => recording.key)
  assert.deepEqual((await s3.objects()).sort(), keys.sort())
  assert.deepEqual(await waitingFiles(), [])
})

test('CALL-8 a slow bucket does not hold up the answer', async () => {
  const storage = await open({ patienceMs: 20 })
  const released = Promise.withResolvers<void>()
  s3.intercept(async ({ method }) => {
    if (method === 'PUT') await released.promise
    return false
  })
  const { recording } = await keep(storage)
  assert.deepEqual(await s3.objects(), [])
  assert.deepEqual(await bytesOf(storage, recording.key), wav)
  released.resolve()
  await until(() => storage.waiting() === 0)
  assert.deepEqual(await s3.objects(), [recording.key])
})

test('CALL-8 a bucket that falls silent is asked again', async () => {
  // Longer than an answer takes on a busy machine.
  const storage = await open({ idleMs: 1000, patienceMs: 30_000 })
  let silences = 0
  s3.intercept(({ method }) => method === 'PUT' && ++silences <= 2)
  const { recording } = await keep(storage)
  assert.deepEqual(await s3.objects(), [recording.key])
  assert.equal(silences, 3)
})

const answer = (outgoing: ServerResponse, status: number, code: string): true => {
  outgoing.writeHead(status, { 'content-type': 'application/xml' })
  outgoing.end(`<Error><Code>${code}</Code><Message>canary</Message></Error>`)
  return true
}

test('CALL-8 a bucket that would speak something else is asked again', {
  timeout: 20_000,
}, async () => {
  const storage = await open()
  let isOdd = true
  s3.intercept(({ method, socket }) => {
    if (method !== 'PUT' || !isOdd) return false
    isOdd = false
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
    return true
  })
  await keep(storage)
  assert.equal((await s3.objects()).length, 1)
})

test('CALL-8 a bucket that says SlowDown or meets an error is asked again', async () => {
  const storage = await open()
  let refusals = 0
  s3.intercept(({ method }, outgoing) => {
    if (method !== 'PUT' || ++refusals > 3) return false
    return answer(outgoing, refusals === 1 ? 503 : 500, 'SlowDown')
  })
  const { isNew } = await keep(storage)
  assert.equal(isNew, true)
  assert.equal(refusals, 4)
})

test('CALL-8 a large recording goes up in parts, and is given up where it cannot be finished', async () => {
  const storage = await open({ partBytes: 1000, patienceMs: 10_000 })
  let failures = 0
  s3.intercept(({ method, url }, outgoing) => {
    // This server does not know how to give up: it says that it did.
    if (method === 'DELETE') return Boolean(outgoing.writeHead(204).end())
    if (!url?.includes('partNumber=2') || ++failures > 1) return false
    return answer(outgoing, 403, 'AccessDenied')
  })
  const { recording } = await keep(storage)
  await until(() => storage.waiting() === 0)
  assert.ok(wav.length > 2000)
  assert.deepEqual(await bytesOf(storage, recording.key), wav)
  const part = await storage.open(recording.key, { start: 990, end: 1009 })
  assert.deepEqual(await buffer(part!.content), wav.subarray(990, 1010))
  const begun = s3.asked.filter((each) => each.endsWith('?uploads='))
  const givenUp = s3.asked.filter((each) => each.startsWith('DELETE') && /uploadId=/.test(each))
  assert.deepEqual([begun.length, givenUp.length], [2, 1])
})

test('CALL-8 HOLD-9 how long a recording in the bucket is, is told with each part of it', async () => {
  const storage = await open()
  const { recording } = await keep(storage)
  await until(() => storage.waiting() === 0)
  const all = wav.length
  for (const [range, bytes] of [
    [undefined, [all]],
    [{ start: 10, end: 19 }, [all]],
    // Not every S3 tells it here.
    [{ start: all, end: all + 9 }, [0, all]],
  ] as const) {
    const found = await storage.open(recording.key, range)
    assert.ok(bytes.some((each) => each === found?.bytes))
    found?.content.resume()
  }
})

test('CALL-8 HOLD-1 an upload in parts that a dead process began is given up before the next', async () => {
  const first = await open({ partBytes: 1000, patienceMs: 0 })
  const stuck = Promise.withResolvers<void>()
  s3.intercept(({ url }) => {
    if (!url?.includes('partNumber=2')) return false
    stuck.resolve()
    return true
  })
  const { recording } = await keep(first)
  await stuck.promise
  await first.close()
  assert.equal(s3.asked.filter((each) => each.startsWith('DELETE')).length, 0)
  // This server does not know how to give up, and refuses: that holds nothing up.
  s3.intercept(null)
  const second = await open({ partBytes: 1000 })
  await until(() => second.waiting() === 0)
  assert.equal(s3.asked.filter((each) => /^DELETE .*uploadId=/.test(each)).length, 1)
  assert.deepEqual(await bytesOf(second, recording.key), wav)
  assert.deepEqual(await waitingFiles(), [])
})

test('CALL-8 an answer 200 that says Error is no success', async () => {
  const storage = await open({ partBytes: 1000, patienceMs: 10_000 })
  let lies = 0
  s3.intercept(({ method, url }, outgoing) => {
    if (method !== 'POST' || !url?.includes('uploadId=') || ++lies > 1) return false
    return answer(outgoing, 200, 'InternalError')
  })
  const { recording } = await keep(storage)
  await until(() => storage.waiting() === 0)
  assert.equal(lies, 2)
  assert.deepEqual(await bytesOf(storage, recording.key), wav)
})

test('SAFE-9 a recording that is removed while it goes up does not come back', async () => {
  const storage = await open({ patienceMs: 0 })
  const begun = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  s3.intercept(async ({ method }) => {
    if (method !== 'PUT') return false
    begun.resolve()
    await released.promise
    return false
  })
  const { recording } = await keep(storage)
  await begun.promise
  const removed = storage.remove(recording.key)
  // Time enough to remove it, for who does not wait for the upload.
  for (const _ of [1, 2, 3]) await storage.open(`c1/${'0'.repeat(64)}.wav`)
  released.resolve()
  await removed
  assert.deepEqual(await s3.objects(), [])
  assert.deepEqual(await waitingFiles(), [])
  assert.equal(await storage.open(recording.key), null)
})

test('SAFE-9 odd names in the bucket neither stop a listing nor make it go round', async () => {
  const storage = await open()
  const { recording } = await keep(storage)
  const last = { truncated: false, keys: [`calls/${recording.key}`] }
  const pages: Record<string, typeof last> = {
    'calls/': { truncated: true, keys: ['calls/', 'calls/Tom &amp; &#x4a;erry &#39;51'] },
    "calls/Tom & Jerry '51": { truncated: true, keys: ['calls/&#xFFFFFFFF;'] },
    'calls/&#xFFFFFFFF;': last,
    [last.keys[0] ?? '']: { truncated: true, keys: last.keys },
  }
  const asked: string[] = []
  const date = new Date().toISOString()
  s3.intercept(({ url }, outgoing) => {
    const after = new URL(url ?? '', 'http://x').searchParams.get('start-after')
    if (after === null) return false
    asked.push(after)
    const page = pages[after]
    if (page === undefined || asked.length > 8) {
      outgoing.writeHead(403).end()
      return true
    }
    const found = page.keys.map(
      (key) => `<Contents><Key>${key}</Key><LastModified>${date}</LastModified></Contents>`,
    )
    const isMore = `<IsTruncated>${page.truncated}</IsTruncated>`
    outgoing.end(`<ListBucketResult>${isMore}${found.join('')}</ListBucketResult>`)
    return true
  })
  assert.deepEqual(
    (await listAll(storage)).map(({ key }) => key),
    [recording.key],
  )
  last.truncated = true
  // A server that always has one page more.
  await assert.rejects(listAll(storage), /the same page/)
})

test('SAFE-9 what is in the bucket can be listed, page by page, and nothing that is not ours', async () => {
  const storage = await open()
  const kept = [await keep(storage, '1.1'), await keep(storage, '1.2')]
  const keys = kept.map(({ recording }) => recording.key).sort()
  const listed = await listAll(storage)
  assert.deepEqual(listed.map(({ key }) => key).sort(), keys)
  assert.ok(listed.every(({ modifiedAt }) => Math.abs(Date.now() - modifiedAt.getTime()) < 60_000))
  const item = (key: string): string =>
    `<Contents><Key>${key}</Key><LastModified>2026-03-02T10:00:00.000Z</LastModified></Contents>`
  const page = (isLast: boolean, ...found: string[]): string =>
    `<ListBucketResult><IsTruncated>${!isLast}</IsTruncated>${found.map(item).join('')}</ListBucketResult>`
  const [one = '', two = ''] = keys
  s3.intercept(({ url }, outgoing) => {
    const after = new URL(url ?? '', 'http://x').searchParams.get('start-after')
    outgoing.end(
      after === 'calls/' ? page(false, 'calls/x', `calls/${one}`) : page(true, `calls/${two}`),
    )
    return true
  })
  assert.deepEqual(
    (await listAll(storage)).map(({ key }) => key),
    [one, two],
  )
})

const wrong: readonly { name: string; place: Partial<S3Place>; says: RegExp }[] = [
  {
    name: 'key',
    place: { accessKeyId: 'NOBODY' },
    says: /^AWS_ACCESS_KEY_ID is not known at http:\/\/127\.0\.0\.1:\d+$/,
  },
  {
    name: 'secret',
    place: { secretAccessKey: new Secret('secret-canary') },
    says: /^AWS_SECRET_ACCESS_KEY is not that of AWS_ACCESS_KEY_ID at http:\/\/127\.0\.0\.1:\d+$/,
  },
  {
    name: 'bucket',
    place: { bucket: 'nowhere' },
    says: /^RECORDINGS_URL names the bucket "nowhere", which is not at http:\/\/127\.0\.0\.1:\d+$/,
  },
]
for (const { name, place, says } of wrong) {
  test(`a wrong ${name} of the bucket stops the start with one line`, async () => {
    await assert.rejects(open({ place }), (error: Error) => {
      assert.match(error.message, says)
      assert.ok(!JSON.stringify(error).includes('canary'))
      return true
    })
  })
}

test('a bucket elsewhere, without rights, or no S3 at all stops the start; one that is away does not', async () => {
  s3.intercept((_, outgoing) => {
    outgoing.setHeader('x-amz-bucket-region', 'us-west-2')
    return answer(outgoing, 301, 'PermanentRedirect')
  })
  const elsewhere =
    'RECORDINGS_URL has region=eu-central-1, the bucket "recordings" is in us-west-2'
  await assert.rejects(open(), { message: elsewhere })
  s3.intercept(({ method }, outgoing) => method === 'PUT' && answer(outgoing, 403, 'AccessDenied'))
  await assert.rejects(open(), /AWS_ACCESS_KEY_ID lacks rights in the bucket "recordings"/)
  s3.intercept((_, outgoing) => {
    outgoing.end('<html>hello</html>')
    return true
  })
  await assert.rejects(open(), /RECORDINGS_URL has an endpoint that does not answer as S3 does/)
  s3.intercept((_, outgoing) => answer(outgoing, 500, 'InternalError'))
  assert.equal(await (await open()).status(), 'away')
})

test('SAFE-7 neither keys nor what S3 says of a request get into the log', async () => {
  log.lines.length = 0
  const storage = await open({
    patienceMs: 20,
    place: { sessionToken: new Secret('session-canary') },
  })
  s3.intercept((_, outgoing) => answer(outgoing, 403, 'AccessDenied'))
  await keep(storage)
  await until(() => log.lines.length >= 2)
  const said = log.lines.map(
    ({ facts }) => `${(facts.error as Error).stack} ${JSON.stringify(facts)}`,
  )
  assert.ok(said.every((each) => each.includes('AWS_ACCESS_KEY_ID lacks rights')))
  assert.doesNotMatch(said.join('\n'), /canary|AWS4-HMAC|S3RVER/)
})
