import type { Resolve } from '../net/address-guard.ts'
import type { AriAccount } from '../setup/accounts.ts'
import type { AsteriskOptions } from '../setup/asterisk-options.ts'
import { createAriControl } from './ari-control.ts'
import { readEndpoints } from './ari-endpoints.ts'
import { AriError } from './ari-error.ts'
import { createAriEvents } from './ari-events.ts'
import { type AriListener, type AriSession, connectAri } from './ari-session.ts'
import { readAriSnapshot } from './ari-state.ts'
import type { Channels } from './channels.ts'
import { readAriDeviceState } from './device-state.ts'
import type { Heard, PbxSession, PbxSource } from './link.ts'
import type { DeviceState, Endpoint } from './pbx.ts'
import { flatten, toRaw } from './raw-fields.ts'

export interface AriSourceParts {
  readonly options: AsteriskOptions
  readonly channels: Channels
  readonly onDevice: (extension: string, state: DeviceState) => void
}

/** Ringside connects to the PBX (ARI-2). */
export function createAriSource(
  parts: AriSourceParts & {
    readonly account: AriAccount
    readonly connectionId: string
    readonly resolve?: Resolve
  },
): PbxSource {
  const { account, connectionId, resolve } = parts
  return {
    kind: 'ari',
    isRefusal: (error) => error instanceof AriError && error.code === 'unauthorized',
    open: async (hear, signal) => {
      const listening = createListening(parts, hear)
      const session = await connectAri({
        ...account,
        ...listening.listener,
        // Of this connection alone: a second websocket of the same application ends the first.
        app: `ringside-${connectionId}`,
        signal,
        ...(resolve === undefined ? {} : { resolve }),
      })
      return toPbxSession(parts, session, listening.ended)
    },
  }
}

/** Where the websockets that a PBX opens come in. */
export interface AriInlet {
  /** A PBX is there; the newest counts. */
  offer(session: AriSession): AriListener
  /** Resolves when one is there. */
  take(listener: AriListener, signal: AbortSignal): Promise<AriSession>
}

interface Offered {
  readonly session: AriSession
  /** What was said before somebody listened. */
  readonly early: ((listener: AriListener) => void)[]
  listener: AriListener | null
}

export function createAriInlet(): AriInlet {
  let offered: Offered | null = null
  let onOffer = Promise.withResolvers<void>()
  return {
    offer: (session) => {
      const own: Offered = { session, early: [], listener: null }
      offered = own
      onOffer.resolve()
      const say = (word: (listener: AriListener) => void): void => {
        if (own.listener === null) own.early.push(word)
        else word(own.listener)
      }
      return {
        onEvent: (event, arrivedAt) => say((listener) => listener.onEvent(event, arrivedAt)),
        onClose: (reason) => {
          if (offered === own) offered = null
          say((listener) => listener.onClose(reason))
        },
      }
    },
    take: async (listener, signal) => {
      while (offered === null) {
        onOffer = Promise.withResolvers<void>()
        await orAborted(onOffer.promise, signal)
      }
      const own = offered
      offered = null
      own.listener = listener
      for (const word of own.early) word(listener)
      return own.session
    },
  }
}

/** The PBX connects to Ringside (ARI-4): the link waits until it does. */
export function createAriSocketSource(parts: AriSourceParts & { inlet: AriInlet }): PbxSource {
  return {
    kind: 'ari',
    isRefusal: () => false,
    open: async (hear, signal) => {
      const listening = createListening(parts, hear)
      const session = await parts.inlet.take(listening.listener, signal)
      return toPbxSession(parts, session, listening.ended)
    },
  }
}

function createListening(
  { options, onDevice }: AriSourceParts,
  hear: (heard: Heard) => void,
): { listener: AriListener; ended: Promise<string> } {
  const events = createAriEvents({ extraFields: options.packetInfoConfig })
  const ended = Promise.withResolvers<string>()
  return {
    ended: ended.promise,
    listener: {
      onEvent: (event, arrivedAt) => {
        const reading = events.read(event)
        if (reading !== null && reading.events.length > 0) {
          const time = { at: reading.at ?? arrivedAt, atKnown: reading.at !== null, arrivedAt }
          hear({ events: reading.events, time, raw: toRaw(flatten(event)) })
        }
        const device = readAriDeviceState(event)
        if (device !== null) onDevice(device.extension, device.state)
      },
      onClose: ended.resolve,
    },
  }
}

function toPbxSession(
  { options, channels }: AriSourceParts,
  session: AriSession,
  ended: Promise<string>,
): PbxSession {
  const { rest, isReadOnly, version } = session
  const closed = Promise.withResolvers<string>()
  let endpoints: readonly Endpoint[] = []
  const control = createAriControl({
    rest,
    isReadOnly,
    partsOf: channels.partsOf,
    originateContext: options.originateContext,
    technologyOf: (extension) =>
      endpoints.find(({ resource }) => resource === extension)?.technology ?? null,
  })
  return {
    version,
    controls: control.controls,
    run: control.run,
    readState: async () => {
      const [listed, bridges] = await Promise.all([rest.get('channels'), rest.get('bridges')])
      return readAriSnapshot(listed, bridges)
    },
    readEndpoints: async () => {
      endpoints = await readEndpoints(rest)
      return endpoints
    },
    onUp: async () => undefined,
    ended: Promise.race([ended, closed.promise]),
    close: () => {
      closed.resolve('closed by Ringside')
      // It ends in its own time; nobody hears of it any more.
      session.close().catch(() => undefined)
    },
  }
}

function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    void work.then(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
  })
}
