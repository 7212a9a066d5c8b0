/**
 * What is known of a record after a line: it ends there, it goes on within quotes, its quotes are not
 * as they should be, or it has more values than `MAX_CELLS`.
 */
export type CsvState = 'whole' | 'open' | 'bad' | 'too-wide'

/** One record of a CSV file (RFC 4180), of one line or of several where a quoted text goes over lines. */
export interface CsvRecord {
  /** Reads one more line, without its end; each character once, however many lines there were. */
  push(line: string): CsvState
  /** Its values, once it is whole. */
  readonly cells: readonly string[]
}

/** No file of users has so many columns; a million commas would hold up what else the server does. */
export const MAX_CELLS = 10_000
const QUOTE = '"'
const COMMA = ','

/**
 * A record that nothing was read of.
 *
 * @example
 * const record = createCsvRecord()
 * record.push('1,"two') // 'open'
 * record.push('lines"') // 'whole'
 * record.cells // ['1', 'two\nlines']
 */
export function createCsvRecord(): CsvRecord {
  const cells: string[] = []
  /** The lines of a quoted text whose end is not known yet. */
  let quoted: string[] = []

  /** Reads on within quotes; where their end is, or -1 where it is on a later line. */
  const readQuoted = (line: string, from: number): number => {
    let end = line.indexOf(QUOTE, from)
    while (end !== -1 && line[end + 1] === QUOTE) end = line.indexOf(QUOTE, end + 2)
    quoted.push(line.slice(from, end === -1 ? undefined : end))
    if (end === -1) return end
    cells.push(quoted.join('\n').replaceAll(QUOTE + QUOTE, QUOTE))
    quoted = []
    return end
  }

  const push = (line: string): CsvState => {
    const isFirst = quoted.length === 0
    let hasQuoteWithin = false
    for (let at = 0; at <= line.length; ) {
      if (cells.length === MAX_CELLS) return 'too-wide'
      const goesOn = quoted.length > 0
      if (goesOn || line[at] === QUOTE) {
        const end = readQuoted(line, goesOn ? at : at + 1)
        // Which quote of the line opened the text is a guess where one stands within a text.
        if (end === -1) return hasQuoteWithin ? 'bad' : 'open'
        if (end + 1 < line.length && line[end + 1] !== COMMA) return 'bad'
        at = end + 2
      } else {
        const comma = line.indexOf(COMMA, at)
        const cell = line.slice(at, comma === -1 ? undefined : comma)
        cells.push(cell)
        // A quote within a text, such as 24" screen, means itself.
        hasQuoteWithin ||= cell.includes(QUOTE)
        at = comma === -1 ? line.length + 1 : comma + 1
      }
    }
    return hasQuoteWithin && !isFirst ? 'bad' : 'whole'
  }
  return { push, cells }
}
