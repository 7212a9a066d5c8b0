import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** Prometheus text, with figures read when somebody asks. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
}

export function createMetrics(read: {
  /** Accepted and not applied, in the database and in the spool. */
  pending: () => Promise<number>
  streams: () => number
  /** Deliveries of outgoing webhooks that have not arrived and were not given up. */
  hooksPending: () => Promise<number>
  /** How attempts to deliver came out. */
  hookAttempts: () => Readonly<Record<string, number>>
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
  new Gauge({
    name: 'ringside_hook_deliveries_pending',
    help: 'Deliveries of outgoing webhooks that wait to be sent or sent again.',
    registers: [registry],
    async collect() {
      this.set(await read.hooksPending())
    },
  })
  new Counter({
    name: 'ringside_hook_attempts_total',
    help: 'Attempts of this process to deliver outgoing webhooks, by what came of them.',
    labelNames: ['result'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [result, count] of Object.entries(read.hookAttempts())) this.inc({ result }, count)
    },
  })
  return { contentType: registry.contentType, text: () => registry.metrics() }
}
