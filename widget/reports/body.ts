/** A report as it is shown: key figures, the picture, the table. */
import { html, type LitElement, nothing, type TemplateResult } from 'lit'
import type {
  ReportColumnView,
  ReportGroupView,
  ReportView,
} from '../../server/http/report-schemas.ts'
import { later } from '../elements/define.ts'
import { t } from '../i18n/t.ts'
import { renderCards } from './cards.ts'
import { type Choice, GROUPINGS } from './choice.ts'
import { dayIn } from './days.ts'
import { columnsOf, isTime, PICTURED, SETS, type SetName, USUAL_ROWS } from './figures.ts'
import { select } from './filters.ts'
import type { PictureOptions } from './pictures.ts'
import type { FigureAt, FigureEvent } from './report-table.ts'
import { figureName, type Names, periodText } from './words.ts'

let renderPicture: ((options: PictureOptions) => TemplateResult) | null = null

export interface BodyOptions {
  readonly host: LitElement
  readonly report: ReportView
  readonly before: ReportView | null
  readonly choice: Choice
  readonly now: number
  readonly names: Names
  /** What the picture shows; empty: what the report is about. */
  readonly figure: string
  readonly set: SetName
  readonly isSlow: boolean
  readonly onFigure: (figure: FigureAt) => void
  readonly onBy: (by: Choice['by']) => void
  readonly onPicture: (figure: string) => void
  readonly onSet: (set: SetName) => void
}

export function renderBody(options: BodyOptions): TemplateResult {
  const { report, choice, now } = options
  const before = periodText(report.previousFrom, report.previousTo, report.tz)
  const { agentIds, queues, direction } = choice
  const hasFilters = agentIds.length + queues.length > 0 || direction !== ''
  return html`<div class="main" aria-busy=${options.isSlow}>
    <p><span class="strong">${periodText(report.from, report.to, report.tz)}</span>
      <span class="muted">${t('reports.compared', { period: before })} ${Date.parse(report.to) > now ? t('reports.notOver') : ''}</span></p>
    ${isEmpty(report) ? html`<p class="note">${t(hasFilters ? 'reports.emptyFilters' : 'reports.empty')}</p>` : nothing}
    ${renderCards(report, (key) => options.onFigure({ key, of: 'total', isCard: true }))}
    ${isEmpty(report) ? nothing : renderPicturePart(options)}
    ${renderTablePart(options)}</div>`
}

/** Days that are still to come are not days on which nothing happened. */
export function withoutFuture(report: ReportView, now: number): ReportView {
  if (report.by !== 'day' || Date.parse(report.to) <= now) return report
  const today = dayIn(report.tz, now)
  return { ...report, rows: report.rows.filter(({ group }) => (group.date ?? '') <= today) }
}

function isEmpty({ total }: ReportView): boolean {
  return Object.values(total).every((value) => !value)
}

function renderPicturePart(options: BodyOptions): TemplateResult | typeof nothing {
  const { report, names, before, figure, onFigure, onPicture, host } = options
  const shown = report.columns.filter(({ applies }) => applies)
  const wanted = figure || PICTURED[report.report]
  const column = shown.find(({ key }) => key === wanted) ?? shown[0]
  if (column === undefined || report.by === 'none') return nothing
  const onChoose = (from: ReportGroupView, to: ReportGroupView) =>
    onFigure({ key: column.key, of: from, until: to })
  const choices = shown.map(({ key }) => [key, figureName(key)] as const)
  return html`<section class="part" aria-labelledby="picture-title"><div class="head"><h3 id="picture-title">${t('reports.picture')}</h3>
      <div class="acts">${select('figure', t('reports.pictureOf'), column.key, choices, onPicture, PICTURED[report.report])}</div></div>
    <div class="picture">${renderPicture === null ? loadPictures(host) : renderPicture({ report, before, column, names, onChoose })}</div></section>`
}

/** They come with the first report that has one; until then, and where they cannot be had, the table says it all. */
function loadPictures(host: LitElement): typeof nothing {
  later(
    import('./pictures.ts').then((part) => {
      renderPicture = part.renderPicture
      host.requestUpdate()
    }),
  )
  return nothing
}

function renderTablePart(options: BodyOptions): TemplateResult {
  const { report, set, names } = options
  const columns = columnsOf(report.report, report.columns, set)
  const label = t('reports.caption', {
    report: t(`reports.${report.report}`),
    period: periodText(report.from, report.to, report.tz),
    tz: report.tz,
  })
  return html`<section class="part" aria-labelledby="table-title"><div class="head"><h3 id="table-title">${t('reports.table')}</h3>
      <div class="acts">${renderRowsChoice(options)}${report.columns.some(({ key }) => isTime(key)) ? renderSets(options) : nothing}</div></div>
    <ringside-report-table .report=${report} .columns=${columns} .names=${names} .label=${label}
      @ringside-figure=${({ detail }: FigureEvent) => options.onFigure(detail)}></ringside-report-table>
    ${columns.every(addsUp) ? nothing : html`<p class="small muted">${t('reports.sumNot')}</p>`}</section>`
}

/** Nobody expects averages to add up. */
function addsUp({ adds, unit, applies }: ReportColumnView): boolean {
  return adds || unit !== 'count' || !applies
}

function renderRowsChoice({ report, choice, onBy }: BodyOptions): TemplateResult {
  const options = GROUPINGS.map((by) => [by, t(`reports.by.${by}`)] as const)
  const usual = USUAL_ROWS[report.report]
  const onChoose = (by: (typeof GROUPINGS)[number]) => onBy(by === usual ? '' : by)
  return select('by', t('reports.by'), choice.by || usual, options, onChoose, usual)
}

function renderSets({ set, onSet }: BodyOptions): TemplateResult {
  const options = SETS.map((one) => [one, t(`reports.set.${one}`)] as const)
  return select('set', t('reports.columns'), set, options, onSet)
}
