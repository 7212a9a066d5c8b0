import { EVERY_CONNECTION } from '../../db/agents.ts'
import { nameKey } from '../../db/working/keys.ts'
import type { WorkingSet } from '../../db/working/working-set.ts'
import type { CallEvent } from '../calls/call.ts'

/** Extension → agent, for every extension that the event names. */
export async function agentsNamedBy(
  { extensions }: WorkingSet,
  event: CallEvent,
): Promise<Record<string, string | null>> {
  const { connectionId } = event
  const named = extensionsIn(event)
  await extensions.load(named.flatMap((extension) => extensionKeys(connectionId, extension)))
  const agentOf = (extension: string): string | null => {
    const [own, general] = extensionKeys(connectionId, extension).map((key) => extensions.peek(key))
    return (own ?? general)?.agentId ?? null
  }
  return Object.fromEntries(named.map((extension) => [extension, agentOf(extension)]))
}

/** True where a number is an extension of the connection. */
export async function isExtension(
  { extensions }: WorkingSet,
  connectionId: string,
  number: string,
): Promise<boolean> {
  const keys = extensionKeys(connectionId, number)
  await extensions.load(keys)
  return keys.some((key) => extensions.peek(key) != null)
}

/** As the connection's own, and as that of all connections. */
export function extensionKeys(connectionId: string, extension: string): string[] {
  return [nameKey(connectionId, extension), nameKey(EVERY_CONNECTION, extension)]
}

/** Every extension that an event names. */
export function extensionsIn(event: CallEvent): string[] {
  switch (event.type) {
    case 'ringing':
      return [...event.extensions]
    case 'started':
      return event.direction === 'incoming' ? [] : [event.from]
    case 'ended':
      return event.direction === 'incoming' ? [] : [event.from]
    case 'answered':
      return [event.extension, event.direction === 'incoming' ? null : event.from].filter(
        (extension) => extension !== null,
      )
    case 'ring-ended':
    case 'left':
      return [event.extension]
    case 'held':
    case 'resumed':
      return event.extension === null ? [] : [event.extension]
    default:
      return []
  }
}
