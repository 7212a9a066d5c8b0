/** The short names of the dialplan webhook's events (CALL-4). */
export const ALIASES = [
  'incoming_start',
  'incoming_ring',
  'incoming_queue',
  'incoming_answer',
  'incoming_end',
  'outgoing_start',
  'outgoing_answer',
  'outgoing_end',
  'record',
] as const
export type Alias = (typeof ALIASES)[number]

/** What the intake and the pipeline need to know of a connection. */
export interface ConnectionSettings {
  readonly id: string
  readonly name: string
  /** IANA name, such as `Europe/Minsk`: the zone of the dialplan's times. */
  readonly timeZone: string
  /** ISO 3166-1 alpha-2: how national numbers are read. */
  readonly country: string
  readonly internalCalls: boolean
  readonly recordings: boolean
  /** Further phrases of this dialplan, lower case (CALL-4). */
  readonly phrases: Readonly<Record<string, Alias>>
  readonly timeouts: ConnectionTimeouts
  /** Names of further fields that are carried into the call. */
  readonly extraFields: readonly string[]
}

/** After how long without an event a call closes by itself (CALL-12). */
export interface ConnectionTimeouts {
  readonly ringingSeconds: number
  readonly queueSeconds: number
  readonly answeredSeconds: number
}

export const DEFAULT_TIMEOUTS: ConnectionTimeouts = {
  ringingSeconds: 5 * 60,
  queueSeconds: 60 * 60,
  answeredSeconds: 4 * 60 * 60,
}

/** The connections by token and by id, held in memory so that the intake never waits for the database. */
export interface ConnectionRegistry {
  /** The connection whose webhook token this is, the one before a rotation included. */
  byToken(token: string): ConnectionSettings | null
  /**
   * The same, after a look in the database for a token of which this process has not heard; rejects with
   * `unavailable` where the database does not let it look.
   */
  findByToken(token: string): Promise<ConnectionSettings | null>
  byId(id: string): ConnectionSettings | null
  all(): readonly ConnectionSettings[]
  /** Reads them again; called after every change and when another process made one. */
  reload(): Promise<void>
}
