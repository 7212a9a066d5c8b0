const MAX_FIELDS = 40
const MAX_LENGTH = 300
const SECRET = /secret|passw|authresponse|challenge|md5|token/i

/** What an event said, for the call's trace: no secrets, and not without end (CALL-19). */
export function toRaw(
  fields: readonly (readonly [key: string, value: string])[],
): Readonly<Record<string, string>> {
  const raw: Record<string, string> = {}
  let count = 0
  for (const [key, value] of fields) {
    if (count === MAX_FIELDS) break
    if (key === '' || value === '' || SECRET.test(key) || key in raw) continue
    // A variable's name can be what is secret about its value.
    raw[key] = SECRET.test(value.slice(0, value.indexOf('=') + 1))
      ? '***'
      : value.slice(0, MAX_LENGTH)
    count += 1
  }
  return raw
}

/** An event of ARI as such fields: `channel.caller.number`. */
export function flatten(event: unknown): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = []
  const walk = (value: unknown, path: string, depth: number): void => {
    if (found.length > 4 * MAX_FIELDS || value === null || value === undefined) return
    if (typeof value !== 'object') {
      found.push([path, String(value)])
      return
    }
    if (depth > 4) return
    for (const [key, inner] of Object.entries(value)) {
      walk(inner, path === '' ? key : `${path}.${key}`, depth + 1)
    }
  }
  walk(event, '', 0)
  return found
}
