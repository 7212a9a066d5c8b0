import type { CallEvent } from '../calls/call.ts'

/** An event as it arrived, before anything is made of it. */
export interface NewEvent {
  /** Made at arrival: the same arrival is kept once, through the database or the spool. */
  readonly receipt: string
  readonly event: CallEvent
  /** The fields as received, without secrets, for the call's trace (CALL-19). */
  readonly raw: Readonly<Record<string, string>>
}
