import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lockFolder } from '../db/folder-lock.ts'
import { RingsideError } from './errors.ts'
import { loadOrCreateSecret } from './seal.ts'
import { Secret } from './secret.ts'

/** A secret that was replaced, and until when tokens signed with it still count. */
interface Replaced {
  readonly secret: string
  readonly until: string
}

/** What an admin is told without being shown a secret. */
export interface EmbedSecretState {
  /** `environment`: set by `EMBED_SECRET`, which only who runs the server can change. */
  readonly origin: 'environment' | 'file'
  readonly madeAt: Date | null
  /** Until when each of those that were replaced still counts, the latest first. */
  readonly replaced: readonly Date[]
}

/** The key by which helpdesks sign their agents' tokens (EMBED-7), and those that it replaced. */
export interface EmbedSecrets {
  current(): Secret
  /** Whatever a token may be signed with now. */
  accepted(): readonly Secret[]
  state(): EmbedSecretState
  /** Makes a new one; the old one counts for a day more, so that pages go on working. */
  rotate(): Promise<void>
  /** Ends at once what was replaced: somebody has it who must not. */
  endReplaced(): Promise<void>
  /** Reads what another process has changed. */
  refresh(): Promise<void>
}

export interface EmbedSecretsOptions {
  readonly dataDir: string
  readonly fromEnvironment: Secret | null
  readonly clock: () => Date
  /** Called when a secret does not count any more before its time. */
  readonly onEnded?: () => void
}

export const OVERLAP_MS = 24 * 60 * 60_000
/** Who rotates more often than that in a day has the oldest ended. */
const MAX_REPLACED = 5

/** The secret of the environment, or the one kept in `dataDir`. */
export async function createEmbedSecrets(options: EmbedSecretsOptions): Promise<EmbedSecrets> {
  const { fromEnvironment } = options
  return fromEnvironment === null ? keptInFiles(options) : ofEnvironment(fromEnvironment)
}

function ofEnvironment(secret: Secret): EmbedSecrets {
  const refuse = async (): Promise<never> => {
    throw new RingsideError(
      'conflict',
      'the secret is set by the variable EMBED_SECRET: change it there and start the server again',
      { type: 'set-by-environment' },
    )
  }
  return {
    current: () => secret,
    accepted: () => [secret],
    state: () => ({ origin: 'environment', madeAt: null, replaced: [] }),
    rotate: refuse,
    endReplaced: refuse,
    refresh: () => Promise.resolve(),
  }
}

async function keptInFiles(options: EmbedSecretsOptions): Promise<EmbedSecrets> {
  const { dataDir, clock, onEnded = () => undefined } = options
  const replacedPath = join(dataDir, 'embed-replaced.secret')
  let secret: Secret
  let madeAt: Date
  let replaced: readonly Replaced[] = []
  let turn = Promise.resolve()

  const isLeft = ({ until }: Replaced): boolean => new Date(until) > clock()
  /** The current one first: a process that rotates writes them the other way round. */
  const read = async (): Promise<void> => {
    secret = await loadOrCreateSecret(dataDir, 'embed')
    madeAt = (await stat(join(dataDir, 'embed.secret'))).mtime
    const before = replaced.filter(isLeft)
    replaced = (await readReplaced(replacedPath)).filter(isLeft)
    const counts = new Set([secret.reveal(), ...replaced.map((each) => each.secret)])
    if (before.some((each) => !counts.has(each.secret))) onEnded()
  }
  /** One after another: a rotation builds on what the one before has written. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }
  /** Other processes that share the folder wait, too. */
  const alone = (work: () => Promise<void>): Promise<void> =>
    inTurn(async () => {
      const unlock = await lockSoon(dataDir)
      await work().finally(unlock)
    })
  await read()

  return {
    current: () => secret,
    accepted: () => [secret, ...replaced.filter(isLeft).map((each) => new Secret(each.secret))],
    state: () => ({
      origin: 'file',
      madeAt,
      replaced: replaced.filter(isLeft).map(({ until }) => new Date(until)),
    }),
    rotate: () =>
      alone(async () => {
        await read()
        const until = new Date(clock().getTime() + OVERLAP_MS).toISOString()
        const kept = [{ secret: secret.reveal(), until }, ...replaced].slice(0, MAX_REPLACED)
        // First what still counts: killed between the two, every token goes on working.
        await writeWhole(replacedPath, JSON.stringify(kept))
        await writeWhole(join(dataDir, 'embed.secret'), randomBytes(32).toString('base64url'))
        await read()
      }),
    endReplaced: () =>
      alone(async () => {
        await writeWhole(replacedPath, '[]')
        await read()
      }),
    refresh: () => inTurn(read),
  }
}

const LOCK_PATIENCE_MS = 5000
const LOCK_AGAIN_MS = 20

/** A rotation takes some milliseconds; whoever has the lock for long is stopped. */
async function lockSoon(dataDir: string): Promise<() => void> {
  const givesUpAt = performance.now() + LOCK_PATIENCE_MS
  while (performance.now() < givesUpAt) {
    const unlock = await lockFolder(dataDir, 'embed-lock')
    if (unlock !== null) return unlock
    await sleep(LOCK_AGAIN_MS)
  }
  throw new RingsideError('unavailable', 'another process is changing the embed secret: try again')
}

async function readReplaced(path: string): Promise<readonly Replaced[]> {
  try {
    const found: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (Array.isArray(found) && found.every(isReplaced)) return found
    throw new Error('expected a list of secrets and when they end')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    // What a parser says of a text repeats it, and this one holds secrets.
    throw new Error(`${path} is no list of secrets and when they end`)
  }
}

function isReplaced(value: unknown): value is Replaced {
  const { secret, until } = (value ?? {}) as Partial<Record<keyof Replaced, unknown>>
  return typeof secret === 'string' && typeof until === 'string'
}

/** The file is the old one or the new one, never half of it. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
