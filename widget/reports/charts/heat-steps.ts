/** How much becomes one of five steps of colour. */
import { roundUp } from './ticks.ts'

export const STEPS = 5

/** The largest number of each step, from the first that is not 0; round ones. */
export function stepsOf(max: number): readonly number[] {
  if (max <= 0) return []
  const whole = Math.ceil(max)
  if (whole <= STEPS) return [...Array(whole).keys()].map((at) => at + 1)
  const size = Math.ceil(roundUp(whole / STEPS))
  return [...Array(Math.ceil(whole / size)).keys()].map((at) => (at + 1) * size)
}

/** 0 for nothing, else 1 to 5; with fewer steps the strong ones are used, so that most is always the strongest. */
export function stepOf(value: number, steps: readonly number[]): number {
  if (value <= 0) return 0
  const at = steps.findIndex((most) => value <= most)
  return STEPS - steps.length + (at === -1 ? steps.length : at + 1)
}
