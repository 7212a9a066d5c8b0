import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import test, { afterEach, beforeEach, describe } from 'node:test'
import { createFileStorage } from '../../server/recordings/file-storage.ts'
import { measureAudio } from '../../server/recordings/measure-audio.ts'
import { createS3Client } from '../../server/recordings/s3-client.ts'
import { createS3Send } from '../../server/recordings/s3-request.ts'
import { createS3Storage } from '../../server/recordings/s3-storage.ts'
import type { RecordingStorage, Upload } from '../../server/recordings/storage.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { startS3 } from '../support/s3-server.ts'

const MIB = 1024 * 1024
const audio = new URL('../fixtures/audio/', import.meta.url)
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringside-recordings-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const fixture = (name: string): Promise<Buffer> => readFile(new URL(name, audio))

async function* inChunks(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function filesIn(path: string): Promise<string[]> {
  const found = await readdir(path, { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

/** Where recordings are kept: each test gets an empty one. */
interface Place {
  open(): Promise<RecordingStorage>
  /** All that is kept there, and what is on its way. */
  files(): Promise<string[]>
  close(): Promise<void>
}

const PLACES: Record<string, () => Promise<Place>> = {
  'a folder': async () => ({
    open: () => createFileStorage(folder),
    files: () => filesIn(folder),
    close: async () => undefined,
  }),
  S3: async () => {
    const s3 = await startS3()
    const send = createS3Send({ place: s3.place })
    const opened: RecordingStorage[] = []
    return {
      async open() {
        const client = createS3Client(send, s3.place.prefix)
        opened.push(await createS3Storage({ client, folder, log: createMemoryLog() }))
        return opened.at(-1)!
      },
      files: async () => [...(await filesIn(folder)), ...(await s3.objects())],
      async close() {
        for (const storage of opened) await storage.close()
        send.close()
        await s3.close()
      },
    }
  },
}

const kinds = [
  { file: 'pcm.wav', mime: 'audio/wav', seconds: 1 },
  { file: 'gsm.wav', mime: 'audio/wav', seconds: 1 },
  { file: 'plain.mp3', mime: 'audio/mpeg', seconds: 1 },
  { file: 'id3.mp3', mime: 'audio/mpeg', seconds: 1 },
  { file: 'opus.ogg', mime: 'audio/ogg', seconds: 1 },
  { file: 'aac.m4a', mime: 'audio/mp4', seconds: 1 },
  { file: 'adts.aac', mime: 'audio/aac', seconds: 1 },
  { file: 'opus.webm', mime: 'audio/webm', seconds: 1 },
]
const strangers: Record<string, Buffer> = {
  html: Buffer.from(`<!doctype html><script>alert(1)</script>${' '.repeat(5000)}`),
  'short html': Buffer.from('<html></html>'),
  svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
  zip: Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\b\0', 'latin1'), Buffer.alloc(6000, 1)]),
  png: Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), Buffer.alloc(50)]),
  text: Buffer.from('hello'),
  zeros: Buffer.alloc(10_000),
}

for (const [name, start] of Object.entries(PLACES)) {
  describe(`in ${name}`, () => {
    let place: Place
    beforeEach(async () => {
      place = await start()
    })
    afterEach(() => place.close())

    async function upload(bytes: Uint8Array): Promise<Upload> {
      const storage = await place.open()
      const received = await storage.receive(inChunks(bytes), MIB)
      assert.ok(received.type === 'received')
      return received.upload
    }

    for (const { file, mime, seconds } of kinds) {
      test(`CALL-8 ${file} is ${mime}, by its content`, async () => {
        const bytes = await fixture(file)
        const { recording, isNew } = await (await upload(bytes)).keep('c1', '1.1')
        assert.equal(isNew, true)
        assert.equal(recording.mime, mime)
        assert.equal(recording.bytes, bytes.length)
        assert.equal(recording.sha256, createHash('sha256').update(bytes).digest('hex'))
        const storage = await place.open()
        const kept = await storage.open(recording.key)
        assert.ok(kept !== null)
        assert.deepEqual(await buffer(kept.content), bytes)
        assert.equal(kept.bytes, bytes.length)
        await using borrowed = await storage.borrow(recording.key)
        assert.equal((await measureAudio(String(borrowed?.path), mime)).seconds, seconds)
      })
    }

    for (const [name, bytes] of Object.entries(strangers)) {
      test(`SAFE-4 ${name} is not audio, and leaves no file`, async () => {
        const storage = await place.open()
        assert.deepEqual(await storage.receive(inChunks(bytes), MIB), { type: 'not-audio' })
        assert.deepEqual(await place.files(), [])
      })
    }

    test('CALL-6 over the limit is too large, and leaves no file', async () => {
      const storage = await place.open()
      const bytes = await fixture('pcm.wav')
      const at = await storage.receive(inChunks(bytes), bytes.length)
      assert.equal(at.type, 'received')
      assert.ok(at.type === 'received')
      await at.upload.discard()
      let taken = 0
      const endless = async function* (): AsyncGenerator<Uint8Array> {
        yield bytes
        for (; taken < 1000; taken += 1) yield Buffer.alloc(65_536)
      }
      assert.deepEqual(await storage.receive(endless(), MIB), { type: 'too-large' })
      assert.ok(taken < 20, 'it stopped reading')
      assert.deepEqual(await storage.receive(inChunks(Buffer.alloc(0)), MIB), { type: 'empty' })
      assert.deepEqual(await place.files(), [])
    })

    test('SAFE-4 an upload that breaks off leaves no file', async () => {
      const storage = await place.open()
      const bytes = await fixture('pcm.wav')
      const broken = async function* (): AsyncGenerator<Uint8Array> {
        yield bytes
        throw new Error('connection lost')
      }
      await assert.rejects(storage.receive(broken(), MIB), /connection lost/)
      assert.deepEqual(await place.files(), [])
    })

    test('CALL-8 the same bytes of the same call are one file; other bytes or calls are others', async () => {
      const [wav, mp3] = [await fixture('pcm.wav'), await fixture('plain.mp3')]
      const first = await (await upload(wav)).keep('c1', '1.1')
      const again = await (await upload(wav)).keep('c1', '1.1')
      assert.deepEqual([first.isNew, again.isNew], [true, false])
      assert.equal(again.recording.key, first.recording.key)
      await (await upload(mp3)).keep('c1', '1.1')
      await (await upload(wav)).keep('c1', '1.2')
      await (await upload(wav)).keep('c2', '1.1')
      await (await upload(wav)).discard()
      assert.equal((await place.files()).length, 4)
    })

    test('SAFE-1 no unique id and no connection id becomes a path', async () => {
      const { recording } = await (await upload(await fixture('pcm.wav'))).keep(
        'c1',
        '../../etc/x\0',
      )
      assert.match(recording.key, /^c1\/[0-9a-f]{64}\.wav$/)
      await assert.rejects(async () => (await upload(await fixture('pcm.wav'))).keep('../x', '1'))
      const storage = await place.open()
      for (const key of [
        '../secret',
        'c1/../../x.wav',
        '/etc/passwd',
        '.incoming/x',
        'c1/x.wav\0',
      ]) {
        assert.equal(await storage.open(key), null)
        assert.equal(await storage.borrow(key), null)
        await storage.remove(key)
      }
    })

    test('CALL-8 a range of bytes is read, and a removed file is gone', async () => {
      const bytes = await fixture('pcm.wav')
      const { recording } = await (await upload(bytes)).keep('c1', '1.1')
      const storage = await place.open()
      const part = await storage.open(recording.key, { start: 10, end: 19 })
      assert.ok(part !== null)
      assert.deepEqual(await buffer(part.content), bytes.subarray(10, 20))
      assert.equal(part.bytes, bytes.length)
      const cut = await storage.open(recording.key)
      assert.ok(cut !== null)
      cut.content.destroy()
      await once(cut.content, 'close')
      await storage.remove(recording.key)
      assert.equal(await storage.open(recording.key), null)
    })
  })
}

test('CALL-8 a length that cannot be told is null', async () => {
  const path = join(folder, 'x.mp3')
  await writeFile(path, 'not audio at all')
  const unknown = { seconds: null, peaks: [] }
  assert.deepEqual(await measureAudio(path, 'audio/mpeg'), unknown)
  assert.deepEqual(await measureAudio(join(folder, 'missing.mp3'), 'audio/mpeg'), unknown)
})

test('SAFE-4 what earlier processes left unfinished is removed at the start', async () => {
  const incoming = join(folder, '.incoming')
  await mkdir(incoming, { recursive: true })
  const host = hostname().replaceAll(/[^\w-]/g, '_')
  const living = `${host}.${process.ppid}.abc`
  for (const name of [`${host}.${process.pid}.abc`, `${host}.4194304.abc`, living]) {
    await writeFile(join(incoming, name), 'x')
  }
  await createFileStorage(folder)
  assert.deepEqual(await readdir(incoming), [living])
})

test('SAFE-4 files are for the server only', async () => {
  const { recording } = await (await uploadHere(await fixture('pcm.wav'))).keep('c1', '1.1')
  const { mode } = await stat(join(folder, recording.key))
  assert.equal(mode & 0o777, 0o600)
})

async function uploadHere(bytes: Uint8Array): Promise<Upload> {
  const storage = await createFileStorage(folder)
  const received = await storage.receive(inChunks(bytes), MIB)
  assert.ok(received.type === 'received')
  return received.upload
}
