import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { newId } from '../../db/new-id.ts'
import { createImportFolder } from '../../server/setup/import-folder.ts'

const CSV = 'externalId,name\na,Anna\n'

async function* content(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(CSV)
}

test('USER-5 HOLD-1 a file is read by one process at a time, and taken up where that one left it', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'ringside-test-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  const [one, other] = [
    createImportFolder<{ lines: number }>(path),
    createImportFolder<{ lines: number }>(path),
  ]
  const id = newId()
  const file = await one.receive(id, 'csv', content(), 1000)
  assert.deepEqual(await one.takeUp(), [])
  assert.deepEqual(await other.takeUp(), [])
  await file.keepProgress({ lines: 7 })
  file.leave()
  const [found, ...more] = await other.takeUp()
  assert.deepEqual(more, [])
  assert.deepEqual([found?.id, found?.format, found?.progress], [id, 'csv', { lines: 7 }])
  assert.deepEqual(await one.takeUp(), [])
  await found?.remove()
  assert.deepEqual(await readdir(path), [])
})

test('USER-5 HOLD-1 progress that cannot be read begins the file anew; one that is too large leaves nothing', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'ringside-test-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  const folder = createImportFolder<{ lines: number }>(path)
  const id = newId()
  await assert.rejects(folder.receive(id, 'csv', content(), 10), { code: 'too-large' })
  assert.deepEqual(await readdir(path), [])
  const file = await folder.receive(id, 'csv', content(), 1000)
  await writeFile(join(path, `${id}.progress`), '{"lines":')
  file.leave()
  const [found] = await folder.takeUp()
  assert.equal(found?.progress, null)
  await found?.remove()
  assert.deepEqual(await readdir(path), [])
})
