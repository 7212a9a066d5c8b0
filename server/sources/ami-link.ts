import { lookupOf, type Resolve, resolveAllowed } from '../net/address-guard.ts'
import type { AmiAccount } from '../setup/accounts.ts'
import type { AsteriskOptions } from '../setup/asterisk-options.ts'
import type { AmiAction } from './ami-action.ts'
import { blocksSession, sendAside } from './ami-aside.ts'
import { reasonOf } from './ami-check.ts'
import { type AmiOptions, type AmiSession, connectAmi } from './ami-client.ts'
import { type AmiControl, createAmiControl } from './ami-control.ts'
import { readAmiEndpoints } from './ami-endpoints.ts'
import { AmiError } from './ami-error.ts'
import { createAmiEvents, wantedEvents } from './ami-events.ts'
import type { AmiPacket } from './ami-packet.ts'
import { createQueueWatch, type QueueWatch } from './ami-queues.ts'
import { allowedCommands, readAsteriskVersion } from './ami-rights.ts'
import { readAmiSnapshot } from './ami-state.ts'
import type { PbxSnapshot } from './channel-event.ts'
import type { Channels } from './channels.ts'
import { readAmiDeviceState } from './device-state.ts'
import type { Heard, PbxSession, PbxSource } from './link.ts'
import type { DeviceState, Endpoint, QueueState } from './pbx.ts'
import { toRaw } from './raw-fields.ts'

export interface AmiSourceOptions {
  readonly account: AmiAccount
  readonly options: AsteriskOptions
  readonly channels: Channels
  readonly onQueues: (states: readonly QueueState[]) => void
  readonly onDevice: (extension: string, state: DeviceState) => void
  readonly onProblem: (problem: string, cause?: unknown) => void
  readonly resolve?: Resolve
  readonly pingEveryMs?: number
  readonly lostAfterMs?: number
}

/** A manager account as a link's source (AMI-1 to AMI-6). */
export function createAmiSource(given: AmiSourceOptions): PbxSource {
  return {
    kind: 'ami',
    isRefusal: (error) => error instanceof AmiError && error.code === 'login-refused',
    open: (hear, signal) => open(given, hear, signal),
  }
}

async function open(
  given: AmiSourceOptions,
  hear: (heard: Heard) => void,
  signal: AbortSignal,
): Promise<PbxSession> {
  const { account, options, onDevice } = given
  const address = await resolveAllowed(account.host, {
    allowPrivate: true,
    resolve: given.resolve,
  })
  if (!address.ok) throw new AmiError('unreachable', address.message)
  const events = createAmiEvents({ extraFields: options.packetInfoConfig })
  const queues = createQueueWatch(given.onQueues)
  const ended = Promise.withResolvers<string>()
  const wanted = wantedEvents(options.packetInfoConfig, { queues: needsQueues(options) })
  const reached = { ...account, lookup: lookupOf(address), signal }
  const session = await connect({
    ...reached,
    wants: (name) => wanted.has(name.toLowerCase()),
    onProblem: given.onProblem,
    ...(given.pingEveryMs === undefined ? {} : { pingEveryMs: given.pingEveryMs }),
    ...(given.lostAfterMs === undefined ? {} : { lostAfterMs: given.lostAfterMs }),
    onEvent: (packet, arrivedAt) => {
      const read = events.read(packet)
      if (read.length > 0) {
        const time = { at: arrivedAt, atKnown: false, arrivedAt }
        hear({ events: read, time, raw: toRaw(packet.fields) })
      }
      queues.hear(packet)
      const device = readAmiDeviceState(packet)
      if (device !== null) onDevice(device.extension, device.state)
    },
    onClose: ({ message }) => {
      queues.close()
      ended.resolve(message)
    },
  })
  try {
    const allowed = await allowedCommands(session).catch(noneAllowed)
    const version = await readAsteriskVersion(session)
    let endpoints: readonly Endpoint[] = []
    const send = (action: AmiAction): Promise<AmiPacket> =>
      blocksSession(action) ? sendAside(reached, action) : session.send(action)
    const control = controlOf(given, send, allowed, () => endpoints)
    return {
      version: version ?? session.version,
      controls: control.controls,
      run: control.run,
      readState: async () => {
        const snapshot = await readState(session, allowed)
        if (snapshot !== null) events.restore(snapshot)
        return snapshot
      },
      readEndpoints: async () => {
        endpoints = await readAmiEndpoints(session, allowed)
        return endpoints
      },
      onUp: () => readWhatIs(session, allowed, options, queues, onDevice),
      ended: ended.promise,
      close: () => {
        session.close()
        ended.resolve('closed by Ringside')
      },
    }
  } catch (error) {
    session.close()
    throw error
  }
}

