/** The picture of a report: by days a trend, by hours of a week a heat map, by names bars. */
import { html, type TemplateResult } from 'lit'
import type {
  ReportColumnView,
  ReportGroupView,
  ReportView,
} from '../../server/http/report-schemas.ts'
import { currentLocale } from '../i18n/t.ts'
import './charts/bars.ts'
import type { ChartChosenEvent, ChartLabel, ChartSeries } from './charts/chart.ts'
import './charts/distribution.ts'
import './charts/heat-map.ts'
import './charts/trend.ts'
import { figureName, figureText, groupText, type Names } from './words.ts'

const HOURS = 24

export interface PictureOptions {
  readonly report: ReportView
  /** The same by days of the period before, once it has come. */
  readonly before: ReportView | null
  readonly column: ReportColumnView
  readonly names: Names
  /** Groups from one to another, both of them in. */
  readonly onChoose: (from: ReportGroupView, to: ReportGroupView) => void
}

/** One figure of a report as a picture. */
export function renderPicture(options: PictureOptions): TemplateResult {
  switch (options.report.by) {
    case 'day':
      return renderTrend(options)
    case 'hour-of-week':
      return renderHeatMap(options)
    case 'hour':
      return renderDistribution(options, 'columns')
    case 'agent':
      return renderBars(options)
    default:
      // Shares are of a whole that adds up; averages and ratios are not.
      return options.column.adds ? renderDistribution(options, 'shares') : renderBars(options)
  }
}

function renderTrend(options: PictureOptions): TemplateResult {
  const { report, before, column } = options
  const { key, unit } = column
  const valuesOf = ({ rows }: ReportView) => rows.map(({ values }) => values[key] ?? null)
  const series: ChartSeries = {
    label: figureName(key),
    values: valuesOf(report),
    total: column.adds ? (report.total[key] ?? null) : null,
    ...(before && { previous: valuesOf(before) }),
  }
  return html`<ringside-trend .label=${figureName(key)} .places=${days(report)} .series=${[series]} .unit=${unit}
    .format=${formatOf(column)} @ringside-chart-chosen=${chosenIn(options)}></ringside-trend>`
}

function renderHeatMap({ report, column, onChoose }: PictureOptions): TemplateResult {
  const values: (number | null)[] = Array(7 * HOURS).fill(null)
  for (const { group, values: row } of report.rows)
    values[((group.weekday ?? 1) - 1) * HOURS + (group.hour ?? 0)] = row[column.key] ?? null
  const onChosen = ({ detail }: ChartChosenEvent) => {
    const group = { weekday: Math.floor(detail.from / HOURS) + 1, hour: detail.from % HOURS }
    if (values[detail.from]) onChoose(group, group)
  }
  return html`<ringside-heat-map .label=${figureName(column.key)} .values=${values} .total=${totalOf(report, column)}
    .format=${formatOf(column)} @ringside-chart-chosen=${onChosen}></ringside-heat-map>`
}

function renderBars(options: PictureOptions): TemplateResult {
  const { report, column, names } = options
  const values = report.rows.map(({ group, values: row }) => ({
    label: groupText(group, report.by, names),
    value: row[column.key] ?? null,
    isLast: report.by === 'agent' && (group.agentId ?? null) === null,
  }))
  return html`<ringside-bars .label=${figureName(column.key)} .values=${values} .total=${totalOf(report, column)}
    .format=${formatOf(column)} @ringside-chart-chosen=${chosenIn(options)}></ringside-bars>`
}

function renderDistribution(options: PictureOptions, kind: 'shares' | 'columns'): TemplateResult {
  const { report, column, names } = options
  const short = new Intl.DateTimeFormat(currentLocale(), { hour: 'numeric', timeZone: 'UTC' })
  const values = report.rows.map(({ group, values: row }) => {
    const title = groupText(group, report.by, names)
    const label = report.by === 'hour' ? short.format(Date.UTC(2024, 0, 1, group.hour)) : title
    return { label, title, value: row[column.key] ?? null }
  })
  return html`<ringside-distribution .label=${figureName(column.key)} .values=${values} .kind=${kind}
    .total=${totalOf(report, column)} .unit=${column.unit} .format=${formatOf(column)}
    @ringside-chart-chosen=${chosenIn(options)}></ringside-distribution>`
}

/** Places are rows as they were given. */
function chosenIn({ report, column, onChoose }: PictureOptions) {
  return ({ detail }: ChartChosenEvent): void => {
    const rows = report.rows.slice(detail.from, detail.to + 1)
    const [first, last] = [rows[0], rows.at(-1)]
    if (first === undefined || last === undefined) return
    if (rows.some(({ values }) => values[column.key])) onChoose(first.group, last.group)
  }
}

function days({ rows }: ReportView): ChartLabel[] {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(currentLocale(), { ...options, timeZone: 'UTC' })
  const [short, full] = [format({ day: 'numeric', month: 'short' }), format({ dateStyle: 'full' })]
  return rows.map(({ group }) => {
    const day = Date.parse(group.date ?? '')
    return { label: short.format(day), title: full.format(day) }
  })
}

const formatOf =
  ({ unit }: ReportColumnView) =>
  (value: number): string =>
    figureText(value, unit)

/** Said beside the picture where the parts make it up. */
function totalOf({ total }: ReportView, { key, adds }: ReportColumnView): number | null {
  return adds ? (total[key] ?? null) : null
}
