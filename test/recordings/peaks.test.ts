import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { measureAudio } from '../../server/recordings/measure-audio.ts'
import { createOggReader } from '../../server/recordings/ogg.ts'
import { createPeakMeter } from '../../server/recordings/peak-meter.ts'

const fixtures = new URL('../fixtures/recordings/', import.meta.url)
const pathOf = (name: string): string => fileURLToPath(new URL(name, fixtures))
let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringside-peaks-'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** Four stretches of the same length: silence, a tone, one half as loud, silence. The right channel: other three. */
const LEFT = [0, 227, 113, 0]
const RIGHT = [113, 0, 0, 227]
const files = [
  { file: 'pcm8.wav', mime: 'audio/wav', expected: [LEFT] },
  { file: 'pcm16.wav', mime: 'audio/wav', expected: [LEFT] },
  { file: 'pcm24.wav', mime: 'audio/wav', expected: [LEFT] },
  { file: 'pcm32.wav', mime: 'audio/wav', expected: [LEFT] },
  { file: 'float.wav', mime: 'audio/wav', expected: [LEFT] },
  { file: 'alaw.wav', mime: 'audio/wav', expected: [LEFT] },
  { file: 'mulaw.wav', mime: 'audio/wav', expected: [LEFT] },
  { file: 'stereo.wav', mime: 'audio/wav', expected: [LEFT, RIGHT] },
  { file: 'mono.mp3', mime: 'audio/mpeg', expected: [LEFT] },
  { file: 'stereo.mp3', mime: 'audio/mpeg', expected: [LEFT, RIGHT] },
  { file: 'mono-opus.ogg', mime: 'audio/ogg', expected: [LEFT] },
  { file: 'stereo-opus.ogg', mime: 'audio/ogg', expected: [LEFT, RIGHT] },
  { file: 'mono-vorbis.ogg', mime: 'audio/ogg', expected: [LEFT] },
  // No decoder for these: they are played, or not, without a picture.
  { file: 'gsm.wav', mime: 'audio/wav', expected: [] },
  { file: 'speex.ogg', mime: 'audio/ogg', expected: [] },
]
for (const { file, mime, expected } of files) {
  test(`POP-9 the peaks of ${file} are those of its sound`, async () => {
    const { peaks } = await measureAudio(pathOf(file), mime)
    assert.equal(peaks.length, expected.length)
    for (const [channel, points] of peaks.entries()) {
      assert.equal(points.length, 1000)
      for (const [stretch, loud] of (expected[channel] ?? []).entries()) {
        const found = points[Math.floor((stretch + 0.5) * 250)] ?? -1
        assert.ok(
          Math.abs(found - loud) <= 16,
          `${file} ${channel}/${stretch}: ${found}, not ${loud}`,
        )
      }
    }
  })
}

test('POP-9 a peak stays in its place, however long the recording gets and however it is cut', () => {
  for (const samples of [1, 999, 4000, 4001, 8000, 123_457]) {
    for (const piece of [samples, 1, 777].filter((size) => samples / size < 20_000)) {
      const meter = createPeakMeter()
      const loud = Math.floor(samples * 0.7)
      for (let from = 0; from < samples; from += piece) {
        const sound = new Float32Array(Math.min(piece, samples - from))
        if (loud >= from && loud < from + sound.length) sound[loud - from] = -1
        meter.feed([sound])
      }
      const [points = new Uint8Array()] = meter.points()
      assert.equal(points.length, Math.min(1000, samples))
      const found = points.indexOf(255)
      const expected = Math.floor((loud / samples) * points.length)
      assert.ok(Math.abs(found - expected) <= 1, `${samples}/${piece}: ${found}, not ${expected}`)
      assert.ok(points.filter((point) => point > 0).length <= 2)
    }
  }
  assert.deepEqual(createPeakMeter().points(), [])
})

test('POP-9 packets of Ogg come out the same, cut anywhere', () => {
  const bytes = readFileSync(pathOf('mono-opus.ogg'))
  const whole = createOggReader().feed(bytes)
  assert.equal(Buffer.from(whole[0] ?? []).toString('latin1', 0, 8), 'OpusHead')
  assert.ok(whole.length > 150)
  for (const size of [1, 7, 255, 4096]) {
    const reader = createOggReader()
    const found: Uint8Array[] = []
    for (let from = 0; from < bytes.length; from += size) {
      found.push(...reader.feed(bytes.subarray(from, from + size)))
    }
    assert.deepEqual(found, whole)
  }
})

