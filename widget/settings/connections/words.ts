/** Texts for what the server names. */
import type { SettingsKey } from '../../i18n/settings/keys.ts'
import { t } from '../../i18n/t.ts'

/** A name that this page does not know yet is shown as the server wrote it. */
export function keyOr(key: string, otherwise: string): string {
  const text = t(key as SettingsKey)
  return text === key ? otherwise : text
}
