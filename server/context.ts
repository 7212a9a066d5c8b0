import { randomUUID } from 'node:crypto'
import { extensionsMeantBy } from '../db/agents.ts'
import { insertCallEvents } from '../db/call-events.ts'
import { appendConnectionLog } from '../db/connection-log.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { migrate, schemaState } from '../db/migrate.ts'
import { outboxRange } from '../db/outbox.ts'
import { loadOrCreateEpoch } from '../db/settings.ts'
import type { Call } from './calls/call.ts'
import type { Config } from './config.ts'
import { type CallController, createCallController } from './control/control.ts'
import type { Pbx } from './control/pbx.ts'
import { createPresence, type Presence } from './control/presence.ts'
import { createControlsTeller } from './control/tell-controls.ts'
import { createEmbedSecrets, type EmbedSecrets } from './embed-secrets.ts'
import { createHooks, type Hooks } from './hooks/hooks.ts'
import { type Authenticator, createAuthenticator } from './http/auth.ts'
import { createLeaving, type Leaving } from './http/leaving.ts'
import { parseUserLine } from './http/routes/user-imports.ts'
import { createUnderway, type Underway } from './http/underway.ts'
import { toUserView } from './http/view.ts'
import { createWebhooks, type Webhooks } from './http/webhooks.ts'
import { createIntake, type Intake } from './intake.ts'
import { createPbxSockets, type PbxSockets } from './links/pbx-sockets.ts'
import { withoutRingingSets } from './links/ringing-sets.ts'
import { createSource } from './links/sources.ts'
import { createLinks, type Links } from './links/supervisor.ts'
import type { Log } from './log.ts'
import { counted, linkFigures } from './measured.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { type CallActs, createCallActs } from './pipeline/act.ts'
import { type CaseActs, createCaseActs } from './pipeline/act-on-case.ts'
import { createChores } from './pipeline/chores.ts'
import { closeCall, closeGoneCalls } from './pipeline/close-calls.ts'
import { createPipeline, type Pipeline } from './pipeline/pipeline.ts'
import { createEraser, type Eraser } from './privacy/erase.ts'
import { createRetention, type Retention } from './privacy/retention.ts'
import { createMeasurer, type Measurer } from './recordings/measure.ts'
import { openRecordingStorage } from './recordings/open-storage.ts'
import { type AudioSigner, createAudioSigner } from './recordings/signed-audio.ts'
import type { RecordingStorage } from './recordings/storage.ts'
import { createSeal, deriveKey, loadOrCreateSecret, type Seal } from './seal.ts'
import type { Secret } from './secret.ts'
import { type ConnectionAccounts, readAllAccounts } from './setup/accounts.ts'
import type { ConnectionRegistry } from './setup/connection.ts'
import { createImports, type Imports } from './setup/import.ts'
import { createConnectionRegistry } from './setup/registry.ts'
import { createStreamHub, type StreamHub } from './stream/hub.ts'
import { createPages, type Pages } from './stream/pages.ts'

