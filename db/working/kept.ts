/**
 * Rows of one kind that a transaction has to do with: each is read at most once, several of them in
 * one statement, and what is changed is written later. Null: looked for, and not there.
 */
export interface Kept<V> {
  /** Reads those that were not read yet. */
  load(keys: Iterable<string>): Promise<void>
  /** One of them, read now unless it was before. */
  find(key: string): Promise<V | null>
  /** One of them as far as it is known; undefined where nobody has looked. */
  peek(key: string): V | null | undefined
  /** Everything that is known to be there. */
  values(): V[]
  /** What the database holds, known without a look; what is known already counts. */
  learn(key: string, value: V | null): void
  /** It is this from now on, and needs no writing. */
  know(key: string, value: V | null): void
  /** It is this from now on, and is to be written. */
  put(key: string, value: V): void
  /** What is to be written, in the order in which it was first changed; nothing is from then on. */
  takeChanged(): readonly V[]
  /** The next look is into the database again. */
  forget(key?: string): void
}

/** `read`: what is there of these keys; a key that is missing is not there. */
export function createKept<V>(
  read: (keys: readonly string[]) => Promise<Iterable<readonly [key: string, value: V]>>,
): Kept<V> {
  const known = new Map<string, V | null>()
  const changed = new Set<string>()

  const load = async (keys: Iterable<string>): Promise<void> => {
    const unknown = [...new Set(keys)].filter((key) => !known.has(key))
    if (unknown.length === 0) return
    const found = new Map(await read(unknown))
    for (const key of unknown) known.set(key, found.get(key) ?? null)
  }
  return {
    load,
    find: async (key) => {
      if (!known.has(key)) await load([key])
      return known.get(key) ?? null
    },
    peek: (key) => known.get(key),
    values: () => {
      const values: V[] = []
      for (const value of known.values()) if (value !== null) values.push(value)
      return values
    },
    learn: (key, value) => {
      if (!known.has(key)) known.set(key, value)
    },
    know: (key, value) => {
      known.set(key, value)
    },
    put: (key, value) => {
      known.set(key, value)
      changed.add(key)
    },
    takeChanged: () => {
      const values = [...changed].map((key) => known.get(key)!)
      changed.clear()
      return values
    },
    forget: (key) => {
      if (changed.size > 0) throw new Error('what was changed is written before it is forgotten')
      if (key === undefined) known.clear()
      else known.delete(key)
    },
  }
}
