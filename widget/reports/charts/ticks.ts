/** Round numbers for axes and colour steps. */
import type { Unit } from './chart.ts'

/** What people count times in. */
const SECONDS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
]
const DAY = 86_400

/** The numbers of an axis from 0 to at least `max`: few, round, at the same distance. */
export function ticksOf(max: number, unit: Unit, wanted = 5): number[] {
  const step = stepFor(max / wanted, unit)
  const count = Math.max(1, Math.ceil(max / step - 1e-9))
  return [...Array(count + 1).keys()].map((at) => round(at * step))
}

/** A round number that is no less: of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 and their tens. */
export function roundUp(value: number): number {
  return nice(value, [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10])
}

function stepFor(least: number, unit: Unit): number {
  if (unit === 'ratio') return least > 0 ? nice(least, [1, 2, 2.5, 5, 10]) : 0.25
  if (unit === 'count') return Math.max(1, nice(least, [1, 2, 5, 10]))
  const known = SECONDS.find((one) => one >= least)
  return known ?? DAY * nice(least / DAY, [1, 2, 5, 10])
}

function nice(value: number, steps: readonly number[]): number {
  if (value <= 0) return steps[0] ?? 1
  const ten = 10 ** Math.floor(Math.log10(value))
  return round(ten * (steps.find((one) => one * ten >= value * (1 - 1e-9)) ?? 10))
}

/** Without what binary fractions leave behind: 0.30000000000000004. */
function round(value: number): number {
  return Number(value.toPrecision(12))
}
