/** How much becomes one of five steps of colour. */
import { roundUp } from './ticks.ts'

const STEPS = 5
/** Where there are fewer: far enough from one another, and none as strong as much would be. */
const FEW = [[], [3], [2, 4], [1, 3, 5], [1, 2, 4, 5], [1, 2, 3, 4, 5]]

/** The largest number of each step, from the first that is not 0; round ones. */
export function stepsOf(max: number): readonly number[] {
  if (max <= 0) return []
  const whole = Math.ceil(max)
  if (whole <= STEPS) return [...Array(whole).keys()].map((at) => at + 1)
  const size = Math.ceil(roundUp(whole / STEPS))
  return [...Array(Math.ceil(whole / size)).keys()].map((at) => (at + 1) * size)
}

/** 0 for nothing, else 1 to 5. */
export function stepOf(value: number, steps: readonly number[]): number {
  if (value <= 0) return 0
  const at = steps.findIndex((most) => value <= most)
  return FEW[steps.length]?.[at === -1 ? steps.length - 1 : at] ?? STEPS
}
