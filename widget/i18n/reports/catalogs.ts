/** The reports in other languages; each language is one part. */
import type { Catalogs } from '../t.ts'

export const reportsCatalogs: Catalogs = {
  ar: async () => (await import('./ar.ts')).ar,
  de: async () => (await import('./de.ts')).de,
  es: async () => (await import('./es.ts')).es,
  ru: async () => (await import('./ru.ts')).ru,
}
