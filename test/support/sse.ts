import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from 'node:http'
import { request as requestTls } from 'node:https'

export interface StreamEvent {
  readonly type: string
  readonly id: string
  readonly data: any
}

export interface SseClient extends Disposable {
  readonly headers: IncomingHttpHeaders
  /** Everything that came so far. */
  readonly events: readonly StreamEvent[]
  /** Comments, such as heartbeats. */
  readonly comments: readonly string[]
  /** The first event that matches, of those that came or will come. */
  next(matches: (event: StreamEvent) => boolean): Promise<StreamEvent>
  nextComment(): Promise<string>
  /** As soon as there are more events than this. */
  more(count: number): Promise<'more'>
  /** How the stream ended: the server said so, or it was cut off. */
  readonly ended: Promise<'ended' | 'cut off'>
  /** Stops reading, so that the server's buffers fill up. */
  pause(): void
  resume(): void
  close(): void
}

const TIMEOUT_MS = 15_000

/** A client of the stream that reads it as text, the way a browser does. */
export async function openStream(
  url: string,
  token: string,
  lastEventId?: string,
): Promise<SseClient> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  if (lastEventId !== undefined) headers['last-event-id'] = lastEventId
  const open = url.startsWith('https:') ? requestTls : request
  const asked = open(`${url}/api/stream`, { headers, agent: false })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve)
    asked.once('error', reject)
    asked.end()
  })
  if (response.statusCode !== 200) throw new Error(`the stream answered ${response.statusCode}`)
  return readStream(asked, response)
}

function readStream(asked: ClientRequest, response: IncomingMessage): SseClient {
  const events: StreamEvent[] = []
  const comments: string[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  response.setEncoding('utf8')
  response.on('data', (text: string) => {
    const parts = (rest + text).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      if (part.startsWith(':')) comments.push(part)
      else events.push(parseEvent(part))
    }
    for (const look of [...waiting]) look()
  })
  asked.on('error', () => undefined)
  const ended = new Promise<'ended' | 'cut off'>((resolve) => {
    response.once('end', () => resolve('ended'))
    response.once('error', () => resolve('cut off'))
    response.once('close', () => resolve('cut off'))
  })
  const until = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer)
        waiting.delete(look)
      }
      const look = (): void => {
        const found = find()
        if (found === undefined) return
        done()
        resolve(found)
      }
      const timer = setTimeout(() => {
        done()
        reject(new Error(`no ${what}; came: ${events.map((event) => event.type).join(', ')}`))
      }, TIMEOUT_MS)
      waiting.add(look)
      look()
    })
  const close = (): void => {
    asked.destroy()
  }
  return {
    headers: response.headers,
    events,
    comments,
    next: (matches) => until(() => events.find(matches), 'such event'),
    nextComment: () => until(() => comments[0], 'comment'),
    more: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (events.length <= count) return
          waiting.delete(look)
          resolve('more')
        }
        waiting.add(look)
        look()
      }),
    ended,
    pause: () => response.pause(),
    resume: () => response.resume(),
    close,
    [Symbol.dispose]: close,
  }
}

function parseEvent(text: string): StreamEvent {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(': ')
    if (fields.has(line.slice(0, colon))) throw new Error(`twice the same field: ${text}`)
    fields.set(line.slice(0, colon), line.slice(colon + 2))
  }
  return {
    type: fields.get('event') ?? '',
    id: fields.get('id') ?? '',
    data: JSON.parse(fields.get('data') ?? 'null'),
  }
}
