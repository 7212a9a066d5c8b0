import assert from 'node:assert/strict'
import test from 'node:test'
import { inspect } from 'node:util'
import { sql } from 'kysely'
import type { TraceView } from '../../server/http/schemas.ts'
import { onEachDatabase } from '../support/database.ts'
import { ARI_PASSWORD, createFakeAri } from '../support/fake-ari.ts'
import {
  accountAt,
  callNamed,
  callsOf,
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
    assert.deepEqual([tested.body.ami.ok, refused.body.ami.code], [true, 'wrong-login'])
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

  test('SAFE-7 an ARI password is in no log, status or answer, whether it is right or wrong', async () => {
    const log = createMemoryLog()
    await using world = await createWorld(open, { LOG_LEVEL: 'debug' }, undefined, log)
    await using fake = await createFakeAri({
      answer: (request, response) => {
        if (request.url?.startsWith('/ari/asterisk/info') === true) return false
        if (request.url?.startsWith('/ari/events') === true) return false
        response.setHeader('content-type', 'application/json').end('[]')
        return true
      },
    })
    const path = `/api/connections/${world.connectionId}`
    const statuses: unknown[] = []
    for (const [password, state] of [
      [ARI_PASSWORD, 'up'],
      ['wrong-ari-canary', 'down'],
    ] as const) {
      const ari = { url: fake.url, userName: 'ringside', password, events: true }
      const { status } = await world.api('PATCH', path, { ari })
      assert.equal(status, 200)
      await until(async () => (await linkStatus(world, 'ari')).state === state)
      statuses.push(await linkStatus(world, 'ari'), await world.api('POST', `${path}/test`))
    }
    const said = inspect([statuses, log.lines], {
      depth: 12,
      maxArrayLength: null,
      maxStringLength: null,
    })
    assert.ok(log.lines.some(({ event }) => event === 'link.refused' || event === 'link.up'))
    assert.equal(said.includes(`:${ARI_PASSWORD}`), false)
    assert.doesNotMatch(said, /wrong-ari-canary|api_key/)
  })

  test('CTL-2 CALL-13 a colleague who is dialled by click-to-call: one internal call, answered, in no case', async () => {
    await using world = await createWorld(open)
    await using pbx = await createFakePbx({ endpoints: ENDPOINTS })
    await connectTo(world, pbx)
    const dialled = await world.api('POST', '/api/dial', { number: '102' }, 'anna')
    assert.equal(dialled.status, 202, JSON.stringify(dialled.body))
    const { uniqueId } = dialled.body
    const about = (id: string, extension: string, state: number, prefix = ''): string[] =>
      [
        `Channel: PJSIP/${extension}-0000000${extension}`,
        `ChannelState: ${state}`,
        `ChannelStateDesc: ${['Down', '', '', '', 'Ring', 'Ringing', 'Up'][state]}`,
        `CallerIDNum: ${extension}`,
        'Context: from-internal',
        `Exten: ${extension === '101' ? '102' : ''}`,
        `Uniqueid: ${id}`,
        `Linkedid: ${uniqueId}`,
      ].map((line) => prefix + line)
    const tell = (event: string, ...lines: readonly string[]): void =>
      pbx.tell(`${[`Event: ${event}`, ...lines].join('\r\n')}\r\n\r\n`)
    const enter = (id: string, extension: string): void =>
      tell('BridgeEnter', 'BridgeUniqueid: b1', 'BridgeType: basic', ...about(id, extension, 6))
    const colleague = `${uniqueId}-2`
    tell('Newchannel', ...about(uniqueId, '101', 0))
    tell('Newstate', ...about(uniqueId, '101', 5))
    tell('Newstate', ...about(uniqueId, '101', 6))
    tell('Newchannel', ...about(colleague, '102', 0))
    tell('DialBegin', ...about(uniqueId, '101', 6), ...about(colleague, '102', 0, 'Dest'))
    tell('Newstate', ...about(colleague, '102', 5))
    await until(async () => (await callNamed(world, uniqueId))?.legs.length === 1)
    tell('Newstate', ...about(colleague, '102', 6))
    const ends = [...about(uniqueId, '101', 6), ...about(colleague, '102', 6, 'Dest')]
    tell('DialEnd', ...ends, 'DialStatus: ANSWER')
    enter(colleague, '102')
    enter(uniqueId, '101')
    await until(async () => (await callNamed(world, uniqueId))?.state === 'answered')
    for (const [id, extension] of [
      [colleague, '102'],
      [uniqueId, '101'],
    ] as const)
      tell('Hangup', ...about(id, extension, 6), 'Cause: 16')
    await until(async () => (await callNamed(world, uniqueId))?.state === 'ended')
    const calls = await callsOf(world)
    assert.equal(calls.length, 1, JSON.stringify(calls))
    const [call] = calls
    assert.deepEqual(
      [call?.id, call?.direction, call?.from.raw, call?.to.raw, call?.outcome, call?.caseId],
      [dialled.body.id, 'internal', '101', '102', 'answered', null],
    )
    assert.deepEqual(
      call?.legs.map(({ extension, agentId, result }) => [extension, agentId, result]),
      [['102', world.agents.boris, 'answered']],
    )
  })
})
