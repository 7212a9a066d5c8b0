import assert from 'node:assert/strict'
import test from 'node:test'
import { playsRow } from '../support/database.ts'
import { onStage } from '../support/stage.ts'
import { COMBINATIONS } from './combinations.ts'
import { playCell } from './play-cell.ts'
import { readCells } from './read-cells.ts'

/** Which cells are played doubled or shuffled as well; `TEST_SEED=7 npm test …` chooses others. */
const SEED = Number(process.env.TEST_SEED ?? 1)

const cells = readCells(COMBINATIONS)

test('CASE-4 the table has every combination exactly once', () => {
  const all: string[] = []
  for (const direction of ['incoming', 'outgoing'])
    for (const answered of ['answered', 'unanswered'])
      for (const did of [
        'nothing',
        'draft',
        'created',
        'fixed-open',
        'fixed-pending',
        'fixed-closed',
        'fixed-missed',
      ])
        for (const user of ['known', 'unknown', 'several', 'anonymous'])
          for (const missed of ['-', 'red'])
            all.push(`${direction} ${answered} ${did} ${user} ${missed}`)
  assert.deepEqual(
    cells.map(({ name }) => name),
    all,
  )
})

onStage((stage, kind) => {
  cells.forEach((cell, index) => {
    if (cell.impossible !== null) return
    if (!playsRow(kind, { row: index, every: 3, seed: SEED })) return
    const rules = cell.rules.join(' ')
    test(`${rules} ${cell.name}: ${cell.result}`, () => playCell(stage, cell, 'in order', 0))
    const seed = SEED * 1000 + index
    if (cell.did === 'nothing') {
      test(`CALL-11 ${rules} ${cell.name}, shuffled with seed ${seed}: ${cell.result}`, () =>
        playCell(stage, cell, 'shuffled', seed))
    } else if (seed % 5 === 0) {
      test(`CALL-11 ${rules} ${cell.name}, doubled (seed ${seed}): ${cell.result}`, () =>
        playCell(stage, cell, 'doubled', seed))
    }
  })
})
