import type { Database } from '../../db/database.ts'
import {
  answerCommand,
  insertCommand,
  type LinkName,
  loadAnswers,
  removeCommand,
  takeCommands,
} from '../../db/links.ts'
import { newId } from '../../db/new-id.ts'
import type { Log } from '../log.ts'
import type { PbxAnswer, PbxCommand } from '../sources/pbx.ts'

/** Commands to a PBX whose link another process holds. */
export interface Mailbox {
  /** Asks the owner; answers `pbx-away` where it says nothing in time. */
  ask(link: LinkName, command: PbxCommand): Promise<PbxAnswer>
  close(): Promise<void>
}

export interface MailboxOptions {
  readonly database: Database
  readonly log: Log
  readonly processId: string
  /** The links whose commands this process carries out. */
  readonly owned: () => readonly LinkName[]
  readonly run: (link: LinkName, command: PbxCommand) => Promise<PbxAnswer>
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10_000
/** Wake-ups can be lost with the connection that listens. */
const POLL_MS = 500
const COMMANDS = 'ringside_commands'
const ANSWERS = 'ringside_answers'

export async function createMailbox(options: MailboxOptions): Promise<Mailbox> {
  const { database, log, processId, timeoutMs = TIMEOUT_MS } = options
  const { db } = database
  const asked = new Map<string, (answer: PbxAnswer) => void>()
  let isClosed = false

  const wake = (channel: string): void => {
    database.wake(channel).catch((error: unknown) => log.debug('mailbox.wake-failed', { error }))
  }
  const answer = async (id: string, link: LinkName, command: PbxCommand): Promise<void> => {
    const result = await options.run(link, command)
    await answerCommand(db, id, result)
    wake(ANSWERS)
  }
  const take = async (): Promise<void> => {
    const owned = options.owned()
    if (owned.length === 0 || isClosed) return
    for (const { id, link, command } of await takeCommands(db, owned, processId)) {
      // Each by itself: a slow PBX must not hold up the commands for another one.
      answer(id, link, command).catch((error: unknown) =>
        log.warn('mailbox.answer-lost', { ...link, error }),
      )
    }
  }
  const collect = async (): Promise<void> => {
    if (asked.size === 0) return
    for (const each of await loadAnswers(db, [...asked.keys()])) asked.get(each.id)?.(each.answer)
  }
  const quietly = (work: () => Promise<void>) => (): void => {
    work().catch((error: unknown) => log.debug('mailbox.not-read', { error }))
  }
  await database.listen(COMMANDS, quietly(take))
  await database.listen(ANSWERS, quietly(collect))
  // The embedded database has no second process that could ask.
  const polling =
    database.kind === 'pglite'
      ? null
      : setInterval(() => {
          quietly(take)()
          quietly(collect)()
        }, POLL_MS)

  return {
    ask: async (link, command) => {
      const id = newId()
      const { promise, resolve } = Promise.withResolvers<PbxAnswer | null>()
      const timer = setTimeout(() => resolve(null), timeoutMs)
      asked.set(id, resolve)
      try {
        await insertCommand(db, { id, link, command, ms: timeoutMs })
        wake(COMMANDS)
        const got = await promise
        const nobodyTookIt = await removeCommand(db, id)
        return got ?? (nobodyTookIt ? NOBODY : SILENT)
      } finally {
        clearTimeout(timer)
        asked.delete(id)
      }
    },
    close: async () => {
      isClosed = true
      if (polling !== null) clearInterval(polling)
      for (const resolve of asked.values()) resolve(NOBODY)
    },
  }
}

const NOBODY: PbxAnswer = {
  ok: false,
  code: 'pbx-away',
  message: 'no server holds the connection to the PBX just now',
}
const SILENT: PbxAnswer = {
  ok: false,
  code: 'pbx-away',
  message: 'the PBX did not answer in time',
}
