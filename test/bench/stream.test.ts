import assert from 'node:assert/strict'
import test from 'node:test'
import { createFigures } from '../faults/figures.ts'
import { pickSeed } from '../support/random.ts'
import { benchStream } from './stream-figures.ts'
import { createStreamReader, type ReadEvent } from './stream-reader.ts'

// The short form of `npm run bench:stream`: how fast it is only the long one can say.
const postgresUrl = process.env.TEST_DATABASE_URL
const skip = postgresUrl ? false : 'no PostgreSQL'

test('PERF-3 an event to one agent reaches that one, an event to all everybody, once each', {
  skip,
}, async (t) => {
  const seed = pickSeed()
  t.diagnostic(`seed ${seed} (TEST_SEED sets it)`)
  const said: string[] = []
  const figures = createFigures((line) => said.push(line))
  const size = { clients: 60, runs: 1, rings: 20, events: 5, perSecond: 50, restSeconds: 0 }
  await benchStream({ ...size, postgresUrl: String(postgresUrl), seed }, figures, (line) => {
    said.push(line)
  })
  for (const line of said) t.diagnostic(line)
  assert.ok(said.some((line) => /pass .*missed, twice or to somebody else: 0/.test(line)))
  assert.equal(
    said.filter((line) => /(pass|FAIL) .*(one agent|to all|memory)/.test(line)).length,
    3,
  )
  assert.ok(!said.some((line) => line.includes('NaN')))
})

test('PERF-3 the clients read every event, wherever the bytes are split', () => {
  const event = (id: number): string => `event: user\nid: ${id}\ndata: {"name":"Seq ${id}"}\n\n`
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
  const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
  const bytes = Buffer.from(
    `${head}${chunk(event(1))}${chunk(': still here\n\n')}${chunk(event(2))}0\r\n\r\n`,
  )
  for (let size = 1; size <= bytes.length; size += 1) {
    const read: ReadEvent[] = []
    const refused: number[] = []
    const reader = createStreamReader(
      false,
      (each) => read.push(each),
      (status) => refused.push(status),
    )
    for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size))
    const expected = [1, 2].map((id) => ({
      type: 'user',
      id: `${id}`,
      data: `{"name":"Seq ${id}"}`,
    }))
    assert.deepEqual(
      [read, refused, reader.hasEnded()],
      [expected, [], true],
      `in pieces of ${size}`,
    )
  }
})
