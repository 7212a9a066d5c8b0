/** What a picture shows, in words: for those who do not see it, and for everybody else beside it. */
import { enCharts } from '../../i18n/reports/en-charts.ts'
import { addEnglish, t } from '../../i18n/t.ts'
import { type ChartSeries, type ChartValue, type Format, titleOf } from './chart.ts'

addEnglish(enCharts)

type Known = ChartValue & { readonly value: number }

/** The largest, the smallest and the whole. */
export function findingOf(
  values: readonly ChartValue[],
  format: Format,
  total: number | null = null,
): string {
  const known = knownOf(values)
  const [first] = known
  if (first === undefined) return t('charts.nothing')
  const whole = total === null ? [] : [t('charts.total', { value: format(total) })]
  if (known.length === 1) return [ended(pointText(first, format)), ...whole].join(' ')
  if (known.every(({ value }) => value === first.value)) {
    return [t('charts.same', { value: format(first.value) }), ...whole].join(' ')
  }
  return [extremeOf(known, 'highest', format), extremeOf(known, 'lowest', format), ...whole].join(
    ' ',
  )
}

/** The same of several figures: of each its largest and the whole. */
export function findingsOf(
  places: readonly ChartValue[],
  series: readonly ChartSeries[],
  format: Format,
): string {
  const valuesOf = ({ values }: ChartSeries) =>
    places.map((place, at) => ({ ...place, value: values[at] ?? null }))
  const [only] = series
  if (only !== undefined && series.length === 1) {
    return findingOf(valuesOf(only), format, only.total ?? null)
  }
  const found = series.flatMap((one) => {
    const known = knownOf(valuesOf(one))
    if (known.length === 0) return []
    const finding = extremeOf(known, 'highest', format)
    return [t('charts.of', { series: one.label, finding })]
  })
  return found.length === 0 ? t('charts.nothing') : found.join(' ')
}

/** `Monday, 9–10: 12`. */
export function pointText(point: ChartValue, format: Format): string {
  return t('charts.point', { label: titleOf(point), value: valueText(point.value, format) })
}

/** The value, or that there is none. */
export function valueText(value: number | null, format: Format): string {
  return value === null ? t('charts.noValue') : format(value)
}

/** A sentence; some languages abbreviate units with a full stop, which is then its end: `3 Std.` */
function ended(text: string): string {
  return /\.\u2069?$/.test(text) ? text : `${text}.`
}

function knownOf(values: readonly ChartValue[]): Known[] {
  return values.filter((one): one is Known => one.value !== null)
}

/** Where it is, or how often where it is in more than one place. */
function extremeOf(known: readonly Known[], which: 'highest' | 'lowest', format: Format): string {
  const most = which === 'highest' ? Math.max : Math.min
  // Not by spreading: five years have more days than some browsers take arguments.
  const value = known.reduce((found, one) => most(found, one.value), known[0]?.value ?? 0)
  const places = known.filter((one) => one.value === value)
  const [first] = places
  if (first !== undefined && places.length === 1) {
    return t(`charts.${which}`, { label: titleOf(first), value: format(value) })
  }
  return t(`charts.${which}Often`, { value: format(value), count: places.length })
}
