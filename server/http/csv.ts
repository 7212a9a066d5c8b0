/** A table as a file for spreadsheets, in which no text becomes a formula. */

export type Cell = string | number | null

/** Rows as CSV (RFC 4180) with a byte order mark, by which Excel knows UTF-8. Numbers stay numbers; null is empty. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  return `\ufeff${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}

function cell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  return `"${defuse(value.toWellFormed()).replaceAll('"', '""')}"`
}

/** `=`, `+`, `-`, `@`, `|`, and what Unicode (NFKC) says is the same, such as their full-width forms; the minus sign. */
const SIGN = `[=\u207c\u208c\ufe66\uff1d+\u207a\u208a\ufb29\ufe62\uff0b\\-\ufe63\uff0d\u2212@\ufe6b\uff20\\|\uff5c]`
const UNSEEN = String.raw`[\s\p{Cc}\p{Cf}"]`
/** Programs take a cell that begins like this for a formula, even in quotes. */
const AT_BEGINNING = new RegExp(String.raw`^(?:[\t\r\n]|${UNSEEN}*${SIGN})`, 'u')
/** Where the separator of lists is another one (`;` in Germany), a cell begins here too. */
const AFTER_SEPARATOR = new RegExp(
  String.raw`([,;\t\r\n](?:(?![\t\r\n])${UNSEEN})*)(?=${SIGN})`,
  'gu',
)

/** An apostrophe makes text of what would be a formula. */
function defuse(text: string): string {
  const inside = text.replaceAll(AFTER_SEPARATOR, "$1'")
  return AT_BEGINNING.test(text) ? `'${inside}` : inside
}
