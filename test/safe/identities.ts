import { createHmac } from 'node:crypto'
import type { Access } from '../../server/http/access.ts'
import { signJwt } from '../../server/http/jwt.ts'
import { ADMIN_KEY, type World } from '../support/world.ts'

/** Somebody, or nobody, who asks. */
export interface Identity {
  readonly name: string
  /** Of which routes this is good; empty: nobody is known by it, and 401 is all they get. */
  readonly may: ReadonlySet<Access>
  /** Made anew for each request: the secret it is signed by may have been changed. */
  headers(): Record<string, string>
  /** What is sent with the address. */
  readonly query?: string
}

/** What the contract lets each kind do (page 6), by hand. */
const AGENT: readonly Access[] = ['anyone', 'agent', 'read', 'users', 'cases', 'calls']
const SUPERVISOR: readonly Access[] = [...AGENT, 'supervisor']
const ADMIN: readonly Access[] = [...SUPERVISOR, 'admin', 'import']
const ADMIN_OF_PROGRAM = ADMIN.filter((each) => each !== 'agent')
const SCOPES = ['read', 'users', 'cases', 'calls'] as const

const HOUR_SECONDS = 3600

/** Everybody, and every kind of nobody. */
export async function createIdentities(world: World): Promise<readonly Identity[]> {
  const secret = (): string => world.context.embedSecrets.current().reveal()
  const nowSeconds = (): number => Math.floor(world.now().getTime() / 1000)
  const claims = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
    sub: 'admin',
    name: 'admin',
    aud: 'ringside',
    exp: nowSeconds() + HOUR_SECONDS,
    ...more,
  })
  const signed = (more?: Record<string, unknown>, key = secret()): string =>
    signJwt(claims(more), Buffer.from(key))
  const bearer = (name: string, may: readonly Access[], token: () => string): Identity => ({
    name,
    may: new Set(may),
    headers: () => ({ authorization: `Bearer ${token()}` }),
  })
  const nobody = (name: string, token: () => string): Identity => bearer(name, [], token)
  const key = (scopes: readonly string[]): Promise<{ id: string; key: string }> =>
    must(world.api('POST', '/api/keys', { name: scopes.join(), scopes }))

  const keys: Identity[] = []
  for (const scope of SCOPES) {
    const made = await key([scope])
    const more: readonly Access[] = scope === 'users' ? ['import'] : []
    keys.push(bearer(`key ${scope}`, ['anyone', scope, ...more], () => made.key))
  }
  const adminKey = await key(['admin'])
  const revoked = await key(['admin'])
  await ask(world, revoked.key)
  await must(world.api('DELETE', `/api/keys/${revoked.id}`))
  const signedIn = await signIn(world, 'admin')
  const signedOut = await signIn(world, 'admin')
  await ask(world, signedOut.token)
  await must(world.api('DELETE', `/api/agents/${signedOut.agentId}/sign-ins/${signedOut.keyId}`))
  const left = signed({ sub: 'left', role: 'admin' })
  await ask(world, left)
  const { items } = await must(world.api('GET', '/api/agents?limit=200'))
  const leftId = items.find((each: { externalId: string }) => each.externalId === 'left').id
  await must(world.api('DELETE', `/api/agents/${leftId}`))
  const pbx = { name: 'Another PBX', timeZone: 'UTC', country: 'RU' }
  const other = await must(world.api('POST', '/api/connections', pbx))

  return [
    { name: 'nobody', may: new Set(), headers: () => ({}) },
    nobody('a malformed token', () => 'x.y.z'),
    nobody('no token after Bearer', () => ''),
    nobody('a key that never was', () => 'rsk_0123456789abcdef0123456789abcdef'),
    nobody('expired', () => signed({ exp: nowSeconds() - 1 })),
    nobody('without exp', () => signed({ exp: undefined })),
    nobody('exp in more than a day', () => signed({ exp: nowSeconds() + 25 * HOUR_SECONDS })),
    nobody('wrong aud', () => signed({ aud: 'helpdesk' })),
    nobody('without aud', () => signed({ aud: undefined })),
    nobody('not valid yet', () => signed({ nbf: nowSeconds() + HOUR_SECONDS })),
    nobody('another secret', () => signed({}, 'another-secret-another-secret-12345')),
    nobody('alg none', () => raw({ alg: 'none' }, claims(), '')),
    nobody('alg NONE with a signature', () => hmac({ alg: 'NONE' }, claims(), secret())),
    nobody('alg HS512', () => hmac({ alg: 'HS512' }, claims(), secret(), 'sha512')),
    nobody('alg RS256 by HMAC', () => hmac({ alg: 'RS256' }, claims(), secret())),
    nobody('no alg', () => hmac({}, claims(), secret())),
    nobody('a session of the helpdesk’s making', () =>
      hmac(
        { alg: 'HS256', typ: 'ringside-session' },
        { sub: signedIn.agentId, key: signedIn.keyId, exp: nowSeconds() + 600 },
        secret(),
      ),
    ),
    nobody('claims of an admin, signature of an agent', () => {
      const [, , signature] = signed({ sub: 'anna' }).split('.')
      return `${signed({ role: 'admin' }).split('.').slice(0, 2).join('.')}.${signature}`
    }),
    nobody('a revoked key', () => revoked.key),
    nobody('a revoked sign-in', () => signedOut.token),
    nobody('an agent who has left', () => signed({ sub: 'left', role: 'admin' })),
    nobody('a connection’s webhook token', () => other.webhookToken),
    {
      name: 'a right key, as Basic',
      may: new Set(),
      headers: () => ({ authorization: `Basic ${btoa(`admin:${ADMIN_KEY}`)}` }),
    },
    {
      name: 'a right key, as a cookie',
      may: new Set(),
      headers: () => ({ cookie: `authorization=Bearer ${ADMIN_KEY}; token=${ADMIN_KEY}` }),
    },
    {
      name: 'a right key, in the address',
      may: new Set(),
      headers: () => ({}),
      query: `access_token=${ADMIN_KEY}&token=${ADMIN_KEY}&key=environment`,
    },
    bearer('agent', AGENT, () => signed({ sub: 'anna', name: 'anna' })),
    bearer('supervisor', SUPERVISOR, () => signed({ sub: 'susan', name: 'susan' })),
    bearer('admin', ADMIN, () => signed()),
    bearer('admin by sign-in', ADMIN, () => signedIn.token),
    ...keys,
    bearer('key admin', ADMIN_OF_PROGRAM, () => adminKey.key),
    bearer('ADMIN_API_KEY', ADMIN_OF_PROGRAM, () => ADMIN_KEY),
  ]
}

