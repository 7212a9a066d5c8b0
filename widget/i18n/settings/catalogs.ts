/** The settings in other languages: a file of each, made of one for each group of pages. */
import type { Catalogs } from '../t.ts'

export const settingsCatalogs: Catalogs = {}
