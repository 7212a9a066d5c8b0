/** The filters above a list of cases. */
import { html, nothing, type TemplateResult } from 'lit'
import type { CaseQuery, Period } from '../client/case-query.ts'
import type { Client } from '../client/client.ts'
import { plain } from '../format.ts'
import { type Key, t } from '../i18n/t.ts'
import { missedIcon } from './icons.ts'

export interface FilterOptions {
  readonly query: CaseQuery
  readonly onAsk: (change: Partial<CaseQuery>) => void
}

const STATUSES: readonly [string, Key][] = [
  ['open,pending', 'cases.notClosed'],
  ['', 'cases.anyStatus'],
  ['open', 'status.open'],
  ['pending', 'status.pending'],
  ['closed', 'status.closed'],
]
const PERIODS: readonly [Period, Key][] = [
  ['', 'cases.anyTime'],
  ['today', 'cases.today'],
  ['week', 'cases.week'],
  ['month', 'cases.month'],
  ['range', 'cases.range'],
]

export function renderFilters(client: Client, options: FilterOptions): TemplateResult {
  const { query, onAsk } = options
  return html`<div class="filters" role="search">
    <div class="find"><input type="search" autocomplete="off" dir="auto" maxlength="500"
        aria-label=${t('cases.search')} placeholder=${t('cases.search')} .value=${query.text}
        @input=${(event: InputEvent) => onAsk({ text: fieldValue(event) })}>
      <button class="missed" aria-pressed=${query.isMissed} title=${t('cases.missed')}
        @click=${() => onAsk({ isMissed: !query.isMissed })}>${missedIcon()}${t('outcome.missed')}</button></div>
    <div class="choices">
      ${select('cases.status', query.status, named(STATUSES), (status) => onAsk({ status }))}
      ${select('cases.assignee', query.assignee, assignees(client, query.assignee), (assignee) => onAsk({ assignee }))}
      ${select('cases.period', query.period, named(PERIODS), (period) => onAsk({ period: period as Period }))}</div>
    ${query.period === 'range' ? renderDays(query, onAsk) : nothing}
  </div>`
}

function renderDays(query: CaseQuery, onAsk: FilterOptions['onAsk']): TemplateResult {
  const day = (key: 'from' | 'to') =>
    html`<input type="date" aria-label=${t(`cases.${key}`)} title=${t(`cases.${key}`)} .value=${query[key]}
      @change=${(event: Event) => onAsk({ [key]: fieldValue(event) })}>`
  return html`<div class="days">${day('from')}${day('to')}</div>`
}

type Option = readonly [value: string, label: string]

function select(
  label: Key,
  value: string,
  options: readonly Option[],
  onChoose: (value: string) => void,
): TemplateResult {
  return html`<select class=${value === options[0]?.[0] ? '' : 'on'} aria-label=${t(label)} title=${t(label)}
    @change=${(event: Event) => onChoose(fieldValue(event))}>${options.map(
      ([one, text]) => html`<option value=${one} .selected=${one === value}>${text}</option>`,
    )}</select>`
}

function named(options: readonly (readonly [string, Key])[]): Option[] {
  return options.map(([value, key]) => [value, t(key)])
}

function assignees(client: Client, chosen: string): Option[] {
  const { agents, me } = client.state
  const others = [...agents.values()]
    .filter((one) => one.id !== me?.id)
    .map((one): Option => [one.id, plain(one.name) || t('noName')])
    .sort(([, a], [, b]) => a.localeCompare(b))
  const all: Option[] = [
    ['', t('cases.anybody')],
    ['me', t('cases.mine')],
    ['none', t('cases.unassigned')],
    ...others,
  ]
  return all.some(([id]) => id === chosen) ? all : [...all, [chosen, t('noName')]]
}

function fieldValue(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value
}
