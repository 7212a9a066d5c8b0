import assert from 'node:assert/strict'
import test from 'node:test'
import { startFuzzServer } from './fuzz-server.ts'
import { attackUploads, killInTheMiddle } from './uploads-run.ts'

const MIB = 1024 * 1024

test('SAFE-4 hostile uploads cost no memory, leave no file, and go out as audio or not at all', async (t) => {
  const maxBytes = 16 * MIB
  await using server = await startFuzzServer(null, { RECORDING_MAX_BYTES: String(maxBytes) })
  const rows = await attackUploads(server, {
    hugeBytes: 160 * MIB,
    parts: 1000,
    drips: 5,
    dripSeconds: 1,
  })
  const failed = rows.filter(({ failures }) => failures.length > 0)
  const shown = failed.map(({ name, said, failures }) => `${name}: ${said} ${failures.join('; ')}`)
  assert.deepEqual(shown, [])
  t.diagnostic(`memory at most +${Math.max(...rows.map(({ grownMb }) => grownMb)).toFixed(0)} MiB`)
  assert.deepEqual((await killInTheMiddle(server, 1)).failures, [])
})
