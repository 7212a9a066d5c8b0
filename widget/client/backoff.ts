/** How long to wait before the next attempt; at random, so that browsers do not come back together. */
export function backoffMs(attempt: number, random: number): number {
  // Streams end regularly (attempt 0): come back at once, only not all in the same instant.
  if (attempt === 0) return random * 250
  const most = Math.min(15_000, 1000 * 2 ** (attempt - 1))
  return most / 2 + (random * most) / 2
}
