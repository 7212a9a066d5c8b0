import { openStream, type SseClient, type StreamEvent } from './sse.ts'

const PATIENCE_MS = 30_000

export interface ReturningPage extends Disposable {
  /** The ids of the stream of all events that came. */
  readonly ids: readonly string[]
  /** Once the first stream is open. */
  readonly ready: Promise<void>
  connections(): number
  /** How often it came back and the stream did not go on behind its last event. */
  holes(): number
  /** How often a stream was not ended in order. */
  cutOff(): number
  /** Ends the stream as a network does; it is opened again behind the last event. */
  cut(): void
  /** Resolves when each of these calls was told so: one that only a snapshot has was missed. */
  until(ids: readonly string[]): Promise<void>
  /** When this call was first told so, in ms of `performance.now()`. */
  arrival(id: string): Promise<number>
}

/** A page that comes back whenever its stream ends, behind the last event that it has seen. A call is told by an event that `matches`. */
export function openReturningPage(
  url: string,
  token: string,
  matches: (event: StreamEvent) => boolean = ({ type }) => type === 'call',
): ReturningPage {
  const ids: string[] = []
  const arrivals = new Map<string, number>()
  const ready = Promise.withResolvers<void>()
  let isClosed = false
  let [connections, holes, cutOff] = [0, 0, 0]
  let current: SseClient | null = null
  const take = (stream: SseClient, from: number, asked: string | undefined): number => {
    for (const event of stream.events.slice(from)) {
      const { type, id, data } = event
      if (type !== 'hello') ids.push(id)
      else if (asked !== undefined && data.resumedFrom !== asked) holes += 1
      if (matches(event) && !arrivals.has(data.uniqueId))
        arrivals.set(data.uniqueId, performance.now())
    }
    return stream.events.length
  }
  const run = async (): Promise<void> => {
    let last: string | undefined
    while (!isClosed) {
      const asked = last
      try {
        current = await openStream(url, token, asked)
      } catch {
        // The process that is asked may be going this very moment.
        await new Promise((resolve) => setTimeout(resolve, 50))
        continue
      }
      connections += 1
      let taken = 0
      const stream = current
      while (!isClosed) {
        const isOver = await Promise.race([stream.ended, stream.more(taken)])
        taken = take(stream, taken, asked)
        last = stream.events.at(-1)?.id ?? last
        if (taken > 0) ready.resolve()
        if (isOver === 'cut off') cutOff += 1
        if (isOver !== 'more') break
      }
      stream.close()
    }
  }
  void run()
  const nothing = new Error(`nothing came on the stream of ${url}`)
  const timer = setTimeout(() => ready.reject(nothing), PATIENCE_MS).unref()
  const until = async (wanted: readonly string[]): Promise<void> => {
    const end = Date.now() + PATIENCE_MS
    while (wanted.some((id) => !arrivals.has(id))) {
      const missing = wanted.filter((id) => !arrivals.has(id))
      if (Date.now() > end) throw new Error(`${missing.length} of ${wanted.length} never came`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return {
    ids,
    ready: ready.promise,
    connections: () => connections,
    holes: () => holes,
    cutOff: () => cutOff,
    cut: () => current?.close(),
    until,
    async arrival(id) {
      await until([id])
      return arrivals.get(id)!
    },
    [Symbol.dispose]() {
      isClosed = true
      clearTimeout(timer)
      current?.close()
    },
  }
}
