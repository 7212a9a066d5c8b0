import type { FileHandle } from 'node:fs/promises'

/** Ogg pages as packets (RFC 3533): as much of it as sound needs, in pieces of any size. */
export interface OggReader {
  /** The packets that are complete with this piece. */
  feed(piece: Uint8Array): Uint8Array[]
}

const HEADER_BYTES = 27
/** 255 segments of 255 bytes, and the header. */
const MAX_PAGE_BYTES = HEADER_BYTES + 255 + 255 * 255
/** A packet that goes on for ever is none of ours: RFC 7845 allows 61,440 bytes. */
const MAX_PACKET_BYTES = 65_536
const CAPTURE = Buffer.from('OggS')
/** So much of a file its headers may take, and so much of it the books of Vorbis: real ones 8 KiB. */
const HEADERS_BYTES = 65_536
const MAX_SETUP_BYTES = 16_384

export function createOggReader(): OggReader {
  let left: Buffer = Buffer.alloc(0)
  let open: Buffer[] = []
  let openBytes = 0

  /** Takes the packets of one page; the last may go on in the next. */
  function takePage(table: Uint8Array, body: Buffer, found: Uint8Array[]): void {
    let from = 0
    let to = 0
    for (const size of table) {
      to += size
      if (size === 255) continue
      const packet = Buffer.concat([...open, body.subarray(from, to)])
      open = []
      openBytes = 0
      if (packet.length <= MAX_PACKET_BYTES) found.push(new Uint8Array(packet))
      from = to
    }
    openBytes += to - from
    if (openBytes <= MAX_PACKET_BYTES) open.push(body.subarray(from, to))
  }

  return {
    feed(piece) {
      left = Buffer.concat([left, piece])
      const found: Uint8Array[] = []
      for (;;) {
        const start = left.indexOf(CAPTURE)
        if (start < 0) break
        left = left.subarray(start)
        const segments = left[HEADER_BYTES - 1]
        if (segments === undefined || left.length < HEADER_BYTES + segments) break
        const table = left.subarray(HEADER_BYTES, HEADER_BYTES + segments)
        const from = HEADER_BYTES + segments
        const to = from + table.reduce((sum, size) => sum + size, 0)
        if (left.length < to) break
        takePage(table, left.subarray(from, to), found)
        left = left.subarray(to)
      }
      // What has no page in it is not kept: a stranger's file is not held whole.
      if (left.length > MAX_PAGE_BYTES) left = left.subarray(left.length - CAPTURE.length)
      return found
    },
  }
}

/**
 * Whether the headers end, and ask for no more than a telephone's sound needs. Decoders and readers
 * of tags believe them: a few hundred bytes can cost hundreds of megabytes (SAFE-4).
 */
export async function hasModestHeaders(file: FileHandle): Promise<boolean> {
  const head = Buffer.alloc(HEADERS_BYTES)
  const { bytesRead } = await file.read(head, 0, head.length, 0)
  const [first, comments, setup] = createOggReader().feed(head.subarray(0, bytesRead))
  if (first === undefined || comments === undefined) return false
  if (!Buffer.from(first).toString('latin1', 0, 7).includes('vorbis')) return true
  const channels = first[11] ?? 0
  return channels >= 1 && channels <= 2 && setup !== undefined && setup.length <= MAX_SETUP_BYTES
}
