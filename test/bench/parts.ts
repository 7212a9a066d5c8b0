import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** What agents never load; each has a measure of its own. */
const APART = ['settings', 'reports'] as const

/** One file of the built widget; `gzip` as the server sends it. */
export interface Part {
  readonly file: string
  readonly bytes: number
  readonly gzip: number
  /** Loaded with the first script; when used; by admins; by supervisors; the texts of one language. */
  readonly kind: 'first' | 'later' | (typeof APART)[number] | 'language'
}

/** The files of a built widget, the biggest first; throws where there is no build. */
export function listParts(folder: string, languages: ReadonlySet<string>): readonly Part[] {
  const files = globSync('{widget.js,widget/*.js}', { cwd: folder })
  if (!files.includes('widget.js')) throw new Error(`no widget.js in ${folder}: npm run build`)
  const first = withImports('widget.js', folder)
  return files
    .map((file): Part => {
      const code = readFileSync(join(folder, file))
      const isLanguage = languages.has(basename(file).replace(/-[\w-]{8}\.js$/, ''))
      const apart = APART.find((kind) => basename(file).startsWith(`${kind}-`))
      const later = isLanguage ? 'language' : (apart ?? 'later')
      const kind = first.has(file) ? 'first' : later
      return { file, bytes: code.length, gzip: gzipSync(code).length, kind }
    })
    .sort((a, b) => b.gzip - a.gzip)
}

/** Languages besides English: a file of texts each, loaded when chosen. */
export function listLanguages(folder: string): ReadonlySet<string> {
  const names = globSync('*.ts', { cwd: folder }).map((file) => basename(file, '.ts'))
  return new Set(names.filter((name) => name !== 't' && !/^en(-|$)/.test(name)))
}

/** A file and all that it imports before it runs; what it loads by `import()` is not among them. */
function withImports(file: string, folder: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const code = readFileSync(join(folder, file), 'utf8')
  for (const [, target] of code.matchAll(STATIC)) {
    if (target?.startsWith('.')) withImports(join(dirname(file), target), folder, seen)
  }
  return seen
}
const STATIC = /\b(?:import|export)\s*(?:[\w$*{][^'"`();=]*?from\s*)?["'](\.[^'"]+)["']/g
