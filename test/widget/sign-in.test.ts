import { expect } from '@open-wc/testing'
import { ApiError } from '../../widget/client/api.ts'
import { createSharing } from '../../widget/client/session-sharing.ts'
import type { Session } from '../../widget/client/sign-in.ts'
import { canKeep, forgetSignIn, loadSignIn, saveSignIn } from '../../widget/client/sign-in-store.ts'
import { createToken, type TokenOptions } from '../../widget/client/token.ts'
import { all, button, one, show, textOf, widget } from './page.ts'
import { waitUntil } from './wait-until.ts'

const NOW = 1_800_000_000_000
const SERVER = 'https://sign-in.example'

/** A JWT that ends in so many seconds; nobody here looks at its signature. */
function jwt(seconds: number, sub = 'anna'): string {
  const claims = btoa(JSON.stringify({ sub, exp: NOW / 1000 + seconds })).replaceAll('=', '')
  return `e30.${claims.replaceAll('+', '-').replaceAll('/', '_')}.c2ln`
}

/** A token source whose address answers as written down, one answer after another. */
function source(answers: readonly (Response | Error)[], options: Partial<TokenOptions> = {}) {
  const left = [...answers]
  const asked: RequestInit[] = []
  const getToken = createToken({
    token: null,
    tokenUrl: '/token',
    now: () => NOW,
    fetch: async (_url, init = {}) => {
      asked.push(init)
      const next = left.shift()
      if (next instanceof Response) return next
      throw next ?? new TypeError('Failed to fetch')
    },
    ...options,
  })
  return { getToken, asked }
}

async function failure(work: Promise<unknown>): Promise<ApiError> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  )
  expect(error).to.be.instanceOf(ApiError)
  return error as ApiError
}

describe('EMBED-7 the token that the page gives', () => {
  it('is fetched once for all who wait, and again a minute before its end', async () => {
    const [short, long] = [jwt(59), jwt(600)]
    const { getToken, asked } = source([
      new Response(`${short}\n`),
      Response.json({ token: long }),
      new Response(jwt(900)),
    ])
    expect(await Promise.all([getToken(false), getToken(false)])).to.deep.equal([short, short])
    expect(asked.length).to.equal(1)
    expect(await getToken(false)).to.equal(long)
    expect(await getToken(false)).to.equal(long)
    expect(asked.length).to.equal(2)
    expect(await getToken(true), 'the server refused it').to.equal(jwt(900))
    expect(asked[0]?.credentials).to.equal('same-origin')
    expect(asked[0]?.cache).to.equal('no-store')
  })

  it('is none where the helpdesk says that nobody is signed in there', async () => {
    const { getToken } = source([
      new Response('', { status: 401 }),
      new Response('', { status: 403 }),
      new Response(jwt(600)),
    ])
    expect(await getToken(false)).to.equal(null)
    expect(await getToken(false)).to.equal(null)
    expect(await getToken(false), 'signed in again').to.equal(jwt(600))
  })

  it('is asked for again where the address answers a login page, an error, or nothing', async () => {
    const answers = [
      new Response('<!doctype html><title>Log in</title>', {
        headers: { 'content-type': 'text/html' },
      }),
      Response.json({ jwt: 'x' }),
      new Response('{"token":', {}),
      new Response('', { status: 500 }),
      new TypeError('Failed to fetch'),
    ]
    const { getToken } = source([...answers, new Response(jwt(600))])
    for (const _ of answers) expect((await failure(getToken(false))).status).to.equal(0)
    expect(await getToken(false)).to.equal(jwt(600))
  })

  it('does not wait for ever for an address that does not answer', async () => {
    const { getToken } = source([], {
      timeoutMs: 20,
      fetch: (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        }),
    })
    expect((await failure(getToken(false))).status).to.equal(0)
  })

  it('is the one of the attribute until that ends', async () => {
    const { getToken, asked } = source([new Response(jwt(900))], { token: jwt(600) })
    expect(await getToken(false)).to.equal(jwt(600))
    expect(asked.length).to.equal(0)
    const fixed = createToken({ token: jwt(-10), tokenUrl: null, now: () => NOW })
    expect(await fixed(true), 'the server is to judge it').to.equal(jwt(-10))
  })
})

