/** What the pictures of the reports take and tell. They know of no report: figures come with their words. */

import { plain } from '../../format.ts'

/** A value as people read it. */
export type Format = (value: number) => string
/** What the values are, which decides where an axis has its round numbers. */
export type Unit = 'count' | 'seconds' | 'ratio'

/** A place on an axis. */
export interface ChartLabel {
  /** As short as may be: `3 Jun`. */
  readonly label: string
  /** In full, where there is room: `Wednesday, 3 June 2026`. */
  readonly title?: string
}

/** A value with its name; null: there is none. */
export interface ChartValue extends ChartLabel {
  readonly value: number | null
}

/** A figure over the same places. */
export interface ChartSeries {
  readonly label: string
  readonly values: readonly (number | null)[]
  /** The period before, place by place. */
  readonly previous?: readonly (number | null)[]
  /** The whole, where there is one; it is said beside the picture. */
  readonly total?: number | null
}

/**
 * Somebody chose a part of a picture: places `from` to `to`, both of them in, as they were given; `series` counts
 * the figures from 0. In a heat map a place is `(weekday - 1) * 24 + hour`.
 */
export class ChartChosenEvent extends CustomEvent<{
  readonly series: number
  readonly from: number
  readonly to: number
}> {
  constructor(from: number, to = from, series = 0) {
    super('ringside-chart-chosen', { detail: { series, from, to }, bubbles: true, composed: false })
  }
}

/** A place in full; names of queues come from the phone network. */
export function titleOf({ label, title }: ChartLabel): string {
  return plain(title ?? label)
}
