import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { createSeal, deriveKey, loadOrCreateSecret } from '../server/seal.ts'
import { Secret } from '../server/secret.ts'

const SECRET = new Secret('a secret of at least 32 characters.')

test('SAFE-7 a sealed value opens only at its place, with its secret, unchanged', () => {
  const seal = createSeal(SECRET)
  for (const plain of ['', 'pässword', 'x'.repeat(10_000)]) {
    assert.equal(seal.open(seal.seal(plain, 'a/1'), 'a/1').reveal(), plain)
  }
  const sealed = seal.seal('password', 'a/1')
  assert.notEqual(sealed, seal.seal('password', 'a/1'), 'never twice the same')
  assert.throws(() => seal.open(sealed, 'a/2'), /another RINGSIDE_SECRET/)
  assert.throws(() =>
    createSeal(new Secret('another secret, 32 characters long')).open(sealed, 'a/1'),
  )
  const bytes = Buffer.from(sealed.slice(3), 'base64url')
  for (let index = 0; index < bytes.length; index++) {
    const changed = Buffer.from(bytes)
    changed[index] = (changed[index] ?? 0) ^ 1
    assert.throws(() => seal.open(`v1.${changed.toString('base64url')}`, 'a/1'))
  }
  for (const nonsense of ['', 'v1.', 'v2.abc', 'plain']) {
    assert.throws(() => seal.open(nonsense, 'a/1'), /cannot be read/)
  }
  assert.notDeepEqual(deriveKey(SECRET, 'a'), deriveKey(SECRET, 'b'))
})

test('SAFE-7 secrets that nobody set are made once, for the owner only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringside-secret-'))
  try {
    const made = await Promise.all(
      Array.from({ length: 20 }, () => loadOrCreateSecret(join(folder, 'data'), 'ringside')),
    )
    const values = new Set(made.map((secret) => secret.reveal()))
    assert.equal(values.size, 1)
    assert.ok([...values].every((value) => value.length >= 32))
    const other = await loadOrCreateSecret(join(folder, 'data'), 'embed')
    assert.ok(!values.has(other.reveal()))
    assert.deepEqual((await readdir(join(folder, 'data'))).sort(), [
      'embed.secret',
      'ringside.secret',
    ])
    assert.equal((await stat(join(folder, 'data', 'ringside.secret'))).mode & 0o777, 0o600)
    await writeFile(join(folder, 'data', 'embed.secret'), '')
    await assert.rejects(loadOrCreateSecret(join(folder, 'data'), 'embed'), /holds no secret/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
