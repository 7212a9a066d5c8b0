/** The settings in this language, as far as they are translated; the rest is English. */
import type { Texts } from '../t.ts'
import { arSettings } from './ar-settings.ts'

export const ar: Texts = { ...arSettings }
