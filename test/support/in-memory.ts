import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { type Database, openDatabase } from '../../db/database.ts'
import { CACHE } from './cache.ts'
import { migratedHash, newDataFolder } from './migrated.ts'

/** An empty, migrated PGlite in memory. Making one takes two seconds: each is a copy of the first. */
export async function openInMemory(): Promise<Database> {
  const path = join(CACHE, `pglite-${migratedHash()}.tar`)
  if (!existsSync(path)) await makeImage(path)
  // A blob of bytes would be put together again from small pieces, at each of some hundred openings.
  const bytes = new Uint8Array(readFileSync(path)).buffer
  return openDatabase({ image: Object.assign(new Blob([]), { arrayBuffer: async () => bytes }) })
}

/** What makes an opening slow without being looked at by any test is left out. */
const SMALLER = [
  'update pg_database set datistemplate = false',
  'drop database template0',
  'drop database template1',
  // 128 MB, zeroed at each opening.
  "alter system set shared_buffers = '16MB'",
]

async function makeImage(path: string): Promise<void> {
  const folder = await newDataFolder('ringside-image-')
  const pglite = await PGlite.create(join(folder, 'pglite'))
  for (const statement of SMALLER) await pglite.exec(statement)
  const image = await pglite.dumpDataDir('none')
  await pglite.close()
  rmSync(folder, { recursive: true })
  // Whole or not there: other test files make it at the same time.
  const part = `${path}.${process.pid}`
  writeFileSync(part, Buffer.from(await image.arrayBuffer()))
  renameSync(part, path)
}
