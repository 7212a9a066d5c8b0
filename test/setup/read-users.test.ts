import assert from 'node:assert/strict'
import test from 'node:test'
import { CsvError, parse } from 'csv-parse/sync'
import { createCsvRecord } from '../../server/setup/csv-record.ts'
import { readCsvUsers, type UserLine } from '../../server/setup/read-users.ts'
import { createRandom } from '../support/random.ts'

const MIB = 1024 * 1024

test('USER-5 a record of CSV reads as RFC 4180 has it, over lines too', () => {
  const seed = Number(process.env.TEST_SEED ?? Date.now())
  const random = createRandom(seed)
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? ''
  for (let turn = 0; turn < 20_000; turn += 1) {
    const length = 1 + Math.floor(random() * 12)
    const text = Array.from({ length }, () =>
      pick(['"', '"', '""', ',', '\n', 'a', ' ', 'é']),
    ).join('')
    const expected = expectedOf(text)
    if (expected === null) continue
    assert.deepEqual(read(text), expected, `seed ${seed}: ${JSON.stringify(text)}`)
  }
})

/** What another parser makes of the first record of a text; null where it is not to be compared. */
function expectedOf(text: string): unknown {
  try {
    const [cells] = parse(text, { relax_column_count: true, record_delimiter: '\n', to: 1 })
    return cells ?? null
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'open'
    if (error.code === 'CSV_INVALID_CLOSING_QUOTE') return 'bad'
    return null
  }
}

function read(text: string): unknown {
  const record = createCsvRecord()
  let state: string = 'open'
  for (const line of text.split('\n')) {
    state = record.push(line)
    if (state !== 'open') break
  }
  return state === 'whole' ? record.cells : state
}

test('USER-5 a quote within a text means itself, also beside a text in quotes', async () => {
  assert.deepEqual(await users(['a,24" screen', 'b,"x, y"', 'c,24" and,"open', 'd,D']), [
    { line: 2, value: { externalId: 'a', name: '24" screen' } },
    { line: 3, value: { externalId: 'b', name: 'x, y' } },
    { line: 4, reason: 'has a quote that is not closed' },
    { line: 5, value: { externalId: 'd', name: 'D' } },
  ])
})

test('USER-5 a quote that is never closed is given up after 1 MiB, and each byte is read a few times at most', async () => {
  const text = 'z'.repeat(400_000)
  let given = 0
  let givenAtFirst = 0
  const lines = ['q1,"open', ...Array.from({ length: 49 }, (_, at) => `q${at + 2},${text}`)]
  const begin = process.cpuUsage().user
  const found: UserLine[] = []
  for await (const one of readCsvUsers(
    numbered(['externalId,name', ...lines], () => given++),
    [],
  )) {
    if (found.length === 0) givenAtFirst = given
    found.push(one)
  }
  assert.deepEqual(found[0], { line: 2, reason: 'has a quote that is not closed within 1 MiB' })
  assert.ok(givenAtFirst <= 5, `the first was given up after ${givenAtFirst} lines`)
  assert.equal(found.length, 50)
  assert.ok(found.slice(1).every((one, at) => 'value' in one && one.line === at + 3))
  const seconds = (process.cpuUsage().user - begin) / 1e6
  assert.ok(seconds < 3, `20 MB took ${seconds} s of the processor`)
})

test('USER-5 lines that would hold up the server are read in little time', async () => {
  for (const text of [
    ','.repeat(MIB - 2),
    '"",'.repeat(MIB / 3 - 1),
    `"${'""'.repeat(MIB / 2 - 2)}"`,
    'z'.repeat(MIB - 2),
  ]) {
    const begin = process.cpuUsage().user
    assert.equal((await users([`a${text}`, text, 'b,B'])).at(-1)?.line, 4)
    const ms = (process.cpuUsage().user - begin) / 1000
    assert.ok(ms < 400, `${text.slice(0, 5)} took ${ms} ms of the processor`)
  }
  assert.deepEqual(await users([','.repeat(MIB - 2)]), [
    { line: 2, reason: 'has more than 10000 values' },
  ])
})

async function users(lines: readonly string[]): Promise<UserLine[]> {
  const found: UserLine[] = []
  const read = readCsvUsers(
    numbered(['externalId,name', ...lines], () => {}),
    [],
  )
  for await (const one of read) found.push(one)
  return found
}

async function* numbered(texts: readonly string[], onEach: () => void) {
  for (const [at, text] of texts.entries()) {
    onEach()
    yield { line: at + 1, text }
  }
}
