import assert from 'node:assert/strict'
import test from 'node:test'
import { listAgentIds } from '../../db/agent-states.ts'
import { upsertByExternalId } from '../../db/agents.ts'
import type { Db } from '../../db/database.ts'
import { savePages, saveProcess } from '../../db/open-pages.ts'
import { noteTalkEnded, savePresence } from '../../db/presence.ts'
import { patchSettings } from '../../db/settings.ts'
import { listDue, refresh } from '../../server/control/tell-presence.ts'
import { onEachDatabase } from '../support/database.ts'
import { createRandom, pickSeed } from '../support/random.ts'

const STEPS = 300
const CHOICES = ['free', 'away', 'offline'] as const
const seed = pickSeed()
process.stdout.write(`control/tell-presence: TEST_SEED=${seed}\n`)

const rowsOf = (db: Db) => db.selectFrom('agentPresence').selectAll().orderBy('agentId').execute()

onEachDatabase((open, kind) => {
  test(`CTL-6 a look at those whom time or a page may have changed finds what a look at all finds (${kind})`, async () => {
    await using database = await open()
    const { db } = database
    const random = createRandom(seed)
    let nowMs = Date.parse('2026-03-02T09:00:00Z')
    const clock = () => new Date(nowMs)
    const pass = (ms: number): void => {
      nowMs += ms
    }
    const options = { database, clock, onTold: () => undefined }
    await patchSettings(db, { wrapUpSeconds: 30 })
    for (const externalId of ['a', 'b', 'c', 'd']) {
      await upsertByExternalId(db, { externalId }, clock())
    }
    const agentIds = await listAgentIds(db)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
    const processIds = ['one', 'two']
    for (const processId of processIds) await saveProcess(db, processId, clock())
    const acts: readonly ((agentId: string) => Promise<void>)[] = [
      async (agentId) => savePages(db, pick(processIds), new Map([[agentId, 1]])),
      async (agentId) => savePages(db, pick(processIds), new Map([[agentId, 0]])),
      async () => void (await saveProcess(db, pick(processIds), clock())),
      async () => pass(Math.floor(random() * 40_000)),
      async () => pass(1000),
      // What is said of an agent is looked at at once.
      async (agentId) => {
        const change = { chosen: pick(CHOICES), chosenReason: null, chosenAt: clock() }
        await savePresence(db, agentId, change, clock())
        await refresh(options, [agentId])
      },
      async (agentId) => {
        await noteTalkEnded(db, agentId, clock(), clock())
        await refresh(options, [agentId])
      },
    ]
    const states = new Set<string>()
    for (let step = 0; step < STEPS; step += 1) {
      await pick(acts)(pick(agentIds))
      await refresh(options, await listDue(db, clock()))
      const found = await rowsOf(db)
      await refresh(options, agentIds)
      assert.deepEqual(await rowsOf(db), found, `step ${step}`)
      for (const { state } of found) states.add(state)
    }
    assert.deepEqual([...states].sort(), ['away', 'free', 'offline', 'wrap-up'])
  })

  test(`CTL-6 whose state is told already is not looked at again (${kind})`, async () => {
    await using database = await open()
    const { db } = database
    const now = new Date('2026-03-02T09:00:00Z')
    const anna = await upsertByExternalId(db, { externalId: 'anna' }, now)
    await saveProcess(db, 'one', now)
    await savePages(db, 'one', new Map([[anna.id, 2]]))
    assert.deepEqual(await listDue(db, now), [anna.id])
    await refresh({ database, clock: () => now, onTold: () => undefined }, [anna.id])
    assert.deepEqual(await listDue(db, now), [])
  })
})
