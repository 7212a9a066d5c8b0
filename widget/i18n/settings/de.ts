/** The settings in this language, as far as they are translated; the rest is English. */
import type { Texts } from '../t.ts'
import { deSettings } from './de-settings.ts'

export const de: Texts = { ...deSettings }
