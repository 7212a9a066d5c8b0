/** Whether this process may still act as the owner, as far as it can know. */
export interface Sureness {
  /** True where nobody else can be the owner by now. */
  isSure(): boolean
  /** Asks; rejects where somebody else may be the owner. */
  confirm(): Promise<void>
}

/** What an owner does goes through here. */
export interface Sure {
  /** Rejects where somebody else may be the owner. */
  sure(): Promise<void>
  /** Does the work at once, in order, or never where somebody else is the owner. */
  pass(work: () => void): void
}

/** More than that waits only where nobody answers; then the lease is lost anyway. */
const MAX_WAITING = 50_000

/**
 * A process that was stopped for a while finds at its next breath what the PBX told meanwhile, before it
 * hears that another process is the owner: that has to wait for the answer (HOLD-7).
 */
export function createSure({ isSure, confirm }: Sureness): Sure {
  let waiting: (() => void)[] | null = null
  let isLost = false
  const sure = async (): Promise<void> => {
    if (!isSure()) await confirm()
  }
  return {
    sure,
    pass: (work) => {
      if (isLost) return
      if (waiting !== null) {
        if (waiting.length < MAX_WAITING) waiting.push(work)
        return
      }
      if (isSure()) return work()
      waiting = [work]
      sure().then(
        () => {
          const works = waiting ?? []
          waiting = null
          for (const each of works) each()
        },
        () => {
          isLost = true
          waiting = null
        },
      )
    },
  }
}
