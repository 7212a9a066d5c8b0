/**
 * What every route is made of: `describe` says what it is and who may use it, `body` and `query`
 * read what comes in. `openapi.json` is made from the same three.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { describeRoute, resolver, uniqueSymbol } from 'hono-openapi'
import * as v from 'valibot'
import { MIB } from '../config.ts'
import { type FieldError, RingsideError } from '../errors.ts'
import { type Access, type AppEnv, requireAccess } from './access.ts'
import { problemSchema } from './schemas.ts'

export const MAX_JSON_BYTES = MIB
const MAX_ERRORS = 50

export interface RouteDescription {
  readonly summary: string
  readonly tag: string
  readonly access: Access
  /** Kept in the audit log; what an admin changes is kept anyway. */
  readonly audited?: true
  /** Status → the schema of the answer's JSON; null: an answer without JSON. */
  readonly answers: Readonly<Record<number, v.GenericSchema | null>>
  /** Its answer can be had as CSV too. */
  readonly hasCsv?: true
}

/** Describes a route for `openapi.json` and lets in who may use it. */
export function describe(route: RouteDescription): MiddlewareHandler<AppEnv> {
  const answers = Object.entries(route.answers).map(([status, schema]) => [
    status,
    {
      description: route.summary,
      ...(schema === null
        ? {}
        : { content: { ...toContent(schema), ...(route.hasCsv === true ? CSV : {}) } }),
    },
  ])
  const spec = {
    summary: route.summary,
    tags: [route.tag],
    'x-access': route.access,
    ...(route.audited === true ? { 'x-audited': true } : {}),
    security: route.access === 'public' ? [] : [{ bearer: [] }],
    responses: { ...Object.fromEntries(answers), default: PROBLEM },
  }
  const handler: MiddlewareHandler<AppEnv> = async (c, next) => {
    c.set('described', { pattern: c.req.routePath, isAudited: isAudited(route, c.req.method) })
    requireAccess(c, route.access)
    await next()
  }
  return Object.assign(handler, markOf(describeRoute(spec)))
}

function isAudited({ access, audited }: RouteDescription, method: string): boolean {
  if (method === 'HEAD') return false
  return audited === true || (access === 'admin' && method !== 'GET')
}

const CSV = { 'text/csv': { schema: { type: 'string' as const } } }

const PROBLEM = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: toJsonSchema(problemSchema, 'output') } },
}

function toContent(
  schema: v.GenericSchema,
): Record<string, { schema: ReturnType<typeof resolver> }> {
  return { 'application/json': { schema: toJsonSchema(schema, 'output') } }
}

function toJsonSchema(schema: v.GenericSchema, typeMode: 'input' | 'output') {
  return resolver(schema, { typeMode, errorMode: 'ignore' })
}

type Validated<Target extends 'json' | 'query', T extends v.GenericSchema> = MiddlewareHandler<
  AppEnv,
  string,
  { in: { [K in Target]: v.InferInput<T> }; out: { [K in Target]: v.InferOutput<T> } }
>

/** Reads the JSON body; `c.req.valid('json')` then has it. */
export function body<T extends v.GenericSchema>(schema: T): Validated<'json', T> {
  const handler: Validated<'json', T> = async (c, next) => {
    c.req.addValidatedData('json', parseInput(schema, await readJson(c)) as object)
    await next()
  }
  return Object.assign(handler, {
    [uniqueSymbol]: { target: 'json', ...toJsonSchema(schema, 'input') },
  })
}

/** Reads the query; a parameter that comes twice is a list, where one is wanted. `c.req.valid('query')` then has it. */
export function query<T extends v.GenericSchema>(schema: T): Validated<'query', T> {
  const handler: Validated<'query', T> = async (c, next) => {
    const found = Object.entries(c.req.queries()).map(([key, values]) => [
      key,
      values.length === 1 ? values[0] : values,
    ])
    const parsed = v.safeParse(schema, Object.fromEntries(found))
    if (!parsed.success) throw badInput(parsed.issues.slice(0, MAX_ERRORS).map(toQueryError))
    c.req.addValidatedData('query', parsed.output as object)
    await next()
  }
  return Object.assign(handler, {
    [uniqueSymbol]: { target: 'query', ...toJsonSchema(schema, 'input') },
  })
}

