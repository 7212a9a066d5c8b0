import type { Database } from '../../db/database.ts'
import type { Log } from '../log.ts'
import type { ConnectionSettings } from '../setup/connection.ts'

/** What the pipeline is given. */
export interface PipelineDeps {
  readonly database: Database
  readonly log: Log
  readonly clock: () => Date
  readonly connectionById: (id: string) => ConnectionSettings | null
  /** Another process may have made a connection that this one has not heard of. */
  readonly reloadConnections?: () => Promise<void>
  /** Told after the commit, when there is something new in the outbox. */
  readonly onTold: () => void
  /** Told after the commit that a recording is kept and known. */
  readonly onRecording: (recordingId: string) => void
}
