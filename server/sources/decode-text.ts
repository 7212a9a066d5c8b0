const UTF8 = new TextDecoder('utf-8', { fatal: true })
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

function asUtf8(bytes: Uint8Array): string | null {
  try {
    return UTF8.decode(bytes)
  } catch {
    return asCutUtf8(bytes)
  }
}

/** Asterisk cuts names by bytes: UTF-8 whose last character is not whole is UTF-8 all the same. */
function asCutUtf8(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return /[\u0080-\uffff]/.test(text) ? text : null
  } catch {
    return null
  }
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
