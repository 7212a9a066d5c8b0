/** The texts of the settings, which agents never load. A file for each group of pages; a page adds its own. */
import type { enAdmin } from './en-admin.ts'
import type { enConnections } from './en-connections.ts'
import type { enPeople } from './en-people.ts'
import type { enSettings } from './en-settings.ts'

export type SettingsKey =
  | keyof typeof enSettings
  | keyof typeof enPeople
  | keyof typeof enConnections
  | keyof typeof enAdmin
