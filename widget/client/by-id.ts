/** What is known of each by its id, the last used last. A new one for each change, whose copy costs little (PERF-2). */
export type ById<T> = ReadonlyMap<string, T>

/** With one more, or another in its place; it is the last used now. */
export function put<T>(all: ById<T>, id: string, value: T): ById<T> {
  const next = new Map(all)
  next.delete(id)
  return next.set(id, value)
}

export function without<T>(all: ById<T>, id: string): ById<T> {
  if (!all.has(id)) return all
  const next = new Map(all)
  next.delete(id)
  return next
}

/** Those for which it is true. */
export function filtered<T>(all: ById<T>, isKept: (value: T, id: string) => boolean): ById<T> {
  return new Map([...all].filter(([id, value]) => isKept(value, id)))
}

export function mapped<T>(all: ById<T>, change: (value: T) => T): ById<T> {
  return new Map([...all].map(([id, value]) => [id, change(value)]))
}

/** The last used stay: bounded memory. */
export function kept<T>(all: ById<T>, most: number): ById<T> {
  return all.size <= most ? all : new Map([...all].slice(-most))
}

export function byId<T extends { readonly id: string }>(items: readonly T[]): ById<T> {
  return new Map(items.map((item) => [item.id, item]))
}
