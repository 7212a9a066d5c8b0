/**
 * `dist/widget.js` is the address that pages name: a line that loads the code by its content's name, so that
 * a new version is taken up at once and the old one stays in caches for ever. Panels load when first opened.
 */
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import resolve from '@rollup/plugin-node-resolve'
import esbuild from 'rollup-plugin-esbuild'

const LICENCES =
  '/*! Ringside, MIT; with Lit, (c) Google LLC, BSD-3-Clause, and sse.js, (c) Maxime Petazzoni, Apache-2.0 */'

/** What admins and supervisors load and agents do not: it has names of its own (PERF-7). */
const APART = [
  { prefix: 'settings-', files: /\/widget\/(settings\/|i18n\/settings\/en-)/ },
  { prefix: 'reports-', files: /\/widget\/(reports\/|wallboard\/|i18n\/reports\/en-)/ },
]

export default {
  input: { widget: 'widget/index.ts' },
  output: {
    dir: 'dist',
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: ({ moduleIds }) => {
      const apart = APART.find(({ files }) => moduleIds.some((id) => files.test(id)))
      return `widget/${apart?.prefix ?? ''}[name]-[hash].js`
    },
    manualChunks: (id, { getModuleInfo }) => chunkOf(id, getModuleInfo),
    hoistTransitiveImports: false,
  },
  plugins: [
    { name: 'clean', buildStart: () => rmSync('dist/widget', { recursive: true, force: true }) },
    resolve({ extensions: ['.ts', '.js'] }),
    { name: 'own-copies', transform: ownCopy },
    { name: 'parts', transform: watchParts },
    { name: 'templates', transform: markIndents },
    esbuild({
      target: 'es2022',
      charset: 'utf8',
      minify: true,
      tsconfig: false,
      legalComments: 'none',
    }),
    {
      name: 'tight',
      renderChunk: (code, chunk) => ({
        code: banner(chunk) + code.replaceAll(INDENT, ' '),
        map: null,
      }),
    },
  ],
}

/**
 * What the libraries would leave in the page or expect of it, by the end of their file's name. Lit counts its
 * copies in globals and adds `Symbol.metadata` for decorators, which we do not use; sse.js reads a constant that
 * pages lose which put their own function in place of XMLHttpRequest, and headers with whatever such pages have
 * added to all objects.
 */
const CHANGES = {
  'lit-html/lit-html.js': [
    ['s?s.createPolicy("lit-html",{createHTML:t=>t}):void 0', 'createPolicy(s)'],
    ['B=t.litHtmlPolyfillSupport;B?.(S,k),(t.litHtmlVersions??=[]).push("3.3.3");const ', ''],
  ],
  'reactive-element/reactive-element.js': [
    ['Symbol.metadata??=Symbol("metadata"),a.litPropertyMetadata??=new WeakMap;', ''],
    [
      'const t=this[Symbol.metadata];if(null!==t){const s=litPropertyMetadata.get(t);if(void 0!==s)for(const[t,i]of s)this.elementProperties.set(t,i)}',
      '',
    ],
    ['p=a.reactiveElementPolyfillSupport,', ''],
    [',p?.({ReactiveElement:y}),(a.reactiveElementVersions??=[]).push("2.1.2")', ''],
  ],
  'lit-element/lit-element.js': [
    [',s.litElementHydrateSupport?.({LitElement:i})', ''],
    ['const o=s.litElementPolyfillSupport;o?.({LitElement:i});', ''],
    ['(s.litElementVersions??=[]).push("4.2.2");', ''],
  ],
  // `repeat` leaves a marker behind for each item that goes (lit/lit#5010).
  'lit-html/directive-helpers.js': [
    ['o._$AR(),o._$AA.remove()', 'o._$AR(),o._$AA.remove(),o._$AB?.remove()'],
  ],
  'sse.js/lib/sse.js': [
    ['XMLHttpRequest.HEADERS_RECEIVED', '2'],
    ['for (let header in this.headers)', 'for (const header of Object.keys(this.headers))'],
  ],
}
const POLICY = new URL('widget/trusted-types.ts', import.meta.url).pathname

function ownCopy(code, id) {
  const name = Object.keys(CHANGES).find((end) => id.endsWith(`/${end}`))
  if (name === undefined) return null
  let own = code
  for (const [before, after] of CHANGES[name]) {
    if (own.split(before).length !== 2)
      throw new Error(`${name} is not the version that rollup.config.js knows: no ${before}`)
    own = own.replace(before, () => after)
  }
  const needs = own.includes('createPolicy(s)') ? `import{createPolicy}from"${POLICY}";` : ''
  return { code: needs + own, map: null }
}

const PARTS = new URL('widget/parts.ts', import.meta.url).pathname

/** Parts of ours that load later are told apart from those that cannot be had any more. */
function watchParts(code, id) {
  if (!id.startsWith(dirname(PARTS))) return null
  const watched = code.replaceAll(
    /\bimport\(('\.[^']+')\)/g,
    (part, name) => `loadPart(() => ${part}, ${name})`,
  )
  if (watched === code) return null
  return { code: `import { loadPart } from '${PARTS}'\n${watched}`, map: null }
}

/** A form feed is white space in scripts, styles and pages, and nobody writes one. */
const INDENT = '\n\f'

/**
 * Indentation means nothing in templates and styles, and much in texts that are copied, which have files of their
 * own. It is marked before minifying; what is left of it afterwards, in templates, becomes one space.
 */
function markIndents(code, id) {
  if (!id.endsWith('.ts') || !/\b(html|css|svg)`/.test(code)) return null
  return { code: code.replaceAll(/\n\s+/g, INDENT), map: null }
}

/** The first script; then pop-ups in one piece, since a call is waiting for them; the rest as rollup cuts it. */
function chunkOf(id, getModuleInfo) {
  if (isReached(id, getModuleInfo, (info) => info.isEntry)) return 'core'
  const isPopups = (info) => info.id.endsWith('/desk.ts')
  return isReached(id, getModuleInfo, isPopups) ? 'popup' : undefined
}

/** Reached from a module without a dynamic import. */
function isReached(id, getModuleInfo, isRoot, seen = new Set()) {
  if (seen.has(id)) return false
  seen.add(id)
  const info = getModuleInfo(id)
  if (info === null) return false
  return isRoot(info) || info.importers.some((one) => isReached(one, getModuleInfo, isRoot, seen))
}

function banner(chunk) {
  return chunk.name === 'core' ? `${LICENCES}\n` : ''
}
