import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Db } from './database.ts'
import * as init from './migrations/0001-init.ts'
import * as links from './migrations/0002-links.ts'
import * as presence from './migrations/0003-presence.ts'
import * as peaks from './migrations/0004-peaks.ts'
import * as signIn from './migrations/0005-sign-in.ts'
import * as caseList from './migrations/0006-case-list.ts'
import * as hooks from './migrations/0007-hooks.ts'
import * as auditErase from './migrations/0008-audit-erase.ts'
import * as setup from './migrations/0009-setup.ts'
import * as keys from './migrations/0010-keys.ts'
import * as agentsLeft from './migrations/0011-agents-left.ts'
import * as reports from './migrations/0012-reports.ts'
import * as userWords from './migrations/0013-user-words.ts'
import * as narrowFacts from './migrations/0014-narrow-facts.ts'
import * as processes from './migrations/0015-processes.ts'
import * as zoneSince from './migrations/0016-zone-since.ts'

/** Forward only, applied in the order of their names. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-init': init,
  '0002-links': links,
  '0003-presence': presence,
  '0004-peaks': peaks,
  '0005-sign-in': signIn,
  '0006-case-list': caseList,
  '0007-hooks': hooks,
  '0008-audit-erase': auditErase,
  '0009-setup': setup,
  '0010-keys': keys,
  '0011-agents-left': agentsLeft,
  '0012-reports': reports,
  '0013-user-words': userWords,
  '0014-narrow-facts': narrowFacts,
  '0015-processes': processes,
  '0016-zone-since': zoneSince,
}

/** Whether the database answers, and has all that this server needs. */
export async function schemaState(db: Db): Promise<'ready' | 'behind' | 'away'> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
    const done = new Set(rows.map(({ name }) => name))
    return Object.keys(MIGRATIONS).every((name) => done.has(name)) ? 'ready' : 'behind'
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
    return code === UNDEFINED_TABLE ? 'behind' : 'away'
  }
}

const UNDEFINED_TABLE = '42P01'

/** `idle_session_timeout` is of 14: a process that is frozen loses its leases by it (HOLD-7). */
const OLDEST = 14

/** Brings the database to the newest schema; several processes may do it at once. */
export async function migrate(db: Db): Promise<void> {
  await refuseOld(db)
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw new Error('the database could not be migrated', { cause: error })
}

async function refuseOld(db: Db): Promise<void> {
  const { rows } = await sql<{ version: string; number: number }>`
    select current_setting('server_version') as version,
      current_setting('server_version_num')::int as number`.execute(db)
  const { version = '', number = 0 } = rows[0] ?? {}
  if (number < OLDEST * 10_000) {
    throw new Error(`DATABASE_URL leads to PostgreSQL ${version}, expected ${OLDEST} or newer`)
  }
}
