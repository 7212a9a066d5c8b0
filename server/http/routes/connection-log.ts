import { Hono } from 'hono'
import { listConnectionLog } from '../../../db/connection-log.ts'
import { loadConnection } from '../../../db/connections.ts'
import type { Db } from '../../../db/database.ts'
import { RingsideError } from '../../errors.ts'
import type { AppEnv } from '../access.ts'
import { DEFAULT_LIMIT, decodeCursor, numberPosition, toPage } from '../pagination.ts'
import { describe, param, query } from '../route.ts'
import { listOf } from '../schemas.ts'
import { connectionLogItem, connectionLogQuery } from '../setup-schemas.ts'
import { toConnectionLogView } from '../view.ts'

/** `/api/connections/:id/log`: what a PBX sent that could not be used (CALL-7). */
export function connectionLogRoutes({ db }: { readonly db: Db }) {
  return new Hono<AppEnv>().get(
    '/api/connections/:id/log',
    describe({
      tag: 'connections',
      access: 'supervisor',
      summary: 'What was refused or could not be matched, newest first',
      answers: { 200: listOf(connectionLogItem) },
    }),
    query(connectionLogQuery),
    async (c) => {
      const connection = await loadConnection(db, param(c, 'id'))
      if (connection === undefined) {
        throw new RingsideError('not-found', 'there is no such connection')
      }
      const { limit = DEFAULT_LIMIT, cursor, kind = null, q = '' } = c.req.valid('query')
      const before = decodeCursor(cursor, numberPosition)
      const asked = { limit: limit + 1, before, kind, text: q }
      const rows = await listConnectionLog(db, connection.id, asked)
      const page = toPage(rows, limit, (last) => last.id)
      return c.json({ items: page.items.map(toConnectionLogView), next: page.next })
    },
  )
}
