import { Hono } from 'hono'
import { type KeptAuditEntry, listAudit } from '../../../db/audit.ts'
import type { Db } from '../../../db/database.ts'
import type { AppEnv } from '../access.ts'
import { DEFAULT_LIMIT, decodeCursor, numberPosition, toPage } from '../pagination.ts'
import { describe, query } from '../route.ts'
import { listOf } from '../schemas.ts'
import { auditItem, auditQuery } from '../setup-schemas.ts'

/** `/api/audit`: who changed what, signed in, and listened to what (ADMIN-6, SAFE-9). */
export function auditRoutes({ db }: { readonly db: Db }) {
  return new Hono<AppEnv>().get(
    '/api/audit',
    describe({
      tag: 'audit',
      access: 'admin',
      summary: 'Who did what, newest first',
      answers: { 200: listOf(auditItem) },
    }),
    query(auditQuery),
    async (c) => {
      const { limit = DEFAULT_LIMIT, cursor, from, to, ...filter } = c.req.valid('query')
      const rows = await listAudit(db, {
        ...filter,
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
        before: decodeCursor(cursor, numberPosition),
        limit: limit + 1,
      })
      const page = toPage(rows, limit, (last) => last.id)
      return c.json({ items: page.items.map(toAuditView), next: page.next })
    },
  )
}

function toAuditView(entry: KeptAuditEntry) {
  const { id, at, agentId, keyId, action, target, fields, status, address } = entry
  return {
    id: String(id),
    at: at.toISOString(),
    agentId,
    keyId,
    action,
    target: { ...target },
    fields: [...fields],
    status,
    address,
  }
}
