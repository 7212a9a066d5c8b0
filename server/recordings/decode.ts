/** From the bytes of a recording to its sound, in pieces: an hour is never in memory at once. */
import { open } from 'node:fs/promises'
import { createOggReader } from './ogg.ts'
import type { Sound } from './peak-meter.ts'
import { openWav } from './wav.ts'

/** So much of a compressed file at a time: half a minute of a telephone's sound. */
const PIECE_BYTES = 4096

/** The sound of a file; nothing where no decoder knows its kind. `channels`: as its header says. */
export async function* decode(
  path: string,
  mime: string,
  channels: number | null,
): AsyncGenerator<Sound> {
  await using file = await open(path, 'r')
  if (mime === 'audio/wav') {
    const sound = await openWav(file)
    if (sound !== null) yield* sound
    return
  }
  const bytes = file.createReadStream({ autoClose: false, highWaterMark: PIECE_BYTES })
  if (mime === 'audio/mpeg') yield* decodeMp3(bytes, channels)
  if (mime === 'audio/ogg') yield* decodeOgg(bytes)
}

async function* decodeMp3(
  bytes: AsyncIterable<Uint8Array>,
  channels: number | null,
): AsyncGenerator<Sound> {
  const { MPEGDecoder } = await import('mpg123-decoder')
  const decoder = new MPEGDecoder()
  await decoder.ready
  for await (const piece of bytes) {
    const { channelData } = decoder.decode(piece)
    // One channel comes out as two that are the same.
    yield channels === 1 ? channelData.slice(0, 1) : channelData
  }
}

async function* decodeOgg(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Sound> {
  const pieces = bytes[Symbol.asyncIterator]()
  const first = await pieces.next()
  if (first.done) return
  const head = Buffer.from(first.value).toString('latin1', 0, 64)
  const all = chain(first.value, pieces)
  if (head.includes('OpusHead')) yield* decodeOpus(all)
  else if (head.includes('\x01vorbis')) yield* decodeVorbis(all)
}

async function* chain(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

/** Telephones have no more, and it decodes in a fraction of the time. */
const OPUS_RATE = 8000

/** RFC 7845: a packet of 19 bytes or more tells the channels; then comments; then sound. */
async function* decodeOpus(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Sound> {
  const { OpusDecoder } = await import('opus-decoder')
  const reader = createOggReader()
  let decoder: InstanceType<typeof OpusDecoder<typeof OPUS_RATE>> | null = null
  for await (const piece of bytes) {
    const frames: Uint8Array[] = []
    for (const packet of reader.feed(piece)) {
      const name = Buffer.from(packet.buffer, packet.byteOffset, packet.length).toString(
        'latin1',
        0,
        8,
      )
      if (name === 'OpusTags') continue
      if (name !== 'OpusHead') frames.push(packet)
      else if (decoder === null) {
        const channels = packet[9] ?? 0
        // More than two channels are laid out by a table that no PBX writes.
        if (packet[18] !== 0 || channels < 1 || channels > 2) return
        decoder = new OpusDecoder({ sampleRate: OPUS_RATE, channels })
        await decoder.ready
      }
    }
    if (decoder !== null && frames.length > 0) yield decoder.decodeFrames(frames).channelData
  }
}

async function* decodeVorbis(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Sound> {
  const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis')
  const decoder = new OggVorbisDecoder()
  await decoder.ready
  for await (const piece of bytes) yield (await decoder.decode(piece)).channelData
  yield (await decoder.flush()).channelData
}
