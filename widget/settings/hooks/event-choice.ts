/** Which events a webhook is told of, as boxes to tick. */
import { html, nothing, type TemplateResult } from 'lit'
import { t } from '../../i18n/t.ts'
import type { FieldErrors } from '../admin-api.ts'
import { EVENTS, type HookEvent } from './contract.ts'
import { eventText } from './words.ts'

/** Null: all events. */
export type Events = readonly string[] | null

export interface EventChoiceOptions {
  readonly events: Events
  readonly errors: FieldErrors
  readonly onChange: (events: Events) => void
}

/** All events, or some of them. */
export function eventChoice({ events, errors, onChange }: EventChoiceOptions): TemplateResult {
  const toggle = (event: HookEvent, isChosen: boolean) =>
    onChange(EVENTS.filter((one) => (one === event ? isChosen : events?.includes(one))))
  const box = (
    event: HookEvent,
  ) => html`<label class="check"><input type="checkbox" name="event" value=${event}
    .checked=${events?.includes(event) ?? false}
    @change=${(change: Event) => toggle(event, (change.target as HTMLInputElement).checked)}>
    <span>${eventText(event)} <code class="small muted line" dir="ltr">${event}</code></span></label>`
  const choice = (
    isAll: boolean,
    content: unknown,
  ) => html`<label class="check"><input type="radio" name="which"
    .checked=${(events === null) === isAll} @change=${() => onChange(isAll ? null : [...EVENTS])}>
    <span>${content}</span></label>`
  const isMissing = errors.events !== undefined || events?.length === 0
  return html`<fieldset aria-describedby=${isMissing ? 'events-error' : nothing}><legend>${t('hooks.events')}</legend>
    ${choice(true, html`${t('hooks.allEvents')} <span class="small muted line">${t('hooks.allEventsHint')}</span>`)}
    ${choice(false, t('hooks.someEvents'))}
    ${events === null ? nothing : html`<div class="indent columns events">${EVENTS.map(box)}</div>`}
    ${isMissing ? html`<p class="bad" id="events-error">${t('hooks.eventsMissing')}</p>` : nothing}
  </fieldset>`
}
