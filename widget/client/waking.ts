/** When a page may have missed something: it slept, was hidden, off line, frozen, or left and come back to. */
export interface PageTimes {
  /** `isLate`: whatever looks open may be dead. */
  readonly onWake: (isLate: boolean) => void
  /** The page goes, is put aside for the way back, or is frozen. */
  readonly onLeave: () => void
  readonly onBack: () => void
  readonly onTick: () => void
}

const TICK_MS = 1_000
/** The clock has gone on this much further than the timer: the machine slept, the page stood still, or it was set. */
const LATE_MS = 5_000
/** Browsers let the timers of hidden pages run once a minute. */
const HIDDEN_LATE_MS = 65_000

/** Follows the page's life; returns the function that stops it. */
export function watchPage({ onWake, onLeave, onBack, onTick }: PageTimes): () => void {
  const over = new AbortController()
  const { signal } = over
  let tickedAt = Date.now()

  function isLate(wasHidden: boolean): boolean {
    const late = Math.abs(Date.now() - tickedAt - TICK_MS)
    tickedAt = Date.now()
    return late > (wasHidden ? HIDDEN_LATE_MS : LATE_MS)
  }

  const timer = setInterval(() => {
    if (isLate(document.hidden)) onWake(true)
    else onTick()
  }, TICK_MS)
  signal.addEventListener('abort', () => clearInterval(timer))
  const onVisible = () => {
    if (!document.hidden) onWake(isLate(true))
  }
  const onShow = (event: PageTransitionEvent) => {
    if (event.persisted) onBack()
  }
  document.addEventListener('visibilitychange', onVisible, { signal })
  document.addEventListener('freeze', onLeave, { signal })
  document.addEventListener('resume', onBack, { signal })
  window.addEventListener('focus', onTick, { signal })
  window.addEventListener('online', () => onWake(true), { signal })
  window.addEventListener('pagehide', onLeave, { signal })
  window.addEventListener('pageshow', onShow, { signal })
  return () => over.abort()
}
