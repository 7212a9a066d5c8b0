/** The bar above all reports: it stays as it is when another report is chosen. */
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { currentLocale, t } from '../i18n/t.ts'
import { type Choice, troubleOf } from './choice.ts'
import { isTimeZone, PERIODS, type PeriodName } from './days.ts'
import type { SeveralEvent, SeveralItem } from './several.ts'
import { queueText } from './words.ts'

export interface FilterOptions {
  readonly choice: Choice
  readonly usual: Choice
  readonly agents: readonly SeveralItem[]
  readonly queues: readonly string[]
  /** What was typed as a time zone and is none; null: all is well. */
  readonly badTz: string | null
  readonly onChange: (change: Partial<Choice>) => void
  readonly onBadTz: (text: string | null) => void
  readonly onQueues: () => void
}

export function renderFilters(options: FilterOptions): TemplateResult {
  const { choice, onChange } = options
  return html`<div class="filters" role="group" aria-label=${t('reports.filters')}>
    ${renderPeriod(options)}
    <ringside-report-several .label=${t('reports.agents')} .all=${t('reports.everybody')} .items=${options.agents}
      .values=${choice.agentIds} @ringside-several=${({ detail }: SeveralEvent) => onChange({ agentIds: detail })}></ringside-report-several>
    <ringside-report-several .label=${t('reports.queues')} .all=${t('reports.anyQueue')} .items=${queueItems(options)}
      .values=${choice.queues} @ringside-several-open=${options.onQueues}
      @ringside-several=${({ detail }: SeveralEvent) => onChange({ queues: detail })}></ringside-report-several>
    ${select(
      'direction',
      t('reports.direction'),
      choice.direction,
      [
        ['', t('reports.anyDirection')],
        ['incoming', t('reports.incoming')],
        ['outgoing', t('reports.outgoing')],
      ],
      (direction) => onChange({ direction }),
    )}
    ${renderZone(options)}
    ${
      isUsual(options)
        ? nothing
        : html`<button class="quiet reset" @click=${() => onChange(filtersOf(options.usual))}>${t('reports.reset')}</button>`
    }
  </div>`
}

function renderPeriod({ choice, onChange, usual }: FilterOptions): TemplateResult {
  const names = PERIODS.map((name) => [name, t(`reports.period.${name}`)] as const)
  const trouble = troubleOf(choice)
  return html`${select('period', t('reports.period'), choice.period, names, (period: PeriodName) => onChange({ period }), usual.period)}
    ${
      choice.period === 'range'
        ? html`<div class="range">${day('from', choice, onChange, trouble !== null)}${day('to', choice, onChange, trouble !== null)}
            ${trouble === null || trouble === 'missing' ? nothing : html`<p class="red small" id="range-trouble" role="alert">${t(`reports.${trouble}`)}</p>`}</div>`
        : nothing
    }`
}

function day(
  key: 'from' | 'to',
  choice: Choice,
  onChange: FilterOptions['onChange'],
  isWrong: boolean,
): TemplateResult {
  return html`<div class="field"><label for=${key}>${t(`reports.${key}`)}</label>
    <input id=${key} name=${key} type="date" .value=${choice[key]} aria-describedby=${isWrong ? 'range-trouble' : nothing}
      @change=${(event: Event) => onChange({ [key]: (event.target as HTMLInputElement).value })}></div>`
}

/** A list to search in: typing narrows it down. */
function renderZone({ choice, badTz, onChange, onBadTz }: FilterOptions): TemplateResult {
  const onZone = ({ target }: Event) => {
    const text = (target as HTMLInputElement).value.trim().replaceAll(' ', '_')
    const tz = zones().find((one) => one.toLowerCase() === text.toLowerCase()) ?? text
    const isGood = isTimeZone(tz)
    onBadTz(isGood ? null : text)
    if (isGood) onChange({ tz })
  }
  const isBad = badTz !== null
  return html`<div class="field"><label for="tz">${t('reports.tz')}</label>
    <input id="tz" name="tz" list="zones" dir="ltr" autocomplete="off" spellcheck="false" .value=${badTz ?? choice.tz}
      aria-invalid=${isBad ? 'true' : nothing} aria-describedby=${isBad ? 'tz-trouble' : nothing}
      @focus=${(event: Event) => (event.target as HTMLInputElement).select()} @change=${onZone}>
    <datalist id="zones">${repeat(zones(), (zone) => html`<option value=${zone}></option>`)}</datalist>
    ${isBad ? html`<p class="red small" id="tz-trouble" role="alert">${t('reports.badTz')}</p>` : nothing}</div>`
}

/** A list with its label; what is not as usual is marked. */
export function select<T extends string>(
  name: string,
  label: string,
  value: T,
  options: readonly (readonly [T, string])[],
  onChoose: (value: T) => void,
  usual: string = options[0]?.[0] ?? '',
): TemplateResult {
  // The values of the list are those that it was made of.
  const onChange = ({ target }: Event) => onChoose((target as HTMLSelectElement).value as T)
  return html`<div class="field"><label for=${name}>${label}</label>
    <select id=${name} name=${name} class=${value === usual ? '' : 'on'} @change=${onChange}>${options.map(
      ([one, text]) => html`<option value=${one} .selected=${one === value}>${text}</option>`,
    )}</select></div>`
}

function queueItems({ queues, choice }: FilterOptions): SeveralItem[] {
  return [...new Set([...queues, ...choice.queues])]
    .sort((a, b) => a.localeCompare(b, currentLocale()))
    .map((value) => ({ value, label: queueText(value) }))
}

const filtersOf = ({ report: _, by: _by, ...filters }: Choice): Partial<Choice> => filters

function isUsual({ choice, usual }: FilterOptions): boolean {
  const { period, tz, agentIds, queues, direction } = choice
  const isAll = agentIds.length === 0 && queues.length === 0 && direction === ''
  return isAll && period === usual.period && tz === usual.tz
}

/** Browsers take these names, but some list only those of old: Calcutta, Katmandu, Kiev. */
const RENAMED = [
  ...['America/Argentina/Buenos_Aires', 'America/Nuuk', 'Asia/Ho_Chi_Minh', 'Asia/Kathmandu'],
  ...['Asia/Kolkata', 'Asia/Yangon', 'Atlantic/Faroe', 'Europe/Kyiv', 'Pacific/Kanton', 'UTC'],
]
let known: readonly string[] | undefined

/** All that the browser knows; asked once, since it makes the list anew each time. */
function zones(): readonly string[] {
  const all = () => [...RENAMED.filter(isTimeZone), ...Intl.supportedValuesOf('timeZone')]
  known ??= [...new Set(all())].sort()
  return known
}
