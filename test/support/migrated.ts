import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../db/database.ts'
import { migrate } from '../../db/migrate.ts'
import { CACHE } from './cache.ts'

/** What an empty, migrated database is made of. */
const MADE_OF = [
  'package-lock.json',
  'db/migrate.ts',
  'test/support/in-memory.ts',
  'test/support/migrated.ts',
  ...readdirSync('db/migrations').map((name) => join('db/migrations', name)),
]

/** Another one for every other way to make the database: what is kept of it is named after this. */
export function migratedHash(): string {
  const hash = createHash('sha256')
  for (const path of MADE_OF) hash.update(readFileSync(path))
  return hash.digest('hex').slice(0, 16)
}

/**
 * A new folder for `DATA_DIR` that holds an empty, migrated PGlite, as a first start leaves it. Each is a
 * copy of the first one: to make it takes a server four seconds of a processor.
 */
export async function newDataFolder(prefix = 'ringside-test-'): Promise<string> {
  const made = join(CACHE, `folder-${migratedHash()}`)
  if (!existsSync(made)) await makeFolder(made)
  const folder = mkdtempSync(join(tmpdir(), prefix))
  cpSync(made, folder, { recursive: true })
  return folder
}

async function makeFolder(made: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  // Whole or not there: other test files make it at the same time.
  const part = mkdtempSync(join(CACHE, 'part-'))
  const database = await openDatabase({ folder: part })
  await migrate(database.db)
  await database.close()
  try {
    renameSync(part, made)
  } catch (error) {
    if (!existsSync(made)) throw error
    rmSync(part, { recursive: true })
  }
}
