/**
 * The least that a server of streams on `node:http` has to do, the floor of those that come back (HOLD-6): it looks at no
 * token, keeps everything in memory, and answers a webhook as soon as it has read it. `PORT` is an argument.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { clientOf } from './stream-ring.ts'

interface Told {
  readonly id: string
  /** Null: for all. */
  readonly client: number | null
  readonly text: string
}

/** Ids go on where the process before ended. */
const FIRST = BigInt(Date.now()) * 1000n
const told: Told[] = []
const streams = new Map<number, ServerResponse>()

const server = createServer((request, response) => {
  if (request.method === 'GET') return begin(request, response)
  let body = ''
  request.setEncoding('latin1')
  request.on('data', (part: string) => {
    body += part
  })
  request.once('end', () => {
    const fields = new URLSearchParams(body)
    const sequence = fields.get('sequence')
    if (sequence !== null) tell('user', null, { name: `Seq ${sequence}` })
    else tell('call', clientOf(fields.get('to_user') ?? ''), { uniqueId: fields.get('unique_id') })
    response.end('ok')
  })
})

function begin({ headers }: IncomingMessage, response: ServerResponse): void {
  const client = Number(headers.authorization?.replace('Bearer ', ''))
  const last = headers['last-event-id']?.toString() ?? null
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const missed = told.filter((each) => last !== null && each.id > last && isFor(client, each))
  const resumed = { resumedFrom: last }
  response.write(eventOf('hello', last ?? idOf(told.length), resumed))
  for (const { text } of missed) response.write(text)
  streams.set(client, response)
  response.once('close', () => {
    if (streams.get(client) === response) streams.delete(client)
  })
}

function tell(type: string, client: number | null, data: unknown): void {
  const id = idOf(told.length + 1)
  const entry = { id, client, text: eventOf(type, id, data) }
  told.push(entry)
  if (client !== null) streams.get(client)?.write(entry.text)
  else for (const response of streams.values()) response.write(entry.text)
}

function isFor(client: number, each: Told): boolean {
  return each.client === null || each.client === client
}

function idOf(place: number): string {
  return String(FIRST + BigInt(place)).padStart(26, '0')
}

function eventOf(type: string, id: string, data: unknown): string {
  return `event: ${type}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}

server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 16_384 }, () =>
  process.send?.('ready'),
)
process.on('disconnect', () => process.exit())
