/** Whose an extension may be, by number and name. Pure. */
import type { Agent } from './contract.ts'

/**
 * The one agent whom the PBX's name for a phone, or the same number elsewhere, points to; null where nobody or
 * several could be meant: a wrong pop-up is worse than one more click.
 */
export function suggestAgent(extension: string, agents: readonly Agent[]): Agent | null {
  const wanted = fold(extension)
  const found = agents.filter(
    (agent) =>
      agent.extensions.some((one) => one.extension === extension) ||
      namesOf(agent).some((name) => fold(name) === wanted),
  )
  return found.length === 1 ? (found[0] ?? null) : null
}

function namesOf({ name, externalId, email }: Agent): readonly string[] {
  const words = name.trim().split(/\s+/)
  return [
    externalId ?? '',
    email?.split('@')[0] ?? '',
    name,
    words.at(0) ?? '',
    [...words].reverse().join(' '),
  ].filter((one) => one !== '')
}

/** `anna.petrova`, `Anna Petrova` and `anna_petrova` are one. */
function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}
