import assert from 'node:assert/strict'
import test from 'node:test'
import { agentsWithOpenPage, forgetProcess } from '../../db/open-pages.ts'
import { createLog } from '../../server/log.ts'
import { createPages } from '../../server/stream/pages.ts'
import { onEachDatabase } from '../support/database.ts'

const AGENTS = ['anna', 'boris', 'clara']
const ROUND_MS = 20_000

onEachDatabase((open) => {
  test('CALL-19 a process that others held for gone tells of all its pages again with the next that it says', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const { db } = await open()
    const now = new Date('2026-03-02T10:00:00Z')
    const pages = createPages({
      ...{ db, log: createLog('error'), clock: () => now, processId: 'p' },
    })
    const found = async () => [...(await agentsWithOpenPage(db, AGENTS, now))].sort()
    const openAre = async (expected: readonly string[]) => {
      for (let i = 0; i < 500; i += 1) {
        if ((await found()).join() === expected.join()) return
      }
      assert.deepEqual(await found(), expected)
    }
    const [anna] = AGENTS.map((agentId) => pages.enter(agentId))
    pages.enter('anna')
    await openAre(AGENTS)
    anna?.()
    anna?.()
    // What is still to be saved would tell of the process again.
    const ofAnna = db.selectFrom('openPages').select('pages').where('agentId', '=', 'anna')
    const pagesOfAnna = async () => (await ofAnna.executeTakeFirst())?.pages
    for (let i = 0; i < 500; i += 1) if ((await pagesOfAnna()) === 1) break
    assert.equal(await pagesOfAnna(), 1)
    // As after a long sleep.
    await forgetProcess(db, 'p')
    await openAre([])
    t.mock.timers.tick(ROUND_MS)
    await openAre(AGENTS)
    await forgetProcess(db, 'p')
    const dora = pages.enter('dora')
    await openAre(AGENTS)
    dora()
    await pages.close()
    await openAre([])
    const left = await db.selectFrom('openPages').selectAll().execute()
    assert.deepEqual(left, [])
  })
})
