/** Values as people read them. */
import type { CallView, PhoneView, UserView } from '../server/http/schemas.ts'
import { customerOf, isAnonymous } from './client/select.ts'
import { enBase } from './i18n/en-base.ts'
import { addEnglish, t } from './i18n/t.ts'

addEnglish(enBase)

/** `4:07`, `1:02:09`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** A number for people; a caller who hides theirs is said to be anonymous. */
export function phone(value: PhoneView): string {
  return isAnonymous(value) ? t('anonymous') : plain(value.display || value.raw)
}

/** The caller's name, or the number where nobody is known. */
export function callerName(call: CallView, users: readonly UserView[]): string {
  const user = users.length === 1 ? users[0] : undefined
  return user === undefined ? phone(customerOf(call)) : userName(user)
}

export function userName(user: UserView): string {
  return plain(user.name) || plain(user.email ?? '') || t('noName')
}

/** A value of a user's field as one line of text. */
export function fieldText(user: UserView, key: string): string {
  const values: Readonly<Record<string, unknown>> = Object.hasOwn(BUILT_IN, key)
    ? { ...user }
    : user.fields
  const value = Object.hasOwn(values, key) ? values[key] : null
  if (key === 'phones') return user.phones.map(phone).join(', ')
  if (typeof value === 'boolean') return value ? t('yes') : t('no')
  return value === null || value === undefined ? '' : plain(String(value))
}
const BUILT_IN = { name: 1, email: 1, company: 1, note: 1, phones: 1, externalId: 1 }

/** Text from outside without what would act on the text around it: controls, and marks that turn writing round. */
export function plain(text: string): string {
  return text
    .replaceAll(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g, '')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .trim()
}
