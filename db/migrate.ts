import { type Migration, Migrator } from 'kysely/migration'
import type { Db } from './database.ts'
import * as init from './migrations/0001-init.ts'
import * as links from './migrations/0002-links.ts'
import * as presence from './migrations/0003-presence.ts'

/** Forward only, applied in the order of their names. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-init': init,
  '0002-links': links,
  '0003-presence': presence,
}

/** Brings the database to the newest schema; several processes may do it at once. */
export async function migrate(db: Db): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw new Error('the database could not be migrated', { cause: error })
}
