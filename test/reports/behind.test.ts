import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Db } from '../../db/database.ts'
import { loadSettings, type Settings } from '../../db/settings.ts'
import { type BehindItem, type BehindQuestion, listBehind } from '../../server/reports/behind.ts'
import { onEachDatabase } from '../support/database.ts'
import { createRandom } from '../support/random.ts'
import { writeCalls, writeCases } from '../support/report-facts.ts'
import { makeCalls, makeCases } from '../support/report-story.ts'

const WHOLE = {
  by: 'none',
  period: { from: new Date('2026-03-20'), to: new Date('2026-05-01'), tz: 'Europe/Berlin' },
  agentIds: null,
  queues: null,
  direction: null,
} as const

onEachDatabase((open) => {
  let db: Db
  let settings: Settings
  before(async () => {
    db = (await open()).db
    settings = await loadSettings(db)
    const random = createRandom(6)
    await writeCases(db, makeCases(random, 40))
    await writeCalls(db, makeCalls(random, 60))
    await db.insertInto('messages').values(messageOf('call-1', 'case-1')).execute()
  })
  const list = (question: BehindQuestion, after: BehindItem | null, limit: number) =>
    listBehind(db, question, settings, { after, limit })

  for (const question of [
    { ...WHOLE, report: 'leaderboard', figure: 'totalResponses' },
    { ...WHOLE, report: 'peak-load', figure: 'handled', hour: 0 },
    { ...WHOLE, report: 'calls', figure: 'waitMedian' },
  ] as const) {
    test(`REP-8 what is behind ${question.report}.${question.figure} comes in pages, newest first`, async () => {
      const all = await list(question, null, 1000)
      const paged: BehindItem[] = []
      for (;;) {
        const page = await list(question, paged.at(-1) ?? null, 3)
        paged.push(...page)
        if (page.length < 3) break
      }
      assert.ok(all.length > 10, `only ${all.length}`)
      assert.deepEqual(paged, all)
      const times = all.map(({ at }) => at.getTime())
      assert.deepEqual(
        times,
        times.toSorted((a, b) => b - a),
      )
      // Several things are at the same time: the pages do not lose or repeat any.
      assert.ok(new Set(times).size < times.length)
    })
  }

  test('REP-8 behind a figure of cases are cases, behind one of calls are calls with their cases', async () => {
    const cases = await list({ ...WHOLE, report: 'workload', figure: 'newTotal' }, null, 1000)
    assert.equal(cases.length, 40)
    assert.ok(cases.every((item) => item.case?.subject === `Case ${item.case?.id}`))
    const calls = await list({ ...WHOLE, report: 'calls', figure: 'serviceLevel' }, null, 1000)
    assert.ok(calls.every((item) => item.call?.direction === 'incoming'))
    const both = [
      ...calls,
      ...(await list({ ...WHOLE, report: 'calls', figure: 'outgoing' }, null, 1000)),
    ]
    assert.equal(both.length, 60)
    const withCase = both.filter((item) => item.case !== null)
    assert.deepEqual(
      withCase.map((item) => [item.call?.id, item.case?.id]),
      [['call-1', 'case-1']],
    )
  })

  test('REP-4 nothing is behind a figure that does not apply to calls', async () => {
    assert.deepEqual(
      await list({ ...WHOLE, report: 'time-metrics', figure: 'firstResponse' }, null, 10),
      [],
    )
  })

  test('REP-2 hours that the period does not have are behind nothing', async () => {
    // The night to 29 March has no hour 2 in Berlin.
    const period = {
      from: new Date('2026-03-28T23:00:00Z'),
      to: new Date('2026-03-29T22:00:00Z'),
      tz: 'Europe/Berlin',
    }
    const question = { ...WHOLE, period, report: 'peak-load', figure: 'handled' } as const
    assert.deepEqual(await list({ ...question, hour: 2 }, null, 10), [])
    assert.deepEqual(await list({ ...question, weekday: 1 }, null, 10), [])
  })
})

function messageOf(callId: string, caseId: string) {
  const at = new Date('2026-03-25T12:00:00Z')
  return {
    id: `message-of-${callId}`,
    caseId,
    kind: 'call' as const,
    callId,
    authorId: null,
    text: '',
    origin: 'auto' as const,
    chosenAt: null,
    createdAt: at,
  }
}
