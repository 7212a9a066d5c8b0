import { createRandom } from '../support/random.ts'
import { hostileText, hostileValue, type Schema, type Source, valueFor } from './fuzz-values.ts'

/** A request as it goes over the wire, and how it is sent. */
export interface FuzzRequest {
  readonly method: string
  /** With its query, as it is sent. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
  /** Whose token it has. */
  readonly as: string
  /** The route that it was made for. */
  readonly route: string
}

interface Operation {
  /** Such as `GET /api/calls/{id}`. */
  readonly route: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly { readonly name: string; readonly schema: Schema }[]
  readonly body: Schema | null
}

/** Tokens by name (`null`: none), and ids of things that exist. */
export interface FuzzWorld {
  readonly tokens: Readonly<Record<string, string | null>>
  readonly ids: readonly string[]
  readonly webhookTokens: readonly string[]
}

/** Makes the request of a number: with the same seed always the same one. */
export function createFuzzRequests(
  openapi: unknown,
  seed: number,
): (index: number, world: FuzzWorld) => FuzzRequest {
  const operations = readOperations(openapi)
  return (index, world) => {
    const from = createSource(seed ^ Math.imul(index + 1, 0x9e3779b1), world)
    const operation = from.pick(operations)
    const as = from.pick(Object.keys(world.tokens))
    const { body, type } = bodyOf(operation, from)
    const path = pathOf(operation, world, from)
    const method = from.once(30) ? from.pick(METHODS) : operation.method
    const { route } = operation
    const headers = headersOf(world.tokens[as] ?? null, type, from)
    const hasBody = body !== null && !['GET', 'HEAD'].includes(method)
    return { method, path, headers, body: hasBody ? body : null, as, route }
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY']

/** The routes of the description, and the webhooks more often: they are open to the most. */
export function readOperations(openapi: unknown): readonly Operation[] {
  const { paths } = openapi as { paths: Record<string, Record<string, Record<string, any>>> }
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters: ((operation.parameters ?? []) as { in: string; name: string; schema: Schema }[])
        .filter((each) => each.in === 'query')
        .map(({ name, schema }) => ({ name, schema: schema ?? {} })),
      body: (operation.requestBody?.content?.['application/json']?.schema ?? null) as Schema | null,
    })),
  )
  const hooks = found.filter(({ path }) => path.startsWith('/webhooks/'))
  return [...found, ...hooks, ...hooks, ...hooks]
}

function createSource(seed: number, world: FuzzWorld): Source {
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!
  return {
    random,
    below,
    pick,
    once: (inTimes) => random() < 1 / inTimes,
    id: () => (random() < 0.8 && world.ids.length > 0 ? pick(world.ids) : pick(STRANGE_IDS)),
  }
}

const STRANGE_IDS = [
  '0',
  'none',
  '-1',
  '00000000-0000-0000-0000-000000000000',
  '0199d1f0-0000-7000-8000-000000000000',
  '..',
  'a b',
  "'",
  '\u0000',
  'x'.repeat(600),
  '\ud800',
]

function pathOf(operation: Operation, world: FuzzWorld, from: Source): string {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'token' && !from.once(10)) return from.pick(world.webhookTokens)
    if (name === 'report' && !from.once(5)) return from.pick(REPORTS)
    if (from.once(15)) return from.pick(BAD_ESCAPES)
    return escaped(from.once(10) ? hostileText(from).slice(0, 300) : from.id())
  })
  const pairs = operation.parameters
    .filter(() => from.once(2))
    .map(({ name, schema }) => `${name}=${queryValue(valueFor(schema, name, from), from)}`)
  if (operation.path.includes('webhooks/asterisk') && operation.method === 'GET') {
    pairs.push(webhookForm(from))
  }
  if (pairs.length > 0 && from.once(8)) pairs.push(from.pick(pairs))
  if (from.once(20)) pairs.push(`${escaped(hostileText(from).slice(0, 500))}=${from.below(9)}`)
  if (from.once(40)) pairs.push(from.pick(BAD_ESCAPES))
  const tail = from.once(60) ? from.pick(['/', '//', '/..', '/%2e%2e', '?', '#x', ';a=b']) : ''
  return `${path}${tail}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`.slice(0, 12_000)
}

const REPORTS = ['calls', 'missed', 'agents', 'queues', 'cases', 'summary', 'hours', 'outcomes']
const BAD_ESCAPES = ['%', '%zz', '%f', '%ff', '%c0%af', '%ed%a0%80', '%00', '%u0041', '%25%', '&&=']

function queryValue(value: unknown, from: Source): string {
  if (from.once(20)) return from.pick(BAD_ESCAPES)
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return escaped(text.slice(0, 2000))
}

function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function bodyOf(
  operation: Operation,
  from: Source,
): { readonly body: Buffer | null; readonly type: string | null } {
  if (operation.path.startsWith('/webhooks/')) return webhookBody(from)
  if (operation.path === '/api/users/import') return importBody(from)
  if (operation.body === null && !from.once(20)) return { body: null, type: null }
  const value = from.once(25) ? hostileValue(from) : valueFor(operation.body ?? {}, '', from)
  const text = JSON.stringify(value) ?? ''
  return { body: spoilt(text, from), type: from.once(25) ? from.pick(TYPES) : 'application/json' }
}

