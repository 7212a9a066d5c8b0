/** A place in the line for a Web Lock: who holds it leads. */
export interface Lead {
  /** Stands in line. */
  readonly queue: () => void
  /** Takes the lock from a holder that does not answer. */
  readonly steal: () => void
  /** Leaves the line, or lets the lock go. */
  readonly giveUp: () => void
}

export interface LeadOptions {
  readonly name: string
  readonly onHeld: () => void
  /** Another tab has taken the lock: this one stood still. */
  readonly onStolen: () => void
  /** Locks do not work here after all, as in sandboxed frames. */
  readonly onUnable: () => void
}

/** Creates a place in line; nothing is asked for before `queue()`. */
export function createLead({ name, onHeld, onStolen, onUnable }: LeadOptions): Lead {
  let turn = new AbortController()

  function ask(options: (signal: AbortSignal) => LockOptions): void {
    turn.abort()
    turn = new AbortController()
    const { signal } = turn
    const held = (): Promise<void> | undefined => {
      if (signal.aborted) return undefined
      onHeld()
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
    }
    navigator.locks.request(name, options(signal), held).catch((error: unknown) => {
      if (signal.aborted) return
      if (error instanceof DOMException && error.name === 'AbortError') onStolen()
      else onUnable()
    })
  }

  return {
    queue: () => ask((signal) => ({ signal })),
    // The two do not go together: a lock that is taken is there at once.
    steal: () => ask(() => ({ steal: true })),
    giveUp: () => turn.abort(),
  }
}
