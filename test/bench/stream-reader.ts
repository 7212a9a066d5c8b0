/** One event as it came; `data` is not parsed: ten thousand clients have to be cheap. */
export interface ReadEvent {
  readonly type: string
  readonly id: string
  readonly data: string
}

export interface StreamReader {
  /** What came; the bytes may be written over afterwards. */
  read(bytes: Buffer): void
  /** Whether the server said that this is the end. */
  hasEnded(): boolean
}

const HEAD_END = '\r\n\r\n'
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/**
 * Reads server-sent events off a socket: no more of HTTP than the status. The lengths of chunks stand between
 * events, as this server writes them, and are skipped. `isPlain`: without any HTTP, as from the plain writer.
 */
export function createStreamReader(
  isPlain: boolean,
  onEvent: (event: ReadEvent) => void,
  onRefused: (status: number) => void,
): StreamReader {
  let isInHead = !isPlain
  let rest: Buffer = Buffer.alloc(0)

  const readHead = (bytes: Buffer): number => {
    const end = bytes.indexOf(HEAD_END)
    if (end === -1) return -1
    isInHead = false
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(bytes.toString('latin1', 0, 12))?.[1] ?? 0)
    if (status !== 200) onRefused(status)
    return end + HEAD_END.length
  }
  return {
    read: (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = isInHead ? readHead(bytes) : 0
      if (at !== -1) {
        for (let end = bytes.indexOf('\n\n', at); end !== -1; end = bytes.indexOf('\n\n', at)) {
          const event = toEvent(bytes.toString('latin1', at, end))
          if (event !== null) onEvent(event)
          at = end + 2
        }
      }
      rest = Buffer.from(bytes.subarray(Math.max(0, at)))
    },
    hasEnded: () =>
      rest.length >= LAST_CHUNK.length && rest.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK),
  }
}

/** Null for a comment, such as a heartbeat. */
function toEvent(text: string): ReadEvent | null {
  const begin = text.indexOf('event: ')
  const id = text.indexOf('\nid: ', begin)
  const data = text.indexOf('\ndata: ', id)
  if (begin === -1 || id === -1 || data === -1) return null
  return {
    type: text.slice(begin + 7, id),
    id: text.slice(id + 5, data),
    data: text.slice(data + 7),
  }
}
