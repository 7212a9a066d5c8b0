import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { openTold } from '../bench/intake-told.ts'
import type { LoadResult } from '../bench/play-load.ts'
import { judge, type Part, soak } from './soaking.ts'

// The short form of `npm run test:soak`: that it works, and how it judges. Memory takes its time.
test('HOLD-12 calls without end on PGlite: every one is taken and told, and the server looked at', async () => {
  const say = (): void => undefined
  const soaked = await soak({ postgresUrl: null, calls: 16, rate: null, parts: 2, seed: 1, say })
  assert.equal(soaked.failures, 0)
  assert.equal(soaked.parts.length, 2)
  for (const { load: told, ...held } of soaked.parts) {
    assert.ok(told.requests >= 24, `${told.requests} requests`)
    assert.ok(held.heapBytes > 10e6 && held.rssBytes > held.heapBytes, JSON.stringify(held))
    assert.ok(held.files > 10 && held.resources > 2, JSON.stringify(held))
    assert.ok(held.databaseBytes > 1e6, JSON.stringify(held))
  }
})

const spread = { count: 100, p50: 1, p99: 10, max: 20 }
const load: LoadResult = {
  requests: 100,
  failures: 0,
  answeredMs: 1,
  toldMs: 1,
  cpuMs: 1,
  answer: spread,
  behind: spread,
  holes: 0,
}

/** Twelve parts, five minutes each. */
function partsWith(more: (nth: number) => Partial<Part>): Part[] {
  return Array.from({ length: 12 }, (_, nth) => ({
    hours: (nth + 1) / 12,
    load,
    heapBytes: 40e6,
    rssBytes: 200e6,
    files: 30,
    resources: 20,
    databaseBytes: 1e9,
    ...more(nth),
  }))
}

test('HOLD-12 a leak, handles that stay and answers that get slower show', () => {
  const steady = judge(
    partsWith(() => ({})),
    100,
  )
  assert.deepEqual(
    [steady.heapSlope, steady.rssSlope, steady.moreFiles, steady.answerRatio],
    [0, 0, 0, 1],
  )
  const leaking = judge(
    partsWith((nth) => ({ heapBytes: 40e6 + nth * 0.5e6, files: 30 + nth })),
    100,
  )
  assert.ok(Math.abs(leaking.heapSlope - 13.4) < 1, `${leaking.heapSlope} % an hour`)
  // Five twelfths of an hour.
  assert.ok(Math.abs(leaking.heapGrowth - 5.6) < 0.5, `${leaking.heapGrowth} %`)
  assert.equal(leaking.moreFiles, 4)
  const opened = judge(
    partsWith((nth) => ({ files: nth < 4 ? 30 : 31 })),
    100,
  )
  assert.equal(opened.moreFiles, 0, 'one that is opened once is no leak')
  const slower = { ...load, answer: { ...spread, p99: 13 } }
  const slow = judge(
    partsWith((nth) => (nth < 8 ? {} : { load: slower })),
    100,
  )
  assert.equal(slow.answerRatio, 1.3)
  const once = judge(
    partsWith((nth) => (nth === 9 ? { heapBytes: 60e6 } : {})),
    100,
  )
  assert.equal(once.heapSlope, 0, 'one that was caught in the middle of something is no leak')
})

test('HOLD-12 an event that is never told ends the soak, and is named', async () => {
  const server = createServer((_asked, answer) => {
    answer.write('event: hello\nid: 1\ndata: {"resumedFrom":null,"calls":[]}\n\n')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const told = await openTold(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'x', 50)
  try {
    const story = { uniqueId: '1.1', connection: 0, steps: [{ fields: '', rank: 1 }] }
    told.expect(story)
    told.accepted(story, 0)
    await assert.rejects(told.all(), /nothing more showed of 1 calls: 1\.1 \(0 of 1 events/)
  } finally {
    told.close()
    server.close()
    server.closeAllConnections()
  }
})
