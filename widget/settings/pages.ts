/** The pages of the settings in their order; each is loaded when it is first opened. */
import type { SettingsKey } from '../i18n/settings/keys.ts'

export interface PageEntry {
  readonly id: string
  readonly title: SettingsKey
  readonly group: SettingsKey
  readonly tag: string
  readonly load: () => Promise<unknown>
}

/** An entry of the list. */
export const page = (
  group: 'telephony' | 'team' | 'helpdesk' | 'safety',
  id: string,
  load: PageEntry['load'],
): PageEntry => ({
  id,
  title: `settings.${id}` as SettingsKey,
  group: `settings.group.${group}`,
  tag: `ringside-settings-${id}`,
  load,
})

/** `ID` is the element `<ringside-settings-ID>` and the text `settings.ID`. */
export const PAGES: readonly PageEntry[] = [
  page('telephony', 'connections', () => import('./connections/connections.ts')),
  page('telephony', 'general', () => import('./general/general.ts')),
  page('team', 'people', () => import('./people/people.ts')),
  page('team', 'fields', () => import('./fields/fields.ts')),
  page('team', 'users', () => import('./users/users.ts')),
  page('helpdesk', 'hooks', () => import('./hooks/hooks.ts')),
  page('helpdesk', 'keys', () => import('./keys/keys.ts')),
  page('safety', 'privacy', () => import('./privacy/privacy.ts')),
  page('safety', 'audit', () => import('./audit/audit.ts')),
]
