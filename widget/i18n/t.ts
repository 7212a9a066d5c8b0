/** Texts in the agent's language. Another language is one more file beside `en.ts`, listed in `CATALOGS`. */
import { en } from './en.ts'
import type { enAlerts } from './en-alerts.ts'
import type { enBase } from './en-base.ts'
import type { enCall } from './en-call.ts'
import type { enCases } from './en-cases.ts'
import type { enPanel } from './en-panel.ts'
import type { enPlayer } from './en-player.ts'
import type { enSignIn } from './en-sign-in.ts'
import type { enTeam } from './en-team.ts'
import type { enTrace } from './en-trace.ts'
import type { ReportsKey } from './reports/keys.ts'
import type { SettingsKey } from './settings/keys.ts'

export type Key =
  | keyof typeof en
  | keyof typeof enAlerts
  | keyof typeof enBase
  | keyof typeof enCall
  | keyof typeof enCases
  | keyof typeof enPanel
  | keyof typeof enPlayer
  | keyof typeof enSignIn
  | keyof typeof enTeam
  | keyof typeof enTrace
/** A text, or its plural forms by the categories of `Intl.PluralRules`. */
export type Text =
  | string
  | (Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string })
/** Every key there is: those of the settings and reports come with them. */
export type AnyKey = Key | SettingsKey | ReportsKey
export type Catalog = Readonly<Record<Key, Text>>
/** Texts of any part, as far as they are there. */
export type Texts = Readonly<{ readonly [K in AnyKey]?: Text }>
/** By language; each is loaded when it is chosen. */
export type Catalogs = Readonly<Record<string, () => Promise<Texts>>>
export type Values = Readonly<Record<string, string | number>>

/** Languages besides English, loaded when chosen. */
const CATALOGS: Readonly<Record<string, () => Promise<Catalog>>> = {
  ar: async () => (await import('./ar.ts')).ar,
  de: async () => (await import('./de.ts')).de,
  es: async () => (await import('./es.ts')).es,
  ru: async () => (await import('./ru.ts')).ru,
}
const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur']

/** English, as far as it is loaded: what any language falls back to. */
let english: Texts = en
let catalog: Texts = {}
/** Catalogs of parts that agents never open. */
const more = new Set<Catalogs>()
let locale = 'en'
/** What was asked for last, which may still be on its way. */
let wanted = locale
/** How often another language was asked for: the last one counts, whichever comes first. */
let asked = 0
let plurals = new Intl.PluralRules(locale)
let numbers = new Intl.NumberFormat(locale)

/** The text of a key. Values are isolated: a name cannot turn the sentence around it. */
export function t(key: AnyKey, values: Values = {}): string {
  const text: Text = catalog[key] ?? english[key] ?? key
  const count = values.count
  const form = typeof text === 'string' ? text : pick(text, typeof count === 'number' ? count : 0)
  return form.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = values[name]
    if (typeof value === 'number') return numbers.format(value)
    return value === undefined ? '' : `\u2068${value}\u2069`
  })
}

/** Adds the English texts of a part that is loaded later. */
export function addEnglish(texts: Texts): void {
  english = { ...english, ...texts }
}

/** Adds the catalogs of a part that is loaded later; what is in use is there when it resolves. */
export async function addCatalogs(catalogs: Catalogs): Promise<void> {
  if (more.has(catalogs)) return
  more.add(catalogs)
  await setLocale(wanted)
}

/** The language in use, for dates and numbers. */
export function currentLocale(): string {
  return locale
}

/** Texts of that language exist, and are written from right to left; English stands as the page has it. */
export function isRightToLeft(tag: string): boolean {
  return RIGHT_TO_LEFT.includes(tag.split('-')[0] ?? '') && hasLocale(tag)
}

/** True where texts of that language exist; dates and numbers work in any. */
export function hasLocale(tag: string): boolean {
  const language = tag.split('-')[0] ?? ''
  return language === 'en' || CATALOGS[language] !== undefined
}

/** The languages that there are texts of. */
export function localeNames(): readonly string[] {
  return ['en', ...Object.keys(CATALOGS)]
}

/** Switches the language; formats follow the whole tag, texts its language or English. */
export async function setLocale(tag: string): Promise<void> {
  asked += 1
  wanted = tag
  const mine = asked
  const known = Intl.getCanonicalLocales(tag)[0] ?? 'en'
  const language = known.split('-')[0] ?? ''
  const [own, ...others] = await Promise.all(
    [CATALOGS, ...more].map((catalogs: Catalogs) => catalogs[language]?.()),
  )
  if (mine !== asked) return
  catalog = Object.assign({}, own, ...others)
  locale = known
  plurals = new Intl.PluralRules(own === undefined ? 'en' : known)
  numbers = new Intl.NumberFormat(known)
}

function pick(text: Exclude<Text, string>, count: number): string {
  return text[plurals.select(count)] ?? text.other
}
