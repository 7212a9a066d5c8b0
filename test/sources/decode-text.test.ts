import assert from 'node:assert/strict'
import test from 'node:test'
import { decodeText } from '../../server/sources/decode-text.ts'
import { createRandom, pickSeed } from '../support/random.ts'

/** The platform's own decoder, which throws at what is no UTF-8; `stream`: the last character may be cut. */
function reference(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, {
        stream: true,
      })
      return /[\u0080-\u{10ffff}]/u.test(text) ? text.replace(/^\ufeff/, '') : null
    } catch {
      return null
    }
  }
}

const clean = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  text.replace(/[\t\n\v\f\r]/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '')

test('CALL-5 what the platform takes for UTF-8, whole or cut, is decoded as UTF-8, and nothing else is', () => {
  const seed = pickSeed()
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const letters = [
    'a',
    '1',
    'é',
    'Ж',
    'ü',
    '人',
    '\ufeff',
    '\u07ff',
    '\ud7ff',
    '\uffff',
    '😀',
    '\u{10ffff}',
  ]
  let [utf8, other] = [0, 0]
  for (let round = 0; round < 50_000; round += 1) {
    const text = Array.from({ length: below(5) }, () => letters[below(letters.length)]).join('')
    const whole = Buffer.from(text)
    const bytes = Buffer.from(whole.subarray(0, whole.length - below(4)))
    if (below(3) === 0 && bytes.length > 0) bytes[below(bytes.length)] = 0x80 + below(128)
    const expected = reference(bytes)
    const found = decodeText(bytes)
    if (expected !== null)
      assert.equal(found, clean(expected), `${bytes.toString('hex')}, TEST_SEED=${seed}`)
    else {
      const one = [new TextDecoder('windows-1251'), new TextDecoder('windows-1252')]
      assert.ok(
        one.some((each) => clean(each.decode(bytes)) === found),
        bytes.toString('hex'),
      )
    }
    if (expected === null) other += 1
    else utf8 += 1
  }
  assert.ok(utf8 > 5000 && other > 5000, `${utf8} and ${other}`)
})
