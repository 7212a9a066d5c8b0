import { type Logger, pino } from 'pino'

/** `log.warn('webhook.refused', { connectionId, reason })`: the event's name, then facts. */
export interface Log {
  debug(event: string, facts?: Record<string, unknown>): void
  info(event: string, facts?: Record<string, unknown>): void
  warn(event: string, facts?: Record<string, unknown>): void
  error(event: string, facts?: Record<string, unknown>): void
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** JSON lines on standard error; standard output is for the lines that people read at the start. */
export function createLog(level: LogLevel): Log {
  const logger: Logger = pino({ level, base: null }, pino.destination({ fd: 2, sync: true }))
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, facts: Record<string, unknown> = {}): void =>
      logger[name]({ event, ...serialise(facts) })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Errors become their message and stack: an error's own fields can hold parameters of a query. */
function serialise(facts: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(facts).map(([key, value]) => [
    key,
    value instanceof Error
      ? { name: value.name, message: value.message, stack: value.stack }
      : value,
  ])
  return Object.fromEntries(entries)
}
