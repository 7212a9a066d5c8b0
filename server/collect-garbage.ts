import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Gives back what is not needed any more: V8 keeps the memory of a busy moment, such as the start, for as long as
 * little happens (PERF-8: some 35 MB of 150). Takes about 50 ms, in which nothing else is done.
 */
export function collectGarbage(): void {
  collect({ type: 'major', flavor: 'last-resort' })
}

/**
 * Gives back what was made a moment ago and is not needed any more, in about a millisecond. For bytes that only pass
 * through: V8 would let some 64 MiB of them lie before it looks (SAFE-4).
 */
export function collectYoungGarbage(): void {
  collect({ type: 'minor' })
}

let collector: ((options: object) => void) | null = null

function collect(options: object): void {
  collector ??= exposeCollector()
  collector(options)
}

/** V8's own function, taken while the flag is on, that Node shows only when it is started with it. */
function exposeCollector(): (options: object) => void {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? (options) => found(options) : () => undefined
}
