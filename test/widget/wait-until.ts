import { waitUntil as ask } from '@open-wc/testing'

/**
 * Until that is so; asked twenty times a second. For five seconds, where the library waits for one:
 * a page's code that is loaded for the first time, on a machine with much to do, took longer.
 */
export const waitUntil: typeof ask = (isSo, message, options) =>
  ask(isSo, message, { timeout: 5_000, ...options })
