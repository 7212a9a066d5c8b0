import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import test from 'node:test'
import * as v from 'valibot'
import { HOOK_EVENTS } from '../../db/outbox.ts'
import { createHookSecret, signMessage } from '../../server/hooks/sign.ts'
import { callSchema, caseSchema, recordingSchema, userSchema } from '../../server/http/schemas.ts'
import { Secret } from '../../server/secret.ts'

const SCHEMAS = {
  call: v.strictObject(callSchema.entries),
  case: v.strictObject({ ...caseSchema.entries, withdrawnTo: v.nullable(v.string()) }),
  recording: v.strictObject(recordingSchema.entries),
  user: v.strictObject({ ...userSchema.entries, callId: v.optional(v.string()) }),
}

test('ADMIN-7 docs/hooks.md has an example of each event, and each is what the API shows', () => {
  const text = readFileSync(new URL('../../docs/hooks.md', import.meta.url), 'utf8')
  const examples = [...text.matchAll(/### `([\w.]+)`\n[^#]*?```json\n([\s\S]*?)```/g)]
  assert.deepEqual(examples.map(([, type]) => type).sort(), [...HOOK_EVENTS].sort())
  for (const [, type, json = ''] of examples) {
    const example = JSON.parse(json)
    assert.deepEqual([Object.keys(example), example.type], [['type', 'timestamp', 'data'], type])
    const kind = String(type).split('.')[0] as keyof typeof SCHEMAS
    const parsed = v.safeParse(SCHEMAS[kind], example.data)
    assert.ok(parsed.success, `${type}: ${JSON.stringify(parsed.issues?.map((i) => i.message))}`)
  }
})

test('ADMIN-7 docs/samples/hook.mjs takes what is signed and nothing else', async () => {
  const secret = createHookSecret()
  const child = spawn(process.execPath, ['docs/samples/hook.mjs'], {
    env: { PATH: process.env.PATH, HOOK_SECRET: secret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [url] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string]
    const body = JSON.stringify({ type: 'ping', data: { id: 'ü' } })
    const post = async (secrets: string[], text = body, at = new Date()): Promise<number> => {
      const headers = signMessage(
        { id: 'evt_1', at, body },
        secrets.map((each) => new Secret(each)),
      )
      return (await fetch(url, { method: 'POST', headers: { ...headers }, body: text })).status
    }
    assert.equal(await post([secret]), 204)
    assert.equal(await post([createHookSecret(), secret]), 204)
    assert.equal(await post([createHookSecret()]), 401)
    assert.equal(await post([secret], body.replace('ping', 'pong')), 401)
    assert.equal(await post([secret], body, new Date(Date.now() - 600_000)), 401)
    assert.equal((await fetch(url, { method: 'POST', body })).status, 401)
  } finally {
    child.kill()
  }
})
