import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { type Database, openDatabase } from '../../db/database.ts'
import { migrate } from '../../db/migrate.ts'
import { CACHE } from './cache.ts'

/** What an empty, migrated database is made of. */
const MADE_OF = [
  'package-lock.json',
  'db/migrate.ts',
  ...readdirSync('db/migrations').map((name) => join('db/migrations', name)),
]

/** An empty, migrated PGlite in memory. Making one takes two seconds: each is a copy of the first. */
export async function openInMemory(): Promise<Database> {
  const hash = createHash('sha256')
  for (const path of MADE_OF) hash.update(readFileSync(path))
  const path = join(CACHE, `pglite-${hash.digest('hex').slice(0, 16)}.tar`)
  if (!existsSync(path)) await makeImage(path)
  return openDatabase({ image: new Blob([readFileSync(path)]) })
}

async function makeImage(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-image-'))
  const database = await openDatabase({ folder })
  await migrate(database.db)
  await database.close()
  const pglite = await PGlite.create(join(folder, 'pglite'))
  const image = await pglite.dumpDataDir('none')
  await pglite.close()
  rmSync(folder, { recursive: true })
  mkdirSync(CACHE, { recursive: true })
  // Whole or not there: other test files make it at the same time.
  const part = `${path}.${process.pid}`
  writeFileSync(part, Buffer.from(await image.arrayBuffer()))
  renameSync(part, path)
}
