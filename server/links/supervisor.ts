import type { Database } from '../../db/database.ts'
import { deleteLink, type LinkName, type LinkRow, listLinks } from '../../db/links.ts'
import type { Log } from '../log.ts'
import type { ConnectionAccounts } from '../setup/accounts.ts'
import { createOrder, type Pace } from '../sources/link.ts'
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
import { createExtensions } from './extensions.ts'
import { type Held, holdLink, type LinkKind, type PlannedLink, type SourceParts } from './held.ts'
import { createOwning } from './lease.ts'
import { createMailbox } from './mailbox.ts'
import { createOpenCallReader } from './open-calls.ts'
import { createSaying, toRow } from './saying.ts'

/** The PBXs, whichever process holds their links. */
export interface Links {
  status(connectionId: string, kind: LinkKind): LinkStatus
  /** While calls come by ARI or AMI they alone say who rings (CALL-1). */
  tellsWhoRings(connectionId: string): boolean
  controls(connectionId: string): ReadonlySet<Control>
  endpoints(connectionId: string): readonly Endpoint[]
  /** There is an account at it, and no connection just now. */
  isAway(connectionId: string): boolean
  run(connectionId: string, command: PbxCommand): Promise<PbxAnswer>
  /** What is wanted may have changed: looks at once. */
  changed(): void
  /** Reads what other processes say of their links, and whose extensions are whose. */
  refresh(): Promise<void>
  /** Whether this process holds the link, where need be after trying to get it. */
  claim(connectionId: string, kind: LinkKind): Promise<boolean>
  /** The links that this process owns. */
  owned(): readonly LinkName[]
  close(): Promise<void>
}

export interface LinksOptions {
  readonly database: Database
  readonly log: Log
  readonly clock: () => Date
  readonly processId: string
  readonly accounts: () => readonly ConnectionAccounts[]
  /** Connections whose PBX connects to this process (ARI-4). */
  readonly visited?: () => ReadonlySet<string>
  readonly createSource: (parts: SourceParts) => PlannedLink
  readonly accept: (events: readonly NewEvent[]) => Promise<void>
  /** Resolves when everything that was accepted of a connection is applied. */
  readonly settle: (connectionId: string) => Promise<void>
  /** Closes the calls of which the PBX has no channel any more (CALL-12). */
  readonly closeGone: (
    connectionId: string,
    liveIds: ReadonlySet<string>,
    askedAt: Date,
  ) => Promise<void>
  /** What works on some connection may be other than before. */
  readonly onChange?: () => void
  readonly onQueues?: (connectionId: string, states: readonly QueueState[]) => void
  readonly onDevice?: (connectionId: string, extension: string, state: DeviceState) => void
  readonly pace?: Partial<Pace>
}

const OFF: LinkStatus = { state: 'off', since: null, error: null, version: null }
const WAITING: LinkStatus = { state: 'connecting', since: null, error: null, version: null }
const KINDS: readonly LinkKind[] = ['ami', 'ari']

