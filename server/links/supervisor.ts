import { EVERY_CONNECTION } from '../../db/agents.ts'
import type { Database } from '../../db/database.ts'
import { listExtensions } from '../../db/extensions.ts'
import {
  deleteLink,
  LINK_SAYS_EVERY_MS,
  type LinkKind,
  type LinkRow,
  listLinks,
  saveLink,
} from '../../db/links.ts'
import type { Log } from '../log.ts'
import type { ConnectionAccounts } from '../setup/accounts.ts'
import type { Link, Pace } from '../sources/link.ts'
import { createOrder } from '../sources/link.ts'
import type { NewEvent } from '../sources/new-event.ts'
import type {
  Control,
  DeviceState,
  Endpoint,
  LinkStatus,
  PbxAnswer,
  PbxCommand,
  QueueState,
} from '../sources/pbx.ts'
import { type Held, holdConnection, type PlannedLink, type SourceParts } from './held.ts'
import { createOwning } from './lease.ts'
import { createMailbox } from './mailbox.ts'
import { createOpenCallReader } from './open-calls.ts'

/** The PBXs, whichever process holds their links. */
export interface Links {
  status(connectionId: string, kind: LinkKind): LinkStatus
  /** While calls come by ARI or AMI they alone say who rings (CALL-1). */
  tellsWhoRings(connectionId: string): boolean
  controls(connectionId: string): ReadonlySet<Control>
  endpoints(connectionId: string): readonly Endpoint[]
  run(connectionId: string, command: PbxCommand): Promise<PbxAnswer>
  /** Accounts may have changed: looks at once. */
  changed(): void
  /** Reads what other processes say of their links, and whose extensions are whose. */
  refresh(): Promise<void>
  /** The connections that this process owns. */
  owned(): readonly string[]
  close(): Promise<void>
}

export interface LinksOptions {
  readonly database: Database
  readonly log: Log
  readonly clock: () => Date
  readonly processId: string
  readonly accounts: () => readonly ConnectionAccounts[]
  readonly createSources: (parts: SourceParts) => readonly PlannedLink[]
  readonly accept: (events: readonly NewEvent[]) => Promise<void>
  /** Resolves when everything that was accepted of a connection is applied. */
  readonly settle: (connectionId: string) => Promise<void>
  /** Closes the calls of which the PBX has no channel any more (CALL-12). */
  readonly closeGone: (
    connectionId: string,
    liveIds: ReadonlySet<string>,
    askedAt: Date,
  ) => Promise<void>
  readonly onQueues?: (connectionId: string, states: readonly QueueState[]) => void
  readonly onDevice?: (connectionId: string, extension: string, state: DeviceState) => void
  readonly pace?: Partial<Pace>
}

const OFF: LinkStatus = { state: 'off', since: null, error: null, version: null }
const WAITING: LinkStatus = { state: 'connecting', since: null, error: null, version: null }
const NO_PBX: PbxAnswer = {
  ok: false,
  code: 'unavailable',
  message: 'this connection has no account at the PBX',
}

