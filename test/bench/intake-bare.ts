/**
 * The servers that the intake is compared with, as bare as they can be: `node:http`, the form read, a row that is
 * committed before the answer. `group`: rows that arrive while two commits are in flight are the next one;
 * `single`: one INSERT per request. `node test/bench/intake-bare.ts group|single URL`
 */
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
const sql = postgres(url, { max: kind === 'group' ? IN_FLIGHT : SINGLE_CONNECTIONS })
const take = kind === 'group' ? createGroup() : insertOne

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

function createGroup(): typeof insertOne {
  let waiting: { row: Row; response: ServerResponse }[] = []
  let running = 0
  const pump = (): void => {
    if (waiting.length === 0 || running === IN_FLIGHT) return
    const batch = waiting
    waiting = []
    running += 1
    const column = (name: keyof Row) => sql.array(batch.map(({ row }) => row[name]))
    sql`insert into bare_events (unique_id, status, fields)
      select unique_id, status, fields::jsonb
      from unnest(${column('uniqueId')}::text[], ${column('status')}::text[], ${column('fields')}::text[])
        as arrived (unique_id, status, fields)`
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
