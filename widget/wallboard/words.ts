/** Numbers as a board writes them. */
import { currentLocale } from '../i18n/t.ts'

export function number(value: number): string {
  return new Intl.NumberFormat(currentLocale()).format(value)
}

/** Rounded down: what is not quite all is not 100 %. */
export function percent(ratio: number): string {
  const whole = Math.floor(ratio * 100 + 1e-9) / 100
  return new Intl.NumberFormat(currentLocale(), { style: 'percent' }).format(whole)
}

/** Whole seconds from one instant to another, both in milliseconds; never negative. */
export function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.floor((to - from) / 1000))
}
