import assert from 'node:assert/strict'
import test from 'node:test'
import {
  agentsWithOpenPage,
  forgetProcess,
  forgetStaleProcesses,
  savePages,
  saveProcess,
} from '../../db/open-pages.ts'
import { onEachDatabase } from '../support/database.ts'

/** A statement has 65,535 parameters at most. */
const MANY = 17_000
const GONE = 70_000

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2, 10, 0, seconds))

onEachDatabase((open) => {
  test('CALL-19 one process may have the pages of any number of agents open, and lose them at once', async () => {
    const { db } = await open()
    const agents = Array.from({ length: MANY }, (_, index) => `agent-${index}`)
    const all = (pages: number) => new Map(agents.map((agentId) => [agentId, pages]))
    const rows = () =>
      db
        .selectFrom('openPages')
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<string>('pages').as('sum')])
        .executeTakeFirstOrThrow()
    for (const processId of ['p', 'other']) await saveProcess(db, processId, at(0))
    await savePages(db, 'p', all(1))
    await savePages(db, 'other', new Map([['agent-0', 1]]))
    await savePages(db, 'p', new Map([...all(2), ['agent-0', 0]]))
    const { count, sum } = await rows()
    assert.deepEqual([Number(count), Number(sum)], [MANY, 2 * (MANY - 1) + 1])
    assert.equal((await agentsWithOpenPage(db, agents.slice(0, 9), at(20))).size, 9)
    const others = Array.from({ length: GONE }, (_, index) => [`other-${index}`, 0] as const)
    await savePages(db, 'p', new Map([...all(0), ...others]))
    assert.equal(Number((await rows()).count), 1)
    assert.deepEqual([...(await agentsWithOpenPage(db, agents, at(20)))], ['agent-0'])
  })

  test('CALL-19 pages are open as long as their process says that it goes on; one that was forgotten hears so', async () => {
    const { db } = await open()
    const agents = ['anna', 'boris', 'clara']
    const openAt = async (seconds: number) =>
      [...(await agentsWithOpenPage(db, agents, at(seconds)))].sort()
    assert.equal(await saveProcess(db, 'quick', at(0)), true)
    await assert.rejects(savePages(db, 'slow', new Map([['anna', 1]])), 'nobody would forget them')
    await saveProcess(db, 'slow', at(0))
    await savePages(db, 'quick', new Map([['anna', 1]]))
    await savePages(
      db,
      'slow',
      new Map([
        ['anna', 1],
        ['boris', 1],
      ]),
    )
    assert.equal(await saveProcess(db, 'quick', at(59)), false)
    assert.deepEqual(await openAt(60), ['anna', 'boris'])
    assert.deepEqual(await openAt(61), ['anna'])
    assert.equal(await saveProcess(db, 'slow', at(62)), false, 'silent, and not forgotten')
    assert.deepEqual(await openAt(62), ['anna', 'boris'])
    await forgetStaleProcesses(db, at(121))
    assert.deepEqual(await openAt(121), ['anna', 'boris'], 'of the slow one')
    await forgetProcess(db, 'slow')
    assert.equal(await saveProcess(db, 'slow', at(122)), true)
    assert.deepEqual(await openAt(122), [])
  })
})
