import type { Framing } from './ami-packet.ts'
import { type ByteWord, findCrlfCrlf, isWordAt, toByteWord, viewOf } from './byte-word.ts'

export interface AmiFramerOptions {
  /** Of a packet by its first line, without its end: whether nobody asked for it. Must not change. */
  readonly isUnasked: (firstLine: string) => boolean
  /**
   * A packet lies in `bytes[from..to)`, without its empty line. The bytes are the framer's again
   * after the call.
   */
  readonly onFrame: (
    bytes: Buffer,
    from: number,
    to: number,
    framing: Framing,
    isUnasked: boolean,
  ) => void
  readonly onBanner: (line: string) => void
  readonly onDrop: (reason: string) => void
  readonly maxLineBytes: number
  readonly maxPacketBytes: number
}

const CR = 13
const LF = 10
const BANNER = Buffer.from('Asterisk Call Manager')
const FOLLOWS = /^response: *follows *$/i
const END_OF_COMMAND = Buffer.from('--END COMMAND--')
/** As much of a packet that is being dropped is kept as its end could begin in. */
const DROPPED_TAIL = 3
const SLOTS = 1024
const SHORTEST = 12
const LONGEST = 64
const PIECE = 4096
const KEPT_CAPACITY = 256 * 1024

/**
 * Cuts bytes in any split into packets. A packet whose first line ends in CRLF goes on to CRLF CRLF,
 * so that line feeds within a value do not end it; one whose first line ends in LF goes on to any
 * empty line; an old `Command` response to the empty line after `--END COMMAND--`.
 */
export function createAmiFramer(options: AmiFramerOptions): (bytes: Uint8Array) => void {
  const { onFrame, onBanner, onDrop, maxLineBytes, maxPacketBytes } = options
  const lines = createKnownLines()
  let held = Buffer.alloc(0)
  let heldBytes = 0
  /** Of the packet that is not whole yet; positions count from its start. */
  let framing: Framing | null = null
  let isDropping = false
  let isUnasked = false
  let searchedTo = 0
  let lineAt = 0

  const restart = (): void => {
    framing = null
    isDropping = false
    searchedTo = 0
    lineAt = 0
  }

  /** Takes one packet or banner; gives where the next begins, -1 where more bytes are needed. */
  const take = (bytes: Buffer, at: number, end: number): number => {
    const known = framing === null && !isDropping ? lines.find(bytes, at, end) : null
    if (known !== null) {
      framing = 'crlf'
      isUnasked = known.isUnasked
      searchedTo = known.word.length - 2
    } else if (framing === null) {
      const lineEnd = findByte(bytes, LF, at + searchedTo, end)
      if (lineEnd === -1) {
        searchedTo = end - at
        return -1
      }
      if (!isDropping && isBanner(bytes, at, lineEnd)) {
        onBanner(bytes.toString('latin1', at, lineEnd).trimEnd())
        restart()
        return lineEnd + 1
      }
      const isCrlf = lineEnd > at && bytes[lineEnd - 1] === CR
      const firstLine = bytes.toString('latin1', at, isCrlf ? lineEnd - 1 : lineEnd)
      isUnasked = options.isUnasked(firstLine)
      framing = FOLLOWS.test(firstLine) ? 'follows' : isCrlf ? 'crlf' : 'lf'
      if (framing === 'crlf') lines.learn(bytes.subarray(at, lineEnd + 1), isUnasked)
      searchedTo = firstLine.length
    }
    const next = findNext(bytes, at + searchedTo, end, framing)
    if (next < 0) {
      searchedTo = Math.max(searchedTo, -next - 1 - at)
      return -1
    }
    const to = bytes[next - 2] === CR ? next - 2 : next - 1
    if (!isDropping && to - at > maxPacketBytes) onDrop(tooLarge(maxPacketBytes))
    else if (!isDropping) onFrame(bytes, at, to, framing, isUnasked)
    restart()
    return next
  }

  /** Whether what is there of a packet is too much already. */
  const checkBounds = (bytes: Buffer, at: number, end: number): void => {
    if (isDropping || end - at <= maxLineBytes + 1) return
    const lineFeed = bytes.subarray(at + lineAt, end).lastIndexOf(LF)
    if (lineFeed !== -1) lineAt += lineFeed + 1
    const isTooLong = end - at - lineAt > maxLineBytes + 1
    if (!isTooLong && end - at <= maxPacketBytes + 3) return
    isDropping = true
    // What never ends would otherwise take all that follows with it.
    if (framing === 'follows') framing = 'crlf'
    onDrop(isTooLong ? tooLong(maxLineBytes) : tooLarge(maxPacketBytes))
  }

  /** Reads what is whole; gives where the rest begins, which has to be held. */
  const read = (bytes: Buffer, from: number, end: number): number => {
    let at = from
    while (at < end) {
      if (searchedTo === 0 && framing === null && isLineEnd(bytes[at])) at += 1
      else {
        const next = take(bytes, at, end)
        if (next === -1) break
        at = next
      }
    }
    if (at < end) checkBounds(bytes, at, end)
    if (!isDropping || end - at <= DROPPED_TAIL) return at
    const cut = end - DROPPED_TAIL - at
    searchedTo = Math.max(0, searchedTo - cut)
    return at + cut
  }

  const hold = (bytes: Buffer, from: number, to: number): void => {
    const needed = heldBytes + to - from
    if (needed > held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(PIECE * 2, needed * 2))
      held.copy(larger, 0, 0, heldBytes)
      held = larger
    }
    bytes.copy(held, heldBytes, from, to)
    heldBytes = needed
  }

  const release = (taken: number): void => {
    held.copyWithin(0, taken, heldBytes)
    heldBytes -= taken
    if (heldBytes < PIECE && held.length > KEPT_CAPACITY) {
      held = Buffer.from(held.subarray(0, heldBytes))
    }
  }

  return (chunk) => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    // The packet that is held is completed by pieces, so that the rest need not be copied.
    while (heldBytes > 0 && from < bytes.length) {
      const before = heldBytes
      const piece = Math.min(PIECE, bytes.length - from)
      hold(bytes, from, from + piece)
      from += piece
      const taken = read(held, 0, heldBytes)
      if (taken >= before) {
        from -= heldBytes - taken
        release(heldBytes)
        break
      }
      if (taken > 0) release(taken)
    }
    if (heldBytes > 0) return
    const rest = read(bytes, from, bytes.length)
    if (rest < bytes.length) hold(bytes, rest, bytes.length)
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === CR || byte === LF
}

