import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Prometheus text; figures of the moment are read when somebody asks. Labels never hold what people sent. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  /** `route` is a pattern such as `/api/calls/:id`, never an address. */
  noteRequest(request: NotedRequest): void
  /** Events of calls that were taken in durably, or could not be. */
  noteEvents(source: string, count: number, isAccepted: boolean): void
}

export interface NotedRequest {
  readonly method: string
  readonly route: string
  readonly status: number
  /** A stream's: until it began. */
  readonly seconds: number
}

/** One figure that is read when somebody asks; null: it cannot be known now. */
type Figure<T> = () => T | null | Promise<T | null>

export interface Figures {
  /** Accepted and not applied, in the database and in the spool. */
  readonly pending: Figure<number>
  readonly spooled: Figure<number>
  readonly streams: Figure<number>
  readonly links: Figure<readonly LinkFigure[]>
  readonly outbox: Figure<{ readonly first: number; readonly last: number }>
  readonly isDatabaseUp: Figure<boolean>
  readonly recordingsWaiting: Figure<number>
  readonly recordings: Figure<'up' | 'away' | 'broken'>
  /** Deliveries of outgoing webhooks that have not arrived and were not given up. */
  readonly hooksPending: Figure<number>
  /** How attempts to deliver came out. */
  readonly hookAttempts: () => Readonly<Record<string, number>>
}

export interface LinkFigure {
  readonly connectionId: string
  readonly kind: string
  readonly state: string
}

/** What cannot be read in this time is not known: whoever collects has a timeout, too. */
const READ_MS = 2000
/** Figures of the library that are no counters; `nodejs_active_resources` tells the same by type. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]
const LINK_STATES = ['connecting', 'up', 'down']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const SECONDS = [0.005, 0.025, 0.1, 0.5, 2, 10]

export function createMetrics(read: Figures): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  addFigures(registry, read)
  addLinks(registry, read.links)
  addHookAttempts(registry, read.hookAttempts)
  const registers = [registry]
  const requests = new Counter({
    name: 'ringside_http_requests_total',
    help: 'Requests answered, by the pattern of their route; streams when they begin.',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'ringside_http_request_duration_seconds',
    help: 'How long answers took; those of streams, until they began.',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
    registers,
  })
  const events = new Counter({
    name: 'ringside_events_total',
    help: 'Events of calls by source: accepted (durably taken in) or rejected (nothing could take them).',
    labelNames: ['source', 'result'],
    registers,
  })
  return {
    contentType: registry.contentType,
    // The library writes `Nan`, which not every reader takes.
    text: async () => (await registry.metrics()).replaceAll(/ Nan$/gm, ' NaN'),
    noteRequest: ({ method, route, status, seconds }) => {
      const named = METHODS.includes(method) ? method : 'other'
      requests.inc({ method: named, route, status })
      durations.observe({ method: named, route }, seconds)
    },
    noteEvents: (source, count, isAccepted) =>
      events.inc({ source, result: isAccepted ? 'accepted' : 'rejected' }, count),
  }
}

function addFigures(registry: Registry, read: Figures): void {
  const add = (name: string, help: string, figure: Figure<number | boolean>): void => {
    new Gauge({
      name: `ringside_${name}`,
      help,
      registers: [registry],
      async collect() {
        const found = await readNow(figure)
        // Nothing is told of what is not known: 0 would say that all is well.
        this.set(found === null ? Number.NaN : Number(found))
      },
    })
  }
  add(
    'events_pending',
    'Accepted events that have not been applied; 0: everything accepted has been applied.',
    read.pending,
  )
  add('events_spooled', 'Accepted events that wait on the disk for the database.', read.spooled)
  add('stream_clients', 'Open event streams of this process.', read.streams)
  add(
    'outbox_entries',
    'What was told to browsers and is kept for those that reconnect.',
    async () => {
      const range = await read.outbox()
      return range === null ? 0 : range.last - range.first + 1
    },
  )
  add('database_up', 'Whether the database answers.', read.isDatabaseUp)
  add(
    'recordings_waiting',
    'Acknowledged recordings that wait on the disk for their bucket.',
    read.recordingsWaiting,
  )
  add(
    'recordings_storage_up',
    'Whether the folder or bucket of recordings can be used.',
    async () => (await read.recordings()) === 'up',
  )
  add(
    'hook_deliveries_pending',
    'Deliveries of outgoing webhooks that wait to be sent or sent again.',
    read.hooksPending,
  )
}

function addLinks(registry: Registry, links: Figures['links']): void {
  new Gauge({
    name: 'ringside_pbx_link_state',
    help: 'The accounts of each connection at its PBX: 1 for the state that it is in.',
    labelNames: ['connection_id', 'kind', 'state'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { connectionId, kind, state: found } of (await readNow(links)) ?? []) {
        for (const state of LINK_STATES) {
          this.set({ connection_id: connectionId, kind, state }, state === found ? 1 : 0)
        }
      }
    },
  })
}

function addHookAttempts(registry: Registry, attempts: Figures['hookAttempts']): void {
  new Counter({
    name: 'ringside_hook_attempts_total',
    help: 'Attempts of this process to deliver outgoing webhooks, by what came of them.',
    labelNames: ['result'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [result, count] of Object.entries(attempts())) this.inc({ result }, count)
    },
  })
}

/** Null where it fails or takes too long: the other figures are told all the same. */
async function readNow<T>(figure: Figure<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, READ_MS, null)
  })
  try {
    return await Promise.race([Promise.resolve().then(figure), late])
  } catch {
    // `ringside_database_up` tells why.
    return null
  } finally {
    clearTimeout(timer)
  }
}