/** Everything that a running server is made of. */
export interface Context {
  readonly config: Config
  readonly log: Log
  readonly clock: () => Date
  readonly database: Database
  readonly ringsideSecret: Secret
  readonly embedSecrets: EmbedSecrets
  readonly seal: Seal
  readonly registry: ConnectionRegistry
  readonly authenticator: Authenticator
  readonly storage: RecordingStorage
  readonly audioSigner: AudioSigner
  readonly measurer: Measurer
  readonly imports: Imports
  readonly intake: Intake
  readonly webhooks: Webhooks
  readonly pipeline: Pipeline
  readonly links: Links
  /** Where PBXs connect to. */
  readonly pbxSockets: PbxSockets
  readonly accountsOf: (connectionId: string) => ConnectionAccounts | null
  readonly callActs: CallActs
  readonly caseActs: CaseActs
  readonly control: CallController
  readonly eraser: Eraser
  readonly retention: Retention
  readonly presence: Presence
  readonly closeCall: (call: Call, agentId: string | null) => Promise<void>
  readonly hub: StreamHub
  readonly pages: Pages
  readonly hooks: Hooks
  readonly metrics: Metrics
  readonly underway: Underway
  readonly leaving: Leaving
  /** Aborted when the server stops: streams end and are resumed elsewhere. */
  readonly stopping: AbortSignal
  /** The first step of a stop: streams end, requests go on. */
  endStreams(): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const REGISTRY_EVERY_MS = 5000
/** How long requests that nobody waits for any more may take when the server stops. */
const UNDERWAY_MS = 5000

/** Opens everything, in the order in which one thing needs another. */
export async function createContext(
  config: Config,
  log: Log,
  clock: () => Date = () => new Date(),
  open: () => Promise<Database> = () => openConfigured(config),
  /** What carries out commands: the links, unless a test stands in for a PBX. */
  pbx: (links: Links) => Pbx = (links) => links,
): Promise<Context> {
  const database = await open()
  try {
    return await build(config, log, clock, database, pbx)
  } catch (error) {
    await database.close()
    throw error
  }
}

function openConfigured({ databaseUrl, dataDir }: Config): Promise<Database> {
  return openDatabase(databaseUrl === null ? { folder: dataDir } : { url: databaseUrl.reveal() })
}

async function build(
  config: Config,
  log: Log,
  clock: () => Date,
  database: Database,
  pbx: (links: Links) => Pbx,
): Promise<Context> {
  const { db } = database
  await migrate(db)
  const { dataDir } = config
  const ringsideSecret = config.ringsideSecret ?? (await loadOrCreateSecret(dataDir, 'ringside'))
  const embedSecrets = await createEmbedSecrets({
    dataDir,
    fromEnvironment: config.embedSecret,
    clock,
    onEnded: () => authenticator.forgetAll(),
  })
  const seal = createSeal(ringsideSecret)
  const processId = randomUUID()
  let accounts: readonly ConnectionAccounts[] = []
  let links: Links | null = null
  let pbxSockets: PbxSockets | null = null
  const registry = createConnectionRegistry({
    db,
    clock,
    onLoaded: (records) => {
      accounts = readAllAccounts(records, seal, log)
      links?.changed()
      pbxSockets?.changed()
    },
  })
  await registry.reload()
  const storage = await openRecordingStorage(
    config.recordings,
    `${dataDir}/recordings-waiting`,
    log,
  )
  const presence = createPresence({ database, log, clock, onTold: () => hub.wake() })
  const stopping = new AbortController()
  const hooks = createHooks({
    database,
    seal,
    log,
    clock,
    rules: { allowPrivate: config.hooksAllowPrivate },
    stopping: stopping.signal,
  })
  const hub: StreamHub = await createStreamHub({
    database,
    log,
    epoch: await loadOrCreateEpoch(db, clock()),
    onRow: (row) => {
      presence.hear(row)
      hooks.heard()
    },
  })
  const pages = createPages({ db, log, clock, processId })
  const measurer = createMeasurer({ database, storage, log, clock, onTold: hub.wake })
  await measurer.catchUp()
  const deps = {
    database,
    log,
    clock,
    connectionById: registry.byId,
    reloadConnections: registry.reload,
    onTold: hub.wake,
    onRecording: measurer.measure,
  }
  const pipeline = createPipeline(deps)
  const metrics = createMetrics({
    pending: async () => intake.pendingInSpool() + (await pipeline.pending()),
    spooled: () => intake.pendingInSpool(),
    streams: () => hub.subscribers(),
    links: () => linkFigures(accounts, links),
    outbox: () => outboxRange(db),
    isDatabaseUp: async () => (await schemaState(db)) !== 'away',
    recordingsWaiting: storage.waiting,
    recordings: storage.status,
    hooksPending: hooks.pending,
    hookAttempts: hooks.counts,
  })
  const opened = await createIntake({
    insert: (batch) => insertCallEvents(db, batch),
    spoolFolder: `${dataDir}/spool`,
    log,
    onAccepted: pipeline.wake,
  })
  const accepting: Intake = { ...opened, accept: counted(opened.accept, metrics.noteEvents) }
  const intake: Intake = {
    ...accepting,
    accept: (events) =>
      accepting.accept(withoutRingingSets(events, (id) => links?.tellsWhoRings(id) ?? false)),
  }
  const webhooks = createWebhooks({
    registry,
    intake,
    storage,
    recordingMaxBytes: config.recordingMaxBytes,
    log,
    clock,
    appendLog: (entry) => appendConnectionLog(db, entry),
    extensionsOf: (connectionId, value) => extensionsMeantBy(db, connectionId, value),
  })
  const caseActs = createCaseActs(deps)
  const imports = createImports({
    db,
    clock,
    log,
    folder: `${dataDir}/imports`,
    parse: parseUserLine,
    toView: toUserView,
    wake: hub.wake,
    isEmbedded: database.kind === 'pglite',
  })
  const sockets = createPbxSockets({
    log,
    clock,
    connectionOf: (token) => visitable(registry.byToken(token)?.id ?? null, accounts),
    claim: async (connectionId) => (await links?.claim(connectionId, 'ari')) ?? false,
  })
  const held = await createLinks({
    database,
    log,
    clock,
    processId,
    accounts: () => accounts,
    visited: sockets.visited,
    createSource: (parts) =>
      createSource(parts, { log, inlet: sockets.inletOf(parts.accounts.id) }),
    accept: accepting.accept,
    settle: async (connectionId) => {
      if (accepting.pendingInSpool() > 0) throw new Error('events wait in the spool')
      await pipeline.settle(connectionId)
    },
    closeGone: async (connectionId, liveIds, askedAt) => {
      if ((await closeGoneCalls(deps, { connectionId, liveIds, askedAt })) > 0) pipeline.wake()
    },
    onQueues: presence.queues,
    onDevice: presence.device,
  })
  links = held
  pbxSockets = sockets
  await held.refresh()
  const control = createCallController({
    database,
    log,
    clock,
    pbx: pbx(held),
    connectionIds: () => registry.all().map(({ id }) => id),
    applied: pipeline.settle,
  })
  const eraser = createEraser({
    ...deps,
    storage,
    applied: async () => {
      if (accepting.pendingInSpool() > 0) throw new Error('events wait in the spool')
      await pipeline.drain()
    },
    forgetSpooled: accepting.forgetAside,
  })
  const retention = createRetention({
    ...deps,
    storage,
    pendingInSpool: accepting.pendingInSpool,
  })
  const tellControls = createControlsTeller({ database, clock, control, onTold: hub.wake })
  const authenticator: Authenticator = createAuthenticator({
    db,
    clock,
    embedSecrets: embedSecrets.accepted,
    ringsideSecret,
    adminApiKey: config.adminApiKey,
  })
  const chores = createChores(deps, pipeline, caseActs, async () => {
    await tellControls()
    await presence.sweep()
    await authenticator.forgetRevoked()
  })
  const reloading = setInterval(() => {
    registry.reload().catch((error: unknown) => log.warn('registry.reload-failed', { error }))
    held.refresh().catch((error: unknown) => log.warn('links.not-read', { error }))
    embedSecrets.refresh().catch((error: unknown) => log.warn('embed-secret.not-read', { error }))
    intake.adopt().catch((error: unknown) => log.warn('intake.adopt-failed', { error }))
  }, REGISTRY_EVERY_MS)

  const underway = createUnderway()
  const close = async (): Promise<void> => {
    stopping.abort()
    clearInterval(reloading)
    await underway.settled(UNDERWAY_MS)
    await sockets.close()
    await held.close()
    await intake.close()
    await imports.close()
    await chores.close()
    await eraser.close()
    await retention.close()
    await presence.close()
    await pipeline.close()
    await measurer.close()
    await storage.close()
    await hooks.close()
    await pages.close()
    await hub.close()
    await database.close()
  }
  return {
    config,
    log,
    clock,
    database,
    ringsideSecret,
    embedSecrets,
    seal,
    registry,
    authenticator,
    storage,
    measurer,
    audioSigner: createAudioSigner(deriveKey(ringsideSecret, 'audio')),
    imports,
    intake,
    webhooks,
    pipeline,
    links: held,
    pbxSockets: sockets,
    accountsOf: (id) => accounts.find((each) => each.id === id) ?? null,
    callActs: createCallActs(deps),
    caseActs,
    control,
    eraser,
    retention,
    presence,
    closeCall: async (call, agentId) => {
      await closeCall(deps, call, agentId)
      await pipeline.settle(call.connectionId)
    },
    hub,
    pages,
    hooks,
    metrics,
    underway,
    leaving: createLeaving(config.drainSeconds * 1000),
    stopping: stopping.signal,
    endStreams: () => stopping.abort(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A connection whose PBX may connect to us: one that we do not connect to by ARI. */
function visitable(id: string | null, accounts: readonly ConnectionAccounts[]): string | null {
  const found = accounts.find((each) => each.id === id)
  return found === undefined || found.ari !== null ? null : found.id
}
