import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a signed token holds; nothing of it is checked but the signature. */
export interface VerifiedJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** Reads a JWT; null unless it is one, signed by HS256 with this key. No other algorithm counts. */
export function verifyJwt(token: string, key: Buffer): VerifiedJwt | null {
  const [header, claims, signature, ...rest] = token.split('.')
  if (header === undefined || claims === undefined || signature === undefined) return null
  if (rest.length > 0) return null
  const expected = createHmac('sha256', key).update(`${header}.${claims}`).digest()
  const found = Buffer.from(signature, 'base64url')
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) return null
  const parsed = { header: parseObject(header), claims: parseObject(claims) }
  if (parsed.header === null || parsed.claims === null) return null
  if (parsed.header.alg !== 'HS256' || parsed.header.crit !== undefined) return null
  return { header: parsed.header, claims: parsed.claims }
}

/** Signs claims by HS256. */
export function signJwt(
  claims: Readonly<Record<string, unknown>>,
  key: Buffer,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}

function parseObject(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    // Not JSON: then it is no token.
    return null
  }
}
