import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { S3Place } from '../../server/recordings/recordings-place.ts'
import { Secret } from '../../server/secret.ts'

/** A real S3-compatible server, which checks signatures, on a port of its own. */
export interface S3Server {
  readonly place: S3Place
  /** `s3://…`, as the environment names it. */
  readonly url: string
  /** The keys of all recordings in the bucket. */
  objects(): Promise<string[]>
  /** What was asked: `PUT /recordings/c1/….wav`. */
  readonly asked: readonly string[]
  /** Stands between: answers a request itself (true), or lets it through. */
  intercept(with_: Intercept | null): void
  /** Connections are refused until `comeBack`; those that are open are cut. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

export type Intercept = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => boolean | Promise<boolean>

/** The package has no types of its own. */
interface S3rver {
  configureBuckets(): Promise<unknown>
  getMiddleware(): (incoming: IncomingMessage, outgoing: ServerResponse) => void
}
type S3rverClass = new (options: Record<string, unknown>) => S3rver

const BUCKET = 'recordings'
/** The one account that the server knows. */
export const ACCESS_KEY_ID = 'S3RVER'
export const SECRET_ACCESS_KEY = 'S3RVER'

export async function startS3(): Promise<S3Server> {
  const S3rver = createRequire(import.meta.url)('@20minutes/s3rver') as S3rverClass
  const folder = await mkdtemp(join(tmpdir(), 'ringside-s3-'))
  const s3rver = new S3rver({
    directory: folder,
    silent: true,
    configureBuckets: [{ name: BUCKET }],
  })
  await s3rver.configureBuckets()
  const handle = s3rver.getMiddleware()
  const asked: string[] = []
  let intercept: Intercept | null = null
  const listener = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    asked.push(`${incoming.method} ${incoming.url}`)
    // Without a signature this server would let in whoever comes; S3 does not.
    if (incoming.headers.authorization === undefined) outgoing.writeHead(403).end()
    else if (!(await intercept?.(incoming, outgoing))) handle(incoming, outgoing)
  }
  let server: Server = createServer(listener)
  const port = await listen(server, 0)
  const endpoint = `http://127.0.0.1:${port}`
  const goAway = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    place: {
      endpoint,
      region: 'eu-central-1',
      bucket: BUCKET,
      prefix: 'calls/',
      accessKeyId: ACCESS_KEY_ID,
      secretAccessKey: new Secret(SECRET_ACCESS_KEY),
      sessionToken: null,
    },
    url: `s3://${BUCKET}/calls?endpoint=${encodeURIComponent(endpoint)}&region=eu-central-1`,
    objects: async () => {
      const found = await readdir(join(folder, BUCKET), { recursive: true })
      return found.flatMap((name) => /^calls\/(.+\.\w+)\._S3rver_object$/.exec(name)?.[1] ?? [])
    },
    asked,
    intercept: (found) => {
      intercept = found
    },
    goAway,
    comeBack: async () => {
      server = createServer(listener)
      await listen(server, port)
    },
    close: async () => {
      if (server.listening) await goAway()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