/** A part of the path. One that no id can be is an address where nothing is. */
export function param(c: Context, name: string): string {
  const value = c.req.param(name)
  if (value === undefined || value.length > 500 || value.includes('\0')) {
    throw new RingsideError('not-found', `nothing is at ${c.req.path.slice(0, 200)}`)
  }
  return value.toWellFormed()
}

/** Checks input by its schema; every wrong field is named with what was found and expected. */
export function parseInput<T extends v.GenericSchema>(schema: T, input: unknown): v.InferOutput<T> {
  const parsed = v.safeParse(schema, input)
  if (parsed.success) return parsed.output
  throw badInput(toFieldErrors(parsed.issues))
}

/** The error for wrong fields; its message is the first of them. */
export function badInput(errors: readonly FieldError[]): RingsideError {
  const [first] = errors
  const detail = first === undefined ? 'the request is not right' : `${first.path} ${first.message}`
  return new RingsideError('bad-input', detail.trim(), { errors })
}

/** What a schema found wrong, field by field. */
export function toFieldErrors(issues: readonly v.BaseIssue<unknown>[]): FieldError[] {
  return issues.slice(0, MAX_ERRORS).map(toFieldError)
}

/** As `toFieldError`, in words for whoever wrote the address: only what is given twice is a list there. */
function toQueryError(issue: v.BaseIssue<unknown>): FieldError {
  const error = toFieldError(issue)
  if (issue.kind !== 'schema' || !Array.isArray(issue.input)) return error
  return { ...error, message: `is given ${issue.input.length} times, expected once` }
}

const SECRET = /(^|\.)(password|secret|token|signature)$/

function toFieldError(issue: v.BaseIssue<unknown>): FieldError {
  const path = v.getDotPath(issue) ?? ''
  const found = SECRET.test(path) ? '***' : shorten(issue.received)
  if (issue.received === 'undefined') {
    return { path, message: 'is missing, expected a value' }
  }
  if (issue.type === 'min_length' || issue.type === 'max_length') {
    const unit = Array.isArray(issue.input) ? 'items' : 'characters'
    return { path, message: `has ${issue.received} ${unit}, expected ${bound(issue.expected)}` }
  }
  // `Invalid integer: Received 1.5`: the library has nothing that it would expect instead.
  const kind = issue.expected === null && /^Invalid (.+?): /.exec(issue.message)?.[1]
  if (kind) return { path, message: `is ${found}, expected a valid ${kind}` }
  // A schema's own message says more than what the library knows to expect.
  const message =
    issue.expected === null || !issue.message.startsWith('Invalid ')
      ? `is ${found}, it ${issue.message}`
      : `is ${found}, expected ${bound(issue.expected)}`
  return { path, message }
}

/** `>=1` in words. */
function bound(expected: string | null): string {
  return (expected ?? '').replace(/^>=/, 'at least ').replace(/^<=/, 'at most ')
}

function shorten(text: string): string {
  const shown = text.toWellFormed().replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
  return shown.length <= 100 ? shown : `${shown.slice(0, 100)}…`
}

async function readJson(c: Context): Promise<unknown> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw badInput([
      { path: 'content-type', message: `is "${shorten(type)}", expected application/json` },
    ])
  }
  const bytes = await readBounded(c.req.raw, MAX_JSON_BYTES)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new RingsideError('bad-input', 'the body cannot be read as JSON in UTF-8', {}, error)
  }
}

/** The whole body, or an error as soon as it is over the bound, whatever its headers say. */
export async function readBounded(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = new RingsideError('too-large', `the body is over ${maxBytes} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge
  const chunks: Uint8Array[] = []
  let size = 0
  if (request.body !== null) {
    for await (const chunk of request.body) {
      size += chunk.length
      if (size > maxBytes) throw tooLarge
      chunks.push(chunk)
    }
  }
  return Buffer.concat(chunks)
}

/** What hono-openapi looks for on a handler. */
function markOf(handler: MiddlewareHandler): Record<symbol, unknown> {
  return { [uniqueSymbol]: (handler as unknown as Record<symbol, unknown>)[uniqueSymbol] }
}
