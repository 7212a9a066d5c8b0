import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createPostgresPool } from '../../db/postgres-pool.ts'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'

const url = process.env.TEST_DATABASE_URL
const skip = url ? false : 'TEST_DATABASE_URL is not set: `npm test` sets it'

const SENT_MS = 50

/** A pool of two connections through a proxy, which looks after its queries every so many milliseconds. */
async function openPool(lookEveryMs = 50) {
  const target = new URL(String(url))
  const proxy = await startCuttableProxy(Number(target.port))
  target.port = String(proxy.port)
  const pool = createPostgresPool({ connect_timeout: 1 }, target.href, 2, lookEveryMs)
  const client = await pool.client()
  if (!('reserve' in client)) throw new Error('no pool')
  return { proxy, client }
}

test('HOLD-2 a query on a connection that the network forgot ends, and the next one is answered', {
  skip,
}, async () => {
  const { proxy, client } = await openPool()
  await using _ = proxy
  const [a, b] = [await client.reserve(), await client.reserve()]
  await Promise.all([a.unsafe('select 1', []), b.unsafe('select 1', [])])
  b.release()
  proxy.become('swallow')
  const unanswered = a.unsafe('select 2', [])
  proxy.become('pass')
  await assert.rejects(async () => unanswered, { code: 'CONNECTION_DESTROYED' })
  a.release()
  // The one that lay idle was forgotten as well.
  for (const each of [await client.reserve(), await client.reserve()]) {
    assert.deepEqual([...(await each.unsafe('select 3 as three', []))], [{ three: 3 }])
    each.release()
  }
  await client.end()
})

test('HOLD-2 a query that only takes long is left alone', { skip }, async () => {
  const { proxy, client } = await openPool()
  await using _ = proxy
  const slow = await client.reserve()
  await slow.unsafe('select 1', [])
  const rows = await slow.unsafe('select 4 as four from pg_sleep(1.5)', [])
  assert.deepEqual([...rows], [{ four: 4 }])
  slow.release()
  await client.end()
})

test('HOLD-2 a query ends, and the next one fails, where PostgreSQL does not answer at all', {
  skip,
}, async () => {
  const { proxy, client } = await openPool()
  await using _ = proxy
  const mute = await client.reserve()
  await mute.unsafe('select 1', [])
  proxy.become('swallow')
  await assert.rejects(async () => mute.unsafe('select 2', []), { code: 'CONNECTION_DESTROYED' })
  mute.release()
  const next = await client.reserve()
  await assert.rejects(async () => next.unsafe('select 3', []), { code: 'CONNECT_TIMEOUT' })
  next.release()
  await client.end()
})

test('HOLD-2 a query goes on where only new connections are refused', { skip }, async () => {
  const { proxy, client } = await openPool()
  await using _ = proxy
  const slow = await client.reserve()
  await slow.unsafe('select 1', [])
  proxy.become('refuse')
  const rows = await slow.unsafe('select 4 as four from pg_sleep(1.5)', [])
  assert.deepEqual([...rows], [{ four: 4 }])
  slow.release()
  await client.end()
})

test('HOLD-2 a pool ends though a query waits on a connection that the network forgot', {
  skip,
}, async () => {
  const { proxy, client } = await openPool(60_000)
  await using _ = proxy
  const mute = await client.reserve()
  await mute.unsafe('select 1', [])
  proxy.become('swallow')
  const unanswered = assert.rejects(async () => mute.unsafe('select 2', []), {
    code: 'CONNECTION_DESTROYED',
  })
  await pause(SENT_MS)
  await client.end()
  await unanswered
})
