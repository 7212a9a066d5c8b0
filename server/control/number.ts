const NUMBER = /^[+*#0-9]{1,40}$/
const EXTENSION = /^[\w.+*#-]{1,40}$/
/** What people and pages write between digits; never a line's end. */
const WRITTEN = /[ \u00a0().-]/g

/**
 * What can be dialled: a number, however it is written, or a known extension; null for anything else.
 * What a dialplan or the manager interface gives a meaning to never passes (SAFE-6).
 */
export function parseDialled(text: string, extensions: ReadonlySet<string>): string | null {
  if (EXTENSION.test(text) && extensions.has(text)) return text
  const bare = text.replace(WRITTEN, '')
  return NUMBER.test(bare) && /[0-9]/.test(bare) ? bare : null
}