describe('EMBED-7 what a browser keeps', () => {
  // Test files follow one another in one tab.
  beforeEach(() => sessionStorage.clear())
  afterEach(() => forgetSignIn(SERVER))

  it('is a key that cannot be taken out, for each server', async () => {
    const { privateKey } = await crypto.subtle.generateKey(
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign', 'verify'],
    )
    expect(await canKeep(SERVER, privateKey)).to.equal(true)
    expect(await loadSignIn(SERVER), 'the probe is gone').to.equal(null)
    await saveSignIn(SERVER, { agentId: 'a', keyId: 'k', privateKey })
    const kept = await loadSignIn(SERVER)
    expect(kept).to.include({ agentId: 'a', keyId: 'k' })
    const again = (kept as { privateKey: CryptoKey }).privateKey
    expect(again.extractable).to.equal(false)
    expect(await loadSignIn('https://other.example')).to.equal(null)
    expect(sessionStorage.length).to.equal(0)
    await forgetSignIn(SERVER)
    expect(await loadSignIn(SERVER)).to.equal(null)
  })

  it('is a secret in the tab where keys cannot be kept, and nothing that it did not write', async () => {
    await saveSignIn(SERVER, { agentId: 'a', keyId: 'k', secret: 's' })
    expect(await loadSignIn(SERVER)).to.deep.equal({ agentId: 'a', keyId: 'k', secret: 's' })
    const [name = ''] = Object.keys(sessionStorage)
    for (const odd of ['', '{', 'null', '[]', '{"agentId":1}', '{"agentId":"a","keyId":"k"}']) {
      sessionStorage.setItem(name, odd)
      expect(await loadSignIn(SERVER), odd).to.equal(null)
    }
    await forgetSignIn(SERVER)
    expect(Object.keys(sessionStorage)).to.deep.equal([])
  })
})

describe('EMBED-7 tabs share a session', () => {
  /** A tab of this origin: what it knows, and how often it asked the server. */
  function tab(server: string, keyId = 'key') {
    const own = { session: null as Session | null, asked: 0, changes: 0 }
    const sharing = createSharing(server, {
      current: () => own.session,
      onChange: () => {
        own.changes += 1
      },
      onSession: (session) => {
        own.session = session
      },
    })
    const need = () =>
      sharing.alone(keyId, async () => {
        if (own.session?.keyId === keyId) return own.session.token
        own.asked += 1
        const session = { keyId, token: `token-${crypto.randomUUID()}`, until: 0 }
        own.session = session
        sharing.tell(session)
        return session.token
      })
    return { own, need, sharing }
  }

  it('that one of them asked for, however many wake up at once', async () => {
    const server = `https://${crypto.randomUUID()}.example`
    const tabs = Array.from({ length: 12 }, () => tab(server))
    const tokens = await Promise.all(tabs.map(({ need }) => need()))
    expect(new Set(tokens).size).to.equal(1)
    expect(tabs.reduce((sum, { own }) => sum + own.asked, 0)).to.equal(1)
  })

  it('but not with another agent, and each hears that somebody signed in or out', async () => {
    const server = `https://${crypto.randomUUID()}.example`
    const [anna, boris] = [tab(server, 'anna'), tab(server, 'boris')]
    const [first, second] = await Promise.all([anna.need(), boris.need()])
    expect(first).not.to.equal(second)
    anna.sharing.tellChange()
    await waitUntil(() => boris.own.changes === 1)
  })
})

describe('EMBED-7 the form for the link', () => {
  afterEach(() => {
    window.fetch = realFetch
    widget.remove()
  })
  const realFetch = window.fetch

  async function open(answer: () => Promise<Response>) {
    const bodies: Record<string, unknown>[] = []
    window.fetch = async (url, init) => {
      if (!String(url).endsWith('/api/sign-in')) return realFetch(url, init)
      bodies.push(JSON.parse(String(init?.body)))
      return answer()
    }
    const server = await show({ signsIn: true })
    server.setState('refused', 'no-token')
    ;(await button('Sign in to telephony')).click()
    // The code comes in pieces from a server that makes them while it is asked.
    await waitUntil(() => all('ringside-sign-in input').length > 0, '', { timeout: 8_000 })
    const field = await one<HTMLInputElement>('ringside-sign-in input')
    const submit = async (text: string) => {
      field.value = text
      field.dispatchEvent(new InputEvent('input'))
      ;(await one('ringside-sign-in .primary')).click()
    }
    const alert = async () => textOf(await one('ringside-sign-in [role=alert]'))
    return { submit, alert, bodies, field }
  }

  it('takes a link with everything around it, and sends what stands behind #', async () => {
    const { submit, alert, bodies, field } = await open(async () =>
      Response.json({ title: 'No valid token' }, { status: 401 }),
    )
    await submit(`  https://calls.example.com/sign-in#${'abc_-'.repeat(6)}\n`)
    expect(await alert()).to.match(/^This link was used already/)
    expect(bodies[0]?.token).to.equal('abc_-'.repeat(6))
    expect(Object.keys(bodies[0]?.publicKey as object).sort()).to.deep.equal([
      'crv',
      'kty',
      'x',
      'y',
    ])
    expect(field.getRootNode()).to.have.property('activeElement', field)
  })

  it('says what is wrong: no link, no server, and forgets it with the next key', async () => {
    const { submit, alert, bodies, field } = await open(async () => {
      throw new TypeError('Failed to fetch')
    })
    await submit('https://helpdesk.example/tickets/4819')
    expect(await alert()).to.match(/^This is not a sign-in link/)
    expect(bodies).to.deep.equal([])
    await submit('a'.repeat(32))
    await waitUntil(async () => /was not reached/.test(await alert()))
    field.dispatchEvent(new InputEvent('input'))
    await waitUntil(() => all('ringside-sign-in [role=alert]').length === 0)
  })
})
