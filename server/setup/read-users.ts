import type { FieldDefinition } from '../../db/settings.ts'
import { createCsvRecord, MAX_CELLS } from './csv-record.ts'
import type { FileLine } from './read-lines.ts'
import { readFieldText } from './user-edit.ts'

/** What stands in one line (of several, where a quoted text goes over lines): a user, or why not. */
export type UserLine =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly reason: string }

/** A file that cannot be read as users at all. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

const COLUMNS = ['externalId', 'name', 'email', 'company', 'phones', 'note']
/** A quoted text over more lines than this is a quote that was never closed. */
const MAX_QUOTED_LINES = 50
const MAX_RECORD_BYTES = 1024 * 1024

/** Newline-delimited JSON, one user a line. */
export async function* readNdjsonUsers(lines: AsyncIterable<FileLine>): AsyncGenerator<UserLine> {
  for await (const found of lines) {
    if (found.text === null) yield { line: found.line, reason: found.problem }
    else if (found.text.trim() !== '') yield { line: found.line, ...parseJson(found.text) }
  }
}

function parseJson(text: string): { value: unknown } | { reason: string } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    // The line is bad; the others are not.
    return { reason: 'is not JSON' }
  }
}

/** CSV with a header; a line that cannot be read does not take the next ones with it. */
export async function* readCsvUsers(
  lines: AsyncIterable<FileLine>,
  definitions: readonly FieldDefinition[],
): AsyncGenerator<UserLine> {
  let header: readonly string[] | null = null
  for await (const record of readRecords(lines)) {
    if ('reason' in record) yield record
    else if (header === null) header = checkHeader(record.cells)
    else yield { line: record.line, ...toUser(header, record.cells, definitions) }
  }
}

type ReadRecord =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly reason: string }

interface Line {
  readonly line: number
  readonly text: string
}

async function* readRecords(lines: AsyncIterable<FileLine>): AsyncGenerator<ReadRecord> {
  let open = nothingOpen()
  /** The first of the open lines is bad, the others may be good. */
  const settle = function* (reason: string): Generator<ReadRecord> {
    const [first, ...rest] = open.lines
    open = nothingOpen()
    if (first === undefined) return
    yield { line: first.line, reason }
    for (const next of rest) yield* push(next)
  }
  const push = function* (next: Line): Generator<ReadRecord> {
    const isBlank = open.lines.length === 0 && next.text.trim() === ''
    if (isBlank) return
    open.lines.push(next)
    open.bytes += Buffer.byteLength(next.text) + 1
    const isTooLong = open.lines.length > 1 && open.bytes > MAX_RECORD_BYTES
    if (isTooLong) return yield* settle('has a quote that is not closed within 1 MiB')
    const state = open.record.push(next.text)
    if (state === 'open' && open.lines.length < MAX_QUOTED_LINES) return
    if (state === 'too-wide') return yield* settle(`has more than ${MAX_CELLS} values`)
    if (state !== 'whole') return yield* settle(NOT_CLOSED)
    const { record, lines: read } = open
    open = nothingOpen()
    yield { line: read[0]?.line ?? next.line, cells: record.cells }
  }
  for await (const found of lines) {
    if (found.text !== null) {
      yield* push({ line: found.line, text: found.text })
    } else {
      while (open.lines.length > 0) yield* settle(NOT_CLOSED)
      yield { line: found.line, reason: found.problem }
    }
  }
  while (open.lines.length > 0) yield* settle(NOT_CLOSED)
}

const NOT_CLOSED = 'has a quote that is not closed'

function nothingOpen() {
  return { record: createCsvRecord(), lines: [] as Line[], bytes: 0 }
}

function checkHeader(cells: readonly string[]): readonly string[] {
  const header = cells.map((cell) => cell.trim())
  const unknown = header.find((name) => !COLUMNS.includes(name) && !name.startsWith('fields.'))
  if (unknown !== undefined) {
    throw new UnreadableFile(
      `has the column "${unknown.slice(0, 100)}", expected ${COLUMNS.join(', ')} and fields.KEY`,
    )
  }
  if (!header.includes('externalId')) throw new UnreadableFile('has no column externalId')
  if (new Set(header).size < header.length) throw new UnreadableFile('has a column twice')
  return header
}

function toUser(
  header: readonly string[],
  cells: readonly string[],
  definitions: readonly FieldDefinition[],
): { value: unknown } | { reason: string } {
  if (cells.length !== header.length) {
    return { reason: `has ${cells.length} values, the header has ${header.length}` }
  }
  const user: Record<string, unknown> = {}
  const fields: Record<string, unknown> = {}
  for (const [index, name] of header.entries()) {
    const cell = cells[index] ?? ''
    if (name.startsWith('fields.')) {
      const key = name.slice('fields.'.length)
      fields[key] = readFieldText(
        cell,
        definitions.find((definition) => definition.key === key),
      )
    } else if (name === 'phones') {
      user.phones = cell.split(';').filter((phone) => phone.trim() !== '')
    } else if (name !== 'externalId' || cell !== '') {
      user[name] = cell
    }
  }
  return { value: Object.keys(fields).length === 0 ? user : { ...user, fields } }
}
