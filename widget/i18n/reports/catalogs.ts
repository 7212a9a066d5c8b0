/** The reports in other languages; each language is one part. */
import type { Catalogs } from '../t.ts'

export const reportsCatalogs: Catalogs = {}
