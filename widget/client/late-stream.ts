/** The stream, whose code comes beside the first script: it is wanted when the token is there. */
import { backoffMs } from './backoff.ts'
import type { LineOptions } from './shared-stream.ts'
import type { Stream } from './stream.ts'

type Load = () => Promise<{ readonly openSharedStream: (options: LineOptions) => Stream }>

/** Opens the stream as soon as its code is there; that of every tab, so that each can lead after an update. */
export function createLateStream(
  options: LineOptions,
  load: Load = () => import('./shared-stream.ts'),
  backoff = backoffMs,
): Stream {
  let stream: Stream | null = null
  let isClosed = false
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function open(): Promise<void> {
    try {
      const { openSharedStream } = await load()
      if (!isClosed) stream = openSharedStream(options)
    } catch {
      // The server went away between two files.
      if (isClosed) return
      options.onState('waiting', 'network')
      attempt += 1
      timer = setTimeout(open, backoff(attempt, Math.random()))
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
