/** Long periods by weeks: more points than the eye tells apart are a blur, and take an hour by keyboard. */
import { t } from '../../i18n/t.ts'
import { type ChartLabel, type ChartSeries, titleOf } from './chart.ts'

/** A quarter of a year is shown by days. */
const MOST = 92
const WEEK = 7

/** Points to draw, and which of the given places each stands for. */
export interface Points {
  readonly places: readonly (ChartLabel & { readonly from: number; readonly to: number })[]
  readonly series: readonly ChartSeries[]
  readonly isThinned: boolean
}

/**
 * Seven days become their average day: a week that the period cuts is then as high as the others, which a sum would
 * not be. Only numbers of things may be averaged like this; times and shares stay days.
 */
export function pointsOf(
  labels: readonly ChartLabel[],
  series: readonly ChartSeries[],
  mayThin: boolean,
): Points {
  if (!mayThin || labels.length <= MOST) {
    const places = labels.map((label, at) => ({ ...label, from: at, to: at }))
    return { places, series, isThinned: false }
  }
  const starts = [...Array(Math.ceil(labels.length / WEEK)).keys()].map((week) => week * WEEK)
  const places = starts.map((from) => {
    const to = Math.min(from + WEEK, labels.length) - 1
    const [first, last] = [labels[from], labels[to]]
    const title = t('charts.span', {
      from: first === undefined ? '' : titleOf(first),
      to: last === undefined ? '' : titleOf(last),
    })
    return { label: first?.label ?? '', title, from, to }
  })
  return { places, series: series.map(weekly), isThinned: true }
}

function weekly(series: ChartSeries): ChartSeries {
  const { values, previous } = series
  if (previous === undefined) return { ...series, values: averages(values) }
  return { ...series, values: averages(values), previous: averages(previous) }
}

function averages(values: readonly (number | null)[]): (number | null)[] {
  const weeks = [...Array(Math.ceil(values.length / WEEK)).keys()]
  return weeks.map((week) => {
    const known = values.slice(week * WEEK, (week + 1) * WEEK).filter((value) => value !== null)
    if (known.length === 0) return null
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length
    return mean >= 100 ? Math.round(mean) : Math.round(mean * 10) / 10
  })
}
