/**
 * `npm run bench:start`: how long the server takes to start with existing data, and how much memory it takes when
 * nobody does anything (PERF-8): on a PostgreSQL of its own with `--calls`, and on PGlite with `--embedded-calls`.
 * Medians of `--runs`; the first start of all, which has compiled nothing yet, is told by itself. Beside it the least
 * that Node takes to listen, with and without types to strip. `--idle` seconds until the memory counts (60);
 * `--only=postgres,pglite`.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openDatabase } from '../../db/database.ts'
import { migrate } from '../../db/migrate.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { medianOf } from '../support/quantile.ts'
import { someOf } from '../support/some-of.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { fillHistory } from './start-fill.ts'
import { rssOf, type Started, startFloor, startRingside } from './start-measure.ts'

const MIB = 1024 * 1024
const IDLE_BYTES = 120e6
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    'embedded-calls': { type: 'string', default: '10000' },
    runs: { type: 'string', default: '5' },
    idle: { type: 'string', default: '60' },
    only: { type: 'string', default: 'postgres,pglite' },
  },
})
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const runs = wholeNumber('runs', values.runs)
const folder = mkdtempSync(join(tmpdir(), 'ringside-start-'))
try {
  print(`node ${process.version}, medians of ${runs} starts`)
  const floor = await floors()
  const parts = someOf(values.only.split(','), ['postgres', 'pglite'])
  const met: boolean[] = []
  if (parts.includes('postgres')) met.push(await onPostgres(floor))
  if (parts.includes('pglite')) met.push(await onPglite(floor))
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Node alone, and Node that strips the types of one small file. */
async function floors(): Promise<number> {
  const code = (type: string): string => `
    import { createServer } from 'node:http'
    const server = createServer((_, answer${type}) => answer.end('ready'))
    server.listen(0, '127.0.0.1', () => console.log('Ringside: http://127.0.0.1:' + server.address().port))`
  writeFileSync(join(folder, 'floor.mjs'), code(''))
  writeFileSync(join(folder, 'floor.mts'), code(': any'))
  const plain = await several(() => startFloor(join(folder, 'floor.mjs')))
  const stripped = await several(() => startFloor(join(folder, 'floor.mts')))
  print(`  Node that listens          ${told(plain)}`)
  print(`  the same, types stripped   ${told(stripped)}`)
  return medianOf(plain.map(({ readyMs }) => readyMs))
}

async function onPostgres(floor: number): Promise<boolean> {
  const server = await startPostgresOrFail()
  const { database, url, drop } = await createPostgresDatabase(server.url)
  try {
    await fillHistory(database.db, wholeNumber('calls', values.calls))
    print(`\nPostgreSQL, ${wholeNumber('calls', values.calls)} calls, each with a case`)
    const env = { DATABASE_URL: url, DATA_DIR: join(folder, 'postgres') }
    const isFast = await measureStarts(env, floor, 1000)
    return (await measureIdle(env)) && isFast
  } finally {
    await drop()
    server.stop()
  }
}

async function onPglite(floor: number): Promise<boolean> {
  const env = { DATA_DIR: join(folder, 'pglite') }
  const database = await openDatabase({ folder: env.DATA_DIR })
  await migrate(database.db)
  await fillHistory(database.db, wholeNumber('embedded-calls', values['embedded-calls']))
  await database.close()
  print(
    `\nPGlite, ${wholeNumber('embedded-calls', values['embedded-calls'])} calls, each with a case`,
  )
  return measureStarts(env, floor, 2000)
}

async function measureStarts(
  env: Record<string, string>,
  floor: number,
  mostMs: number,
): Promise<boolean> {
  const [first] = await several(() => startRingside(env), 1)
  const all = await several(() => startRingside(env))
  const ready = medianOf(all.map(({ readyMs }) => readyMs))
  print(`  the very first start       ${told([first!])}`)
  print(`  start                      ${told(all)}; ${(ready / floor).toFixed(1)} × Node`)
  return check('ready', ready, mostMs, 'ms')
}

/** Of as many servers as there are runs, one beside the other: each is left alone for a minute. */
async function measureIdle(env: Record<string, string>): Promise<boolean> {
  const all: Started[] = []
  for (let run = 0; run < runs; run += 1) all.push(await startRingside(env))
  await pause(wholeNumber('idle', values.idle) * 1000)
  const found = all.map(({ pid }) => rssOf(pid))
  for (const each of all) await each.stop()
  const own = medianOf(found.map(({ own }) => own))
  print(
    `  after ${values.idle} s of nothing: ${own.toFixed(0)} MiB are its own, the rest is the program's file`,
  )
  const bytes = medianOf(found.map(({ all }) => all)) * MIB
  return check('memory', bytes / 1e6, IDLE_BYTES / 1e6, 'MB')
}

async function several(start: () => Promise<Started>, times = runs): Promise<Started[]> {
  const all: Started[] = []
  for (let run = 0; run < times; run += 1) {
    const one = await start()
    await one.stop()
    all.push(one)
  }
  return all
}

function told(all: readonly Started[]): string {
  const of = (pick: (one: Started) => number): string => medianOf(all.map(pick)).toFixed(0)
  const ms = `ready after ${of((one) => one.readyMs)} ms, ${of((one) => one.cpuMs)} ms of processor`
  return `${ms}, ${of((one) => one.rss.all)} MiB (${of((one) => one.rss.own)} its own)`
}

function check(what: string, value: number, most: number, unit: string): boolean {
  const isMet = value <= most
  print(
    `  ${isMet ? 'pass' : 'FAIL'}  ${what} ${value.toFixed(0)} ${unit}, at most ${most} ${unit}`,
  )
  return isMet
}