test('SAFE-4 files that lie about themselves give peaks or none, and end', async () => {
  const wav = readFileSync(pathOf('pcm16.wav'))
  const lies: Record<string, Buffer> = {
    'endless.wav': changed(wav, (bytes) => bytes.writeUInt32LE(0xffff_ffff, 40)),
    'no-length.wav': changed(wav, (bytes) => bytes.writeUInt32LE(0, 40)),
    'no-channels.wav': changed(wav, (bytes) => bytes.writeUInt16LE(0, 22)),
    'chunks.wav': Buffer.concat([wav.subarray(0, 12), Buffer.alloc(100_000)]),
    'cut.wav': wav.subarray(0, 30),
    'noise.mp3': Buffer.concat([readFileSync(pathOf('mono.mp3')).subarray(0, 400), noise(50_000)]),
    'noise.ogg': Buffer.concat([
      readFileSync(pathOf('mono-opus.ogg')).subarray(0, 400),
      noise(50_000),
    ]),
    'cut.ogg': readFileSync(pathOf('mono-vorbis.ogg')).subarray(0, 900),
  }
  const mimes: Record<string, string> = { wav: 'audio/wav', mp3: 'audio/mpeg', ogg: 'audio/ogg' }
  for (const [name, bytes] of Object.entries(lies)) {
    const path = join(folder, name)
    await writeFile(path, bytes)
    const { peaks } = await measureAudio(path, mimes[name.split('.')[1] ?? ''] ?? '')
    const isWhole = name === 'endless.wav' || name === 'no-length.wav'
    if (isWhole) assert.equal(peaks[0]?.length, 1000, name)
    if (name.endsWith('.wav') && !isWhole) assert.deepEqual(peaks, [], name)
  }
})

test('POP-9 an hour takes at most 64 MB over what a second takes, and holds nobody up', async () => {
  const hours = [
    { file: 'hour.mp3', mime: 'audio/mpeg' },
    { file: 'hour.wav', mime: 'audio/wav' },
  ]
  // Its first frame says how long it is, and would say so 900 times.
  await repeat(readFileSync(pathOf('stereo.mp3')).subarray(216), join(folder, 'hour.mp3'), 860)
  await writeLongWav(join(folder, 'hour.wav'))
  const short = await measureAlone(pathOf('mono.mp3'), 'audio/mpeg')
  for (const { file, mime } of hours) {
    const { megabytes, seconds, lateMs } = await measureAlone(join(folder, file), mime)
    assert.ok(seconds !== null && Math.abs(seconds - 3600) < 60, `${file}: ${seconds} s`)
    const more = megabytes - short.megabytes
    assert.ok(more <= 64, `${file}: ${more.toFixed(0)} MB over ${short.megabytes.toFixed(0)}`)
    assert.ok(lateMs < 500, `${file}: the main thread was held up for ${lateMs} ms`)
  }
})

function changed(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes)
  change(copy)
  return copy
}

function noise(length: number): Buffer {
  let state = 42
  return Buffer.from(
    Array.from({ length }, () => {
      state = (state * 1_103_515_245 + 12_345) % 0x8000_0000
      return state >> 16
    }),
  )
}

async function repeat(bytes: Buffer, path: string, times: number): Promise<void> {
  await using file = await open(path, 'w')
  for (let count = 0; count < times; count += 1) await file.write(bytes)
}

async function writeLongWav(path: string): Promise<void> {
  const wav = readFileSync(pathOf('pcm16.wav'))
  wav.writeUInt32LE(0xffff_ffff, 40)
  await using file = await open(path, 'w')
  await file.write(wav.subarray(0, 44))
  for (let count = 0; count < 3600; count += 1) await file.write(wav.subarray(44))
}

/** Measures in a process of its own, whose memory is that of this one file. */
async function measureAlone(
  path: string,
  mime: string,
): Promise<{ megabytes: number; seconds: number | null; lateMs: number }> {
  const script = join(folder, 'measure.mjs')
  const url = (file: string): string => new URL(`../../${file}`, import.meta.url).href
  await writeFile(
    script,
    `import { monitorEventLoopDelay } from 'node:perf_hooks'
    import { measureAudio } from '${url('server/recordings/measure-audio.ts')}'
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const { seconds } = await measureAudio(${JSON.stringify(path)}, ${JSON.stringify(mime)})
    const megabytes = process.resourceUsage().maxRSS / 1024
    console.log(JSON.stringify({ megabytes, seconds, lateMs: Math.round(delay.max / 1e6) }))`,
  )
  const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  assert.ok(stdout.startsWith('{'), stderr)
  return JSON.parse(stdout)
}
