/** A table as a file for spreadsheets, in which no text becomes a formula. */

/** Rows as CSV (RFC 4180) with a byte order mark, by which Excel knows UTF-8. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Programs take a cell that begins like this for a formula, even in quotes: an apostrophe makes it text. */
const FORMULA = /^[\s\p{Cc}]*[=+\-@|\uff1d\uff0b\uff0d\uff20]/u

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}
