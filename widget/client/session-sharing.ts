/** Tabs of one origin share a session in memory: after a laptop's sleep one of them asks for it, not all thirty. */
import type { Session } from './sign-in.ts'

export interface Sharing {
  /** Runs one at a time among all tabs, after another tab's session had the chance to come. */
  readonly alone: <T>(keyId: string, work: () => Promise<T>) => Promise<T>
  readonly tell: (session: Session) => void
  /** Somebody signed in or out. */
  readonly tellChange: () => void
}

export interface SharingOptions {
  readonly onSession: (session: Session) => void
  readonly onChange: () => void
  readonly current: () => Session | null
}

type Note =
  | { readonly type: 'ask'; readonly keyId: string }
  | { readonly type: 'session'; readonly session: Session }
  | { readonly type: 'change' }

/** Another tab answers within a few milliseconds, if it is not frozen. */
const ANSWER_MS = 150
/** A tab that holds the turn this long stands still. */
const PATIENCE_MS = 5_000

/** Tells and asks the other tabs; without Web Locks or channels (plain http) each tab is by itself. */
export function createSharing(server: string, options: SharingOptions): Sharing {
  const name = `ringside:session:${server}`
  const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(name) : null
  const locks = globalThis.navigator?.locks ?? null
  let heard: (() => void) | null = null

  channel?.addEventListener('message', ({ data }: MessageEvent<Note>) => {
    if (data.type === 'change') options.onChange()
    if (data.type === 'session') {
      options.onSession(data.session)
      heard?.()
    }
    const session = data.type === 'ask' ? options.current() : null
    if (session !== null && data.type === 'ask' && session.keyId === data.keyId) tell(session)
  })

  function post(note: Note): void {
    channel?.postMessage(note)
  }

  function tell(session: Session): void {
    post({ type: 'session', session })
  }

  /** Asks the other tabs, and waits for an answer where there are such. */
  async function ask(keyId: string, hadToWait: boolean): Promise<void> {
    if (options.current()?.keyId === keyId) return
    const { held = [] } = (await locks?.query()) ?? {}
    // Every tab that shows the widget may hold one; this one holds its own.
    const others = held.filter((lock) => lock.name?.startsWith('ringside') && lock.name !== name)
    if (!hadToWait && others.length === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ANSWER_MS)
      heard = () => {
        clearTimeout(timer)
        resolve()
      }
      post({ type: 'ask', keyId })
    })
    heard = null
  }

  return {
    async alone(keyId, work) {
      if (locks === null || channel === null) return work()
      const now = await locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock === null) return null
        await ask(keyId, false)
        return { done: await work() }
      })
      if (now !== null) return now.done
      try {
        const signal = AbortSignal.timeout(PATIENCE_MS)
        return await locks.request(name, { signal }, async () => {
          await ask(keyId, true)
          return work()
        })
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== 'TimeoutError') throw error
        return work()
      }
    },
    tell,
    tellChange: () => post({ type: 'change' }),
  }
}