function findByte(bytes: Buffer, byte: number, from: number, end: number): number {
  for (let i = from; i < end; i += 1) if (bytes[i] === byte) return i
  return -1
}

function isBanner(bytes: Buffer, at: number, lineEnd: number): boolean {
  if (bytes[at] !== BANNER[0] || lineEnd - at < BANNER.length) return false
  return bytes.compare(BANNER, 0, BANNER.length, at, at + BANNER.length) === 0
}

interface KnownLine {
  /** With its CRLF. */
  readonly word: ByteWord
  readonly isUnasked: boolean
}

interface KnownLines {
  find(bytes: Buffer, at: number, end: number): KnownLine | null
  learn(line: Buffer, isUnasked: boolean): void
}

/** First lines such as `Event: VarSet` are few: they are known again without looking for their end. */
function createKnownLines(): KnownLines {
  const slots: (KnownLine | null)[] = Array.from({ length: SLOTS }, () => null)
  return {
    find(bytes, at, end) {
      if (at + SHORTEST > end) return null
      const line = slots[slotOf(bytes, at)] ?? null
      return line !== null && isWordAt(viewOf(bytes), at, end, line.word) ? line : null
    },
    learn(line, isUnasked) {
      if (line.length < SHORTEST || line.length > LONGEST) return
      slots[slotOf(line, 0)] = { word: toByteWord(line), isUnasked }
    },
  }
}

/** By some letters of an event's name. */
function slotOf(bytes: Buffer, at: number): number {
  const mixed = bytes[at + 7]! * 7 + bytes[at + 9]! * 31 + bytes[at + 10]! * 131 + bytes[at + 11]!
  return mixed & (SLOTS - 1)
}

/** Where the next packet begins; `-1 - position` where a later search has to begin. */
function findNext(bytes: Buffer, from: number, end: number, framing: Framing): number {
  if (framing === 'crlf') {
    const found = findCrlfCrlf(viewOf(bytes), from, end)
    return found === -1 ? -1 - Math.max(from, end - 3) : found + 4
  }
  if (framing === 'lf') return findEmptyLine(bytes, from, end)
  const command = bytes.subarray(from, end).indexOf(END_OF_COMMAND)
  if (command === -1) return -1 - Math.max(from, end - END_OF_COMMAND.length)
  const next = findEmptyLine(bytes, from + command, end)
  return next < 0 ? -1 - (from + command) : next
}

function findEmptyLine(bytes: Buffer, from: number, end: number): number {
  for (let i = from; i < end; i += 1) {
    if (bytes[i] !== LF) continue
    if (bytes[i + 1] === LF && i + 1 < end) return i + 2
    if (bytes[i + 1] === CR && bytes[i + 2] === LF && i + 2 < end) return i + 3
  }
  return -1 - Math.max(from, end - 2)
}

function tooLong(bound: number): string {
  return `a line is longer than ${bound} bytes: its packet was left out`
}

function tooLarge(bound: number): string {
  return `a packet is larger than ${bound} bytes and was left out`
}
