/** RIFF WAVE as PBXs write it: PCM, float and G.711; GSM needs a decoder and is left alone. */
import type { FileHandle } from 'node:fs/promises'
import type { Sound } from './peak-meter.ts'

/** How to read the samples of one file, and where they are. */
interface WavFormat {
  readonly channels: number
  readonly sampleBytes: number
  readonly read: (bytes: DataView, at: number) => number
  readonly from: number
  readonly to: number
}

const PCM = 1
const FLOAT = 3
const A_LAW = 6
const MU_LAW = 7
const EXTENSIBLE = 0xfffe
const PIECE_FRAMES = 16_384

/** The sound of a file, piece by piece; null where its samples cannot be read. */
export async function openWav(file: FileHandle): Promise<AsyncGenerator<Sound> | null> {
  const format = await readFormat(file)
  return format === null ? null : decode(file, format)
}

async function* decode(file: FileHandle, format: WavFormat): AsyncGenerator<Sound> {
  const { channels, sampleBytes, read, from, to } = format
  const frameBytes = channels * sampleBytes
  const bytes = Buffer.alloc(PIECE_FRAMES * frameBytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Filled again and again: whoever takes a piece is done with it before asking for the next.
  const rows = Array.from({ length: channels }, () => new Float32Array(PIECE_FRAMES))
  for (let at = from; at < to; ) {
    const found = await readAt(file, bytes, at, Math.min(bytes.length, to - at))
    const frames = Math.floor(found / frameBytes)
    if (frames === 0) return
    for (const [channel, row] of rows.entries()) {
      for (let frame = 0; frame < frames; frame += 1) {
        row[frame] = read(view, frame * frameBytes + channel * sampleBytes)
      }
    }
    yield rows.map((row) => row.subarray(0, frames))
    at += frames * frameBytes
  }
}

/** Goes through the chunks up to the samples. A length that is not true ends with the file. */
async function readFormat(file: FileHandle): Promise<WavFormat | null> {
  const { size } = await file.stat()
  const head = Buffer.alloc(40)
  let fmt: Pick<WavFormat, 'channels' | 'sampleBytes' | 'read'> | null = null
  for (let at = 12, chunks = 0; at + 8 <= size && chunks < 1000; chunks += 1) {
    await readAt(file, head, at, 8)
    const id = head.toString('latin1', 0, 4)
    const length = head.readUInt32LE(4)
    if (id === 'data') {
      // Who writes into a pipe does not know the length, and says 0 or the greatest.
      const to = length === 0 ? size : Math.min(size, at + 8 + length)
      return fmt === null ? null : { ...fmt, from: at + 8, to }
    }
    if (id === 'fmt ') {
      const found = await readAt(file, head, at + 8, Math.min(length, head.length))
      fmt = toFormat(head.subarray(0, found))
      if (fmt === null) return null
    }
    at += 8 + length + (length % 2)
  }
  return null
}

function toFormat(fmt: Buffer): Pick<WavFormat, 'channels' | 'sampleBytes' | 'read'> | null {
  if (fmt.length < 16) return null
  const channels = fmt.readUInt16LE(2)
  const bits = fmt.readUInt16LE(14)
  const named = fmt.readUInt16LE(0)
  const kind = named === EXTENSIBLE && fmt.length >= 26 ? fmt.readUInt16LE(24) : named
  const read = READERS[`${kind}/${bits}`]
  if (read === undefined || channels < 1 || channels > 8) return null
  return { channels, sampleBytes: bits / 8, read }
}

const READERS: Readonly<Record<string, WavFormat['read']>> = {
  [`${PCM}/8`]: (view, at) => (view.getUint8(at) - 128) / 128,
  [`${PCM}/16`]: (view, at) => view.getInt16(at, true) / 0x8000,
  [`${PCM}/24`]: (view, at) =>
    (view.getInt8(at + 2) * 0x1_0000 + view.getUint16(at, true)) / 0x80_0000,
  [`${PCM}/32`]: (view, at) => view.getInt32(at, true) / 0x8000_0000,
  [`${FLOAT}/32`]: (view, at) => finite(view.getFloat32(at, true)),
  [`${FLOAT}/64`]: (view, at) => finite(view.getFloat64(at, true)),
  [`${A_LAW}/8`]: (view, at) => aLaw(view.getUint8(at)),
  [`${MU_LAW}/8`]: (view, at) => muLaw(view.getUint8(at)),
}

function finite(sample: number): number {
  return Number.isFinite(sample) ? sample : 0
}

/** G.711: sign, three bits of exponent, four of mantissa; every even bit turned over. */
function aLaw(byte: number): number {
  const code = byte ^ 0x55
  const exponent = (code & 0x70) >> 4
  const mantissa = ((code & 0x0f) << 4) + 8
  const size = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return ((code & 0x80) === 0 ? -size : size) / 0x8000
}

/** G.711: as above, with every bit turned over and a bias of 33 in steps of four. */
function muLaw(byte: number): number {
  const code = ~byte & 0xff
  const size = ((((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
  return ((code & 0x80) === 0 ? size : -size) / 0x8000
}

/** Reads until so many bytes are there, or the file ends; returns how many there are. */
async function readAt(file: FileHandle, into: Buffer, at: number, length: number): Promise<number> {
  let found = 0
  while (found < length) {
    const { bytesRead } = await file.read(into, found, length - found, at + found)
    if (bytesRead === 0) break
    found += bytesRead
  }
  return found
}
