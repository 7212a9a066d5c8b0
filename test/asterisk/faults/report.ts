/** One line per case, and the sum at the end. */
export interface Report {
  /** `words` say what was done, `figures` what came of it, `differences` what is wrong. */
  say(words: string, figures: string, differences: readonly string[]): void
  /** A number of seconds under a name, for the sum. */
  measure(name: string, seconds: number): void
  readonly failed: () => number
  sum(): void
}

export function createReport(print: (line: string) => void): Report {
  const measured = new Map<string, number[]>()
  let [passed, failed] = [0, 0]
  return {
    say(words, figures, differences) {
      if (differences.length === 0) passed += 1
      else failed += 1
      print(`${differences.length === 0 ? 'ok    ' : 'failed'}  ${words}: ${figures}`)
      for (const difference of differences) print(`          ${difference}`)
    },
    measure(name, seconds) {
      measured.set(name, [...(measured.get(name) ?? []), seconds])
    },
    failed: () => failed,
    sum() {
      for (const [name, seconds] of [...measured].sort()) {
        const sorted = seconds.toSorted((a, b) => a - b)
        const median = sorted[Math.floor(sorted.length / 2)] ?? 0
        const most = sorted.at(-1) ?? 0
        print(
          `${name}: ${sorted.length} times, median ${inWords(median)}, at most ${inWords(most)}`,
        )
      }
      print(`${passed} passed, ${failed} failed`)
    },
  }
}

export function inWords(seconds: number): string {
  return `${seconds.toFixed(1)} s`
}