const TYPES = [
  '',
  'application/json; charset=utf-16',
  'application/problem+json',
  'application/xml',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'multipart/form-data; boundary="\t"',
  'multipart/mixed; boundary=x',
  'application/x-www-form-urlencoded; charset=windows-1251',
  'text/csv',
  'x'.repeat(5000),
  'application/json\t;;;',
]

/** Mostly as it is; now and then with bytes that are changed, missing or doubled. */
function spoilt(text: string, from: Source): Buffer {
  const bytes = Buffer.from(text)
  if (!from.once(12) || bytes.length === 0) {
    return from.once(300) ? Buffer.from(`${'['.repeat(200_000)}`) : bytes
  }
  const at = from.below(bytes.length)
  switch (from.below(4)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      bytes[at] = from.below(256)
      return bytes
    case 2:
      return Buffer.concat([bytes, bytes.subarray(at)])
    default:
      return Buffer.concat([Buffer.from([0xff, 0xfe]), bytes])
  }
}

const STATUSES = [
  'incoming_start',
  'incoming_ring',
  'incoming_answer',
  'incoming_end',
  'outgoing_start',
  'outgoing_answer',
  'outgoing_end',
  'record',
  'call to queue 500',
  'call to 101',
  'nonsense',
]

function webhookFields(from: Source): [string, string][] {
  const fields: [string, string][] = [
    ['status', from.pick(STATUSES)],
    ['unique_id', `1640854015.${from.below(5000)}`],
    ['from_user', `7916${String(from.below(1e4)).padStart(7, '0')}`],
    ['to_user', from.pick(['101', '102', '74951000101', 'queue'])],
    ['datetime', `0${1 + from.below(9)}.11.2026-12:00:0${from.below(10)}`],
  ]
  return fields
    .filter(() => !from.once(12))
    .map(([name, value]) => [name, from.once(6) ? hostileText(from) : value])
}

function webhookForm(from: Source): string {
  return webhookFields(from)
    .map(([name, value]) => `${name}=${from.once(20) ? from.pick(BAD_ESCAPES) : escaped(value)}`)
    .join('&')
}

function webhookBody(from: Source): { readonly body: Buffer; readonly type: string } {
  const kind = from.below(6)
  if (kind < 2) {
    return { body: spoilt(webhookForm(from), from), type: 'application/x-www-form-urlencoded' }
  }
  if (kind < 4) {
    const fields = Object.fromEntries(webhookFields(from))
    const extra = from.once(4) ? { extra: hostileValue(from) } : {}
    return { body: spoilt(JSON.stringify({ ...fields, ...extra }), from), type: 'application/json' }
  }
  if (kind === 4) return { body: spoilt(webhookForm(from), from), type: from.pick(TYPES) }
  const parts = webhookFields(from).map(
    ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  if (from.once(3)) {
    const name = from.once(2) ? 'record' : hostileText(from).replaceAll(/[\r\n"]/g, '')
    const head = `--b\r\nContent-Disposition: form-data; name="${name}"; filename="x.mp3"\r\n\r\n`
    parts.push(`${head}ID3${hostileText(from)}\r\n`)
  }
  const end = from.once(8) ? '' : '--b--\r\n'
  return {
    body: spoilt(parts.join('') + end, from),
    type: 'multipart/form-data; boundary=b',
  }
}

function importBody(from: Source): { readonly body: Buffer; readonly type: string } {
  if (from.once(2)) {
    const lines = Array.from({ length: from.below(6) }, () => JSON.stringify(hostileValue(from)))
    return { body: spoilt(lines.join('\n'), from), type: 'application/x-ndjson' }
  }
  const rows = Array.from({ length: from.below(6) }, () =>
    [hostileText(from), `+7916${from.below(1e7)}`, hostileText(from)].join(','),
  )
  return { body: spoilt(`name,phones,x\n${rows.join('\n')}`, from), type: 'text/csv' }
}

function headersOf(
  token: string | null,
  type: string | null,
  from: Source,
): Record<string, string> {
  const headers: Record<string, string> = {}
  if (token !== null) headers.authorization = `Bearer ${token}`
  if (type !== null && !from.once(40)) headers['content-type'] = type
  if (from.once(12)) headers[from.pick(ODD_HEADERS)] = headerValue(from)
  if (from.once(30)) headers['last-event-id'] = headerValue(from)
  return headers
}

const ODD_HEADERS = [
  'if-match',
  'if-none-match',
  'if-range',
  'range',
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'cookie',
  'origin',
  'sec-fetch-site',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-http-method-override',
  'content-encoding',
  'access-control-request-method',
  'access-control-request-headers',
  'user-agent',
]

/** What Node's own client would not refuse to send. */
function headerValue(from: Source): string {
  const odd = ['*', '"x"', 'W/"1"', 'bytes=0-0', 'bytes=-1', 'bytes=9-1,5-', 'Bearer', 'null', '']
  const text = from.once(2) ? from.pick(odd) : hostileText(from)
  return [...text]
    .filter((char) => /[\t\x20-\x7e\x80-\xff]/.test(char))
    .join('')
    .slice(0, 4000)
}
