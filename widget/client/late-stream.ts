/** The stream, whose code comes beside the first script: it is wanted when the token and the lead are there. */
import { backoffMs } from './backoff.ts'
import type { Stream, StreamOptions } from './stream.ts'

type Load = () => Promise<{ readonly createStream: (options: StreamOptions) => Stream }>

/** Opens a stream as soon as its code is there. */
export function createLateStream(
  options: StreamOptions,
  load: Load = () => import('./stream.ts'),
): Stream {
  let stream: Stream | null = null
  let isClosed = false
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function open(): Promise<void> {
    try {
      const { createStream } = await load()
      if (!isClosed) stream = createStream(options)
    } catch {
      // The server went away between two files.
      if (isClosed) return
      options.onState('waiting', 'network')
      attempt += 1
      timer = setTimeout(open, (options.backoff ?? backoffMs)(attempt, Math.random()))
    }
  }

  void open()
  return {
    wake: (isLate) => stream?.wake(isLate),
    close() {
      isClosed = true
      clearTimeout(timer)
      stream?.close()
    },
  }
}
