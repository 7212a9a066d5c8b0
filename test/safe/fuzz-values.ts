/** Values that no form sends: of the right type, of a wrong one, huge, nested, and in every script. */

/** As much of JSON Schema as `openapi.json` uses. */
export interface Schema {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
}

export interface Source {
  readonly random: () => number
  pick<T>(items: readonly T[]): T
  /** Whether something happens that happens once in so many times. */
  once(inTimes: number): boolean
  below(limit: number): number
  /** An id of something that exists, or that never did. */
  id(): string
}

/** Where the server may be sent by an address in a request: to this machine, and to no port in use. */
const HOSTS = ['127.0.0.1', 'localhost', '::1', '[::1]', '', ' ', '127.0.0.1:1', 'a b', '-', '%00']
const URLS = [
  'http://127.0.0.1:1/',
  'https://127.0.0.1:1/x?y=%00',
  'http://localhost:1',
  'http://[::1]:1/',
  'http://user:password@127.0.0.1:1/',
  'http://127.0.0.1:99999/',
  'http://%00/',
  'ws://127.0.0.1:1',
  'file:///dev/zero',
  'javascript:alert(1)',
  '//',
  '',
]
const PORTS = [1, 0, -1, 65_536, 1.5, 1e300, '1', null]

const TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '\ufeff',
  '\u202eevil',
  'Ünïcödé',
  'Иван Петров',
  '王小明',
  '👩‍👩‍👧‍👦'.repeat(20),
  'e\u0301'.repeat(500),
  '\r\nX-Injected: 1',
  '\r\nAction: Command\r\n\r\n',
  "'; drop table calls; --",
  "' or 1=1 --",
  '\\',
  '%',
  '_%\\',
  '%s%n',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '$(reboot)`reboot`',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  'true',
  '0',
  '-1',
  '1e999',
  '9'.repeat(400),
  '+79161234567',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '2026-02-30T00:00:00Z',
  '2026-01-01T00:00:00+99:99',
  '+275760-09-13T00:00:00Z',
  'P1D',
  'Europe/Berlin',
  'Etc/GMT+99',
  '(a+)+$',
  'eyJhbGciOiJub25lIn0.e30.',
]

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.1,
  200,
  201,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e308,
  5e-324,
]

/** A text; now and then a long one. */
export function hostileText(from: Source): string {
  const text = from.pick(TEXTS)
  if (from.once(40)) return (text || 'x').repeat(1 + from.below(3000))
  return from.once(4) ? text + String.fromCodePoint(from.below(0xffff)) : text
}

/** A value of any type. */
export function hostileValue(from: Source, depth = 0): unknown {
  switch (from.below(depth > 3 ? 5 : 8)) {
    case 0:
      return null
    case 1:
      return from.once(2)
    case 2:
      return from.pick(NUMBERS)
    case 3:
      return from.id()
    case 4:
      return hostileText(from)
    case 5:
      return Array.from({ length: from.below(5) }, () => hostileValue(from, depth + 1))
    case 6:
      return from.once(20) ? nested(1 + from.below(3000)) : []
    default:
      return Object.fromEntries(
        Array.from({ length: from.below(5) }, () => [
          hostileText(from),
          hostileValue(from, depth + 1),
        ]),
      )
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** A value for a field: mostly as its schema says, now and then not. */
export function valueFor(schema: Schema, name: string, from: Source, depth = 0): unknown {
  const safe = addressFor(name, from)
  if (safe !== undefined) return safe
  if (from.once(8)) return hostileValue(from)
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return from.pick(schema.enum)
  if (schema.anyOf !== undefined) return valueFor(from.pick(schema.anyOf), name, from, depth)
  switch (schema.type) {
    case 'object':
      return objectFor(schema, from, depth)
    case 'array':
      return Array.from({ length: from.once(50) ? 300 : from.below(4) }, () =>
        valueFor(schema.items ?? {}, name, from, depth + 1),
      )
    case 'integer':
    case 'number':
      return from.once(2) ? numberIn(schema, from) : from.pick(NUMBERS)
    case 'boolean':
      return from.once(2)
    case 'null':
      return null
    case 'string':
      return textFor(schema, name, from)
    default:
      return depth > 4 ? null : hostileValue(from, depth)
  }
}

/** A field that makes the server open connections gets this machine only. */
function addressFor(name: string, from: Source): unknown {
  if (/^(host|hostname)$/i.test(name)) return from.pick(HOSTS)
  if (/url$/i.test(name)) return from.pick(URLS)
  if (/^port$/i.test(name)) return from.pick(PORTS)
  return undefined
}

function objectFor(schema: Schema, from: Source, depth: number): unknown {
  const found: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const isNeeded = schema.required?.includes(name) === true
    // A needed one is missing now and then.
    if (from.once(isNeeded ? 25 : 2)) continue
    found[name] = valueFor(field, name, from, depth + 1)
  }
  if (typeof schema.additionalProperties === 'object') {
    for (let i = from.below(4); i > 0; i -= 1) {
      found[hostileText(from)] = valueFor(schema.additionalProperties, '', from, depth + 1)
    }
  }
  if (from.once(15)) {
    const surprise: unknown = hostileValue(from)
    Object.defineProperty(found, from.pick(['__proto__', 'constructor', 'id', 'surprise']), {
      value: surprise,
      enumerable: true,
    })
  }
  return found
}

function numberIn({ minimum = 0, maximum = 1000 }: Schema, from: Source): number {
  return minimum + from.below(Math.min(maximum - minimum, 1e6) + 1)
}

function textFor({ format, maxLength }: Schema, name: string, from: Source): string {
  if (from.once(3)) return hostileText(from)
  if (format === 'date-time') return new Date(1.7e12 + from.below(9e10)).toISOString()
  if (/id$/i.test(name)) return from.id()
  if (/zone/i.test(name)) return from.pick(['UTC', 'Europe/Berlin', 'Asia/Kolkata'])
  if (/country/i.test(name)) return from.pick(['RU', 'DE', 'US', 'xx'])
  if (/phone|number/i.test(name)) return `+7916${String(from.below(1e7)).padStart(7, '0')}`
  if (from.once(10)) return 'x'.repeat((maxLength ?? 1000) + from.below(2))
  return `text ${from.below(1000)}`
}
