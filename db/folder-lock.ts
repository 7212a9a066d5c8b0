import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Takes a folder, or what `name` stands for in it, for this process; null while another one has it.
 * SQLite's exclusive transaction is a lock of the operating system: it goes with the process, even one
 * that was killed.
 */
export async function lockFolder(folder: string, name = 'lock'): Promise<(() => void) | null> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${name}.sqlite`)
  // SQLite would let everybody read it.
  await (await open(path, 'a', 0o600)).close()
  const lock = new DatabaseSync(path, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch {
    // Taken: the one who asks knows what that means.
    lock.close()
    return null
  }
  return () => lock.close()
}
