/** Why the PBX did not do what was asked, in words. */
import { html, nothing, type TemplateResult } from 'lit'
import { ApiError } from '../client/api.ts'
import type { Refusal } from '../client/control-state.ts'
import { plain } from '../format.ts'
import { enCall } from '../i18n/en-call.ts'
import { addEnglish, t } from '../i18n/t.ts'
import { type Actions, errorText } from './action.ts'

addEnglish(enCall)

const CODES = [
  'not-supported',
  'wrong-state',
  'refused-by-pbx',
  'pbx-away',
  'not-yours',
  'offline',
] as const

/** `“Hold” did not work. The PBX refused: no such channel`. */
export function refusalText({ name, code, detail }: Refusal): string {
  return `${t('refused.title', { action: t(`do.${name}`) })} ${reason(code, detail) ?? plain(detail)}`
}

/** Why something could not be done, for people. */
export function whyText(error: unknown): string {
  const known = error instanceof ApiError ? reason(error.code, error.message) : null
  return known ?? errorText(error)
}

/** The error of an element's action, in place. */
export function whyNot(actions: Actions, key: string): TemplateResult | typeof nothing {
  const error = actions.failure(key)
  if (error === undefined) return nothing
  return html`<p class="note error small" role="alert">${whyText(error)}</p>`
}

function reason(code: string, detail: string): string | null {
  const known = CODES.find((one) => one === code)
  if (known === undefined) return null
  // How it is away is for those who look into the log.
  return `${t(`refused.${known}`)} ${known === 'pbx-away' ? '' : plain(detail)}`.trim()
}
