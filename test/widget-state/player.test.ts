import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyAct } from '../../widget/player/keys.ts'
import {
  barsOf,
  channelCount,
  lengthOf,
  placeAt,
  type Stretch,
  startsOf,
} from '../../widget/player/timeline.ts'
import { spoken } from '../../widget/player/words.ts'

const part = (seconds: number | null, ...channels: readonly (readonly number[])[]): Stretch => ({
  seconds,
  channels,
})

test('POP-9 parts follow one another on one line of time', () => {
  const parts = [part(10), part(5), part(20)]
  assert.deepEqual(startsOf(parts), [0, 10, 15])
  assert.equal(lengthOf(parts), 35)
  const places: readonly (readonly [number, number, number])[] = [
    [0, 0, 0],
    [9.5, 0, 9.5],
    [10, 1, 0],
    [14.9, 1, 4.9],
    [15, 2, 0],
    [35, 2, 20],
  ]
  for (const [time, index, offset] of places) {
    const found = placeAt(parts, time)
    assert.equal(found.index, index, `${time} s`)
    assert.ok(Math.abs(found.offset - offset) < 1e-9, `${time} s`)
  }
  assert.equal(lengthOf([part(10), part(null)]), null)
  assert.equal(lengthOf([]), null)
  assert.deepEqual(placeAt([], 3), { index: 0, offset: 3 })
})

test('POP-9 the picture of several parts gives each as much room as it is long', () => {
  const bars = barsOf([part(30, [255, 255]), part(10, [51])], 0, 8)
  assert.deepEqual(bars, [1, 1, 1, 1, 1, 1, 0.2, 0.2])
  const loud = barsOf([part(10, [0, 0, 0, 0, 0, 0, 0, 255, 0, 0])], 0, 5)
  assert.deepEqual(loud, [0, 0, 0, 1, 0])
  assert.deepEqual(barsOf([part(null, [255])], 0, 3), [0, 0, 0])
  assert.deepEqual(barsOf([part(10)], 0, 2), [0, 0])
  assert.equal(barsOf([part(10, [9, 9, 9])], 0, 100).filter((bar) => bar === 0).length, 0)
})

test('POP-9 two rows only where left and right are not the same', () => {
  assert.equal(channelCount([part(1, [100, 50])]), 1)
  assert.equal(channelCount([part(1, [100, 50], [102, 45])]), 1)
  assert.equal(channelCount([part(1, [100, 50], [100, 90])]), 2)
  const mixed = [part(1, [255]), part(1, [255], [0])]
  assert.equal(channelCount(mixed), 2)
  assert.deepEqual(barsOf(mixed, 1, 2), [1, 0], 'a part in mono is on both sides')
})

test('POP-9 A11Y-2 keys stay within the recording, and leave to buttons what presses them', () => {
  const press = (key: string, change: Partial<KeyboardEvent> = {}) =>
    ({
      key,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      shiftKey: false,
      ...change,
    }) as KeyboardEvent
  assert.deepEqual(keyAct(press('ArrowRight'), 'slider', 98, 100), { type: 'seek', to: 100 })
  assert.deepEqual(keyAct(press('J'), 'slider', 4, 100), { type: 'seek', to: 0 })
  assert.deepEqual(keyAct(press(' '), 'slider', 4, null), { type: 'toggle' })
  assert.equal(keyAct(press(' '), 'button', 4, 100), null)
  assert.equal(keyAct(press('l'), 'slider', 4, null), null, 'how long it is, is not known yet')
  assert.equal(keyAct(press('l', { ctrlKey: true }), 'slider', 4, 100), null)
  assert.equal(keyAct(press('Tab'), 'slider', 4, 100), null)
})

test('A11Y-2 times are said in words', () => {
  assert.equal(spoken(0), '0 seconds')
  assert.equal(spoken(1), '1 second')
  assert.equal(spoken(65.4), '1 minute 5 seconds')
  assert.equal(spoken(3600), '1 hour')
  assert.equal(spoken(7325), '2 hours 2 minutes 5 seconds')
})
