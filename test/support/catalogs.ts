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
