/**
 * What the PBX does not tell of a call (muted, recording paused) is kept over a change of page. Flags only, no
 * names and no numbers; the tab forgets them when it closes.
 */
import { filtered } from './by-id.ts'
import type { Client } from './client.ts'
import { type CallMark, noMark } from './control-state.ts'
import type { State } from './state.ts'

const KEY = 'ringside-calls'
const kept = new WeakSet<Client>()

/** Takes what an earlier page of this tab left, and leaves it for the next. */
export function keepMarks(client: Client, storage: () => Storage = () => sessionStorage): void {
  const me = client.state.me?.id
  if (kept.has(client) || !client.state.isReady || !me) return
  kept.add(client)
  const key = `${KEY} ${me}`
  const { calls } = client.state
  const isLive = (id: string): boolean => (calls.get(id)?.state ?? 'ended') !== 'ended'
  const marks = filtered(read(key, storage), (_mark, id) => isLive(id))
  if (marks.size > 0) client.dispatch({ type: 'marks', marks })
  client.subscribe((_message, old, { marks }) => {
    if (old.marks !== marks) write(key, marks, storage)
  })
}

function read(key: string, storage: () => Storage): State['marks'] {
  try {
    const found: unknown = JSON.parse(storage().getItem(key) ?? '{}')
    return new Map(Object.entries(found ?? {}).map(([id, flags]) => [id, fromFlags(String(flags))]))
  } catch {
    // No storage in this page (a sandboxed frame), or somebody else's: nothing is remembered.
    return new Map()
  }
}

function write(key: string, marks: State['marks'], storage: () => Storage): void {
  try {
    const flags = [...marks].map(([id, mark]) => [id, toFlags(mark)])
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
