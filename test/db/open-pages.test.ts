import assert from 'node:assert/strict'
import test from 'node:test'
import { agentsWithOpenPage, savePages } from '../../db/open-pages.ts'
import { onEachDatabase } from '../support/database.ts'

/** A statement has 65,535 parameters at most, and a row that is written has four. */
const MANY = 17_000
const GONE = 70_000

onEachDatabase((open) => {
  test('CALL-19 one process may have the pages of any number of agents open, and lose them at once', async () => {
    const { db } = await open()
    const at = new Date('2026-03-02T10:00:00.000Z')
    const later = new Date('2026-03-02T10:00:20.000Z')
    const agents = Array.from({ length: MANY }, (_, index) => `agent-${index}`)
    const all = (pages: number) => new Map(agents.map((agentId) => [agentId, pages]))
    const rows = () =>
      db
        .selectFrom('openPages')
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<string>('pages').as('sum')])
        .select(({ fn }) => fn.min('seenAt').as('seenAt'))
        .executeTakeFirstOrThrow()
    await savePages(db, 'p', all(1), at)
    await savePages(db, 'other', new Map([['agent-0', 1]]), at)
    await savePages(db, 'p', new Map([...all(2), ['agent-0', 0]]), later)
    const { count, sum } = await rows()
    assert.deepEqual([Number(count), Number(sum)], [MANY, 2 * (MANY - 1) + 1])
    assert.equal((await agentsWithOpenPage(db, agents.slice(0, 9), later)).size, 9)
    const others = Array.from({ length: GONE }, (_, index) => [`other-${index}`, 0] as const)
    await savePages(db, 'p', new Map([...all(0), ...others]), later)
    assert.equal(Number((await rows()).count), 1)
    assert.deepEqual((await rows()).seenAt, at, 'the other process’s')
  })
})
