/** What pages about people share: the contract's types, and words. */
import type { InferOutput } from 'valibot'
import type {
  AgentListItem,
  browserSchema,
  signInLinkSchema,
} from '../../../server/http/setup-schemas.ts'
import { t } from '../../i18n/t.ts'

export type Person = AgentListItem
export type Browser = InferOutput<typeof browserSchema>
export type SignInLink = InferOutput<typeof signInLinkSchema>
export interface ConnectionName {
  readonly id: string
  readonly name: string
}
export interface OwnExtension {
  readonly connectionId: string
  readonly extension: string
}

export const ROLES = ['agent', 'supervisor', 'admin'] as const
/** As a connection: an extension that is the same everywhere. */
export const EVERYWHERE = '*'

/** `Office`, or "every connection". */
export function connectionName(connections: readonly ConnectionName[], id: string): string {
  if (id === EVERYWHERE) return t('people.everywhere')
  return connections.find((one) => one.id === id)?.name ?? id
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** `Firefox, Windows`: as far as a browser tells it. */
export function browserName(userAgent: string | null): string {
  const find = (table: typeof BROWSERS) => table.find(([sign]) => sign.test(userAgent ?? ''))?.[1]
  return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(', ') || t('people.browser')
}