/** Starts and stops links as accounts come, change and go, for those that this process owns. */
export async function createLinks(options: LinksOptions): Promise<Links> {
  const { database, log, clock, processId } = options
  const held = new Map<string, Held>()
  const order = createOrder(clock)
  const extensions = createExtensions(database)
  const readOpenCalls = createOpenCallReader({ ...options, atLeast: order.atLeast })
  let others: readonly LinkRow[] = []

  const rows = (): LinkRow[] =>
    [...held].map(([key, { link }]) => toRow(link, nameOf(key).connectionId, processId))
  const saying = createSaying(database, log, rows)
  const start = async (key: string): Promise<void> => {
    const { connectionId: id, kind } = nameOf(key)
    const accounts = accountsOf(options, id)
    if (accounts === undefined) return
    await extensions.read(id)
    const one = holdLink({
      kind,
      accounts,
      log,
      clock,
      nextOrder: order.next,
      createSource: options.createSource,
      extensions: () => extensions.of(id),
      accept: options.accept,
      openCalls: (snapshot, signal) => readOpenCalls(id, snapshot, signal),
      closeGone: (liveIds, askedAt) => options.closeGone(id, liveIds, askedAt),
      onChange: (link) => {
        saying.say(toRow(link, id, processId))
        options.onChange?.()
      },
      onQueues: (states) => options.onQueues?.(id, states),
      onDevice: (extension, state) => options.onDevice?.(id, extension, state),
      owner: owning,
      ...(options.pace === undefined ? {} : { pace: options.pace }),
    })
    held.set(key, one)
    saying.say(toRow(one.link, id, processId))
    log.info('link.held', { connectionId: id, kind })
  }
  const stop = async (key: string): Promise<void> => {
    const one = held.get(key)
    if (one === undefined) return
    held.delete(key)
    await one.close()
    await deleteLink(database.db, { ...nameOf(key), owner: processId }).catch((error: unknown) =>
      log.debug('link.not-forgotten', { key, error }),
    )
    options.onChange?.()
  }
  const owning = createOwning({
    database,
    log,
    wanted: () => wantedOf(options),
    owned: () => [...held.keys()],
    isOutdated: (key) =>
      accountsOf(options, nameOf(key).connectionId)?.version !== held.get(key)?.accounts.version,
    onAcquired: start,
    onReleased: stop,
    onLost: () => {
      const lost = [...held.values()]
      held.clear()
      for (const one of lost) void one.close()
      options.onChange?.()
    },
  })
  const mailbox = await createMailbox({
    database,
    log,
    processId,
    owned: () => [...held.keys()].map(nameOf),
    run: (link, command) => held.get(keyOf(link))?.run(command) ?? Promise.resolve(AWAY),
  })
  const linksOf = (id: string): readonly LinkRow[] => {
    const own = rows().filter(({ connectionId }) => connectionId === id)
    const kinds = own.map(({ kind }) => kind)
    const foreign = others.filter(
      (row) => row.connectionId === id && row.owner !== processId && !kinds.includes(row.kind),
    )
    return [...own, ...foreign]
  }
  const upOf = (id: string): readonly LinkRow[] => linksOf(id).filter(({ state }) => state === 'up')
  const isAway = (id: string): boolean => upOf(id).length === 0 && hasAny(options, id)
  return {
    status: (id, kind) => {
      const row = linksOf(id).find((each) => each.kind === kind)
      const otherwise = wantedOf(options).includes(keyOf({ connectionId: id, kind }))
        ? WAITING
        : OFF
      const { state, since, error, version } = row ?? otherwise
      return { state, since, error, version }
    },
    tellsWhoRings: (id) => upOf(id).some(({ events }) => events),
    controls: (id) => new Set(upOf(id).flatMap(({ controls }) => controls)),
    endpoints: (id) => upOf(id).find(({ endpoints }) => endpoints.length > 0)?.endpoints ?? [],
    isAway,
    run: async (id, command) => {
      if (isAway(id)) return AWAY
      const up = upOf(id)
      if (up.length === 0) return NO_PBX
      const able = up.filter(({ controls }) => controls.includes(command.type))
      // What AMI can do it does best: it knows linked ids, queues and holds.
      const link = able.find(({ kind }) => kind === 'ami') ?? able[0]
      if (link === undefined) return NOT_SUPPORTED
      return held.get(keyOf(link))?.run(command) ?? mailbox.ask(link, command)
    },
    changed: () => void owning.look(),
    refresh: async () => {
      const before = JSON.stringify(others)
      others = await listLinks(database.db)
      if (JSON.stringify(others) !== before) options.onChange?.()
      await extensions.refresh()
    },
    claim: async (connectionId, kind) => {
      await owning.look()
      return held.has(keyOf({ connectionId, kind }))
    },
    owned: () => [...held.keys()].map(nameOf),
    close: async () => {
      await mailbox.close()
      await owning.close()
      await saying.close()
    },
  }
}

const AWAY: PbxAnswer = {
  ok: false,
  code: 'pbx-away',
  message: 'there is no connection to the PBX just now',
}
const NO_PBX: PbxAnswer = {
  ok: false,
  code: 'not-supported',
  message: 'this connection has no account at the PBX',
}
const NOT_SUPPORTED: PbxAnswer = {
  ok: false,
  code: 'not-supported',
  message: 'the account at the PBX does not allow this',
}

function keyOf({ kind, connectionId }: LinkName): string {
  return `${kind} ${connectionId}`
}

function nameOf(key: string): LinkName {
  const [kind, connectionId = ''] = key.split(' ')
  return { kind: kind === 'ari' ? 'ari' : 'ami', connectionId }
}

function accountsOf({ accounts }: LinksOptions, id: string): ConnectionAccounts | undefined {
  return accounts().find((each) => each.id === id)
}

function wantedOf({ accounts, visited }: LinksOptions): readonly string[] {
  const visits = visited?.() ?? new Set()
  return accounts().flatMap(({ id, ami, ari, options }) =>
    KINDS.filter((kind) =>
      kind === 'ari' ? ari !== null || visits.has(id) : ami !== null || options.filePath !== '',
    ).map((kind) => keyOf({ connectionId: id, kind })),
  )
}

function hasAny(options: LinksOptions, id: string): boolean {
  return wantedOf(options).some((key) => nameOf(key).connectionId === id)
}
