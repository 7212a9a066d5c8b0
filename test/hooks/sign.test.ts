import assert from 'node:assert/strict'
import test from 'node:test'
import OpenAI from 'openai'
import { Webhook } from 'standardwebhooks'
import { backoffMs, GIVE_UP_AFTER_MS, nextAttemptAt } from '../../server/hooks/schedule.ts'
import { createHookSecret, signMessage } from '../../server/hooks/sign.ts'
import { Secret } from '../../server/secret.ts'

/** Two that share no code: one by `fast-sha256`, one by WebCrypto. */
const LIBRARIES: readonly {
  name: string
  verify: (secret: string, body: string, headers: Record<string, string>) => Promise<unknown>
}[] = [
  {
    name: 'standardwebhooks',
    verify: async (secret, body, headers) => new Webhook(secret).verify(body, headers),
  },
  {
    name: 'openai',
    verify: (secret, body, headers) =>
      new OpenAI({ apiKey: 'none' }).webhooks.verifySignature(body, headers, secret),
  },
]

for (const { name, verify } of LIBRARIES) {
  test(`ADMIN-7 ${name} takes what is signed, and nothing that was changed on its way`, async () => {
    const secret = createHookSecret()
    const body = JSON.stringify({ type: 'call.ended', data: { from: '+375 29 …', name: 'Ünï' } })
    const headers = { ...sign(body, [secret]) }
    await verify(secret, body, headers)
    const changed: [string, Record<string, string>][] = [
      [body.replace('ended', 'enden'), headers],
      [body, { ...headers, 'webhook-id': 'evt_other' }],
      [body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 1) }],
    ]
    for (const [text, other] of changed) await assert.rejects(verify(secret, text, other))
    await assert.rejects(verify(createHookSecret(), body, headers))
  })

  test(`ADMIN-7 ${name} takes either secret while both are valid`, async () => {
    const [old, fresh] = [createHookSecret(), createHookSecret()]
    const headers = { ...sign('{}', [fresh, old]) }
    await verify(old, '{}', headers)
    await verify(fresh, '{}', headers)
    await assert.rejects(verify(createHookSecret(), '{}', headers))
  })
}

function sign(body: string, secrets: readonly string[]) {
  const message = { id: 'evt_1', at: new Date(), body }
  return signMessage(
    message,
    secrets.map((each) => new Secret(each)),
  )
}

test('ADMIN-7 each wait is twice the one before up to half an hour, a fifth more or less', () => {
  const waits = Array.from({ length: 12 }, (_none, index) => backoffMs(index + 1, 0.5) / 1000)
  assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800])
  assert.equal(backoffMs(10, 0), 1800_000 * 0.8)
  assert.equal(backoffMs(1000, 1), Math.round(1800_000 * 1.2))
})

test('ADMIN-7 it is tried for three days, and not for longer', () => {
  const createdAt = new Date('2026-03-02T10:00:00Z')
  let at = createdAt
  let attempts = 0
  for (let next: Date | null = at; next !== null; ) {
    at = next
    attempts += 1
    next = nextAttemptAt({ attempts, createdAt }, at, 0.5)
  }
  const spent = at.getTime() - createdAt.getTime()
  assert.ok(spent <= GIVE_UP_AFTER_MS && spent > GIVE_UP_AFTER_MS - 30 * 60_000, `${spent} ms`)
})
