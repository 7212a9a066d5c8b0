import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createIntake } from '../../server/intake.ts'
import { createLog } from '../../server/log.ts'
import type { NewEvent } from '../../server/sources/new-event.ts'
import { wavOf } from '../support/wav.ts'
import type { World } from '../support/world.ts'

/** Every file and folder that the server may make here, by names that it makes itself. */
const OURS = [
  /^(?:imports|recordings|recordings\/\.incoming|recordings-waiting|spool)$/,
  /^ringside\.secret$/,
  /^recordings\/[0-9a-f-]{36}$/,
  /^recordings\/[0-9a-f-]{36}\/[0-9a-f]{64}\.(?:wav|mp3|ogg|gsm|flac|bin)$/,
  /^spool\/(?:events\.ndjson|lock\.sqlite(?:-journal)?)$/,
]
/** What the lists' commands would make. */
const MADE = '/tmp/ringside-hostile'

/** Uploads with a text as the file's name and as the call's id: no path is made of either. */
export async function tryFiles(
  world: World,
  texts: readonly string[],
  round: number,
): Promise<string[]> {
  const wrong: string[] = []
  for (const [index, text] of texts.entries()) {
    const bytes = new Int16Array(80).fill(round * 1000 + index)
    const status = await world.record(`${text}`.slice(0, 100), wavOf(bytes), text)
    if (status >= 500) wrong.push(`upload ${JSON.stringify(text)}: ${status}`)
  }
  await world.settled()
  wrong.push(...foreignIn(world.context.config.dataDir))
  if (existsSync(MADE)) wrong.push('a text was run by a shell, or became a path')
  return wrong
}

/** Events that the database cannot take: texts are in the spool's lines, never in its names. */
export async function trySpool(texts: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-spool-'))
  const log = createLog('silent')
  const spoolFolder = join(folder, 'spool')
  const open = (insert: (events: readonly NewEvent[]) => Promise<void>) =>
    createIntake({ insert, log, spoolFolder, onAccepted: () => undefined, retryMs: () => 60_000 })
  try {
    const events = texts.map(eventOf)
    const away = await open(() => Promise.reject(new Error('away')))
    for (const event of events) await away.accept([event])
    await away.close()
    const wrong = foreignIn(folder)
    const back: NewEvent[] = []
    const all = Promise.withResolvers<void>()
    const again = await open(async (taken) => {
      back.push(...taken)
      if (back.length >= events.length) all.resolve()
    })
    await all.promise
    await again.close()
    if (!isDeepStrictEqual(back, events)) wrong.push('the spool gave back other texts')
    return wrong
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Files of the server that could run a text: by a shell, or as a script. */
export function runnersInServer(): string[] {
  const runs = /node:child_process|['"]child_process['"]|\bnew Function\b|\beval\(/
  return globSync('{server,db}/**/*.ts').filter((file) => runs.test(readFileSync(file, 'utf8')))
}

function foreignIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !OURS.some((ours) => ours.test(path)))
    .map((path) => `a file is called ${JSON.stringify(path)}`)
}

function eventOf(text: string, index: number): NewEvent {
  const said = text.toWellFormed()
  const at = new Date('2026-03-02T10:00:00.000Z')
  return {
    receipt: `receipt ${index}`,
    raw: { [said]: said, unique_id: said },
    event: {
      type: 'ringing',
      source: 'webhook',
      connectionId: said,
      uniqueId: said,
      at,
      atKnown: true,
      arrivedAt: at,
      order: 0,
      extra: { note: said },
      direction: 'incoming',
      from: said,
      extensions: [said],
      queue: said,
    },
  }
}
