/** Webhooks in plain words. */
import { html, nothing, type TemplateResult } from 'lit'
import { plain } from '../../format.ts'
import { fullTime, when } from '../../format-time.ts'
import { t } from '../../i18n/t.ts'
import { type Delivery, EVENTS, type Hook } from './contract.ts'

/** `A call ended`; an event of a later version by its name. */
export function eventText(type: string): string {
  if (type === 'ping') return t('hooks.event.ping')
  const known = EVENTS.find((one) => one === type)
  return known === undefined ? plain(type) : t(`hooks.event.${known}`)
}

/** `3 events`, with their names on the pointer. */
export function eventsText(events: readonly string[] | null): TemplateResult {
  if (events === null) return html`${t('hooks.allEvents')}`
  const names = events.map(eventText).join(', ')
  return events.length === 1
    ? html`${names}`
    : html`<span title=${names}>${t('hooks.eventCount', { count: events.length })}</span>`
}

/** How a webhook is, with the reason where it is not well. */
export function health(hook: Hook, now: number): TemplateResult {
  const { state, stateAt, reason, deliveredAt, pending } = hook
  switch (state) {
    case 'failing':
      return told('red', 'failing', sinceText('hooks.failingSince', stateAt, reason, now))
    case 'disabled':
      return told('', 'disabled', sinceText('hooks.disabledBecause', stateAt, reason, now))
    case 'retrying': {
      const why = sinceText('hooks.triedAt', stateAt, reason, now)
      return told('pending', 'trouble', `${why} · ${t('hooks.pending', { count: pending })}`)
    }
    default:
      return deliveredAt === null ? told('', 'new', '') : told('green', 'active', '')
  }
}

function told(
  colour: string,
  state: 'new' | 'active' | 'trouble' | 'failing' | 'disabled',
  why: string,
): TemplateResult {
  return html`<span class="tag ${colour}">${t(`hooks.state.${state}`)}</span>
    ${why === '' ? nothing : html`<span class="small muted why">${why}</span>`}`
}

function sinceText(
  key: 'hooks.failingSince' | 'hooks.disabledBecause' | 'hooks.triedAt',
  at: string | null,
  reason: string | null,
  now: number,
): string {
  return at === null
    ? plain(reason ?? '')
    : t(key, { at: when(at, now), reason: plain(reason ?? '') })
}

/** The state of a delivery, when it is tried again, and how often it was. */
export function deliveryState(delivery: Delivery, now: number): TemplateResult {
  const { attempts } = delivery
  return html`${stateTag(delivery, now)}
    ${attempts < 2 ? nothing : html`<span class="small muted why">${t('hooks.attempts', { count: attempts })}</span>`}`
}

function stateTag({ state, attempts, nextAt }: Delivery, now: number): TemplateResult {
  if (state === 'pending' && attempts > 0 && nextAt !== null) {
    return html`<span class="tag pending" title=${fullTime(nextAt)}>${t('hooks.delivery.retry', { at: when(nextAt, now) })}</span>`
  }
  const colour = { waiting: '', pending: 'open', delivered: 'green', failed: 'red' }[state]
  return html`<span class="tag ${colour}">${t(`hooks.delivery.${state}`)}</span>`
}

/** What the receiver answered, and how fast; or why it does not count. */
export function answerText({ status, reason, milliseconds, state }: Delivery): TemplateResult {
  if (status === null && reason === null) return html`–`
  const said =
    state === 'delivered' || reason === null
      ? t('hooks.answer.status', { status: String(status) })
      : plain(reason)
  return milliseconds === null
    ? html`${said}`
    : html`${said} <span class="small muted">${t('hooks.answer.took', { ms: milliseconds })}</span>`
}
