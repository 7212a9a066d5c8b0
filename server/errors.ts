/** What can go wrong, as the caller of the API sees it; `http/problem.ts` maps it to a status. */
export type ErrorCode =
  | 'bad-input'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'refused-by-pbx'
  | 'pbx-away'
  | 'too-large'
  | 'unavailable'

/** One wrong field of the input. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

export interface ErrorDetails {
  /** The last part of the problem's `type`, where the code alone does not say it (`not-answered`). */
  readonly type?: string
  readonly errors?: readonly FieldError[]
  /** Further members of the problem, such as the current state at a conflict. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

export class RingsideError extends Error {
  override readonly name = 'RingsideError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }
}

/** For the `default` of a switch over a union: a new member becomes a compile error there. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`)
}
