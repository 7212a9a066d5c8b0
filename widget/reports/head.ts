/** What stands above a report: which one, when it was made, what went wrong. */
import { html, nothing, type TemplateResult } from 'lit'
import type { ReportNameView, ReportView } from '../../server/http/report-schemas.ts'
import { errorText } from '../elements/action.ts'
import { clockTime } from '../format-time.ts'
import { t } from '../i18n/t.ts'
import { REPORTS } from './choice.ts'
import { durationText, workingTimeText } from './words.ts'

/** The reports side by side, or as a list to choose from where it is narrow. */
export function renderNav(
  shown: ReportNameView,
  onChoose: (report: ReportNameView) => void,
): TemplateResult {
  const link = (
    one: ReportNameView,
  ) => html`<li><button class="quiet" aria-current=${one === shown ? 'page' : nothing}
    @click=${() => onChoose(one)}>${t(`reports.${one}`)}</button></li>`
  const option = (one: ReportNameView) =>
    html`<option value=${one} .selected=${one === shown}>${t(`reports.${one}`)}</option>`
  // The options are the reports.
  const onChange = ({ target }: Event) =>
    onChoose((target as HTMLSelectElement).value as ReportNameView)
  return html`<nav aria-label=${t('reports.title')}><ul>${REPORTS.map(link)}</ul>
    <select aria-label=${t('reports.report')} @change=${onChange}>${REPORTS.map(option)}</select></nav>`
}

/** `shown`: the report, once it is there; `acts`: what can be done with it then. */
export function renderTitle(
  report: ReportNameView,
  shown: ReportView | null,
  acts: unknown,
): TemplateResult {
  return html`<div class="head"><div><h2 tabindex="-1">${t(`reports.${report}`)}</h2>
    <p class="muted">${t(`reports.about.${report}`)} ${shown === null ? '' : targetOf(shown)}</p></div>${acts}</div>`
}

/** By what the admins set, its figures say kept or missed. */
function targetOf({ columns, targets }: ReportView): string {
  if (columns.some(({ key }) => key === 'serviceLevel'))
    return t('reports.withinSeconds', { duration: durationText(targets.serviceLevelSeconds) })
  if (columns.some(({ key }) => key === 'slaResolutionViolated'))
    return t('reports.target', { duration: workingTimeText(targets.resolutionSeconds) })
  return ''
}

export interface Acts {
  /** When the figures came. */
  readonly at: number
  readonly isLoading: boolean
  readonly isSaving: boolean
  readonly onReload: () => void
  readonly onSave: () => void
}

export function renderActs({ at, isLoading, isSaving, onReload, onSave }: Acts): TemplateResult {
  const time = clockTime(new Date(at).toISOString())
  return html`<div class="acts"><span class="small muted num">${t('reports.asOf', { time })}</span>
    <button aria-busy=${isLoading} @click=${onReload}>${t('reports.refresh')}</button>
    <button aria-busy=${isSaving} @click=${onSave}>${t('reports.csv')}</button></div>`
}

/** Why there are no figures, or only those of before. */
export function renderTrouble(
  error: unknown,
  hasOld: boolean,
  onRetry: () => void,
): TemplateResult | typeof nothing {
  if (error === undefined) return nothing
  return html`<div class="note error row" role="alert"><span class="grow">${errorText(error)} ${hasOld ? t('reports.oldFigures') : ''}</span>
    <button class="small" @click=${onRetry}>${t('retry')}</button></div>`
}
