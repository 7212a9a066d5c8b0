import type { FieldDefinition } from '../../db/settings.ts'
import type { UserFacts, UserPhone } from '../../db/users.ts'
import { personKey, toPhone } from '../calls/phone.ts'
import type { FieldError } from '../errors.ts'

/** What is said of a user; what is undefined stays as it is. */
export interface UserChange {
  readonly externalId?: string | undefined
  readonly name?: string | undefined
  readonly email?: string | null | undefined
  readonly company?: string | null | undefined
  readonly phones?: readonly string[] | undefined
  readonly note?: string | undefined
  /** Fields that are named are replaced; null takes one away. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined
}

export interface UserRules {
  /** How national numbers are read. */
  readonly country: string
  /** The fields that admins defined. */
  readonly fields: readonly FieldDefinition[]
}

export type ChangedUser = { readonly facts: UserFacts } | { readonly errors: readonly FieldError[] }

const NOBODY: UserFacts = {
  externalId: null,
  name: '',
  email: null,
  company: null,
  phones: [],
  note: '',
  fields: {},
}

/** A user with a change in it, or what is wrong with the change (USER-1). */
export function changeUser(
  current: UserFacts | null,
  change: UserChange,
  rules: UserRules,
): ChangedUser {
  const errors: FieldError[] = []
  const before = current ?? NOBODY
  const name = (change.name ?? before.name).trim()
  if (name === '') errors.push({ path: 'name', message: 'is empty, expected a name' })
  const facts: UserFacts = {
    externalId: change.externalId ?? before.externalId,
    name,
    email: orNull(change.email, before.email),
    company: orNull(change.company, before.company),
    phones:
      change.phones === undefined ? before.phones : toPhones(change.phones, rules.country, errors),
    note: change.note ?? before.note,
    fields: mergeFields(before.fields, change.fields ?? {}, rules.fields, errors),
  }
  return errors.length > 0 ? { errors } : { facts }
}

function orNull(given: string | null | undefined, before: string | null): string | null {
  if (given === undefined) return before
  return given === null || given.trim() === '' ? null : given.trim()
}

function toPhones(raws: readonly string[], country: string, errors: FieldError[]): UserPhone[] {
  const phones = new Map<string, UserPhone>()
  for (const [index, raw] of raws.entries()) {
    const phone = toPhone(raw, country)
    const key = personKey(phone)
    if (key === null) {
      errors.push({ path: `phones.${index}`, message: `is "${raw}", expected a phone number` })
    } else if (!phones.has(key)) {
      phones.set(key, { ...phone, key })
    }
  }
  return [...phones.values()]
}

function mergeFields(
  before: UserFacts['fields'],
  change: Readonly<Record<string, unknown>>,
  definitions: readonly FieldDefinition[],
  errors: FieldError[],
): UserFacts['fields'] {
  const fields = new Map(Object.entries(before))
  for (const [key, value] of Object.entries(change)) {
    const definition = definitions.find((candidate) => candidate.key === key)
    if (definition === undefined || BUILT_IN.has(key)) {
      errors.push({ path: `fields.${key}`, message: 'is not a field that an admin defined' })
    } else if (value === null || value === '') {
      fields.delete(key)
    } else {
      const problem = CHECKS[definition.type](value, definition)
      if (problem === null) fields.set(key, toKept(value))
      else errors.push({ path: `fields.${key}`, message: `is ${show(value)}, expected ${problem}` })
    }
  }
  return Object.fromEntries(fields)
}

const BUILT_IN = new Set(['name', 'email', 'company', 'phones', 'note'])

/** For each type, what was expected where a value is not of it. */
const CHECKS: Record<
  FieldDefinition['type'],
  (value: unknown, definition: FieldDefinition) => string | null
> = {
  text: (value) => (isText(value) ? null : 'a text of at most 5,000 characters'),
  number: (value) => (typeof value === 'number' && Number.isFinite(value) ? null : 'a number'),
  date: (value) => (isDate(value) ? null : 'a date such as "2026-12-31"'),
  choice: (value, { options = [] }) =>
    options.includes(value as string) ? null : `one of ${options.join(', ').slice(0, 200)}`,
  boolean: (value) => (typeof value === 'boolean' ? null : 'true or false'),
  link: (value) => (isLink(value) ? null : 'an address that begins with https:// or http://'),
}

/** As a database keeps it: halves of surrogate pairs are made whole. */
function toKept(value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 5000 && !value.includes('\0')
}

function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false
  const at = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value)
}

/** Only web addresses: a link that runs script must not get into a page. */
function isLink(value: unknown): boolean {
  return isText(value) && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

/** No field holds a list or an object: they are named only, they can be too deep to be written. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`
}

/** Files have only texts: what a field's type makes of one. What cannot be read stays a text. */
export function readFieldText(text: string, definition: FieldDefinition | undefined): unknown {
  if (definition?.type === 'number') {
    const value = Number(text.trim())
    return text.trim() === '' || Number.isNaN(value) ? text : value
  }
  if (definition?.type === 'boolean') {
    if (/^(true|yes|1)$/i.test(text.trim())) return true
    if (/^(false|no|0)$/i.test(text.trim())) return false
  }
  return text
}
