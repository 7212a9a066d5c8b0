import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmdirSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of its own that can be full. */
export interface SmallDisk extends Disposable {
  readonly folder: string
  /** Leaves so many bytes, and no more. */
  fill(leave: number): Promise<void>
  /** Gives back what was filled. */
  free(): Promise<void>
}

const MIB = 1024 * 1024

/** Mounts a file system in memory; the reason where this machine does not let us. */
export function mountSmallDisk(megabytes: number): SmallDisk | { readonly missing: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-disk-'))
  try {
    const options = `size=${megabytes}m,mode=0755`
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    rmdirSync(folder)
    const [line] = String(error instanceof Error ? error.message : error).split('\n')
    return { missing: `no file system can be mounted here (only root may): ${line}` }
  }
  chmodSync(folder, 0o755)
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill: async (leave) => {
      const { bavail, bsize } = await statfs(folder)
      const file = await open(ballast, 'w')
      try {
        for (let left = bavail * bsize - leave; left > 0; left -= MIB) {
          await file.writeFile(Buffer.alloc(Math.min(left, MIB)))
        }
      } catch (error) {
        // Somebody else was faster; full is full.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      } finally {
        await file.close()
      }
    },
    free: () => rm(ballast, { force: true }),
    [Symbol.dispose]: () => {
      execFileSync('umount', ['-l', folder])
      rmdirSync(folder)
    },
  }
}
