import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { sql } from 'kysely'
import { createPostgresDatabase } from './support/database.ts'
import { createWorld } from './support/world.ts'

const url = process.env.TEST_DATABASE_URL
const hasTools = spawnSync('pg_dump', ['--version']).status === 0
const skip = !url ? 'TEST_DATABASE_URL is not set' : hasTools ? false : 'pg_dump is not installed'
const audio = readFileSync('server/simulate/recording.mp3')
const RINGSIDE_SECRET = 'test-ringside-secret-of-this-test'

test('docs/operating.md: a dump and a copy of the recordings are all that a new server needs', {
  skip,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ringside-backup-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const old = await createPostgresDatabase(String(url))
  t.after(old.drop)
  const restored = await createPostgresDatabase(String(url))
  t.after(restored.drop)

  const first = await createWorld(async () => old.database, { RINGSIDE_SECRET })
  const settings = { host: '127.0.0.1', port: 9, userName: 'ringside', secret: 'canary' }
  const pbx = `/api/connections/${first.connectionId}`
  await first.api('PATCH', pbx, { ami: { ...settings, events: false } })
  const fields = { unique_id: '1.1', from_user: '+79161234567', to_user: '101' }
  await first.hook({ ...fields, status: 'incoming_ring' })
  assert.equal(await first.record('1.1', audio), 200)
  const call = await first.call('1.1')
  const { body: before } = await first.api('GET', pbx)
  const dump = join(folder, 'ringside.dump')
  execFileSync('pg_dump', ['--format=custom', `--file=${dump}`, old.url])
  const recordings = join(folder, 'recordings')
  await cp(`${first.context.config.dataDir}/recordings`, recordings, { recursive: true })
  await first.close()

  await sql`drop schema public cascade`.execute(restored.database.db)
  await sql`create schema public`.execute(restored.database.db)
  execFileSync('pg_restore', ['--no-owner', `--dbname=${restored.url}`, dump])
  await sql`delete from settings where key = 'epoch'`.execute(restored.database.db)
  const env = { RINGSIDE_SECRET, RECORDINGS_URL: `file:${recordings}` }
  await using second = await createWorld(async () => restored.database, env)
  const { body: found } = await second.api('GET', `/api/calls/${call.id}`)
  assert.equal(found.recordings.length, 1)
  assert.deepEqual({ ...found, recordings: [] }, { ...call, recordings: [] })
  const { body } = await second.api('GET', `/api/recordings/${found.recordings[0].id}`)
  const heard = await fetch(new URL(body.audioUrl, second.url))
  assert.deepEqual(Buffer.from(await heard.arrayBuffer()), audio)
  const { body: after } = await second.api('GET', pbx)
  assert.equal(after.webhookToken, before.webhookToken)
  const accounts = second.context.accountsOf(first.connectionId)
  assert.equal(accounts?.ami?.secret.reveal(), 'canary')
  const epoch = sql<{ value: string }>`select value from settings where key = 'epoch'`
  const { rows } = await epoch.execute(restored.database.db)
  assert.equal(rows.length, 1)
})
