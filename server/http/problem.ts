import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type DatabaseTrouble, databaseTrouble, isPassingTrouble } from '../../db/trouble.ts'
import { type ErrorCode, RingsideError } from '../errors.ts'
import type { Log } from '../log.ts'

type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 413 | 500 | 503

const PROBLEMS: Record<ErrorCode, { readonly status: ProblemStatus; readonly title: string }> = {
  'bad-input': { status: 400, title: 'The request is not right' },
  unauthorized: { status: 401, title: 'No valid token' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Conflict with the current state' },
  'refused-by-pbx': { status: 409, title: 'Refused by the PBX' },
  // No 503: a client that sends a request again by itself would dial twice where the PBX was only slow to answer.
  'pbx-away': { status: 409, title: 'The PBX cannot be reached' },
  'too-large': { status: 413, title: 'Too large' },
  unavailable: { status: 503, title: 'Not available at the moment' },
}

/** `app.onError`: every error becomes an RFC 9457 problem; the unexpected ones are logged. */
export function problemHandler(log: Log): (error: Error, c: Context) => Response {
  return (error, c) => {
    const known = toRingsideError(error)
    if (known !== null) {
      // Nobody hears that what they do not want any more is not there.
      const isAway = known.code === 'unavailable' || known.code === 'pbx-away'
      if (isAway && !c.req.raw.signal.aborted) {
        log.warn('http.unavailable', { method: c.req.method, route: c.req.routePath, error })
      }
      return toResponse(known)
    }
    log.error('http.failed', { method: c.req.method, route: c.req.routePath, error })
    return answer(500, {
      type: '/problems/internal',
      title: 'Something went wrong here',
      status: 500,
      detail: 'The server met an error that it did not expect; its log has the details.',
    })
  }
}

/** `app.notFound`. */
export function notFoundProblem(c: Context): Response {
  // The token of a webhook's address is a secret, also where something follows it.
  const path = c.req.path.slice(0, 200).replace(/(\/webhooks\/\w+\/)[^/]+/, '$1***')
  return toResponse(new RingsideError('not-found', `nothing is at ${c.req.method} ${path}`))
}

/** The problem of an error that means something to the caller. */
export function toResponse(error: RingsideError): Response {
  const { status, title } = PROBLEMS[error.code]
  const { type, errors, extensions } = error.details
  return answer(status, {
    ...extensions,
    type: `/problems/${type ?? error.code}`,
    title,
    status,
    detail: error.message,
    ...(errors === undefined ? {} : { errors }),
  })
}

function answer(status: ProblemStatus, problem: Record<string, unknown>): Response {
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  if (status === 401) headers.set('www-authenticate', 'Bearer')
  if (status === 503) headers.set('retry-after', '1')
  return new Response(JSON.stringify(problem), { status, headers })
}

function toRingsideError(error: unknown): RingsideError | null {
  if (error instanceof RingsideError) return error
  if (error instanceof HTTPException) return fromHttpException(error)
  const trouble = databaseTrouble(error)
  if (trouble !== null) return fromTrouble(trouble, error)
  if (isDiskFull(error)) {
    const full = "the server's disk is full, try again when there is space"
    return new RingsideError('unavailable', full, {}, error)
  }
  // A deadlock that went on through every try, a statement that took too long.
  const detail = 'the database was too busy, try again in a moment'
  return isPassingTrouble(error) ? new RingsideError('unavailable', detail, {}, error) : null
}

function isDiskFull(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOSPC' || error.code === 'EDQUOT')
  )
}

function fromHttpException(error: HTTPException): RingsideError | null {
  const code = (Object.keys(PROBLEMS) as ErrorCode[]).find(
    (candidate) => PROBLEMS[candidate].status === error.status,
  )
  return code === undefined ? null : new RingsideError(code, error.message, {}, error)
}

function fromTrouble(trouble: DatabaseTrouble, error: unknown): RingsideError {
  switch (trouble) {
    case 'away':
      return new RingsideError(
        'unavailable',
        'the database cannot be reached, try again in a moment',
        {},
        error,
      )
    case 'bad-text':
      return new RingsideError(
        'bad-input',
        'a text holds the character U+0000 or is not valid UTF-8',
        {},
        error,
      )
    case 'agent-exists':
      return conflict('externalId', 'another agent has this externalId', error)
    case 'user-exists':
      return conflict('externalId', 'another user has this externalId', error)
  }
}

function conflict(path: string, message: string, error: unknown): RingsideError {
  return new RingsideError('conflict', message, { errors: [{ path, message }] }, error)
}
