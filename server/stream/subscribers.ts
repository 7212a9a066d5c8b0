import type { Role } from '../http/access.ts'
import type { StreamRun } from './stream-event.ts'

/** Who listens: what they may hear is asked again for every event, replayed or live. */
export interface Listener {
  readonly agentId: string | null
  readonly role: Role
}

export interface Subscriber extends Listener {
  /** May be given again what it was given before: it goes by the positions. */
  send(run: StreamRun): void
}

/** All who listen; an agent's own are found without looking at the thousands of others. */
export interface Subscribers extends Iterable<Subscriber> {
  readonly size: number
  /** What it gives back takes it out again. */
  add(subscriber: Subscriber): () => void
  of(agentId: string): Iterable<Subscriber>
}

const NOBODY: ReadonlySet<Subscriber> = new Set()

export function createSubscribers(): Subscribers {
  const all = new Set<Subscriber>()
  const byAgent = new Map<string, Set<Subscriber>>()
  const remove = (subscriber: Subscriber): void => {
    all.delete(subscriber)
    if (subscriber.agentId === null) return
    const own = byAgent.get(subscriber.agentId)
    own?.delete(subscriber)
    if (own?.size === 0) byAgent.delete(subscriber.agentId)
  }
  return {
    get size() {
      return all.size
    },
    add: (subscriber) => {
      all.add(subscriber)
      const { agentId } = subscriber
      if (agentId !== null) {
        const own = byAgent.get(agentId) ?? new Set()
        byAgent.set(agentId, own.add(subscriber))
      }
      return () => remove(subscriber)
    },
    of: (agentId) => byAgent.get(agentId) ?? NOBODY,
    [Symbol.iterator]: () => all[Symbol.iterator](),
  }
}
