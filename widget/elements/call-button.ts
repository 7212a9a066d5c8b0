/** A number that can be called with one click: by the PBX where it can, else by whatever takes `tel:` links (POP-10). */
import { html, nothing, type TemplateResult } from 'lit'
import type { PhoneView } from '../../server/http/schemas.ts'
import { dial } from '../client/call-control.ts'
import type { Client } from '../client/client.ts'
import { isAnonymous } from '../client/select.ts'
import { selectCanDial } from '../client/select-controls.ts'
import { phone } from '../format.ts'
import { t } from '../i18n/t.ts'
import type { Actions } from './action.ts'
import { phoneIcon } from './icons.ts'
import { whyNot } from './refusal.ts'

/** The button, or nothing for a hidden number; `callError` goes beneath. */
export function callButton(
  client: Client,
  actions: Actions,
  value: PhoneView | null,
): TemplateResult | typeof nothing {
  const number = dialledNumber(value)
  if (value === null || number === null) return nothing
  const label = t('case.callUser', { number: phone(value) })
  const content = html`${phoneIcon('outgoing')}<bdi class="num">${phone(value)}</bdi>`
  if (!selectCanDial(client.state)) {
    return html`<a class="button" href="tel:${number}" aria-label=${label}>${content}</a>`
  }
  const key = `dial ${number}`
  return html`<button class="button call" aria-label=${label} aria-busy=${actions.isBusy(key)}
    @click=${() => void actions.run(key, () => dial(client, number))}>${content}</button>`
}

/** Why the number was not dialled. */
export function callError(actions: Actions, value: PhoneView | null) {
  return whyNot(actions, `dial ${dialledNumber(value)}`)
}

/** What is dialled to call back, or null where there is nobody to call. */
export function dialledNumber(value: PhoneView | null): string | null {
  if (value === null || isAnonymous(value)) return null
  return (value.e164 ?? value.raw.replaceAll(/[^\d+*#]/g, '')) || null
}
