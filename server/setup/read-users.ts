import { CsvError, parse } from 'csv-parse/sync'
import type { FieldDefinition } from '../../db/settings.ts'
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

type CsvRecord =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly reason: string }

async function* readRecords(lines: AsyncIterable<FileLine>): AsyncGenerator<CsvRecord> {
  let open: { line: number; text: string }[] = []
  const settle = function* (): Generator<CsvRecord> {
    // The quote of the first of these lines was never closed: it is bad, the others may be good.
    const [first, ...rest] = open
    open = []
    if (first === undefined) return
    yield { line: first.line, reason: 'has a quote that is not closed' }
    for (const next of rest) yield* push(next)
  }
  const push = function* (next: { line: number; text: string }): Generator<CsvRecord> {
    open.push(next)
    const parsed = parseCsv(open.map(({ text }) => text).join('\n'))
    if (parsed.state === 'open' && open.length < MAX_QUOTED_LINES) return
    if (parsed.state !== 'whole') return yield* settle()
    const line = open[0]?.line ?? next.line
    open = []
    if (parsed.cells !== null) yield { line, cells: parsed.cells }
  }
  for await (const found of lines) {
    if (found.text !== null) {
      yield* push({ line: found.line, text: found.text })
    } else {
      while (open.length > 0) yield* settle()
      yield { line: found.line, reason: found.problem }
    }
  }
  while (open.length > 0) yield* settle()
}

type ParsedCsv =
  | { readonly state: 'whole'; readonly cells: readonly string[] | null }
  | { readonly state: 'open' | 'bad' }

function parseCsv(text: string): ParsedCsv {
  if (text.trim() === '') return { state: 'whole', cells: null }
  try {
    const [cells = null] = parse(text, { relax_column_count: true })
    return { state: 'whole', cells }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') return { state: 'open' }
    if (error.code !== 'INVALID_OPENING_QUOTE' || text.includes('\n')) return { state: 'bad' }
    // A quote within a text, such as 24" screen, means itself.
    const [cells = null] = parse(text, { relax_column_count: true, relax_quotes: true })
    return { state: 'whole', cells }
  }
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
