import type { Log } from '../log.ts'
import { type AriInlet, createAriInlet } from '../sources/ari-link.ts'
import { type AriSockets, createAriSockets, tokenOfAriPath } from '../sources/ari-socket.ts'

/** The websockets that PBXs open, on their way to the links of their connections (ARI-4). */
export interface PbxSockets extends Pick<AriSockets, 'handleUpgrade'> {
  /** Connections whose PBX is here, or was a moment ago. */
  visited(): ReadonlySet<string>
  inletOf(connectionId: string): AriInlet
  /** Ends the websockets whose token is not theirs any more. */
  changed(): void
  close(): Promise<void>
}

export interface PbxSocketsOptions {
  readonly log: Log
  readonly clock: () => Date
  /** The connection of a token that may be visited; null where there is none. */
  readonly connectionOf: (token: string) => string | null
  /** Looks whether this process can hold the link, and tells whether it does. */
  readonly claim: (connectionId: string) => Promise<boolean>
}

/** A PBX that has gone comes back within seconds; until then its link stays here. */
const REMEMBERED_MS = 60_000

export function createPbxSockets(options: PbxSocketsOptions): PbxSockets {
  const inlets = new Map<string, AriInlet>()
  const live = new Map<string, string>()
  const seenAt = new Map<string, number>()
  const inletOf = (id: string): AriInlet => {
    const inlet = inlets.get(id) ?? createAriInlet()
    inlets.set(id, inlet)
    return inlet
  }
  const sockets = createAriSockets({
    log: options.log,
    clock: options.clock,
    accept: async (path) => {
      const token = tokenOfAriPath(path)
      const id = token === null ? null : options.connectionOf(token)
      if (token === null || id === null) return null
      seenAt.set(id, performance.now())
      // Another process has it: the PBX tries again, and finds that one or us.
      if (!(await options.claim(id))) throw new Error('another process holds this link')
      live.set(id, token)
      return id
    },
    onSession: (id, session) => {
      const close = (): Promise<void> => {
        live.delete(id)
        return session.close()
      }
      const listener = inletOf(id).offer({ ...session, close, [Symbol.asyncDispose]: close })
      return {
        onEvent: listener.onEvent,
        onClose: (reason) => {
          seenAt.set(id, performance.now())
          live.delete(id)
          listener.onClose(reason)
        },
      }
    },
  })
  return {
    handleUpgrade: sockets.handleUpgrade,
    visited: () => {
      const since = performance.now() - REMEMBERED_MS
      for (const [id, at] of seenAt) if (at < since && !live.has(id)) seenAt.delete(id)
      return new Set(seenAt.keys())
    },
    inletOf,
    changed: () => {
      for (const [id, token] of live) {
        if (options.connectionOf(token) !== id) sockets.end(id, 'the token was changed')
      }
    },
    close: sockets.close,
  }
}
