import assert from 'node:assert/strict'
import test from 'node:test'
import { inspect } from 'node:util'
import { sql } from 'kysely'
import type { TraceView } from '../../server/http/schemas.ts'
import { onEachDatabase } from '../support/database.ts'
import {
  accountAt,
  callNamed,
  connectTo,
  ENDPOINTS,
  linkStatus,
  newTake,
  until,
} from '../support/linked.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { createFakePbx } from '../support/model-pbx.ts'
import { openStream } from '../support/sse.ts'
import { createWorld } from '../support/world.ts'

const SECRET = 'ami-secret-canary'

/** The recorded packet with more fields, as channel variables of a PBX come along. */
function withFields(packet: string, ...lines: readonly string[]): string {
  return packet.replace(/\r\n\r\n$/, `\r\n${lines.join('\r\n')}\r\n\r\n`)
}

onEachDatabase((open) => {
  test('CALL-19 SAFE-7 the trace of a call by AMI alone: each event as received and read, who was shown what, no secret', async () => {
    const log = createMemoryLog()
    await using world = await createWorld(open, { LOG_LEVEL: 'debug' }, undefined, log)
    const account = { userName: 'ringside-canary', secret: SECRET }
    await using pbx = await createFakePbx({ endpoints: ENDPOINTS, accounts: [account] })
    await connectTo(world, pbx, account)
    using anna = await openStream(world.url, world.token('anna'))
    await anna.next(({ type }) => type === 'hello')
    await until(async () => {
      const { items } = (await world.api('GET', '/api/agents')).body
      return items.some((each: { state: string }) => each.state === 'free')
    })

    const { packets, uniqueId } = await newTake('incoming-queue-answered', '22')
    for (const packet of packets) {
      pbx.tell(
        packet.startsWith('Event: Newchannel')
          ? withFields(packet, 'Secret: ami-field-canary', 'ChanVariable: SIP_PASSWORD=var-canary')
          : packet,
      )
    }
    await until(async () => (await callNamed(world, uniqueId))?.state === 'ended')
    const call = await world.call(uniqueId)
    const trace = await world.api<TraceView>('GET', `/api/calls/${call.id}/trace`)
    const { items } = trace.body
    assert.deepEqual([...new Set(items.map(({ source }) => source))], ['ami'])
    assert.equal(items[0]?.raw.Event, 'Newchannel')
    assert.match(items[0]?.reading ?? '', /^incoming call from /)
    for (const { raw, reading } of items) assert.ok(raw.Event && reading, JSON.stringify(raw))
    const shown = items.flatMap(({ agents }) => agents)
    assert.ok(shown.some((each) => each.agentId === world.agents.anna && each.shown))
    assert.ok(
      shown.some(({ extension, reason }) => extension === '102' && reason === 'has no page open'),
    )
    assert.ok(shown.some(({ extension, reason }) => extension === '101' && /answered/.test(reason)))
    assert.match(items.at(-1)?.rule ?? '', /^CASE-/)

    // Also where the login is refused, and while the account is tried out.
    const path = `/api/connections/${world.connectionId}`
    const tested = await world.api('POST', `${path}/test`)
    await world.api('PATCH', path, { ami: accountAt(pbx, { ...account, secret: `x${SECRET}` }) })
    await until(async () => (await linkStatus(world)).state === 'down')
    const refused = await world.api('POST', `${path}/test`)
    assert.deepEqual([tested.body.ami.ok, refused.body.ami.code], [true, 'login-refused'])
    const { rows } = await sql`select raw from call_events`.execute(world.context.database.db)
    const said = inspect(
      [
        trace,
        tested,
        refused,
        rows,
        log.lines,
        await world.api('GET', path),
        await world.api('GET', `${path}/log`),
        await world.api('GET', '/metrics'),
        world.context.links.status(world.connectionId, 'ami'),
      ],
      { depth: 12, maxArrayLength: null, maxStringLength: null },
    )
    assert.ok(said.length > 1000 && log.lines.some(({ event }) => event === 'link.up'))
    assert.doesNotMatch(said, /(secret|field|var)-canary/)
  })
})
