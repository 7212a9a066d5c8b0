import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** Prometheus text, with figures read when somebody asks. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
}

export function createMetrics(read: {
  /** Accepted and not applied, in the database and in the spool. */
  pending: () => Promise<number>
  streams: () => number
}): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'ringside_events_pending',
    help: 'Accepted events that have not been applied; 0: everything accepted has been applied.',
    registers: [registry],
    async collect() {
      this.set(await read.pending())
    },
  })
  new Gauge({
    name: 'ringside_stream_clients',
    help: 'Open event streams of this process.',
    registers: [registry],
    collect() {
      this.set(read.streams())
    },
  })
  return { contentType: registry.contentType, text: () => registry.metrics() }
}
