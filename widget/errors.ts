/** Why a method of an element failed (EMBED-3); loaded with the first method that a page calls. */
import { ApiError } from './client/api.ts'

/**
 * `not-connected`: no server has answered yet; `offline`: it is not reached now; `signed-out`: the token is missing or
 * refused; `no-call`: there is nothing to answer or to hang up; `wrong-state`: the call is past that; `not-supported`:
 * the PBX, the phone or the agent's rights do not allow it at all; `pbx-away`, `unavailable`: the PBX, the server cannot
 * do it now, try again in a moment.
 */
export type RingsideErrorCode =
  | 'not-connected'
  | 'offline'
  | 'signed-out'
  | 'no-call'
  | 'wrong-state'
  | 'not-supported'
  | 'refused-by-pbx'
  | 'pbx-away'
  | 'not-yours'
  | 'not-found'
  | 'bad-input'
  | 'unavailable'

/** The one class of errors that methods of elements reject with. */
export class RingsideError extends Error {
  override name = 'RingsideError'
  readonly code: RingsideErrorCode

  constructor(code: RingsideErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

const KNOWN = [
  'wrong-state',
  'not-supported',
  'refused-by-pbx',
  'pbx-away',
  'not-yours',
  'unavailable',
] as const
const BY_STATUS: Readonly<Record<number, RingsideErrorCode>> = {
  0: 'offline',
  400: 'bad-input',
  401: 'signed-out',
  403: 'not-yours',
  404: 'not-found',
  409: 'wrong-state',
  413: 'bad-input',
  422: 'bad-input',
}

/** Any failure in the words of the methods. */
export function toRingsideError(error: unknown): RingsideError {
  if (error instanceof RingsideError) return error
  if (!(error instanceof ApiError)) return new RingsideError('unavailable', String(error), error)
  const known = KNOWN.find((code) => code === error.code)
  const code = known ?? BY_STATUS[error.status] ?? 'unavailable'
  return new RingsideError(code, error.errors[0]?.message ?? error.message, error)
}
