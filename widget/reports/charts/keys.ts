/** Arrow keys in pictures: one stop of the Tab key, and the arrows go from point to point. */

/** Where a key leads; null: it is none of ours. In right-to-left pages time runs the other way. */
export type Way = 'next' | 'previous' | 'down' | 'up' | 'first' | 'last'

const WAYS: Readonly<Record<string, Way>> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  ArrowDown: 'down',
  ArrowUp: 'up',
  Home: 'first',
  End: 'last',
}

/** Which way a key leads in a picture that stands in `host`. */
export function wayOf(event: KeyboardEvent, host: HTMLElement): Way | null {
  if (event.altKey || event.metaKey || event.ctrlKey) return null
  const way = WAYS[event.key] ?? null
  if (!isRightToLeftIn(host)) return way
  if (way === 'next') return 'previous'
  return way === 'previous' ? 'next' : way
}

/** The writing direction of the page around it. */
export function isRightToLeftIn(host: HTMLElement): boolean {
  return getComputedStyle(host).direction === 'rtl'
}

/** The nearest place that can be chosen, from `at` on by `step`; where there is none, one stays. */
export function placeAfter(
  at: number,
  step: number,
  count: number,
  canChoose: (at: number) => boolean,
): number {
  for (let place = at + step; place >= 0 && place < count; place += step) {
    if (canChoose(place)) return place
  }
  return at
}
