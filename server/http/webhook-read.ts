import type { CallEvent, StoredRecording } from '../calls/call.ts'
import type { Log } from '../log.ts'
import type { KeptFile } from '../recordings/storage.ts'
import type { ConnectionSettings } from '../setup/connection.ts'
import { namedInCti, parseCti } from '../sources/cti-parse.ts'
import type { Refusal } from '../sources/refusal.ts'
import type { DecodedFields } from '../sources/webhook-decode.ts'
import { parseWebhook } from '../sources/webhook-parse.ts'

type Fields = DecodedFields['fields']

/** The events that a request tells, or why it is not taken. */
export type Reading =
  | { readonly events: readonly CallEvent[]; readonly notices: readonly string[] }
  | { readonly refusal: Refusal }

export interface ReadOptions {
  readonly log: Log
  /** The extensions of the agent who has this extension, external id or e-mail. */
  readonly extensionsOf: (connectionId: string, value: string) => Promise<readonly string[]>
}

const LOOK_UP_MS = 500

/** Fields of the dialplan's webhook → its event. */
export function readAsterisk(
  fields: Fields,
  connection: ConnectionSettings,
  arrivedAt: Date,
  recordings: readonly StoredRecording[],
): Reading {
  const reading = parseWebhook(fields, connection, arrivedAt, recordings[0] ?? null)
  return 'refusal' in reading ? reading : { events: [reading.event], notices: reading.notices }
}

/** Fields of the generic CTI push → its events; whom they name is looked up first. */
export async function readCti(
  { extensionsOf, log }: ReadOptions,
  fields: Fields,
  connection: ConnectionSettings,
  arrivedAt: Date,
): Promise<Reading> {
  const found = new Map<string, readonly string[]>()
  const lookUp = async (value: string): Promise<void> => {
    found.set(value, await extensionsOf(connection.id, value))
  }
  const lookUps = Promise.all(namedInCti(fields).map(lookUp)).catch((error: unknown) => {
    // Numbers that look like extensions still ring; the event must not be lost with the rest.
    log.warn('webhook.agents-unknown', { connectionId: connection.id, error })
  })
  await Promise.race([lookUps, afterMs(LOOK_UP_MS)])
  return parseCti(fields, connection.id, arrivedAt, (value) => found.get(value) ?? [])
}

/** Each file is an event of its own; the event that it came with may be another one. */
export function withRecordings(
  events: readonly CallEvent[],
  kept: readonly KeptFile[],
): readonly CallEvent[] {
  const [first] = events
  if (first === undefined) return []
  const { source, connectionId, uniqueId, at, atKnown, arrivedAt, order, extra } = first
  const base = { source, connectionId, uniqueId, at, atKnown, arrivedAt, order, extra }
  return [
    ...events.filter((event) => event.type !== 'recorded'),
    ...kept.map(({ recording }) => ({ ...base, type: 'recorded', recording }) as const),
  ]
}

function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
