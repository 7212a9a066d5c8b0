/**
 * How long to wait before the next attempt; at random, and the longest four times the shortest: after a cut ten thousand
 * browsers come back within a second and a half, not in the same instant (HOLD-6).
 */
export function backoffMs(attempt: number, random: number): number {
  // Streams end regularly (attempt 0): come back at once, only not all in the same instant.
  if (attempt === 0) return random * 250
  const most = Math.min(15_000, 1000 * 2 ** Math.max(1, attempt - 1))
  return most * (0.25 + 0.75 * random)
}
