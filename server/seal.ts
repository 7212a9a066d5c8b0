import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from './secret.ts'

/** Keeps secrets unreadable in the database: AES-256-GCM, bound to the place where each is kept. */
export interface Seal {
  /** `place` names the row and column, so that a sealed value cannot be moved to another one. */
  seal(plain: string, place: string): string
  open(sealed: string, place: string): Secret
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1.'

export function createSeal(secret: Secret): Seal {
  const key = deriveKey(secret, 'seal')
  return {
    seal(plain, place) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      const parts = [nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return VERSION + Buffer.concat(parts).toString('base64url')
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
      if (!sealed.startsWith(VERSION) || bytes.length < NONCE_BYTES + TAG_BYTES) {
        throw new Error(`the sealed value of ${place} cannot be read`)
      }
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
        return new Secret(Buffer.concat([plain, decipher.final()]).toString('utf8'))
      } catch (cause) {
        throw new Error(`the sealed value of ${place} was made with another RINGSIDE_SECRET`, {
          cause,
        })
      }
    },
  }
}

/** One key for each purpose, so that what is known of one tells nothing of another. */
export function deriveKey(secret: Secret, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret.reveal(), '', `ringside ${purpose}`, 32))
}

/**
 * The secret kept in a file of `dataDir`, made on the first start. Two processes that start at once
 * end up with the same one: a file appears under its name only when it is whole, and only once.
 */
export async function loadOrCreateSecret(dataDir: string, name: string): Promise<Secret> {
  const path = join(dataDir, `${name}.secret`)
  const existing = await readSecret(path)
  if (existing !== null) return existing
  await mkdir(dataDir, { recursive: true })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(randomBytes(32).toString('base64url'))
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  const made = await readSecret(path)
  if (made === null) throw new Error(`${path} was made and is gone again`)
  return made
}

async function readSecret(path: string): Promise<Secret | null> {
  try {
    const found = (await readFile(path, 'utf8')).trim()
    if (found.length < 32) throw new Error(`${path} holds no secret of at least 32 characters`)
    return new Secret(found)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
