/** The page's configuration: unknown values fall back, with one warning that names what is accepted. */
import { hasLocale, localeNames } from './i18n/t.ts'

const ACCEPTED = {
  theme: ['auto', 'light', 'dark'],
  position: ['top-right', 'top-left', 'bottom-right', 'bottom-left'],
  'open-on-answer': ['user', 'none'],
  sound: ['on', 'off'],
  notifications: ['on', 'off'],
} as const
const PARTS = ['launcher', 'popups', 'call-bar', 'panel'] as const

type Name = keyof typeof ACCEPTED
export type Choice<N extends Name> = (typeof ACCEPTED)[N][number]
export type Part = (typeof PARTS)[number]

const warned = new Set<string>()

/** The chosen value, or the default, which is the first one accepted. */
export function choice<N extends Name>(name: N, value: string | null): Choice<N> {
  const accepted: readonly string[] = ACCEPTED[name]
  if (value !== null && accepted.includes(value)) return value as Choice<N>
  if (value !== null && value !== '') warn(name, value, accepted)
  return ACCEPTED[name][0]
}

/** The parts to leave out. */
export function hiddenParts(value: string | null): ReadonlySet<Part> {
  const parts = words(value)
  for (const part of parts) if (!PARTS.includes(part as Part)) warn('hide', part, PARTS)
  return new Set(parts.filter((part): part is Part => PARTS.includes(part as Part)))
}

/** A language tag; the page's own where none is given. */
export function localeTag(value: string | null): string {
  const tag = value || document.documentElement.lang || navigator.language || 'en'
  try {
    Intl.getCanonicalLocales(tag)
  } catch {
    warn('locale', tag, ['a language tag such as en or de-AT'])
    return 'en'
  }
  if (value && !hasLocale(value)) warn('locale', value, localeNames())
  return tag
}

/** Words separated by spaces or commas. */
export function words(value: string | null): readonly string[] {
  return (value ?? '').split(/[\s,]+/).filter(Boolean)
}

/** A template such as `https://helpdesk.example/users/{externalId}` filled in; null where a value lacks. */
export function fillUrl(
  name: 'user-url' | 'case-url',
  template: string | null,
  values: Readonly<Record<string, string | null>>,
): string | null {
  if (!template) return null
  let isWhole = true
  const text = template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = values[name] ?? null
    if (value === null) isWhole = false
    return encodeURIComponent(value ?? '')
  })
  const url = webUrl(text, document.baseURI)
  if (url === null) warn(name, template, ['a template of an http or https address'])
  return isWhole && url !== null ? url.href : null
}

/** The origin of the Ringside server: where the script came from, unless the page says where. */
export function serverOf(value: string | null): string {
  const url = value ? webUrl(value) : null
  if (value && url === null) warn('server', value, ['an http or https address'])
  return url?.origin ?? new URL(import.meta.url).origin
}

function webUrl(text: string, base?: string): URL | null {
  const url = URL.parse(text, base)
  return url !== null && /^https?:$/.test(url.protocol) ? url : null
}

/** One line for the page's developer, once. */
export function warn(name: string, value: string, accepted: readonly string[]): void {
  const line = `ringside-widget: ${name}="${value}" is not known, accepted: ${accepted.join(', ')}`
  if (warned.has(line)) return
  warned.add(line)
  // biome-ignore lint/suspicious/noConsole: the page's developer is told here and nowhere else.
  console.warn(line)
}
