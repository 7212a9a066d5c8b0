/** The short forms of benches that start everything there is: they run and say their figures, whatever those are. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import test from 'node:test'

interface Ran {
  readonly code: number
  readonly said: string
  readonly errors: string
}

function bench(file: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [`test/bench/${file}`, ...args], (error, said, errors) =>
      resolve({ code: Number(error?.code ?? 0), said, errors }),
    )
  })
}

/** Too slow here is no failure: only that it was measured counts. */
function assertMeasured({ code, said, errors }: Ran, figures: readonly RegExp[]): void {
  assert.equal(errors, '')
  assert.equal(code, said.includes('FAIL') ? 1 : 0, said)
  assert.ok(!said.includes('NaN'), said)
  for (const figure of figures) assert.match(said, figure)
}

test('PERF-2 a pop-up is timed from its webhook until it is painted, beside a bare page', async () => {
  assertMeasured(await bench('popup.ts', '--popups=3', '--before=20', '--rate=20'), [
    /bare server and page +p50 \d+ ms/,
    /Ringside +p50 \d+ ms/,
    /webhook is answered +p50 \d+ ms/,
    /plain client of the stream has it +p50 \d+ ms/,
    /(pass|FAIL) {2}p99 \d+ ms, at most 150 ms/,
  ])
})

test('PERF-8 a start with data is timed on both databases, and its memory read', async () => {
  const size = ['--calls=100', '--embedded-calls=50', '--runs=1', '--idle=1']
  assertMeasured(await bench('start.ts', ...size), [
    /(pass|FAIL) {2}ready \d+ ms, at most 1000 ms/,
    /(pass|FAIL) {2}memory \d+ MB, at most 120 MB/,
    /(pass|FAIL) {2}ready \d+ ms, at most 2000 ms/,
  ])
})

test('PERF-5 users are found by phone and by what people type, timed, and counted whether among the first ten', async () => {
  const size = ['--users=3000', '--numbers=50', '--questions=5']
  assertMeasured(await bench('users.ts', ...size), [
    /by phone, 50 numbers, 0 not found/,
    /(pass|FAIL) {2}the server’s look-up, p99 \S+ ms, at most 2 ms/,
    /(pass|FAIL) {2}search, p95 \S+ ms, at most 50 ms/,
    /(pass|FAIL) {2}not among the first 10 \S+ %, at most 5 %/,
  ])
})
