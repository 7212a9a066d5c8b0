import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { loadSettings } from '../../db/settings.ts'
import { targetOf } from '../../server/reports/report.ts'
import { onEachDatabase } from '../support/database.ts'
import { writeCases } from '../support/report-facts.ts'

onEachDatabase((open) => {
  test('REP-5 working hours are looked up no longer than cases were worked on', async () => {
    const { db } = await open()
    const settings = await loadSettings(db)
    const openedAt = new Date('2026-03-02T09:00:00Z')
    const channel = { direction: 'incoming', outcome: 'answered', queue: null } as const
    const facts = [
      { kind: 'opened', at: openedAt, agentId: null },
      { kind: 'closed', at: new Date('2026-03-30T10:00:00Z'), agentId: null },
    ] as const
    await writeCases(db, [{ id: 'case', openedAt, ...channel, facts }])
    const askedUntil = async (to: string) => {
      const period = { from: openedAt, to: new Date(to), tz: 'UTC' }
      const filter = { agentIds: null, queues: null, direction: null }
      const question = { report: 'sla', by: 'none', period, ...filter } as const
      const target = await targetOf(db, question, settings)
      return target.isMissed(sql`opened`, sql`closed`).compile(db).parameters
    }
    assert.deepEqual(await askedUntil('2199-12-31'), await askedUntil('2027-01-01'))
    assert.notDeepEqual(await askedUntil('2026-03-20'), await askedUntil('2027-01-01'))
  })
})
