import assert from 'node:assert/strict'
import type { Text } from '../../widget/i18n/t.ts'

/** A text in each of its plural forms. */
export const forms = (text: Text): readonly string[] =>
  typeof text === 'string' ? [text] : Object.values(text)

/** The values that a text names, in an order of their own. */
export const placeholders = (text: string): string =>
  [...text.matchAll(/\{\w+\}/g)]
    .map(([found]) => found)
    .sort()
    .join(' ')

/** Fails where the texts of a part in a language miss one, a value or a plural form, or have one that is not known. */
export function assertTranslated(
  language: string,
  catalog: Readonly<Record<string, Text>>,
  english: Readonly<Record<string, Text>>,
): void {
  const missing = Object.keys(english).filter((key) => catalog[key] === undefined)
  assert.deepEqual(missing, [], 'missing texts')
  const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories
  for (const [key, text] of Object.entries(catalog)) {
    const own = english[key]
    assert.ok(own !== undefined, `${key} is no text of this part`)
    const wanted = placeholders(forms(own).at(-1) ?? '')
    for (const form of forms(text)) {
      assert.notEqual(form.trim(), '', key)
      const found = placeholders(form)
      // "One case" and "two cases" may be words.
      const isWord = typeof text !== 'string' && found === wanted.replace(/\{count\} ?/, '').trim()
      assert.ok(found === wanted || isWord, `${key}: ${form}`)
    }
    if (typeof own === 'string') continue
    const without = needed.filter((form) => !Object.hasOwn(text as object, form))
    assert.deepEqual(without, [], key)
  }
}
