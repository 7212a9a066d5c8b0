import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import test from 'node:test'
import { signJwt } from '../server/http/jwt.ts'
import { createFakeAri } from './support/fake-ari.ts'
import { newDataFolder } from './support/migrated.ts'
import { startServer } from './support/process.ts'
import { createScriptedAmi } from './support/scripted-ami.ts'

const ADMIN_KEY = 'admin-key-canary-0123456789abcdef'
const EMBED_SECRET = 'embed-secret-canary-0123456789abcdef'
const RINGSIDE_SECRET = 'ringside-secret-canary-0123456789abcdef'
const PASSWORDS = ['ari-password-canary', 'ami-secret-canary', 'field-secret-canary']
const CALLER = '79167654321'
const CALLED = '74957654322'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }

interface Asked {
  readonly status: number
  readonly text: string
}

test('SAFE-7 a whole server at its most talkative: no secret and no phone number in log, error answers, metrics', async (t) => {
  const folder = await newDataFolder('ringside-canaries-')
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  await using ari = await createFakeAri()
  await using ami = await createScriptedAmi({ secret: 'ami-secret-canary' })
  const server = await startServer({
    DATA_DIR: folder,
    ADMIN_API_KEY: ADMIN_KEY,
    EMBED_SECRET,
    RINGSIDE_SECRET,
    LOG_LEVEL: 'trace',
  })
  t.after(() => server.stop())

  const failures: Asked[] = []
  const ask = async (
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Asked> => {
    const response = await fetch(`${server.url}${path}`, { method, headers, body: body ?? null })
    const asked = { status: response.status, text: await response.text() }
    if (asked.status >= 400) failures.push(asked)
    return asked
  }
  const key = { authorization: `Bearer ${ADMIN_KEY}`, ...JSON_TYPE }
  const api = (method: string, path: string, json?: unknown, headers = key): Promise<Asked> =>
    ask(method, path, json === undefined ? undefined : JSON.stringify(json), headers)

  const accounts = {
    ari: { url: ari.url, userName: 'ringside', password: 'ari-password-canary', events: true },
    ami: {
      host: '127.0.0.1',
      port: ami.port,
      userName: 'ringside',
      secret: 'ami-secret-canary',
      events: true,
    },
  }
  const named = { name: 'PBX', timeZone: 'UTC', country: 'RU' }
  const made = await api('POST', '/api/connections', { ...named, ...accounts })
  assert.equal(made.status, 201, made.text)
  const { id, webhookToken } = JSON.parse(made.text) as { id: string; webhookToken: string }
  const { key: apiKey } = JSON.parse(
    (await api('POST', '/api/keys', { name: 'reader', scopes: ['read'] })).text,
  ) as { key: string }
  const agentToken = signJwt(
    {
      sub: 'anna',
      name: 'Anna',
      aud: 'ringside',
      exp: Math.floor(Date.now() / 1000) + 3600,
      extensions: ['101'],
    },
    Buffer.from(EMBED_SECRET),
  )
  const agent = { authorization: `Bearer ${agentToken}`, ...JSON_TYPE }
  const connection = `/api/connections/${id}`

  // The accounts: right, wrong, moved, at servers of another kind.
  const tests = [
    await api('POST', `${connection}/test`),
    await api('POST', '/api/connections/test', accounts),
    await api('POST', '/api/connections/test', {
      ari: { ...accounts.ari, url: `http://127.0.0.1:${ami.port}` },
      ami: { ...accounts.ami, port: 1, secret: 'field-secret-canary' },
    }),
  ]
  const [saved] = tests.map(({ text }) => JSON.parse(text) as Record<string, { code: string }>)
  assert.deepEqual([saved?.ari?.code, saved?.ami?.code], ['wrong-login', 'no-rights'])
  await api('PATCH', connection, { ari: { url: 'http://other.invalid' } })
  await api('PATCH', connection, { ari: { password: ['ari-password-canary'] } })
  await api('PATCH', connection, { ami: { secret: 'ami-secret-canary\r\nAction: Originate' } })
  await api('GET', `${connection}/endpoints`)

  // The dialplan: good events, and every way of being refused.
  const hook = `/webhooks/asterisk/${webhookToken}`
  const event = (status: string, more = ''): string =>
    `unique_id=1.1&status=${status}&from_user=%2B${CALLER}&to_user=${CALLED}${more}`
  const posts = [
    event('incoming_start'),
    event('incoming_ring').replace(CALLED, '101'),
    event('incoming_ring', `&password=field-secret-canary&note=${webhookToken}`),
    event('no_such_status'),
    event('incoming_start', '&datetime=yesterday'),
    event('incoming_start').replace('unique_id=1.1&', ''),
    event('incoming_end', '&call_duration=long'),
    event('incoming_start', `&x=${'y'.repeat(100_000)}`),
    event('record'),
  ]
  const statuses: number[] = []
  for (const body of posts) statuses.push((await ask('POST', hook, body, FORM)).status)
  assert.deepEqual(statuses, [200, 200, 200, 400, 400, 400, 200, 413, 400])
  await ask('POST', hook, event('incoming_start'), { ...FORM, origin: 'https://a.example' })
  await ask('POST', `${hook}x`, event('incoming_start'), FORM)
  await ask('POST', `${hook}/${CALLER.slice(0, 2)}`, event('incoming_start'), FORM)
  await ask('PUT', hook, event('incoming_start'), FORM)
  await ask('POST', hook.replace('asterisk', 'cti'), `event=x&from=${CALLER}&to=${CALLED}`, FORM)

  // People, and identities that are none.
  await api('POST', '/api/users', { name: 'Ivan', phones: [`+${CALLER}`], email: 'no address' })
  await api('POST', '/api/users', { name: 5, phones: [`+${CALLER}`] })
  await api('POST', '/api/dial', { number: `+${CALLER}` }, agent)
  await api('POST', '/api/erase', { phone: [`+${CALLER}`] })
  await api('GET', `/api/users?limit=x&phone=%2B${CALLER}`)
  await api('GET', '/api/keys', undefined, agent)
  await api('GET', '/api/connections', undefined, { ...key, authorization: `Bearer ${apiKey}` })
  for (const secret of [
    `${ADMIN_KEY}x`,
    `${apiKey}x`,
    `${agentToken}x`,
    EMBED_SECRET,
    webhookToken,
  ])
    await api('GET', '/api/me', undefined, { ...key, authorization: `Bearer ${secret}` })
  await ask('POST', '/api/users', `{"phones":["+${CALLER}"`, key)

  const log = await api('GET', `${connection}/log?limit=200`)
  assert.match(log.text, /no_such_status/)
  const shown = await api('GET', connection)
  const metrics = await ask('GET', '/metrics')
  assert.match(metrics.text, /ringside_events_pending/)
  await server.stop()

  assert.ok(failures.length >= 20, `${failures.length} errors were looked at`)
  assert.ok(server.errors.length >= 5, `${server.errors.length} lines were logged`)
  const secrets = [ADMIN_KEY, EMBED_SECRET, RINGSIDE_SECRET, apiKey, agentToken, ...PASSWORDS]
  const numbers = [CALLER, CALLED]
  // The log of a connection is there to show numbers, its own page the address with the token.
  const places: readonly (readonly [name: string, text: string, forbidden: readonly string[]])[] = [
    ['log output', server.errors.join('\n'), [...secrets, webhookToken, ...numbers]],
    [
      'error answers',
      failures.map(({ text }) => text).join('\n'),
      [...secrets, webhookToken, ...numbers],
    ],
    ['metrics', metrics.text, [...secrets, webhookToken, ...numbers]],
    ['tests', tests.map(({ text }) => text).join('\n'), [...secrets, webhookToken, ...numbers]],
    ['connection log', log.text, [...secrets, webhookToken]],
    ['connection', shown.text, secrets],
  ]
  for (const [name, text, forbidden] of places)
    for (const each of forbidden)
      assert.ok(!text.includes(each), `${name} has ${each}: ${around(text, each)}`)
})

function around(text: string, found: string): string {
  const at = text.indexOf(found)
  return text.slice(Math.max(0, at - 200), at + found.length + 50)
}
