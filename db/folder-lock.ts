import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Takes a folder for this process; null while another one has it. SQLite's exclusive transaction is
 * a lock of the operating system: it goes with the process, even one that was killed.
 */
export async function lockFolder(folder: string): Promise<(() => void) | null> {
  await mkdir(folder, { recursive: true })
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch {
    // Taken: the one who asks knows what that means.
    lock.close()
    return null
  }
  return () => lock.close()
}
