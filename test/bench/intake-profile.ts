/**
 * Where the time of applied and told events goes: statements per event, CPU of the server and of PostgreSQL. Needs a
 * PostgreSQL with pg_stat_statements preloaded; the server's CPU profile is left in a folder that is named.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { describe, type Size, tellAll } from './intake-measure.ts'
import { startRingside } from './intake-servers.ts'

const SHOWN = 60

export async function profileTold(size: Size): Promise<void> {
  const { server, print } = size
  const folder = mkdtempSync(join(tmpdir(), 'ringside-profile-'))
  const ringside = await startRingside(server, {
    NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}`,
  })
  const sql = postgres(ringside.databaseUrl, { max: 1, onnotice: () => undefined })
  try {
    await sql`create extension pg_stat_statements`
    const turn = await tellAll(size, ringside, async () => {
      await sql`select pg_stat_statements_reset()`
    })
    const rows = await sql`
      select calls::float8 as calls, total_exec_time as ms, total_plan_time as planned, rows::float8 as rows, query
      from pg_stat_statements
      where dbid = (select oid from pg_database where datname = current_database())
      order by calls desc limit ${SHOWN}`
    describe(print, 'Ringside', [turn])
    print(
      '  calls per event | ms executed per event | ms planned per event | rows per call | statement',
    )
    for (const { calls, ms, planned, rows: found, query } of rows) {
      const [perEvent, executed, plans] = [calls, ms, planned].map((each) =>
        (each / turn.requests).toFixed(3),
      )
      const text = String(query).replaceAll(/\s+/g, ' ').slice(0, 160)
      print(`  ${perEvent} | ${executed} | ${plans} | ${(found / calls).toFixed(1)} | ${text}`)
    }
  } finally {
    await sql.end()
    await ringside.stop()
  }
  print(`  CPU profile: ${folder}`)
}
