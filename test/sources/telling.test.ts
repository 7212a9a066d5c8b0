import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { NewEvent } from '../../server/sources/new-event.ts'
import { createTelling } from '../../server/sources/telling.ts'
import { createMemoryLog } from '../support/memory-log.ts'

const eventOf = (receipt: string): NewEvent => ({ receipt }) as NewEvent

test('HOLD-2 what was told so far is kept, also where more is told without end', async () => {
  const kept: string[] = []
  const telling = createTelling(async (events) => {
    await pause(5)
    kept.push(...events.map(({ receipt }) => receipt))
  }, createMemoryLog())
  let number = 0
  const more = setInterval(() => {
    number += 1
    void telling.tell([eventOf(`more ${number}`)])
  }, 1)
  try {
    await pause(30)
    void telling.tell([eventOf('this')])
    await telling.flush()
    assert.ok(kept.includes('this'))
  } finally {
    clearInterval(more)
  }
  await telling.close()
  assert.equal(kept.length, number + 1)
  assert.equal(new Set(kept).size, number + 1)
})

test('HOLD-2 what cannot be kept is tried again, and nothing that was told after it comes first', async () => {
  const kept: string[] = []
  let failures = 1
  const telling = createTelling(async (events) => {
    if (failures > 0) {
      failures -= 1
      throw new Error('away')
    }
    kept.push(...events.map(({ receipt }) => receipt))
  }, createMemoryLog())
  void telling.tell([eventOf('one')])
  await telling.tell([eventOf('two')])
  assert.deepEqual(kept, ['one', 'two'])
  await telling.flush()
})
