/** Countries and time zones as a browser knows them. */
import { currentLocale } from '../../i18n/t.ts'

/** All countries that have a numbering plan, two letters each. */
const COUNTRIES =
  'ACADAEAFAGAIALAMAOARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGTGUGWGYHKHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTATCTDTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW'

export function countryCodes(): readonly string[] {
  return COUNTRIES.match(/../g) ?? []
}

type Country = readonly [code: string, name: string]
/** Of the language that was last asked for: forms are drawn at every key. */
let named: { readonly locale: string; readonly list: readonly Country[] } | null = null

/** Countries by their names in the admin's language, in its order. */
export function countries(): readonly Country[] {
  const locale = currentLocale()
  if (named?.locale === locale) return named.list
  const names = new Intl.DisplayNames(locale, { type: 'region' })
  const { compare } = new Intl.Collator(locale)
  const list = countryCodes()
    .map((code): Country => [code, names.of(code) ?? code])
    .sort(([, one], [, other]) => compare(one, other))
  named = { locale, list }
  return list
}

export function browserTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

/** All zones, that one included whatever it is called. */
export function timeZones(chosen: string): readonly string[] {
  const known = Intl.supportedValuesOf('timeZone')
  return [...new Set(['UTC', ...known, ...(chosen === '' ? [] : [chosen])])].sort()
}

/** The country of a time zone, else that of the browser's language; '' where nothing says it. */
export function countryOf(timeZone: string, language: string): string {
  const codes = countryCodes()
  const byZone = codes.find((code) => zonesOf(code).includes(timeZone))
  if (byZone !== undefined) return byZone
  const region = Intl.Locale.prototype.maximize.call(new Intl.Locale(language)).region ?? ''
  return codes.includes(region) ? region : ''
}

/** Newer than our types; not in every browser. */
interface ZonedLocale {
  readonly getTimeZones?: () => readonly string[] | undefined
  readonly timeZones?: readonly string[]
}

function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as unknown as ZonedLocale
  return locale.getTimeZones?.() ?? locale.timeZones ?? []
}

/** What the clocks there show, to compare with the PBX's own. */
export function timeIn(timeZone: string, now: number): string {
  try {
    const style = { hour: '2-digit', minute: '2-digit', timeZone } as const
    return new Intl.DateTimeFormat(currentLocale(), style).format(now)
  } catch {
    // Typed by hand elsewhere, and no zone of this browser.
    return ''
  }
}
