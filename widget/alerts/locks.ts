/** Agreements between the tabs of one browser. */

/** Waits its turn for a name and keeps it until the returned function is called. */
export function hold(name: string, mode: LockMode, onHeld: () => void): () => void {
  if (navigator.locks === undefined) return holdByChannel(name, mode, onHeld)
  const asking = new AbortController()
  let letGo = (): void => asking.abort()
  navigator.locks
    .request(name, { mode, signal: asking.signal }, () => {
      const held = new Promise<void>((resolve) => {
        letGo = resolve
      })
      onHeld()
      return held
    })
    // Given up before it was granted; or a sandboxed frame, which has nothing to agree about with.
    .catch(() => undefined)
  return () => letGo()
}

/** The names that are held in this browser, of those given; without locks, none. */
export async function heldAmong(names: readonly string[]): Promise<ReadonlySet<string>> {
  try {
    const { held = [] } = await navigator.locks.query()
    return new Set(held.map(({ name = '' }) => name).filter((name) => names.includes(name)))
  } catch {
    return new Set()
  }
}

/** How long those who have the turn may take to say so. */
const ASK_MS = 150

/**
 * Pages without a secure context have no locks. Of those who ask at once the lowest number gets the turn; the
 * others ask again when it is free. Whoever is killed while holding it leaves the others waiting.
 */
function holdByChannel(name: string, mode: LockMode, onHeld: () => void): () => void {
  if (mode === 'shared' || typeof BroadcastChannel === 'undefined') {
    onHeld()
    return () => undefined
  }
  const channel = new BroadcastChannel(name)
  const mine = Math.random()
  let isHeld = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function ask(): void {
    clearTimeout(timer)
    channel.postMessage(mine)
    timer = setTimeout(() => {
      isHeld = true
      onHeld()
    }, ASK_MS)
  }
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === 'free') ask()
    else if (typeof data !== 'number') return
    else if (isHeld) channel.postMessage(-1)
    else if (data < mine) clearTimeout(timer)
    else channel.postMessage(mine)
  }
  ask()
  return () => {
    clearTimeout(timer)
    if (isHeld) channel.postMessage('free')
    channel.close()
  }
}
