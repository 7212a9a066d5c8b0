import {
  type CountryCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min'
import type { Phone } from './call.ts'

/** What PBXs send for a caller who hides their number (CALL-15). */
const ANONYMOUS = new Set([
  '',
  'anonymous',
  'unknown',
  '<unknown>',
  'restricted',
  'private',
  'unavailable',
  'withheld',
  'asterisk',
])

/**
 * A number as received becomes E.164 where it can be read as one: first by the rules of the
 * connection's country, then as an international number that lost its plus (CALL-5, CALL-15).
 */
export function toPhone(raw: string, country: string): Phone {
  const key = `${country} ${raw}`
  const known = phones.get(key)
  if (known !== undefined) return known
  if (phones.size >= MAX_PHONES) phones.delete(phones.keys().next().value ?? '')
  const phone = readPhone(raw, country)
  phones.set(key, phone)
  return phone
}

/** Each event of a call names the same numbers, and reading one takes as long as all the rest of the fold. */
const phones = new Map<string, Phone>()
/** Of the calls that go on: two thousand of them, each with a new number, are no growth of an hour (HOLD-12). */
const MAX_PHONES = 2000

function readPhone(raw: string, country: string): Phone {
  const trimmed = raw.trim()
  const text = hasLostPlus(raw) ? `+${trimmed}` : trimmed
  const parsed = isDialable(text) ? parse(text, country) : undefined
  if (parsed === undefined) return { raw: trimmed, e164: null, display: trimmed }
  return { raw: trimmed, e164: parsed.number, display: international(parsed) }
}

/**
 * `+375 29 170-16-99`: the country's own grouping, as Google's library writes it, without the prefixes that
 * are dialled within the country. (This library's international format has only spaces.)
 */
function international(number: PhoneNumber): string {
  const national = number.formatNational().replaceAll(/[()]/g, '')
  let start = national.length
  for (let digits = number.nationalNumber.length; digits > 0 && start > 0; ) {
    start -= 1
    if (/\d/.test(national.charAt(start))) digits -= 1
  }
  return `+${number.countryCallingCode} ${national.slice(start)}`
}

/** The key under which a person's calls belong together; null: anonymous, belongs to nobody. */
export function personKey(phone: Phone): string | null {
  if (phone.e164 !== null) return phone.e164
  const cleaned = cleanNumber(phone.raw)
  return ANONYMOUS.has(cleaned) ? null : cleaned
}

export function isAnonymous(phone: Phone): boolean {
  return personKey(phone) === null
}

/** Numbers that cannot be parsed are compared without case and punctuation. */
export function cleanNumber(raw: string): string {
  const text = raw.trim().toLowerCase()
  return isDialable(text) ? text.replaceAll(/[\s().\-/]/g, '') : text
}

/** A form decoder makes a space of the plus: ` 375291701699`. */
function hasLostPlus(raw: string): boolean {
  return /^ \d{7,}/.test(raw)
}

/** Digits with the punctuation that people write numbers with; anything else is a name. */
function isDialable(text: string): boolean {
  return text.length <= 40 && /^\+?[\d\s().\-/]*\d[\d\s().\-/]*$/.test(text)
}

function parse(text: string, country: string): PhoneNumber | undefined {
  const defaultCountry: CountryCode | undefined = isSupportedCountry(country) ? country : undefined
  const national = parsePhoneNumberFromString(text, { defaultCountry, extract: false })
  if (national?.isValid()) return national
  const digits = text.replaceAll(/\D/g, '')
  const international = digits.startsWith('00')
    ? `+${digits.slice(2)}`
    : digits.length >= 10
      ? `+${digits}`
      : null
  const lostPlus = international === null ? undefined : parsePhoneNumberFromString(international)
  if (lostPlus?.isValid()) return lostPlus
  return national !== undefined && text.startsWith('+') && national.isPossible()
    ? national
    : undefined
}
