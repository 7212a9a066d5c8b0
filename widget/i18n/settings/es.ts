/** The settings in this language, as far as they are translated; the rest is English. */
import type { Texts } from '../t.ts'
import { esSettings } from './es-settings.ts'

export const es: Texts = { ...esSettings }
