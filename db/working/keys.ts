/** The key of what a connection calls by a name: its unique ids, its extensions. */
export function nameKey(connectionId: string, name: string): string {
  return `${connectionId} ${name}`
}

/** The other way round: ids of connections have no spaces. */
export function nameOf(key: string): readonly [connectionId: string, name: string] {
  const space = key.indexOf(' ')
  return [key.slice(0, space), key.slice(space + 1)]
}
