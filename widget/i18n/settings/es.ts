/** The settings in this language; what is missing is English. */
import type { Texts } from '../t.ts'
import { esAdmin } from './es-admin.ts'
import { esConnections } from './es-connections.ts'
import { esPeople } from './es-people.ts'
import { esSettings } from './es-settings.ts'

export const es: Texts = { ...esSettings, ...esPeople, ...esConnections, ...esAdmin }
