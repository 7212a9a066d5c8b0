import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { createSite, type Site } from './host-page.ts'

/** The gallery of the widget's states, `test/widget/gallery.ts`, on a server of its own: `/?state=known`. */
export async function createGallery(): Promise<Site> {
  const bundle = await build({
    entryPoints: ['test/widget/gallery.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  })
  const page = await readFile('test/widget/gallery.html')
  const script = bundle.outputFiles[0]?.contents ?? ''
  return createSite(({ pathname }) =>
    pathname === '/gallery.js' ? { type: 'text/javascript', body: script } : { body: page },
  )
}
