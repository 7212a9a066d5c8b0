/** Working hours by weekday, and holidays, as fields of a form. */
import { html, nothing, type TemplateResult } from 'lit'
import { closeIcon } from '../../elements/icons.ts'
import { currentLocale, t } from '../../i18n/t.ts'
import type { FieldErrors } from '../admin-api.ts'
import { inOrder, type WorkingDay } from './settings-draft.ts'

const WEEK = [1, 2, 3, 4, 5, 6, 7] as const
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000

/** The seven days; `onChange` gets all hours in the order of the week. */
export function renderDays(
  days: readonly WorkingDay[],
  errors: FieldErrors,
  onChange: (days: readonly WorkingDay[]) => void,
): TemplateResult {
  const change = (index: number, part: Partial<WorkingDay>) =>
    onChange(days.map((one, at) => (at === index ? { ...one, ...part } : one)))
  const remove = (index: number) => onChange(days.filter((_one, at) => at !== index))
  const add = (weekday: number) => onChange(inOrder([...days, nextHours(days, weekday)]))
  return html`<div class="week">${WEEK.map((weekday) => {
    const name = dayName(weekday)
    const own = days.flatMap((one, index) => (one.weekday === weekday ? [{ one, index }] : []))
    return html`<div class="day" role="group" aria-label=${name}><span class="strong">${name}</span>
      <div class="stack">
        ${own.length === 0 ? html`<span class="muted">${t('general.closed')}</span>` : nothing}
        ${own.map(({ one, index }) => renderHours(one, index))}
      </div>
      <button type="button" class="quiet small" aria-label=${t('general.addHours', { day: name })} @click=${() => add(weekday)}>+</button></div>`
  })}</div>`

  function renderHours(one: WorkingDay, index: number): TemplateResult {
    const day = dayName(one.weekday)
    const path = `workingHours.days.${index}`
    const error = errors[path] ?? errors[`${path}.from`] ?? errors[`${path}.to`]
    const time = (
      part: 'from' | 'to',
    ) => html`<input type="time" aria-label=${t(`general.${part}`, { day })}
      .value=${one[part] === '24:00' ? '00:00' : one[part]} aria-invalid=${error === undefined ? nothing : 'true'}
      aria-describedby=${error === undefined ? nothing : `hours-${index}`}
      @input=${(event: Event) => change(index, { [part]: toTime(part, event) })}>`
    return html`<div class="hours row">${time('from')}<span aria-hidden="true">–</span>${time('to')}
        <button type="button" class="icon" aria-label=${t('general.removeHours', { day })} @click=${() => remove(index)}>${closeIcon()}</button></div>
      ${error === undefined ? nothing : html`<p class="bad" id="hours-${index}">${error}</p>`}`
  }
}

/** Midnight at the end of a day is 24:00 there, which no browser's field knows. */
function toTime(part: 'from' | 'to', event: Event): string {
  const { value } = event.target as HTMLInputElement
  return part === 'to' && value === '00:00' ? '24:00' : value
}

/** As the day before has it; a second time after the first. */
function nextHours(days: readonly WorkingDay[], weekday: number): WorkingDay {
  const own = days.filter((one) => one.weekday === weekday)
  if (own.length > 0) return { weekday, from: own.at(-1)?.to ?? '14:00', to: '24:00' }
  const like = days.filter((one) => one.weekday < weekday).at(-1) ?? days[0]
  return { weekday, from: like?.from ?? '09:00', to: like?.to ?? '18:00' }
}

/** Holidays as a list to add to. */
export function renderHolidays(
  holidays: readonly string[],
  errors: FieldErrors,
  onChange: (holidays: readonly string[]) => void,
): TemplateResult {
  const add = (event: Event) => {
    const field = (event.target as Element).closest('.row')?.querySelector('input')
    if (!field?.value) return field?.focus()
    onChange([...new Set([...holidays, field.value])].sort())
    field.value = ''
    field.focus()
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    add(event)
  }
  const error = Object.entries(errors).find(([path]) => path.startsWith('workingHours.holidays'))
  return html`<div class="stack">
    ${holidays.length === 0 ? html`<p class="muted">${t('general.noHolidays')}</p>` : nothing}
    <ul class="holidays">${holidays.map((day) => {
      const name = dateName(day)
      return html`<li class="row"><span>${name}</span><button type="button" class="icon"
        aria-label=${t('general.removeHoliday', { day: name })}
        @click=${() => onChange(holidays.filter((one) => one !== day))}>${closeIcon()}</button></li>`
    })}</ul>
    <div class="row add"><input type="date" aria-label=${t('general.holiday')} @keydown=${onKey}>
      <button type="button" @click=${add}>${t('general.addHoliday')}</button></div>
    ${error === undefined ? nothing : html`<p class="bad" role="alert">${error[1]}</p>`}
  </div>`
}

function dayName(weekday: number): string {
  const format = new Intl.DateTimeFormat(currentLocale(), { weekday: 'long', timeZone: 'UTC' })
  return format.format(MONDAY + (weekday - 1) * DAY_MS)
}

function dateName(day: string): string {
  const format = new Intl.DateTimeFormat(currentLocale(), { dateStyle: 'medium', timeZone: 'UTC' })
  return format.format(Date.parse(day))
}
