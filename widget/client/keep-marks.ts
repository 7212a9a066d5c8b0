/**
 * What the PBX does not tell of a call (muted, recording paused) is kept over a change of page. Flags only, no
 * names and no numbers; the tab forgets them when it closes.
 */
import type { Client } from './client.ts'
import { type CallMark, noMark } from './control-state.ts'

const KEY = 'ringside-calls'
const kept = new WeakSet<Client>()

/** Takes what an earlier page of this tab left, and leaves it for the next. */
export function keepMarks(client: Client, storage: () => Storage = () => sessionStorage): void {
  const me = client.state.me?.id
  if (kept.has(client) || !client.state.isReady || !me) return
  kept.add(client)
  const key = `${KEY} ${me}`
  const before = read(key, storage)
  const { calls } = client.state
  const live = Object.entries(before).filter(([id]) => calls[id] && calls[id].state !== 'ended')
  if (live.length > 0) client.dispatch({ type: 'marks', marks: Object.fromEntries(live) })
  client.subscribe((_message, old, { marks }) => {
    if (old.marks !== marks) write(key, marks, storage)
  })
}

function read(key: string, storage: () => Storage): Record<string, CallMark> {
  try {
    const found: unknown = JSON.parse(storage().getItem(key) ?? '{}')
    if (typeof found !== 'object' || found === null) return {}
    return Object.fromEntries(
      Object.entries(found).map(([id, flags]) => [id, fromFlags(String(flags))]),
    )
  } catch {
    // No storage in this page (a sandboxed frame), or somebody else's: nothing is remembered.
    return {}
  }
}

function write(
  key: string,
  marks: Readonly<Record<string, CallMark>>,
  storage: () => Storage,
): void {
  try {
    const flags = Object.entries(marks).map(([id, mark]) => [id, toFlags(mark)])
    storage().setItem(key, JSON.stringify(Object.fromEntries(flags)))
  } catch {
    // As above.
  }
}

const FLAGS = { m: 'isMuted', r: 'isRecordingPaused', p: 'isParked' } as const

function toFlags(mark: CallMark): string {
  const on = Object.entries(FLAGS).filter(([, key]) => mark[key])
  return `${on.map(([flag]) => flag).join('')}${mark.consulting === null ? '' : 'c'}`
}

function fromFlags(flags: string): CallMark {
  const on = Object.entries(FLAGS).map(([flag, key]) => [key, flags.includes(flag)])
  return { ...noMark, ...Object.fromEntries(on), consulting: flags.includes('c') ? '' : null }
}