/** Starts and stops links as connections come, change and go, for those that this process owns. */
export async function createLinks(options: LinksOptions): Promise<Links> {
  const { database, log, clock, processId } = options
  const held = new Map<string, Held>()
  const extensions = new Map<string, ReadonlySet<string>>()
  const order = createOrder(clock)
  const readOpenCalls = createOpenCallReader({ ...options, atLeast: order.atLeast })
  let others: readonly LinkRow[] = []

  const saying = createSaying(database, log, () => rowsOf(held, processId))
  const start = async (id: string): Promise<void> => {
    const accounts = accountsOf(options, id)
    if (accounts === undefined) return
    extensions.set(id, await extensionsOn(database, id))
    const one = holdConnection({
      accounts,
      log,
      clock,
      nextOrder: order.next,
      createSources: options.createSources,
      extensions: () => extensions.get(id) ?? new Set(),
      accept: options.accept,
      openCalls: (snapshot, signal) => readOpenCalls(id, snapshot, signal),
      closeGone: (liveIds, askedAt) => options.closeGone(id, liveIds, askedAt),
      onChange: (link) => saying.say(toRow(link, id, processId)),
      onQueues: (states) => options.onQueues?.(id, states),
      onDevice: (extension, state) => options.onDevice?.(id, extension, state),
      ...(options.pace === undefined ? {} : { pace: options.pace }),
    })
    held.set(id, one)
    for (const link of one.links) saying.say(toRow(link, id, processId))
    log.info('links.held', { connectionId: id, links: one.links.map(({ kind }) => kind) })
  }
  const stop = async (id: string): Promise<void> => {
    const one = held.get(id)
    if (one === undefined) return
    held.delete(id)
    await one.close()
    for (const { kind } of one.links) {
      await deleteLink(database.db, { connectionId: id, kind, owner: processId }).catch(
        (error: unknown) => log.debug('links.not-forgotten', { connectionId: id, error }),
      )
    }
  }
  const owning = createOwning({
    database,
    log,
    wanted: () =>
      options
        .accounts()
        .filter(hasAccount)
        .map(({ id }) => id),
    owned: () => [...held.keys()],
    onAcquired: start,
    onReleased: stop,
    onLost: () => {
      const lost = [...held.values()]
      held.clear()
      for (const one of lost) void one.close()
    },
  })
  const mailbox = await createMailbox({
    database,
    log,
    processId,
    owned: () => [...held.keys()],
    run: (id, command) => held.get(id)?.run(command) ?? Promise.resolve(NO_PBX),
  })

  const linksOf = (id: string): readonly LinkRow[] => {
    const own = held.get(id)
    if (own !== undefined) return own.links.map((link) => toRow(link, id, processId))
    return others.filter(({ connectionId, owner }) => connectionId === id && owner !== processId)
  }
  const upOf = (id: string): readonly LinkRow[] => linksOf(id).filter(({ state }) => state === 'up')

  const restartChanged = async (): Promise<void> => {
    for (const [id, one] of held) {
      const now = accountsOf(options, id)
      if (now === undefined || now.version === one.accounts.version) continue
      await stop(id)
      await start(id)
    }
  }
  let changing: Promise<void> = Promise.resolve()
  return {
    status: (id, kind) => {
      const { state, since, error, version } = linksOf(id).find((row) => row.kind === kind) ?? {
        ...(isWanted(options, id, kind) ? WAITING : OFF),
      }
      return { state, since, error, version }
    },
    tellsWhoRings: (id) => upOf(id).some(({ events }) => events),
    controls: (id) => new Set(upOf(id).flatMap(({ controls }) => controls)),
    endpoints: (id) => upOf(id).find(({ endpoints }) => endpoints.length > 0)?.endpoints ?? [],
    run: (id, command) => {
      const own = held.get(id)
      if (own !== undefined) return own.run(command)
      if (!options.accounts().some((each) => each.id === id && hasAccount(each))) {
        return Promise.resolve(NO_PBX)
      }
      return mailbox.ask(id, command)
    },
    changed: () => {
      changing = changing
        .then(restartChanged)
        .catch((error: unknown) => log.warn('links.not-changed', { error }))
        .then(owning.look)
    },
    refresh: async () => {
      others = await listLinks(database.db)
      for (const id of held.keys()) extensions.set(id, await extensionsOn(database, id))
    },
    owned: () => [...held.keys()],
    close: async () => {
      await mailbox.close()
      await changing
      await owning.close()
      await saying.close()
    },
  }
}

function accountsOf({ accounts }: LinksOptions, id: string): ConnectionAccounts | undefined {
  return accounts().find((each) => each.id === id)
}

function hasAccount({ ami, ari, options }: ConnectionAccounts): boolean {
  return ami !== null || ari !== null || options.filePath !== ''
}

function isWanted(options: LinksOptions, id: string, kind: LinkKind): boolean {
  const accounts = accountsOf(options, id)
  if (accounts === undefined) return false
  return kind === 'ari'
    ? accounts.ari !== null
    : accounts.ami !== null || accounts.options.filePath !== ''
}

async function extensionsOn({ db }: Database, id: string): Promise<ReadonlySet<string>> {
  const rows = [...(await listExtensions(db, id)), ...(await listExtensions(db, EVERY_CONNECTION))]
  return new Set(rows.map(({ extension }) => extension))
}

function rowsOf(held: ReadonlyMap<string, Held>, owner: string): readonly LinkRow[] {
  return [...held].flatMap(([id, { links }]) => links.map((link) => toRow(link, id, owner)))
}

function toRow(link: Link, connectionId: string, owner: string): LinkRow {
  return {
    ...link.status(),
    connectionId,
    kind: link.kind,
    owner,
    events: link.tellsCalls,
    controls: [...link.controls()],
    endpoints: link.endpoints(),
  }
}

/** Tells the other processes how the links are: at every change, and now and then. */
function createSaying(
  { db }: Database,
  log: Log,
  rows: () => readonly LinkRow[],
): { say(row: LinkRow): void; close(): Promise<void> } {
  let last: Promise<void> = Promise.resolve()
  const say = (row: LinkRow): void => {
    last = last
      .then(() => saveLink(db, row))
      .catch((error: unknown) => log.debug('links.not-said', { error }))
  }
  const timer = setInterval(() => {
    for (const row of rows()) say(row)
  }, LINK_SAYS_EVERY_MS)
  return {
    say,
    close: async () => {
      clearInterval(timer)
      await last
    },
  }
}
