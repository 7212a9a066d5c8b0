import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { afterEach, beforeEach } from 'node:test'
import { openSpool } from '../server/spool.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringside-spool-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('HOLD-2 HOLD-7 two processes with one folder do not touch each other’s lines', async () => {
  const a = await openSpool(folder)
  const b = await openSpool(folder)
  await a.append(['A1'])
  await b.append(['B1'])
  await a.append(['A2'])
  const [ofA, ofB] = [await a.peek(10), await b.peek(10)]
  assert.deepEqual(ofA.lines, ['A1', 'A2'])
  assert.deepEqual(ofB.lines, ['B1'])
  await a.remove(ofA)
  assert.equal(b.pending(), 1)
  assert.deepEqual((await b.peek(10)).lines, ['B1'])
  await a.close()
  await b.close()
})

test('HOLD-7 what a process that is gone left is adopted, behind one’s own, once', async () => {
  const a = await openSpool(folder)
  const b = await openSpool(folder)
  await b.append(['B1', 'B2'])
  await a.append(['A1'])
  await a.adopt()
  assert.equal(a.pending(), 1, 'the other process is still there')
  await b.close()
  await a.adopt()
  await a.adopt()
  assert.deepEqual((await a.peek(10)).lines, ['A1', 'B1', 'B2'])
  await a.close()
})

test('HOLD-1 the first process’s lines are adopted by a second that went on', async () => {
  const a = await openSpool(folder)
  const b = await openSpool(folder)
  await a.append(['A1'])
  await a.close()
  await b.adopt()
  assert.deepEqual((await b.peek(10)).lines, ['A1'])
  await b.close()
})
