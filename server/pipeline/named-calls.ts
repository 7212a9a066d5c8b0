import type { KeptCall } from '../../db/calls.ts'
import { nameKey } from '../../db/working/keys.ts'
import type { WorkingSet } from '../../db/working/working-set.ts'

/** A call that an id means. */
export interface NamedCall {
  /** The id asked for. */
  readonly uniqueId: string
  readonly kept: KeptCall
}

/** Which calls these unique ids of a connection mean, by their ids. */
export async function callsNamed(
  { named, calls }: WorkingSet,
  connectionId: string,
  uniqueIds: readonly string[],
): Promise<NamedCall[]> {
  await named.load(uniqueIds.map((uniqueId) => nameKey(connectionId, uniqueId)))
  const idsOf = (uniqueId: string) => named.peek(nameKey(connectionId, uniqueId)) ?? []
  await calls.load(uniqueIds.flatMap(idsOf))
  return uniqueIds
    .flatMap((uniqueId) =>
      idsOf(uniqueId).flatMap((callId) => {
        const kept = calls.peek(callId)
        return kept == null ? [] : [{ uniqueId, kept }]
      }),
    )
    .sort((a, b) => (a.kept.call.id < b.kept.call.id ? -1 : 1))
}

/** The call's events come under this unique id, too. */
export async function nameCall(
  { named, news }: WorkingSet,
  name: { readonly connectionId: string; readonly uniqueId: string; readonly callId: string },
): Promise<void> {
  const key = nameKey(name.connectionId, name.uniqueId)
  const known = (await named.find(key)) ?? []
  if (known.includes(name.callId)) return
  named.know(key, [...known, name.callId])
  news.names.push(name)
}
