/**
 * How many times longer than a figure says something may take in a test: other tests share the machine. The commands
 * in docs/quality.md judge the figures, on a machine of their own.
 */
export const BESIDE_OTHERS = 3
