import { Hono } from 'hono'
import { loadConnection } from '../../../db/connections.ts'
import type { Db } from '../../../db/database.ts'
import { RingsideError } from '../../errors.ts'
import { deriveKey, type Seal } from '../../seal.ts'
import type { Secret } from '../../secret.ts'
import { openToken } from '../../setup/new-connection.ts'
import { ARI_SOCKET_PATH } from '../../sources/ari-socket.ts'
import { createWebsocketClientConf } from '../../sources/ari-socket-conf.ts'
import type { AppEnv } from '../access.ts'
import { describe, param } from '../route.ts'
import { websocketConfSchema } from '../setup-schemas.ts'

export interface ConnectionWebsocketDeps {
  readonly db: Db
  readonly seal: Seal
  readonly ringsideSecret: Secret
  readonly publicUrl: string
}

/** `/api/connections/:id/websocket`: what makes a PBX connect to Ringside (ARI-4). */
export function connectionWebsocketRoutes({ db, ...deps }: ConnectionWebsocketDeps) {
  return new Hono<AppEnv>().get(
    '/api/connections/:id/websocket',
    describe({
      tag: 'connections',
      access: 'admin',
      // It shows a password.
      audited: true,
      summary: 'Settings with which an Asterisk 22 opens its ARI websocket to Ringside',
      answers: { 200: websocketConfSchema },
    }),
    async (c) => {
      const connection = await loadConnection(db, param(c, 'id'))
      if (connection === undefined) {
        throw new RingsideError('not-found', 'there is no such connection')
      }
      if (connection.ari !== null) {
        const detail =
          'the connection has an ARI account, so Ringside connects to the PBX; set ari to null first'
        throw new RingsideError('conflict', detail, { type: 'has-ari-account' })
      }
      const url = new URL(deps.publicUrl)
      const tls = url.protocol === 'https:'
      const token = openToken(connection, deps.seal).reveal()
      return c.json(
        createWebsocketClientConf({
          host: url.hostname.replace(/^\[|\]$/g, ''),
          port: Number(url.port) || (tls ? 443 : 80),
          tls,
          path: `${url.pathname.replace(/\/$/, '')}${ARI_SOCKET_PATH}${token}`,
          userName: 'ringside-socket',
          // The PBX checks it against its own ari.conf: the same at every question, known to nobody else.
          password: deriveKey(deps.ringsideSecret, `ari socket ${connection.id}`).toString('hex'),
          app: `ringside-${connection.id}`,
        }),
      )
    },
  )
}
