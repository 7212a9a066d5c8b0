const FIRST_MS = 500
const MAX_MS = 15_000

/**
 * How long to wait before the next try: doubled each time from half a second up to 15 s, of which
 * the upper half is drawn, so that many do not come back at once.
 *
 * @param attempt - 0 for the first try after a loss.
 * @param random - from 0 up to 1.
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(MAX_MS, FIRST_MS * 2 ** Math.max(0, attempt))
  return Math.round(ceiling * (0.5 + random / 2))
}
