import { fileURLToPath } from 'node:url'
import type { Secret } from '../secret.ts'

/** Where recordings are kept, as the environment says it. */
export type RecordingsPlace =
  | { readonly type: 'file'; readonly folder: string }
  | { readonly type: 's3'; readonly s3: S3Place }

/** A bucket of S3 or of what speaks like it, and who we are there. */
export interface S3Place {
  /** `https://s3.eu-central-1.amazonaws.com`, without a path. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** Empty, or with a slash at its end. */
  readonly prefix: string
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken: Secret | null
}

/** What the environment says beside the address; names are those that other S3 clients read. */
export interface S3Keys {
  readonly AWS_ACCESS_KEY_ID?: string | undefined
  readonly AWS_SECRET_ACCESS_KEY?: Secret | null
  readonly AWS_SESSION_TOKEN?: Secret | null
}

const NAME = 'RECORDINGS_URL'
const EXPECTED = 'expected file:FOLDER or s3://BUCKET/PREFIX?endpoint=https://…&region=…'
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const PREFIX = /^[\w.-]+(\/[\w.-]+)*$/
const REGION = /^[a-z0-9-]{1,40}$/
const PARAMETERS = ['endpoint', 'region']

/** Reads `RECORDINGS_URL`. A wrong value throws with one line that names it, and never shows a key. */
export function readRecordingsPlace(found: string, keys: S3Keys): RecordingsPlace {
  if (!URL.canParse(found)) throw wrong(`cannot be read as an address, ${EXPECTED}`)
  const url = new URL(found)
  if (url.protocol === 'file:') return { type: 'file', folder: toFolder(found) }
  if (url.protocol !== 's3:') throw wrong(`begins with ${url.protocol}, ${EXPECTED}`)
  return { type: 's3', s3: readS3(url, keys) }
}

function toFolder(found: string): string {
  const path = found.slice('file:'.length)
  return path.startsWith('//') ? fileURLToPath(found) : path
}

function readS3(url: URL, keys: S3Keys): S3Place {
  if (url.username !== '' || url.password !== '' || url.port !== '') {
    throw wrong(
      'holds more than a bucket before the first slash; keys go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    )
  }
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name))
  if (unknown !== undefined) {
    throw wrong(`has "${unknown.slice(0, 40)}", expected only ${PARAMETERS.join(' and ')}`)
  }
  const bucket = url.hostname
  if (!BUCKET.test(bucket)) {
    throw wrong(
      `names the bucket "${bucket.slice(0, 80)}", expected 3 to 63 of a-z, 0-9, dot and hyphen`,
    )
  }
  const prefix = url.pathname.replaceAll(/^\/+|\/+$/g, '')
  if (prefix !== '' && (!PREFIX.test(prefix) || /(^|\/)\.\.?(\/|$)/.test(prefix))) {
    throw wrong(
      `has the prefix "${prefix.slice(0, 80)}", expected names of a-z, A-Z, 0-9, dot, hyphen and underscore`,
    )
  }
  const region = url.searchParams.get('region') ?? 'us-east-1'
  if (!REGION.test(region)) {
    throw wrong(`has region=${region.slice(0, 40)}, expected one such as eu-central-1`)
  }
  return {
    endpoint: readEndpoint(url.searchParams.get('endpoint'), region),
    region,
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    ...readKeys(keys),
  }
}

function readEndpoint(found: string | null, region: string): string {
  if (found === null) return `https://s3.${region}.amazonaws.com`
  const expected = 'expected one such as https://s3.example.com, without a path'
  if (!URL.canParse(found)) throw wrong(`has an endpoint that is no address, ${expected}`)
  const { protocol, origin, pathname, search, username, password } = new URL(found)
  const isPlain = pathname === '/' && search === '' && username === '' && password === ''
  if ((protocol !== 'https:' && protocol !== 'http:') || !isPlain) {
    throw wrong(`has an endpoint with more or less than a scheme and a host, ${expected}`)
  }
  return origin
}

function readKeys(keys: S3Keys): Pick<S3Place, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = keys
  if (!accessKeyId) throw new Error(`AWS_ACCESS_KEY_ID is not set, ${NAME} needs it`)
  if (!secretAccessKey) throw new Error(`AWS_SECRET_ACCESS_KEY is not set, ${NAME} needs it`)
  if (!/^[\w+=.@-]{1,200}$/.test(accessKeyId)) {
    throw new Error('AWS_ACCESS_KEY_ID has characters that no access key has')
  }
  return { accessKeyId, secretAccessKey, sessionToken: keys.AWS_SESSION_TOKEN ?? null }
}

function wrong(what: string): Error {
  return new Error(`${NAME} ${what}`)
}
