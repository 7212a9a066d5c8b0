import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test, { afterEach, beforeEach } from 'node:test'
import { insertCallEvents, toCallEvent } from '../db/call-events.ts'
import { createIntake, type IntakeOptions } from '../server/intake.ts'
import type { NewEvent } from '../server/sources/new-event.ts'
import { openSpool } from '../server/spool.ts'
import { onEachDatabase } from './support/database.ts'
import { createMemoryLog } from './support/memory-log.ts'

const arrivedAt = new Date('2026-11-21T00:00:00.500Z')
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringside-intake-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function newEvent(receipt: string, queue = 'x'): NewEvent {
  return {
    receipt,
    raw: { unique_id: '1.1', queue },
    event: {
      type: 'ringing',
      source: 'webhook',
      connectionId: 'c1',
      uniqueId: '1.1',
      at: new Date('2026-11-21T00:00:00Z'),
      atKnown: true,
      arrivedAt,
      order: 0,
      extra: {},
      direction: 'incoming',
      from: '+375291701699',
      extensions: ['101'],
      queue,
    },
  }
}

/** A database that takes, fails or hangs as the test says. */
function fakeDatabase() {
  const kept: string[] = []
  const batches: string[][] = []
  const held: (() => void)[] = []
  const heard = Promise.withResolvers<void>()
  const database = {
    kept,
    batches,
    held,
    mode: 'take' as 'take' | 'fail' | 'hold',
    /** Resolves when `count` events are kept. */
    async has(count: number): Promise<void> {
      while (kept.length < count) await new Promise((resolve) => setImmediate(resolve))
    },
    insert: async (batch: readonly NewEvent[]): Promise<void> => {
      const receipts = batch.map(({ receipt }) => receipt)
      batches.push(receipts)
      heard.resolve()
      if (database.mode === 'fail') throw new Error('connection refused')
      if (database.mode === 'hold') await new Promise<void>((resolve) => held.push(resolve))
      for (const receipt of receipts) if (!kept.includes(receipt)) kept.push(receipt)
    },
  }
  return database
}

async function open(insert: IntakeOptions['insert'], more: Partial<IntakeOptions> = {}) {
  const log = createMemoryLog()
  const told: string[] = []
  const intake = await createIntake({
    insert,
    log,
    spoolFolder: folder,
    onAccepted: (events) => told.push(...events.map(({ receipt }) => receipt)),
    retryMs: () => 1,
    ...more,
  })
  return { intake, log, told, [Symbol.asyncDispose]: intake.close }
}

const spoolText = (): Promise<string> => readFile(join(folder, 'events.ndjson'), 'utf8')

