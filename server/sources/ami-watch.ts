export interface AmiWatchOptions {
  /** After how long without a byte the other side is asked for a sign. */
  readonly pingEveryMs: number
  /** How long after that the connection counts as lost. */
  readonly lostAfterMs: number
  readonly onSilent: () => void
  readonly onLost: () => void
}

/** Notices a connection that is dead without having been closed. */
export interface AmiWatch {
  heard(): void
  close(): void
}

export function watchSilence(options: AmiWatchOptions): AmiWatch {
  const { pingEveryMs, lostAfterMs, onSilent, onLost } = options
  const everyMs = pingEveryMs / 2
  let heardAt = performance.now()
  let askedAt: number | null = null
  let checkedAt = heardAt

  const check = (): void => {
    const now = performance.now()
    // Whoever has slept (a laptop, a long pause of this process) has not listened either.
    if (now - checkedAt > 2 * pingEveryMs + everyMs) {
      heardAt = now - pingEveryMs
      askedAt = null
    }
    checkedAt = now
    if (askedAt !== null && now - askedAt >= lostAfterMs) onLost()
    else if (askedAt === null && now - heardAt >= pingEveryMs) {
      askedAt = now
      onSilent()
    }
  }
  const timer = setInterval(check, everyMs)
  return {
    heard() {
      heardAt = performance.now()
      askedAt = null
    },
    close: () => clearInterval(timer),
  }
}
