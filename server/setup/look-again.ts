/** How long after the beginning of one look the next one begins, however many ask. */
const EVERY_MS = 100
/** Whoever has waited so long is told that nothing was found; the look may go on. */
const PATIENCE_MS = 1000

/**
 * Makes one look of many: whoever asks waits for a look that begins after they asked. One at a time, and
 * not more often than `everyMs`, so that asking is no load; it never rejects.
 */
export function createLookAgain(
  look: () => Promise<void>,
  everyMs: number = EVERY_MS,
  patienceMs: number = PATIENCE_MS,
): () => Promise<void> {
  /** Has not begun: whoever asks now can wait for it. */
  let coming: Promise<void> | null = null
  let running: Promise<void> = Promise.resolve()
  let begunAt = Number.NEGATIVE_INFINITY
  let isRunning = false

  const begin = async (): Promise<void> => {
    await running
    await afterMs(begunAt + everyMs - performance.now())
    coming = null
    begunAt = performance.now()
    isRunning = true
    running = look()
      // Away: whoever asks is told that nothing was found.
      .catch(() => undefined)
      .finally(() => {
        isRunning = false
      })
    await running
  }
  return async () => {
    // It hangs; those who wait for the next one would be more and more.
    if (isRunning && performance.now() - begunAt > patienceMs) return
    coming ??= begin()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs)
    })
    await Promise.race([coming, late])
    clearTimeout(timer)
  }
}

function afterMs(ms: number): Promise<void> {
  if (ms <= 0) return Promise.resolve()
  return new Promise((resolve) => setTimeout(resolve, ms))
}
