const FIRST_MS = 5000
const LONGEST_MS = 30 * 60_000
/** For so long it is tried (ADMIN-7). */
export const GIVE_UP_AFTER_MS = 3 * 24 * 60 * 60_000

/**
 * How long to wait after the nth failed attempt: twice as long each time up to half an hour, a fifth
 * more or less, so that what failed together does not come back together.
 */
export function backoffMs(attempts: number, random: number): number {
  const doubled = Math.min(FIRST_MS * 2 ** (attempts - 1), LONGEST_MS)
  return Math.round(doubled * (0.8 + 0.4 * random))
}

/** When it is tried again; null: it has been tried for long enough. */
export function nextAttemptAt(
  delivery: { readonly attempts: number; readonly createdAt: Date },
  failedAt: Date,
  random: number,
): Date | null {
  const nextAt = new Date(failedAt.getTime() + backoffMs(delivery.attempts, random))
  return nextAt.getTime() - delivery.createdAt.getTime() > GIVE_UP_AFTER_MS ? null : nextAt
}
