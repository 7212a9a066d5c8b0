/** The key figures of a report, each with that of the period before. */
import { html, nothing, type TemplateResult } from 'lit'
import type { ReportColumnView, ReportView } from '../../server/http/report-schemas.ts'
import { currentLocale, t } from '../i18n/t.ts'
import { betterWay, isTime, MEASURES, TIMES } from './figures.ts'
import { type Change, canBeOpened, changeOf, figureName, figureText } from './words.ts'

/** Opens what is behind a figure of the whole report. */
export type OnFigure = (key: string) => void

export function renderCards(report: ReportView, onFigure: OnFigure): TemplateResult {
  const { columns } = report
  const own = columns.filter(({ key, applies }) => applies && !isTime(key))
  const hasTimes = own.some(({ unit }) => unit === 'seconds')
  return html`<ul class=${hasTimes ? 'cards wide' : 'cards'} aria-label=${t('reports.figures')}>${own.map(
    (column) => html`<li>${renderCard(report, column, onFigure)}</li>`,
  )}</ul>
  ${renderNotApplying(columns)}
  ${columns.some(({ key }) => isTime(key)) ? renderTimes(report, onFigure) : nothing}`
}

function renderCard(
  report: ReportView,
  column: ReportColumnView,
  onFigure: OnFigure,
): TemplateResult {
  const { key, unit } = column
  const name = html`<span class="name">${figureName(key)}<span class="sr">: </span></span>`
  const value = report.total[key]
  const text = figureText(value, unit)
  const inside = html`${name}<span class="value num ${unit}">${text}${value == null ? html`<span class="sr">${t('reports.noValue')}</span>` : nothing}</span>
    ${renderChange(report, column)}`
  if (!canBeOpened(value, unit)) return html`<div class="card">${inside}</div>`
  return html`<button class="card" data-figure="card:${key}" @click=${() => onFigure(key)}>${inside}</button>`
}

function renderChange(report: ReportView, { key, unit }: ReportColumnView) {
  const before = report.previous[key]
  const change = changeOf(report.total[key], before, unit)
  if (change === null) return nothing
  const old = t('reports.before', { value: figureText(before, unit) })
  return html`<span class="change small"><span class="sr">. ${change.sentence}</span>
    <span aria-hidden="true">${arrow(change, key)}<span class="muted num">${old}</span></span></span>`
}

/** The direction is a sign; it is coloured only where more or less is better. */
function arrow({ sign, text }: Change, key: string): TemplateResult | typeof nothing {
  if (sign === 0) return html`<span class="muted">=</span> `
  const way = betterWay(key) * sign
  const colour = way === 0 ? '' : way > 0 ? 'green' : 'red'
  return html`<span class="sign ${colour}">${sign > 0 ? '▲' : '▼'} <bdi>${text}</bdi></span> `
}

/** Said in words, in one place: a card each would be many cards that say nothing. */
function renderNotApplying(columns: readonly ReportColumnView[]): TemplateResult | typeof nothing {
  const names = columns.filter(({ applies }) => !applies).map(({ key }) => figureName(key))
  if (names.length === 0) return nothing
  const list = new Intl.ListFormat(currentLocale()).format(names)
  return html`<p class="off small muted">${t('reports.notApply', { figures: list, count: names.length })}</p>`
}

/** Times of calls: average, median and 90th percentile side by side. */
function renderTimes(report: ReportView, onFigure: OnFigure): TemplateResult {
  const has = (key: string) => report.columns.some((column) => column.key === key)
  const cell = (key: string) => {
    const value = report.total[key]
    const text = figureText(value, 'seconds')
    if (value == null)
      return html`<td class="num">${text}<span class="sr">${t('reports.noValue')}</span></td>`
    return html`<td class="num"><button class="figure" data-figure="card:${key}" aria-label="${figureName(key)}: ${text}"
      @click=${() => onFigure(key)}>${text}</button>${renderChange(report, { key, unit: 'seconds', applies: true, adds: false })}</td>`
  }
  return html`<div class="scroll"><table class="times"><caption class="sr">${t('reports.times')}</caption>
    <thead><tr><th scope="col">${t('reports.times')}</th><th scope="col">${t('reports.average')}</th>
      <th scope="col">${t('reports.median')}</th><th scope="col">${t('reports.ninetieth')}</th></tr></thead>
    <tbody>${TIMES.filter((time) => has(`${time}Seconds`)).map(
      (time) =>
        html`<tr><th scope="row">${t(`reports.${time}`)}</th>${MEASURES.map((measure) => cell(`${time}${measure}`))}</tr>`,
    )}</tbody></table></div>`
}