/** A browser that signed in by a link; without a key of its own it has a secret. */
export async function signIn(
  world: World,
  externalId: string,
): Promise<{ agentId: string; keyId: string; token: string }> {
  const agents = await must(world.api('GET', '/api/agents?limit=200'))
  const found = agents.items.find((each: { externalId: string }) => each.externalId === externalId)
  const { url } = await must(world.api('POST', `/api/agents/${found.id}/sign-in-link`))
  const token = String(url).split('#')[1]
  const { agentId, keyId, secret } = await must(world.api('POST', '/api/sign-in', { token }))
  const session = await must(world.api('POST', '/api/session', { agentId, secret }))
  return { agentId, keyId, token: session.token }
}

/** Uses a token once, so that it is remembered as a good one before it is taken back. */
async function ask(world: World, token: string): Promise<void> {
  const answer = await fetch(`${world.url}/api/me`, {
    headers: { authorization: `Bearer ${token}` },
  })
  await answer.text()
  if (answer.status !== 200) throw new Error(`/api/me: ${answer.status}`)
}

async function must(asked: ReturnType<World['api']>): Promise<any> {
  const { status, body } = await asked
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}

const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')

function raw(header: unknown, claims: unknown, signature: string): string {
  return `${encoded(header)}.${encoded(claims)}.${signature}`
}

function hmac(header: unknown, claims: unknown, secret: string, hash = 'sha256'): string {
  const text = `${encoded(header)}.${encoded(claims)}`
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`
}