test('CALL-6 an event is accepted when it is in the database, and told then', async () => {
  const database = fakeDatabase()
  database.mode = 'hold'
  await using opened = await open(database.insert)
  let isAccepted = false
  const accepted = opened.intake.accept([newEvent('a')]).then(() => {
    isAccepted = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isAccepted, false)
  assert.deepEqual(opened.told, [])
  database.held[0]!()
  await accepted
  assert.deepEqual(opened.told, ['a'])
  assert.equal(await spoolText(), '')
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('PERF-1 what arrives in one turn of the event loop is one insert', async () => {
  const database = fakeDatabase()
  await using opened = await open(database.insert)
  await Promise.all(['a', 'b', 'c'].map((each) => opened.intake.accept([newEvent(each)])))
  assert.deepEqual(database.batches, [['a', 'b', 'c']])
})

test('PERF-1 a second insert begins beside the first one when it has as much, a third one waits', async () => {
  const database = fakeDatabase()
  database.mode = 'hold'
  await using opened = await open(database.insert)
  const accepted: Promise<void>[] = []
  const accept = async (...receipts: string[]): Promise<void> => {
    for (const each of receipts) accepted.push(opened.intake.accept([newEvent(each)]))
    await turn()
    await turn()
  }
  await accept('a', 'b')
  await accept('c')
  assert.deepEqual(database.batches, [['a', 'b']])
  await accept('d', 'e')
  await accept('f', 'g', 'h', 'i')
  assert.deepEqual(database.batches, [
    ['a', 'b'],
    ['c', 'd', 'e'],
  ])
  database.mode = 'take'
  for (const release of database.held) release()
  await Promise.all(accepted)
  assert.deepEqual(database.batches.at(-1), ['f', 'g', 'h', 'i'])
})

test('PERF-1 what is too little for a second insert goes when the first one is over', async () => {
  const database = fakeDatabase()
  database.mode = 'hold'
  await using opened = await open(database.insert)
  const first = ['a', 'b'].map((each) => opened.intake.accept([newEvent(each)]))
  await turn()
  const later = opened.intake.accept([newEvent('c')])
  database.mode = 'take'
  database.held[0]!()
  await Promise.all([...first, later])
  assert.deepEqual(database.batches, [['a', 'b'], ['c']])
})

test('CALL-18 what was let in before the intake is closed is kept', async () => {
  const database = fakeDatabase()
  const opened = await open(database.insert)
  const accepted = opened.intake.accept([newEvent('a')])
  await Promise.all([opened.intake.close(), accepted])
  assert.deepEqual(database.kept, ['a'])
})

test('HOLD-2 what the database refuses is in the spool when it is acknowledged', async () => {
  const database = fakeDatabase()
  database.mode = 'fail'
  await using opened = await open(database.insert)
  await opened.intake.accept([newEvent('a')])
  assert.match(await spoolText(), /"receipt":"a"/)
  assert.equal(opened.intake.pendingInSpool(), 1)
  assert.deepEqual(opened.told, [])
  database.mode = 'take'
  await database.has(1)
  assert.deepEqual(database.kept, ['a'])
})

test('HOLD-2 while the spool is not empty new events go behind those in it', async () => {
  const database = fakeDatabase()
  database.mode = 'fail'
  await using opened = await open(database.insert)
  const receipts = Array.from({ length: 2500 }, (_, index) => `r${index}`)
  for (const receipt of receipts.slice(0, 20)) await opened.intake.accept([newEvent(receipt)])
  const rest = receipts.slice(20).map((receipt) => opened.intake.accept([newEvent(receipt)]))
  database.mode = 'take'
  await Promise.all(rest)
  await database.has(2500)
  assert.deepEqual(database.kept.slice(0, 20), receipts.slice(0, 20))
  assert.deepEqual(new Set(database.kept), new Set(receipts))
  while (opened.intake.pendingInSpool() > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(new Set(opened.told), new Set(receipts))
})

test('HOLD-2 the spool is empty again after everything was taken', async () => {
  const database = fakeDatabase()
  database.mode = 'fail'
  const opened = await open(database.insert)
  await opened.intake.accept([newEvent('a'), newEvent('b')])
  database.mode = 'take'
  while (opened.intake.pendingInSpool() > 0) await new Promise((resolve) => setImmediate(resolve))
  await opened.intake.close()
  assert.equal(await spoolText(), '')
  assert.deepEqual(opened.told, ['a', 'b'])
})

test('CALL-6 an insert that takes too long goes to the spool, and does no harm when it succeeds', async () => {
  const database = fakeDatabase()
  database.mode = 'hold'
  await using opened = await open(database.insert, { timeoutMs: 20 })
  await opened.intake.accept([newEvent('a')])
  assert.match(await spoolText(), /"receipt":"a"/)
  database.mode = 'take'
  for (const release of database.held) release()
  await database.has(1)
  await opened.intake.accept([newEvent('b')])
  await database.has(2)
  assert.deepEqual(database.kept, ['a', 'b'])
})

test('HOLD-1 an earlier process’s spool is taken at the start; dates are dates again', async () => {
  const first = await open(() => Promise.reject(new Error('away')), { retryMs: () => 60_000 })
  await first.intake.accept([newEvent('a', 'Продажи'), newEvent('b')])
  await first.intake.close()
  const batch = Promise.withResolvers<readonly NewEvent[]>()
  await using second = await open(async (events) => batch.resolve(events))
  assert.deepEqual(await batch.promise, [newEvent('a', 'Продажи'), newEvent('b')])
  assert.equal(second.log.lines.length, 0)
})

test('HOLD-1 a last line that is not whole was never acknowledged and is dropped', async () => {
  await writeFile(
    join(folder, 'events.ndjson'),
    `${JSON.stringify(newEvent('a'))}\n{"receipt":"b","ev`,
  )
  const database = fakeDatabase()
  await using opened = await open(database.insert)
  await database.has(1)
  while (opened.intake.pendingInSpool() > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(database.kept, ['a'])
  assert.deepEqual(opened.log.lines, [])
  database.mode = 'fail'
  await opened.intake.accept([newEvent('c')])
  database.mode = 'take'
  await database.has(2)
  assert.deepEqual(database.kept, ['a', 'c'])
})

test('HOLD-1 a whole line that cannot be read is put aside and told, not lost', async () => {
  await writeFile(join(folder, 'events.ndjson'), `\0\0nonsense\n${JSON.stringify(newEvent('a'))}\n`)
  const database = fakeDatabase()
  await using opened = await open(database.insert)
  await database.has(1)
  assert.deepEqual(database.kept, ['a'])
  assert.deepEqual(
    opened.log.lines.map(({ event }) => event),
    ['intake.spool-line-unreadable'],
  )
  assert.equal(await readFile(join(folder, 'unreadable.ndjson'), 'utf8'), '\0\0nonsense\n')
})

test('HOLD-2 one event that the database cannot take does not hold up the others', async () => {
  const kept: string[] = []
  const insert = async (batch: readonly NewEvent[]): Promise<void> => {
    if (batch.some(({ receipt }) => receipt === 'bad')) {
      throw Object.assign(new Error('invalid byte sequence'), { code: '22021' })
    }
    kept.push(...batch.map(({ receipt }) => receipt))
  }
  const opened = await open(insert)
  await opened.intake.accept([newEvent('a'), newEvent('bad'), newEvent('b')])
  while (opened.intake.pendingInSpool() > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(kept, ['a', 'b'])
  assert.match(await readFile(join(folder, 'unreadable.ndjson'), 'utf8'), /"receipt":"bad"/)
  await opened.intake.close()
})

test('HOLD-9 an event that can be kept nowhere is refused, and the spool heals', async () => {
  const database = fakeDatabase()
  database.mode = 'fail'
  const unlucky = await open(database.insert, { retryMs: () => 60_000 })
  await unlucky.intake.accept([newEvent('a')])
  await unlucky.intake.close()
  await assert.rejects(unlucky.intake.accept([newEvent('b')]), { code: 'unavailable' })
  const spool = await openSpool(folder)
  await spool.close()
  await assert.rejects(spool.append(['x']))
  assert.equal(spool.pending(), 1)
})

test('HOLD-9 an event that does not fit on the disk is refused, the next that fits is kept', async () => {
  const script = `
    import { createIntake } from ${JSON.stringify(new URL('../server/intake.ts', import.meta.url).href)}
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    const intake = await createIntake({
      insert: () => Promise.reject(new Error('away')), spoolFolder: process.argv[1], log,
      onAccepted: () => {}, retryMs: () => 60_000,
    })
    const event = { connectionId: 'c', uniqueId: 'u', at: new Date(), arrivedAt: new Date() }
    const results = []
    for (const size of [10, 5000, 10]) {
      const raw = { filler: 'x'.repeat(size) }
      results.push(await intake.accept([{ receipt: 'r' + size, event, raw }]).then(() => 'kept', (e) => e.code))
    }
    console.log(results.join(' '), intake.pendingInSpool())
    process.exit(0)
  `
  // A limit on the size of files stands for a full disk: the write fails in the middle.
  const child = spawn('sh', [
    '-c',
    'ulimit -f 4; trap "" XFSZ; exec "$0" "$@"',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
    folder,
  ])
  const output = createInterface(child.stdout)
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const [line] = await once(output, 'line', { signal: AbortSignal.timeout(20_000) }).catch(() => [
    errors,
  ])
  assert.equal(line, 'kept unavailable kept 2')
  const lines = (await spoolText()).trimEnd().split('\n')
  assert.deepEqual(
    lines.map((each) => (JSON.parse(each) as NewEvent).receipt),
    ['r10', 'r10'],
  )
})

test('HOLD-1 what was acknowledged is there after kill -9', async () => {
  const script = `
    import { createIntake } from ${JSON.stringify(new URL('../server/intake.ts', import.meta.url).href)}
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    const intake = await createIntake({
      insert: () => Promise.reject(new Error('away')), spoolFolder: process.argv[1], log,
      onAccepted: () => {}, retryMs: () => 1,
    })
    const event = { connectionId: 'c', uniqueId: 'u', at: new Date(), arrivedAt: new Date() }
    for (let i = 0; ; i++) {
      await intake.accept([{ receipt: 'r' + i, event, raw: {} }])
      process.stdout.write('r' + i + '\\n')
    }
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder])
  const acknowledged: string[] = []
  createInterface(child.stdout).on('line', (line) => {
    acknowledged.push(line)
    if (acknowledged.length === 50) child.kill('SIGKILL')
  })
  await once(child, 'close')
  await appendFile(join(folder, 'events.ndjson'), '{"half')
  const database = fakeDatabase()
  await using opened = await open(database.insert)
  while (opened.intake.pendingInSpool() > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(acknowledged.length >= 50)
  assert.deepEqual(
    acknowledged.filter((receipt) => !database.kept.includes(receipt)),
    [],
  )
})

onEachDatabase((openDatabase) => {
  test('CALL-6 the same receipt is kept once, and comes back as it was', async () => {
    const { db } = await openDatabase()
    const hostile = newEvent('a', 'Продажи \0 \ud800 "quoted" \\u0000')
    await insertCallEvents(db, [newEvent('b'), hostile])
    await insertCallEvents(db, [hostile, newEvent('c')])
    await insertCallEvents(db, [])
    const rows = await db.selectFrom('callEvents').selectAll().orderBy('id').execute()
    assert.deepEqual(
      rows.map(({ receipt }) => receipt),
      ['b', 'a', 'c'],
    )
    const [first, second] = rows
    assert.deepEqual(toCallEvent(first!.event), newEvent('b').event)
    assert.deepEqual(first!.raw, newEvent('b').raw)
    assert.equal(second!.raw.queue, 'Продажи \ufffd \ufffd "quoted" \\u0000')
    assert.deepEqual(first!.arrivedAt, arrivedAt)
    assert.equal(first!.appliedAt, null)
    assert.equal(first!.type, 'ringing')
  })

  test('PERF-1 a batch of 5,000 events is one insert', async () => {
    const { db } = await openDatabase()
    await insertCallEvents(
      db,
      Array.from({ length: 5000 }, (_, index) => newEvent(`n${index}`)),
    )
    const { count } = await db
      .selectFrom('callEvents')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    assert.equal(count, 5000)
  })
})
