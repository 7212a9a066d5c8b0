import assert from 'node:assert/strict'
import test from 'node:test'
import { parse } from 'csv-parse/sync'
import { toCsv } from '../../server/http/csv.ts'
import { encodeAction } from '../../server/sources/ami-action.ts'
import { AmiError } from '../../server/sources/ami-error.ts'
import { onEachDatabase } from '../support/database.ts'
import { openInMemory } from '../support/in-memory.ts'
import { pickSeed } from '../support/random.ts'
import { createWorld } from '../support/world.ts'
import { tryData } from './hostile-data.ts'
import { runnersInServer, trySpool } from './hostile-files.ts'
import { compareShapes } from './hostile-shapes.ts'
import { compareStatements } from './hostile-statements.ts'
import { HOSTILE_TEXTS, someOf, WORST } from './hostile-texts.ts'

const seed = pickSeed()

test('SAFE-1 SAFE-6 no text of the lists becomes a second AMI action: it is one line of one action, or refused', () => {
  for (const text of [
    ...HOSTILE_TEXTS,
    'x\r\nAction: Command',
    'x\nAction: Originate',
    '\r\n\r\n',
  ]) {
    const fields = [
      ['Channel', text],
      ['Variable', `X=${text}`],
    ] as const
    try {
      const lines = encodeAction({ name: 'Originate', fields }).toString('utf8').split('\r\n')
      assert.equal(lines.length, 5, JSON.stringify(text))
      assert.deepEqual(lines.slice(1, 3), [`Channel: ${text}`, `Variable: X=${text}`])
      assert.doesNotMatch(lines.join(''), /[\r\n\0]/)
    } catch (error) {
      assert.ok(error instanceof AmiError, String(error))
    }
  }
  const two = { name: 'Originate', fields: [['Channel', 'x\r\nAction: Command']] as const }
  assert.throws(() => encodeAction(two), AmiError)
})

test('SAFE-1 no text of the lists becomes a formula in a CSV, and each stays in its cell', () => {
  const cells = parse(toCsv(HOSTILE_TEXTS.map((text) => [text, 1, text])), {
    bom: true,
  }) as string[][]
  assert.equal(cells.length, HOSTILE_TEXTS.length)
  for (const [index, row] of cells.entries()) {
    const text = HOSTILE_TEXTS[index]!.toWellFormed()
    assert.equal(row.length, 3, text)
    assert.equal(row[1], '1')
    assert.equal(String(row[0]).replaceAll("'", ''), text.replaceAll("'", ''))
    assert.doesNotMatch(String(row[0]), /^[\s"]*[=+\-@|]/)
  }
})

test('SAFE-1 no hostile text becomes a path of the spool, and each comes back from it as it was', async () => {
  assert.deepEqual(await trySpool(HOSTILE_TEXTS), [])
})

test('SAFE-1 the server starts no shell and no other program, and runs no text', () => {
  assert.deepEqual(runnersInServer(), [])
})

onEachDatabase((open) => {
  test('SAFE-1 hostile texts in every field of calls, users, cases and questions are kept as they are, and are nothing else', async (t) => {
    await using world = await createWorld(open)
    const texts = [...WORST, ...someOf(4, seed)]
    const { calls, failures } = await tryData(world, texts, { round: 1 })
    t.diagnostic(`seed ${seed}: ${texts.length} of ${HOSTILE_TEXTS.length} texts, ${calls} calls`)
    assert.deepEqual(failures, [], `TEST_SEED=${seed}`)
  })
})

test('SAFE-1 each hostile text asks by the statements of its harmless twin, all of them and no other', async (t) => {
  await using database = await openInMemory()
  const { questions, asTwin, failures } = await compareStatements(database, [
    ...WORST,
    ...someOf(2, seed),
  ])
  t.diagnostic(`seed ${seed}: ${questions} questions, ${asTwin} as the twin of the same text`)
  assert.deepEqual(failures, [], `TEST_SEED=${seed}`)
  assert.ok(asTwin > 0.9 * questions, `${asTwin} of ${questions} by the statements of the twin`)
})

// Three rounds of everything, and more where one is not enough.
const PATIENCE = { timeout: 300_000 }
test(
  'SAFE-1 no hostile text changes the shape of a statement: the set is that of harmless texts',
  PATIENCE,
  async (t) => {
    const texts = [...WORST, ...someOf(2, seed)]
    const result = await compareShapes(texts)
    assert.ok(!('missing' in result), JSON.stringify(result))
    t.diagnostic(
      `seed ${seed}: ${texts.length} texts, ${result.hostile} shapes, with harmless ones ${result.harmless}`,
    )
    assert.deepEqual(result.failures, [], `TEST_SEED=${seed}`)
    assert.deepEqual(result.onlyHostile, [], `TEST_SEED=${seed}`)
    assert.deepEqual(result.onlyHarmless, [], `TEST_SEED=${seed}`)
    assert.ok(result.hostile > 100, 'the statements were counted')
  },
)