/** The reason is shown to admins: nothing of what somebody else answered is in it (SAFE-5). */
async function connect(options: AmiOptions): Promise<AmiSession> {
  try {
    return await connectAmi(options)
  } catch (error) {
    throw error instanceof AmiError ? new AmiError(error.code, reasonOf(error), error) : error
  }
}

/** Pausing an agent while in conversation needs to know where the agent is a member, and paused. */
function needsQueues({ traceQueuesState, autoPauseOnCommutationStart }: AsteriskOptions): boolean {
  return traceQueuesState || autoPauseOnCommutationStart
}

function controlOf(
  { options, channels }: AmiSourceOptions,
  send: AmiSession['send'],
  allowed: ReadonlySet<string>,
  endpoints: () => readonly Endpoint[],
): AmiControl {
  return createAmiControl({
    session: { send: (action) => sendOrRefusal(send, action) },
    allowed,
    partsOf: channels.partsOf,
    options,
    technologyOf: (extension) =>
      endpoints().find(({ resource }) => resource === extension)?.technology ?? 'PJSIP',
  })
}

/** What the PBX refuses is an answer here: its words are for who asked. */
async function sendOrRefusal(send: AmiSession['send'], action: AmiAction): Promise<AmiPacket> {
  try {
    return await send(action)
  } catch (error) {
    if (!(error instanceof AmiError) || error.code !== 'refused') throw error
    const { message } = error
    const isMessage = (key: string): boolean => key.toLowerCase() === 'message'
    return {
      event: null,
      response: 'Error',
      actionId: null,
      fields: [['Message', message]],
      get: (key) => (isMessage(key) ? message : null),
      all: (key) => (isMessage(key) ? [message] : []),
    }
  }
}

/** AMI-6; null where the account may not ask. */
async function readState(
  session: AmiSession,
  allowed: ReadonlySet<string>,
): Promise<PbxSnapshot | null> {
  try {
    const arrivedAt = new Date()
    const channels = await session.list({ name: 'CoreShowChannels', fields: [] })
    // Until 11 only `Status` tells linked ids; a list of bridges matters where somebody is in one.
    const isOld = channels.some((packet) => packet.get('Linkedid') === null)
    const status = isOld && allowed.has('status') ? await listOrNone(session, 'Status') : []
    const isBridged = channels.some((packet) => (packet.get('BridgeId') ?? '') !== '')
    const bridges =
      isBridged && allowed.has('bridgelist') ? await listOrNone(session, 'BridgeList') : []
    return readAmiSnapshot([...channels, ...status, ...bridges], arrivedAt)
  } catch (error) {
    if (isRefused(error)) return null
    throw error
  }
}

/** The queues and the phones as they are now; their events say what changes. */
async function readWhatIs(
  session: AmiSession,
  allowed: ReadonlySet<string>,
  options: AsteriskOptions,
  queues: QueueWatch,
  onDevice: AmiSourceOptions['onDevice'],
): Promise<void> {
  if (needsQueues(options) && allowed.has('queuestatus')) {
    queues.restore(await listOrNone(session, 'QueueStatus'))
  }
  if (allowed.has('devicestatelist')) {
    for (const packet of await listOrNone(session, 'DeviceStateList')) {
      const device = readAmiDeviceState(packet)
      if (device !== null) onDevice(device.extension, device.state)
    }
  }
}

async function listOrNone(session: AmiSession, name: string): Promise<readonly AmiPacket[]> {
  try {
    return await session.list({ name, fields: [] })
  } catch (error) {
    if (isRefused(error)) return []
    throw error
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof AmiError && error.code === 'refused'
}

/** An account may be allowed nothing, not even to ask what. */
function noneAllowed(error: unknown): ReadonlySet<string> {
  if (isRefused(error)) return new Set()
  throw error
}
