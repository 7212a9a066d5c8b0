/** The settings in this language; what is missing is English. */
import type { Texts } from '../t.ts'
import { arAdmin } from './ar-admin.ts'
import { arConnections } from './ar-connections.ts'
import { arPeople } from './ar-people.ts'
import { arSettings } from './ar-settings.ts'

export const ar: Texts = { ...arSettings, ...arPeople, ...arConnections, ...arAdmin }
