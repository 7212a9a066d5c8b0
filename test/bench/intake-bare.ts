/**
 * The servers that the intake is compared with, as bare as they can be: `node:http`, the form read, a row that is
 * committed before the answer. `group`: rows that arrive while two commits are in flight are the next one; `whole`: as
 * `group`, but into the server's own table, with all that the server keeps of an event and its indexes;
 * `single`: one INSERT per request. `node test/bench/intake-bare.ts group|whole|single URL`
 */
import { randomUUID } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import postgres from 'postgres'

interface Row {
  readonly uniqueId: string
  readonly status: string
  readonly fields: string
}

const [kind, url = ''] = process.argv.slice(2)
const IN_FLIGHT = 2
/** More of them are not faster on two cores. */
const SINGLE_CONNECTIONS = 16
const sql = postgres(url, { max: kind === 'single' ? SINGLE_CONNECTIONS : IN_FLIGHT })
const take = kind === 'single' ? insertOne : createGroup(kind === 'whole' ? insertWhole : insertAll)

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    const { unique_id: uniqueId = '', status = '' } = fields
    take({ uniqueId, status, fields: JSON.stringify(fields) }, response)
  })
})
// The driver learns of arrays with the first query of each connection.
await Promise.all(Array.from({ length: sql.options.max }, () => sql`select 1`))
server.listen(0, '127.0.0.1', () => {
  process.send!((server.address() as AddressInfo).port)
})
process.once('disconnect', () => process.exit(0))

function insertOne(row: Row, response: ServerResponse): void {
  const { uniqueId, status, fields } = row
  sql`insert into bare_events (unique_id, status, fields)
    values (${uniqueId}, ${status}, ${fields}::text::jsonb)`.then(
    () => response.end('OK'),
    () => response.writeHead(503).end(),
  )
}

function columnOf(rows: readonly Row[], name: keyof Row) {
  return sql.array(rows.map((row) => row[name]))
}

function insertAll(rows: readonly Row[]): Promise<unknown> {
  return sql`insert into bare_events (unique_id, status, fields)
    select unique_id, status, fields::jsonb
    from unnest(${columnOf(rows, 'uniqueId')}::text[], ${columnOf(rows, 'status')}::text[],
      ${columnOf(rows, 'fields')}::text[]) as arrived (unique_id, status, fields)`
}

function insertWhole(rows: readonly Row[]): Promise<unknown> {
  const now = new Date().toISOString()
  const events = rows.map(({ uniqueId, status }) =>
    JSON.stringify({
      ...{ source: 'webhook', type: status, connectionId: 'bare', uniqueId, order: 0, extra: {} },
      ...{ at: now, atKnown: true, arrivedAt: now, extension: '101', number: '+79160000000' },
    }),
  )
  return sql`insert into call_events
      (receipt, connection_id, unique_id, source, type, at, at_known, arrived_at, event, raw)
    select receipt, 'bare', unique_id, 'webhook', type, ${now}, true, ${now}, event::jsonb, raw::jsonb
    from unnest(${sql.array(rows.map(() => randomUUID()))}::text[], ${columnOf(rows, 'uniqueId')}::text[],
      ${columnOf(rows, 'status')}::text[], ${sql.array(events)}::text[], ${columnOf(rows, 'fields')}::text[])
      as arrived (receipt, unique_id, type, event, raw)`
}

function createGroup(insert: (rows: readonly Row[]) => Promise<unknown>): typeof insertOne {
  let waiting: { row: Row; response: ServerResponse }[] = []
  let running = 0
  const pump = (): void => {
    if (waiting.length === 0 || running === IN_FLIGHT) return
    const batch = waiting
    waiting = []
    running += 1
    insert(batch.map(({ row }) => row))
      .then(
        () => 200,
        () => 503,
      )
      .then((status) => {
        running -= 1
        for (const { response } of batch) response.writeHead(status).end(status === 200 ? 'OK' : '')
        pump()
      })
  }
  return (row, response) => {
    waiting.push({ row, response })
    pump()
  }
}
