import { createReadStream } from 'node:fs'

/** One line of a file, counted from 1; `text` is null where it cannot be read. */
export type FileLine =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly text: null; readonly problem: string }

const MAX_LINE_BYTES = 1024 * 1024
const LF = 0x0a

/** The lines of a file, read piece by piece; a line that is too long is passed over. */
export async function* readLines(path: string, signal: AbortSignal): AsyncGenerator<FileLine> {
  let pieces: Buffer[] = []
  let size = 0
  let line = 1
  const take = (last: Buffer): FileLine => {
    const bytes = size > MAX_LINE_BYTES ? null : Buffer.concat([...pieces, last])
    pieces = []
    size = 0
    line += 1
    return decodeLine(line - 1, bytes)
  }
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      size += end - start
      yield take(chunk.subarray(start, end))
      start = end + 1
    }
    size += chunk.length - start
    // Of a line that is too long nothing more is kept.
    if (size <= MAX_LINE_BYTES) pieces.push(chunk.subarray(start))
    else pieces = []
  }
  if (size > 0) yield take(Buffer.alloc(0))
}

function decodeLine(line: number, bytes: Buffer | null): FileLine {
  if (bytes === null) return { line, text: null, problem: 'is longer than 1 MiB' }
  try {
    // The decoder takes a byte order mark away, which only the first line can have.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { line, text: text.replace(/\r$/, '') }
  } catch {
    // The one who made the file is told which line it is.
    return { line, text: null, problem: 'is not UTF-8' }
  }
}
