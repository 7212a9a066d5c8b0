/**
 * `dist/widget.js` is the address that pages name: a line that loads the code by its content's name, so that
 * a new version is taken up at once and the old one stays in caches for ever. Panels load when first opened.
 */
import { rmSync } from 'node:fs'
import resolve from '@rollup/plugin-node-resolve'
import esbuild from 'rollup-plugin-esbuild'

const LICENCES =
  '/*! Ringside, MIT; with Lit, (c) Google LLC, BSD-3-Clause, and sse.js, (c) Maxime Petazzoni, Apache-2.0 */'

export default {
  input: { widget: 'widget/index.ts' },
  output: {
    dir: 'dist',
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: 'widget/[name]-[hash].js',
    manualChunks: (id, { getModuleInfo }) => chunkOf(id, getModuleInfo),
    hoistTransitiveImports: false,
  },
  plugins: [
    { name: 'clean', buildStart: () => rmSync('dist/widget', { recursive: true, force: true }) },
    resolve({ extensions: ['.ts', '.js'] }),
    esbuild({ target: 'es2022', minify: true, tsconfig: false, legalComments: 'none' }),
    // After minifying, line breaks with indentation are left only in templates and their styles.
    {
      name: 'templates',
      renderChunk: (code, chunk) => ({
        code: banner(chunk) + code.replaceAll(/\n\s+/g, ' '),
        map: null,
      }),
    },
  ],
}

/** The first script; then pop-ups in one piece, since a call is waiting for them; the rest as rollup cuts it. */
function chunkOf(id, getModuleInfo) {
  if (isReached(id, getModuleInfo, (info) => info.isEntry)) return 'core'
  const isPopups = (info) => info.id.endsWith('/announcer.ts')
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
