/** What a key does in the player: the keys of sliders, and j, k, l of all players. */
export type KeyAct = { readonly type: 'toggle' } | { readonly type: 'seek'; readonly to: number }

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 5,
  ArrowUp: 5,
  ArrowLeft: -5,
  ArrowDown: -5,
  PageUp: 30,
  PageDown: -30,
  j: -10,
  l: 10,
}

/** `control`: what has the focus; buttons keep the keys that press them. */
export function keyAct(
  event: KeyboardEvent,
  control: 'slider' | 'button',
  time: number,
  length: number | null,
): KeyAct | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  if (key === 'k' || (key === ' ' && control === 'slider')) return { type: 'toggle' }
  if (length === null) return null
  if (key === 'Home') return { type: 'seek', to: 0 }
  if (key === 'End') return { type: 'seek', to: length }
  const step = STEPS[key]
  if (step === undefined) return null
  return { type: 'seek', to: Math.min(length, Math.max(0, time + step)) }
}
