/** What a database error means to who asked; everything else is a bug. */
export type DatabaseTrouble = 'away' | 'bad-text' | 'agent-exists' | 'user-exists'

const CONSTRAINTS: Readonly<Record<string, DatabaseTrouble>> = {
  agents_external_id_unique: 'agent-exists',
  users_external_id_unique: 'user-exists',
}

/** The driver's own codes, then SQLSTATE: class 08, shutdown, start-up, too many, disk full. */
const AWAY =
  /^(ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|CONNECT_TIMEOUT|CONNECTION_\w+|08\w{3}|57P0[123]|53[123]00|25P03|25006)$/
const BAD_TEXT = /^(22021|22P05)$/

/** Deadlock, serialization, locks and statements that took too long, no memory: it works next time. */
const PASSING = /^(40\w{3}|53\w{3}|55P03|57014|57P05)$/

/** True where the database could not do it now, whatever it was asked. */
export function isPassingTrouble(error: unknown, depth = 0): boolean {
  if (databaseTrouble(error) === 'away') return true
  if (typeof error !== 'object' || error === null || depth > 5) return false
  const { code, cause } = error as Record<string, unknown>
  return (typeof code === 'string' && PASSING.test(code)) || isPassingTrouble(cause, depth + 1)
}

/** True where a transaction took more memory or locks than there are: a smaller one may do. */
export function isTooMuchAtOnce(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false
  const { code, cause } = error as Record<string, unknown>
  return code === '53200' || isTooMuchAtOnce(cause, depth + 1)
}

/** Reads a driver's error, its causes included; null where it says nothing to the caller. */
export function databaseTrouble(error: unknown, depth = 0): DatabaseTrouble | null {
  if (typeof error !== 'object' || error === null || depth > 5) return null
  const { code, constraint, constraint_name, cause, errors } = error as Record<string, unknown>
  if (typeof code === 'string') {
    if (AWAY.test(code)) return 'away'
    if (BAD_TEXT.test(code)) return 'bad-text'
    const name = constraint_name ?? constraint
    if (code === '23505' && typeof name === 'string') return CONSTRAINTS[name] ?? null
  }
  for (const inner of [cause, ...(Array.isArray(errors) ? errors : [])]) {
    const trouble = databaseTrouble(inner, depth + 1)
    if (trouble !== null) return trouble
  }
  return null
}
