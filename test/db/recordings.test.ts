import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { appendConnectionLog, listConnectionLog } from '../../db/connection-log.ts'
import { type Db, toJson } from '../../db/database.ts'
import {
  attachRecordings,
  listRecordingsOfCalls,
  listUnattachedRecordings,
  loadRecording,
  saveRecording,
  saveRecordingSeconds,
} from '../../db/recordings.ts'
import { onEachDatabase } from '../support/database.ts'

const now = new Date('2026-11-21T02:19:19.123Z')

async function addConnection(db: Db, id: string): Promise<void> {
  await db
    .insertInto('connections')
    .values({
      id,
      name: id,
      timeZone: 'UTC',
      zoneSince: now,
      country: 'BY',
      ari: toJson(null),
      ariSealed: null,
      ami: toJson(null),
      amiSealed: null,
      internalCalls: false,
      recordings: true,
      phrases: toJson({}),
      timeouts: toJson({}),
      options: toJson({}),
      tokenHash: id,
      tokenSealed: '',
      oldTokenHash: null,
      oldWorksUntil: null,
      createdAt: now,
      updatedAt: now,
    })
    .execute()
}

async function addCall(db: Db, id: string): Promise<void> {
  await sql`insert into calls (id, connection_id, unique_id, direction, state, from_raw, from_display,
    to_raw, to_display, started_at, hold_seconds, legs, end_not_reported, extra, candidate_user_ids,
    clock_shift_ms, first_event_at, last_event_at)
    values (${id}, 'c1', '1.1', 'incoming', 'ended', '', '', '', '', ${now}, 0, '[]', false, '{}', '[]',
    0, ${now}, ${now})`.execute(db)
}

const recordingOf = (sha256: string, uniqueId = '1.1', callId: string | null = null) => ({
  connectionId: 'c1',
  uniqueId,
  callId,
  recording: { key: `c1/${sha256}.mp3`, sha256, mime: 'audio/mpeg', bytes: 5_000_000_000 },
  createdAt: now,
})

onEachDatabase((open) => {
  test('CALL-8 the same bytes of a call are kept once, and wait for their call', async () => {
    const { db } = await open()
    await addConnection(db, 'c1')
    await addCall(db, 'call-1')
    const first = await saveRecording(db, recordingOf('aa'))
    const second = await saveRecording(db, recordingOf('bb'))
    const other = await saveRecording(db, recordingOf('aa', '2.2'))
    assert.equal(await saveRecording(db, recordingOf('aa')), null)
    assert.ok(first !== null && second !== null && other !== null)
    const waiting = await listUnattachedRecordings(db, 'c1', { limit: 10, before: null })
    assert.deepEqual(waiting.map(({ id }) => id).sort(), [first, second, other].sort())
    assert.deepEqual(
      await listUnattachedRecordings(db, 'c1', { limit: 1, before: waiting[0]!.id }),
      waiting.slice(1, 2),
    )
    assert.deepEqual(await attachRecordings(db, 'c1', '1.1', 'call-1'), [first, second].sort())
    assert.deepEqual(await attachRecordings(db, 'c1', '1.1', 'call-1'), [])
    await saveRecordingSeconds(db, first, 12)
    assert.deepEqual(await loadRecording(db, first), {
      id: first,
      connectionId: 'c1',
      uniqueId: '1.1',
      callId: 'call-1',
      storageKey: 'c1/aa.mp3',
      sha256: 'aa',
      mime: 'audio/mpeg',
      bytes: 5_000_000_000,
      seconds: 12,
      createdAt: now,
    })
    const byCall = await listRecordingsOfCalls(db, ['call-1', 'call-2'])
    assert.deepEqual(
      byCall.get('call-1')?.map(({ id }) => id),
      [first, second].sort(),
    )
    assert.equal((await listRecordingsOfCalls(db, [])).size, 0)
    assert.equal(await loadRecording(db, 'nobody'), null)
  })

  test('CALL-7 the last 500 entries of each connection are kept', async () => {
    const { db } = await open()
    await addConnection(db, 'c1')
    await addConnection(db, 'c2')
    const entry = (connectionId: string, n: number) => ({
      connectionId,
      at: now,
      kind: n % 2 === 0 ? ('refused' as const) : ('unmatched' as const),
      reason: `reason ${n}`,
      hint: 'hint',
      source: '192.0.2.1',
      fields: { status: 'nonsense \0' },
    })
    await appendConnectionLog(db, entry('c2', 0))
    for (let n = 1; n <= 505; n += 1) await appendConnectionLog(db, entry('c1', n))
    const all = await listConnectionLog(db, 'c1', { limit: 1000, before: null, kind: null })
    assert.equal(all.length, 500)
    assert.equal(all[0]!.reason, 'reason 505')
    assert.equal(all.at(-1)!.reason, 'reason 6')
    assert.deepEqual(all[0]!.fields, { status: 'nonsense \ufffd' })
    const page = await listConnectionLog(db, 'c1', {
      limit: 2,
      before: all[1]!.id,
      kind: 'refused',
    })
    assert.deepEqual(
      page.map(({ reason }) => reason),
      ['reason 502', 'reason 500'],
    )
    assert.equal(
      (await listConnectionLog(db, 'c2', { limit: 9, before: null, kind: null })).length,
      1,
    )
  })
})
