/** The settings in this language. */
import type { Texts } from '../t.ts'
import { deAdmin } from './de-admin.ts'
import { deConnections } from './de-connections.ts'
import { dePeople } from './de-people.ts'
import { deSettings } from './de-settings.ts'

export const de: Texts = { ...deSettings, ...dePeople, ...deConnections, ...deAdmin }
