import type { AmiSession } from './ami-client.ts'
import { AmiError } from './ami-error.ts'

/** The fields of `ListCommands`' answer that are no commands. */
const NO_COMMANDS = new Set(['response', 'actionid', 'message', 'eventlist', ''])

/**
 * The actions that this account may use, in lower case: Asterisk lists only those. A response that
 * names none means that even this question is not allowed.
 */
export async function allowedCommands(
  session: Pick<AmiSession, 'send'>,
): Promise<ReadonlySet<string>> {
  const answer = await session.send({ name: 'ListCommands', fields: [] })
  const names = answer.fields.map(([key]) => key.toLowerCase())
  return new Set(names.filter((name) => !NO_COMMANDS.has(name)))
}

/** Such as `22.10.1`; null where the account may not ask (`CoreSettings` needs `system` or `reporting`). */
export async function readAsteriskVersion(
  session: Pick<AmiSession, 'send'>,
): Promise<string | null> {
  try {
    const answer = await session.send({ name: 'CoreSettings', fields: [] })
    return answer.get('AsteriskVersion')
  } catch (error) {
    if (error instanceof AmiError && error.code === 'refused') return null
    throw error
  }
}

/**
 * The classes of events that an account hears, `read` in manager.conf; null where it may not ask.
 * Only the console says it, and only to accounts with write = command.
 */
export async function readEventClasses(
  session: Pick<AmiSession, 'send'>,
  userName: string,
  allowed: ReadonlySet<string>,
): Promise<ReadonlySet<string> | null> {
  // What is no plain name could be a second word of the command.
  if (!allowed.has('command') || !/^[\w.@-]{1,80}$/.test(userName)) return null
  try {
    const command = `manager show user ${userName}`
    const answer = await session.send({ name: 'Command', fields: [['Command', command]] })
    const text = answer.fields.map(([key, value]) => `${key} ${value}`).join('\n')
    const found = /read perm\s*:?\s*([\w,<> ]+)/i.exec(text)?.[1]
    return found === undefined ? null : new Set(found.split(/[,\s]+/).filter((each) => each !== ''))
  } catch (error) {
    if (error instanceof AmiError && error.code === 'refused') return null
    throw error
  }
}
