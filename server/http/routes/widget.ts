import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { Hono } from 'hono'
import type { AppEnv } from '../access.ts'
import { describe } from '../route.ts'

/** Where `npm run build` puts the widget. */
export const WIDGET_FOLDER = fileURLToPath(new URL('../../../dist/', import.meta.url))

interface Asset {
  readonly etag: string
  readonly plain: Buffer
  readonly compressed: (encoding: Encoding) => Promise<Buffer>
}

type Encoding = 'br' | 'gzip'

/** `/widget.js` and the parts that it loads when they are first used, for any page. */
export async function widgetRoutes(folder: string = WIDGET_FOLDER): Promise<Hono<AppEnv>> {
  const assets = await readAssets(folder)
  const app = new Hono<AppEnv>()
  const respond = async (
    name: string,
    accepts: string,
    ifNoneMatch: string | undefined,
  ): Promise<Response | null> => {
    const asset = assets.get(name)
    if (asset === undefined) return null
    const headers = new Headers({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      // Parts carry a hash in their name; the entry is asked for again after five minutes.
      'cache-control':
        name === 'widget.js' ? 'public, max-age=300' : 'public, max-age=31536000, immutable',
      etag: asset.etag,
      vary: 'accept-encoding',
    })
    if (ifNoneMatch === asset.etag) return new Response(null, { status: 304, headers })
    const encoding = /\bbr\b/.test(accepts) ? 'br' : /\bgzip\b/.test(accepts) ? 'gzip' : null
    if (encoding !== null) headers.set('content-encoding', encoding)
    const body = encoding === null ? asset.plain : await asset.compressed(encoding)
    return new Response(new Uint8Array(body), { headers })
  }
  for (const path of ['/widget.js', '/widget/:file']) {
    app.get(
      path,
      describe({ summary: 'The widget', tag: 'widget', access: 'public', answers: { 200: null } }),
      async (c, next) => {
        const accepts = c.req.header('accept-encoding') ?? ''
        const answer = await respond(c.req.path.slice(1), accepts, c.req.header('if-none-match'))
        if (answer !== null) return answer
        // While servers of two versions run, one has what the other has not: nobody keeps that it is missing.
        c.header('cache-control', 'no-store')
        return next()
      },
    )
  }
  return app
}

async function readAssets(folder: string): Promise<Map<string, Asset>> {
  const names = await readdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new Error(`the widget is not built: run "npm run build" (no folder ${folder})`, {
      cause: error,
    })
  })
  const assets = new Map<string, Asset>()
  for (const name of names.filter((each) => /^widget(\.js|\/[\w.-]+\.js)$/.test(each))) {
    const plain = await readFile(join(folder, name))
    assets.set(name, {
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      plain,
      compressed: compressedOnce(plain),
    })
  }
  if (!assets.has('widget.js')) throw new Error('the widget is not built: run "npm run build"')
  return assets
}

const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }
const COMPRESS: Record<Encoding, (plain: Buffer) => Promise<Buffer>> = {
  br: (plain) => promisify(brotliCompress)(plain, QUALITY),
  gzip: (plain) => promisify(gzip)(plain),
}

/** When it is first asked for: to compress everything would be a large part of each start (PERF-8). */
function compressedOnce(plain: Buffer): Asset['compressed'] {
  const made = new Map<Encoding, Promise<Buffer>>()
  return (encoding) => {
    const compressed = made.get(encoding) ?? COMPRESS[encoding](plain)
    made.set(encoding, compressed)
    return compressed
  }
}
