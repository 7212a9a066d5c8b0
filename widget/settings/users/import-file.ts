/** The file of an import: what kind it is, about how many lines it has, an example, and the report. */
import { toCsv } from '../../../server/http/csv.ts'

export type ImportType = 'text/csv' | 'application/x-ndjson'

/** By its name: browsers know few types, and each system others. */
export function typeOf(file: File): ImportType | null {
  const [, end = ''] = /\.(\w+)$/.exec(file.name.toLowerCase()) ?? []
  if (end === 'csv') return 'text/csv'
  return ['ndjson', 'jsonl'].includes(end) ? 'application/x-ndjson' : null
}

/** Lines that are not empty, piece by piece: files can be larger than memory. */
export async function countLines(file: Blob): Promise<number> {
  const reader = file.stream().getReader()
  let lines = 0
  let hasText = false
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    for (const byte of next.value) {
      if (byte === LINE_FEED) {
        if (hasText) lines += 1
        hasText = false
      } else if (byte !== CARRIAGE_RETURN) hasText = true
    }
  }
  return hasText ? lines + 1 : lines
}
const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** The bad lines as a file. */
export function toReport(errors: readonly { line: number; reason: string }[]): string {
  return toCsv([['line', 'reason'], ...errors.map(({ line, reason }) => [String(line), reason])])
}

/** Two users, with every column that there is. */
export function toExample(keys: readonly string[]): string {
  const custom = keys.map((key) => `fields.${key}`)
  const rows = [
    ['externalId', 'name', 'email', 'company', 'phones', 'note', ...custom],
    [
      '1001',
      'Maria Sokolova',
      'maria@northwind.example',
      'Northwind',
      '+442079460958;+442079460959',
      '',
      ...keys.map(() => ''),
    ],
    [
      '1002',
      'Ivan Petrov',
      'ivan@contoso.example',
      'Contoso',
      '+4930901820',
      '',
      ...keys.map(() => ''),
    ],
  ]
  return `${rows.map((row) => row.join(',')).join('\r\n')}\r\n`
}
