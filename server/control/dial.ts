import { randomUUID } from 'node:crypto'
import { agentsByExtensions, EVERY_CONNECTION, extensionsOfAgents } from '../../db/agents.ts'
import { insertCallEvents } from '../../db/call-events.ts'
import { listNamedCalls, loadCall } from '../../db/calls.ts'
import type { Database } from '../../db/database.ts'
import type { Call, CallEvent } from '../calls/call.ts'
import { RingsideError } from '../errors.ts'
import type { PbxAnswer } from '../sources/pbx.ts'
import type { Actor } from './call-target.ts'
import { type ControlOptions, keepAction, parseTarget } from './control-options.ts'
import { toError } from './pbx.ts'

const ACCEPT_MS = 3000

/**
 * CTL-2: the call is there, with its number and agent, before the PBX hears of it; its events then
 * join it by the id that it was given.
 */
export async function dial(
  options: ControlOptions,
  asked: { number: string; extension?: string | undefined },
  actor: Actor,
): Promise<Call> {
  const { connectionId, extension } = await phoneOf(options, asked.extension, actor)
  const number = await parseTarget(options, connectionId, asked.number, 'number')
  const uniqueId = `ringside-${randomUUID()}`
  const direction = await directionTo(options, connectionId, number)
  const base = { connectionId, uniqueId, direction, from: extension, to: number }
  await tellDial(options, { ...base, type: 'started' })
  const callId = await callOf(options, base)
  const command = { type: 'dial', number, uniqueId, extension } as const
  const done = options.pbx.run(connectionId, command).then(async (answer) => {
    const details = { extension, number }
    await keepAction(options, callId, actor, { action: 'dial', details }, answer)
    if (answer.ok) return answer
    const ended = { durationSeconds: null, failure: 'congestion' } as const
    await tellDial(options, { ...base, type: 'ended', ...ended })
    return answer
  })
  // A PBX that answers only when the phone is picked up has accepted it by then.
  const answer = await Promise.race([done, accepted(options, done)])
  if (!answer.ok) throw toError(answer.code, answer.message)
  const kept = await loadCall(options.database.db, callId)
  if (kept === null) throw new Error(`call ${callId} is gone after it was dialled`)
  return kept.call
}

async function accepted(
  { acceptMs = ACCEPT_MS, log }: ControlOptions,
  done: Promise<PbxAnswer>,
): Promise<PbxAnswer> {
  const { promise, resolve } = Promise.withResolvers<PbxAnswer>()
  const timer = setTimeout(() => resolve({ ok: true }), acceptMs)
  done
    .catch((error: unknown) => log.warn('control.dial-not-kept', { error }))
    .finally(() => clearTimeout(timer))
  return promise
}

/** Which of the agent's phones rings, on a connection that can dial. */
async function phoneOf(
  { database, pbx, connectionIds }: ControlOptions,
  wanted: string | undefined,
  actor: Actor,
): Promise<{ connectionId: string; extension: string }> {
  const { agentId } = actor
  if (agentId === null && wanted === undefined) {
    const errors = [{ path: 'extension', message: 'is missing: whose phone rings' }]
    throw new RingsideError('bad-input', 'extension is missing: whose phone rings', { errors })
  }
  const dialling = connectionIds().filter((id) => pbx.controls(id).has('dial'))
  const own =
    agentId === null ? [] : ((await extensionsOfAgents(database.db, [agentId])).get(agentId) ?? [])
  const phones = own.flatMap(({ connectionId, extension }) =>
    among(dialling, connectionId).map((id) => ({ connectionId: id, extension })),
  )
  const named = phones.filter(({ extension }) => wanted === undefined || extension === wanted)
  const phone = named.find(({ connectionId }) => dialling.includes(connectionId))
  if (phone !== undefined) return phone
  if (named.length > 0 || wanted === undefined) {
    const isAway = own.some(({ connectionId }) =>
      among(connectionIds(), connectionId).some(pbx.isAway),
    )
    throw isAway
      ? toError('pbx-away', 'there is no connection to your PBX just now')
      : toError('not-supported', 'no PBX connection of yours can dial at the moment')
  }
  if (actor.role === 'agent') throw toError('not-yours', `${wanted} is not your extension`)
  return phoneOfOthers(database, dialling, wanted)
}

/** The connections of this list that are meant, where every one may be. */
function among(connectionIds: readonly string[], connectionId: string): readonly string[] {
  return connectionId === EVERY_CONNECTION ? connectionIds : [connectionId]
}

/** Supervisors, and programs with a key, name whose phone rings. */
async function phoneOfOthers(
  { db }: Database,
  dialling: readonly string[],
  extension: string,
): Promise<{ connectionId: string; extension: string }> {
  for (const connectionId of dialling) {
    const agents = await agentsByExtensions(db, connectionId, [extension])
    if (agents.get(extension) != null) return { connectionId, extension }
  }
  throw toError('not-supported', `no PBX connection that can dial has the extension ${extension}`)
}

async function directionTo(
  { database }: ControlOptions,
  connectionId: string,
  number: string,
): Promise<'outgoing' | 'internal'> {
  const agents = await agentsByExtensions(database.db, connectionId, [number])
  return agents.get(number) == null ? 'outgoing' : 'internal'
}

type DialEvent =
  | Pick<Extract<CallEvent, { type: 'started' }>, DialFields>
  | Pick<Extract<CallEvent, { type: 'ended' }>, DialFields | 'durationSeconds' | 'failure'>
type DialFields = 'type' | 'connectionId' | 'uniqueId' | 'direction' | 'from' | 'to'

async function tellDial(
  { database, clock, applied }: ControlOptions,
  event: DialEvent,
): Promise<void> {
  const at = clock()
  const base = {
    source: 'ringside',
    at,
    atKnown: true,
    arrivedAt: at,
    order: 0,
    extra: {},
  } as const
  await insertCallEvents(database.db, [
    { receipt: `${event.type} ${event.uniqueId}`, event: { ...base, ...event }, raw: {} },
  ])
  await applied(event.connectionId)
}

async function callOf(
  { database }: ControlOptions,
  { connectionId, uniqueId }: { connectionId: string; uniqueId: string },
): Promise<string> {
  // The id was made up for this one call.
  const found = (await listNamedCalls(database.db, [{ connectionId, uniqueId }])).at(-1)
  if (found === undefined) throw new Error(`there is no call ${uniqueId} after it was started`)
  return found.callId
}
