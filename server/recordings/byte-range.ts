/** The part of a file that a `Range` header asks for, both ends included (RFC 9110, 14.2). */
export type ByteRange =
  | { readonly type: 'whole' }
  | { readonly type: 'part'; readonly start: number; readonly end: number }
  | { readonly type: 'unsatisfiable' }

const WHOLE = { type: 'whole' } as const

/**
 * One range is served. Several, or a header that cannot be read, are answered with the whole file,
 * as the standard allows.
 */
export function parseByteRange(header: string | undefined, bytes: number): ByteRange {
  const found = /^\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header ?? '')
  if (found === null) return WHOLE
  const [, first = '', last = ''] = found
  if (first === '' && last === '') return WHOLE
  if (first === '') {
    const length = Number(last)
    if (length === 0 || bytes === 0) return { type: 'unsatisfiable' }
    return { type: 'part', start: Math.max(0, bytes - length), end: bytes - 1 }
  }
  const start = Number(first)
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  if (last !== '' && Number(last) < start) return WHOLE
  return start >= bytes ? { type: 'unsatisfiable' } : { type: 'part', start, end }
}
