import type { OutboxEntry } from '../../db/outbox.ts'

/**
 * Of what one transaction tells of the same call, or of the same message of a case, only how it is
 * in the end: everybody hears of it at the same time. Whoever was to hear of it before hears of it
 * now, and receivers of webhooks of everything that happened, in its order.
 */
export function newest(told: readonly OutboxEntry[]): readonly OutboxEntry[] {
  const byKey = new Map<unknown, OutboxEntry>()
  for (const entry of told) {
    const key = keyOf(entry)
    const earlier = byKey.get(key)
    // Where the last one stood.
    byKey.delete(key)
    byKey.set(key, earlier === undefined ? entry : joined(earlier, entry))
  }
  return [...byKey.values()]
}

/** What an entry is about; others are about themselves. */
function keyOf(entry: OutboxEntry): unknown {
  if (entry.type !== 'call' && entry.type !== 'case') return entry
  const { id, message } = entry.data as { id: string; message?: { id: string } | null }
  return `${entry.type} ${id} ${message?.id ?? ''}`
}

function joined(earlier: OutboxEntry, later: OutboxEntry): OutboxEntry {
  const audience =
    earlier.audience === null || later.audience === null
      ? null
      : [...new Set([...earlier.audience, ...later.audience])]
  const events = [...new Set([...(earlier.events ?? []), ...(later.events ?? [])])]
  return { ...later, audience, events }
}
