/** How long after the beginning of one look the next one begins, however many ask. */
const EVERY_MS = 100
/** Whoever has waited so long is told that nobody could look; the look may go on. */
const PATIENCE_MS = 1000

/**
 * Makes one look of many: whoever asks waits for a look that begins after they asked, and is told whether it was
 * done within `patienceMs`. One at a time, and not more often than `everyMs`, so that asking is no load; it never
 * rejects.
 */
export function createLookAgain(
  look: () => Promise<void>,
  everyMs: number = EVERY_MS,
  patienceMs: number = PATIENCE_MS,
): () => Promise<boolean> {
  /** Has not begun: whoever asks now can wait for it. */
  let coming: Promise<boolean> | null = null
  let running: Promise<boolean> = Promise.resolve(true)
  let begunAt = Number.NEGATIVE_INFINITY
  let isRunning = false

  const begin = async (): Promise<boolean> => {
    await running
    await afterMs(begunAt + everyMs - performance.now())
    coming = null
    begunAt = performance.now()
    isRunning = true
    running = look()
      .then(
        () => true,
        // Away: whoever asks is told so.
        () => false,
      )
      .finally(() => {
        isRunning = false
      })
    return running
  }
  return async () => {
    // It hangs; those who wait for the next one would be more and more.
    if (isRunning && performance.now() - begunAt > patienceMs) return false
    coming ??= begin()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, patienceMs, false)
    })
    const isDone = await Promise.race([coming, late])
    clearTimeout(timer)
    return isDone
  }
}

function afterMs(ms: number): Promise<void> {
  if (ms <= 0) return Promise.resolve()
  return new Promise((resolve) => setTimeout(resolve, ms))
}
