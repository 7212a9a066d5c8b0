import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTel } from '../../widget/tel-links.ts'

const cases: readonly { href: string; expected: string | null }[] = [
  { href: 'tel:+375291701699', expected: '+375291701699' },
  { href: 'TEL:+375-29-170.16(99)', expected: '+375291701699' },
  { href: ' tel:+1%20201%20555-0123', expected: '+12015550123' },
  { href: 'tel:+1-201-555-0123;ext=12', expected: '+12015550123' },
  { href: 'tel:7042;phone-context=example.com', expected: '7042' },
  { href: 'tel:*21%23', expected: '*21#' },
  { href: 'tel:00+44', expected: '0044' },
  { href: 'tel:5%', expected: '5' },
  { href: 'tel:', expected: null },
  { href: 'tel:abc', expected: null },
  { href: 'tel:+', expected: null },
  { href: 'https://example.com/tel:123', expected: null },
  { href: 'mailto:tel:123', expected: null },
]
for (const { href, expected } of cases) {
  test(`EMBED-2 ${JSON.stringify(href)} dials ${expected ?? 'nothing'}`, () =>
    assert.equal(parseTel(href), expected))
}
