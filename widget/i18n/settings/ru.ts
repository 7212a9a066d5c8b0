/** The settings in this language, as far as they are translated; the rest is English. */
import type { Texts } from '../t.ts'
import { ruAdmin } from './ru-admin.ts'
import { ruConnections } from './ru-connections.ts'
import { ruPeople } from './ru-people.ts'
import { ruSettings } from './ru-settings.ts'

export const ru: Texts = { ...ruSettings, ...ruPeople, ...ruConnections, ...ruAdmin }
