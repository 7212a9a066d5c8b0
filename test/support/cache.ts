/** What tests keep from one run to the next. */
export const CACHE = 'node_modules/.cache/ringside'
