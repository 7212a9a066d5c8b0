import { clean } from './decode-text.ts'

/** How long a text of the phone network may be, whoever tells it; what is longer is cut (SAFE-1). */
export const MAX_NUMBER = 150
export const MAX_QUEUE = 150
export const MAX_EXTRA = 1000

/** One line of text of a bounded length. */
export function toLine(text: string, maxLength: number): string {
  return clean(text).trim().slice(0, maxLength)
}
