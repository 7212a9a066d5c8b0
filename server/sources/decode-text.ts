import { isUtf8 } from 'node:buffer'

const CYRILLIC = new TextDecoder('windows-1251')
const LATIN = new TextDecoder('windows-1252')

/**
 * Bytes → text: UTF-8 where they are that, else Windows-1251 or Windows-1252 (CALL-5). Characters
 * that are not text (U+0000, control characters) are taken out.
 */
export function decodeText(bytes: Uint8Array): string {
  return clean(asUtf8(bytes) ?? (isCyrillic(bytes) ? CYRILLIC : LATIN).decode(bytes))
}

/** Takes control characters out; line breaks and tabs become spaces. */
export function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replace(/[\t\n\v\f\r]/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
}

/** Asked, not tried: a decoder that throws takes fifty times as long, and floods are of what is no text. */
function asUtf8(bytes: Uint8Array): string | null {
  const end = isUtf8(bytes) ? bytes.length : endOfWhole(bytes)
  if (end === null) return null
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8')
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/**
 * Asterisk cuts names by bytes: UTF-8 whose last character is not whole is UTF-8 all the same, where there is some
 * before it. Where the whole characters end; null where it is no UTF-8.
 */
function endOfWhole(bytes: Uint8Array): number | null {
  for (let end = bytes.length - 1; end >= Math.max(1, bytes.length - 3); end -= 1) {
    if (!isCut(bytes.subarray(end))) continue
    const whole = bytes.subarray(0, end)
    return isUtf8(whole) && whole.some((byte) => byte > 127) ? end : null
  }
  return null
}

/** The begin of one character: made whole it is UTF-8. */
function isCut(bytes: Uint8Array): boolean {
  const [lead = 0, ...more] = bytes
  const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  if (bytes.length >= size) return false
  // The second byte depends on the first; any others may be 0x80.
  return more.length === 0
    ? lead < 0xf5
    : isUtf8(Uint8Array.from({ length: size }, (_, at) => bytes[at] ?? 0x80))
}

/**
 * In Windows-1251 a Russian word is all high bytes; in Windows-1252 a European word has some among
 * its plain letters.
 */
function isCyrillic(bytes: Uint8Array): boolean {
  const words =
    Buffer.from(bytes)
      .toString('latin1')
      .match(/[A-Za-z\u0080-\u00ff]+/g) ?? []
  let whole = 0
  let mixed = 0
  for (const word of words) {
    const high = word.replace(/[A-Za-z]/g, '').length
    if (high === word.length) whole += high
    else mixed += high
  }
  return whole > mixed
}
