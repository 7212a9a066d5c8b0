import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { CallEvent } from '../../server/calls/call.ts'
import type { CallView } from '../../server/http/schemas.ts'
import { CONTROLS } from '../../server/sources/pbx.ts'
import { createTeller } from '../support/call-events.ts'
import { onEachDatabase } from '../support/database.ts'
import { openStream, type SseClient, type StreamEvent } from '../support/sse.ts'
import { createStandInPbx, type StandInPbx } from '../support/stand-in-pbx.ts'
import { type Answer, createWorld, type World } from '../support/world.ts'

onEachDatabase((open) => {
  describe('with a PBX', () => {
    let world: World
    let pbx: StandInPbx
    let last = 0
    before(async () => {
      pbx = createStandInPbx()
      world = await createWorld(open, {}, pbx)
    })
    after(() => world.close())

    const uniqueId = (): string => `1640854015.${++last}`
    const number = (): string => `+7916${String(last).padStart(7, '0')}`
    /** A call that rings `rung`; `answered` by one of them, or ended. */
    const incoming = async (
      rung: string,
      ...then: readonly ('end' | `answer ${string}`)[]
    ): Promise<CallView> => {
      const id = uniqueId()
      const from_user = number()
      await world.hook({ status: 'incoming_ring', unique_id: id, from_user, to_user: rung })
      for (const step of then) {
        world.tick(5)
        const [verb, to_user = '101'] = step.split(' ')
        await world.hook({ status: `incoming_${verb}`, unique_id: id, from_user, to_user })
      }
      return world.call(id)
    }
    const act = (
      call: CallView,
      action: string,
      as: string,
      body: unknown = undefined,
    ): Promise<Answer> => world.api('POST', `/api/calls/${call.id}/actions/${action}`, body, as)
    const told = () => pbx.commands.splice(0)
    const follow = async (agent: string): Promise<SseClient> => {
      const stream = await openStream(world.url, world.token(agent))
      await stream.next(({ type }) => type === 'hello')
      return stream
    }

    test('CTL-1 an action is one command about the agent’s own part of the call', async () => {
      const call = await incoming('101,102', 'answer 101')
      for (const [action, body] of [
        ['mute'],
        ['unmute'],
        ['hold'],
        ['park'],
        ['pause-recording'],
        ['resume-recording'],
        ['transfer-complete'],
        ['transfer-cancel'],
        ['dtmf', { digits: '12#' }],
        ['transfer', { to: '102', mode: 'attended' }],
        ['transfer', { to: '+7 (916) 123-45-67', mode: 'blind' }],
        ['hangup'],
      ] as const) {
        const { status } = await act(call, action, 'anna', body)
        assert.equal(status, 202, action)
        const to = action === 'transfer' && body.mode === 'blind' ? { to: '+79161234567' } : {}
        const command = { type: action, ...body, ...to, uniqueId: call.uniqueId, extension: '101' }
        assert.deepEqual(told(), [command])
      }
      await world.hook({
        status: 'incoming_end',
        unique_id: call.uniqueId,
        from_user: call.from.raw,
        to_user: '101',
      })
      await world.settled()
    })

    test('CTL-5 who is not on the call controls nothing; a supervisor controls the agent’s part', async () => {
      const call = await incoming('101,102', 'answer 101')
      const boris = await act(call, 'hangup', 'boris')
      assert.equal(boris.status, 409)
      assert.match(boris.body.type, /\/not-yours$/)
      assert.equal((await act(call, 'hangup', 'clara')).status, 404)
      assert.deepEqual(told(), [])
      assert.equal((await act(call, 'mute', 'susan')).status, 202)
      assert.deepEqual(told(), [{ type: 'mute', uniqueId: call.uniqueId, extension: '101' }])
      assert.equal((await act(call, 'hangup', 'anna')).status, 202)
      told()
    })

    test('CTL-1 what has no place in the call’s state is refused before the PBX is asked', async () => {
      const ringing = await incoming('101')
      const ended = await incoming('101', 'answer 101', 'end')
      const talking = await incoming('101', 'answer 101')
      for (const [call, action, body] of [
        [ringing, 'hold'],
        [ringing, 'transfer', { to: '102', mode: 'blind' }],
        [ringing, 'dtmf', { digits: '1' }],
        [talking, 'resume'],
        [talking, 'answer'],
        [ended, 'hangup'],
      ] as const) {
        const { status, body: problem } = await act(call, action, 'anna', body)
        assert.equal(status, 409, action)
        assert.match(problem.type, /\/wrong-state$/)
      }
      assert.deepEqual(told(), [])
    })

    test('CTL-1 what the PBX cannot do, or refuses with a reason', async () => {
      const call = await incoming('101', 'answer 101')
      pbx.can(CONTROLS.filter((control) => control !== 'hold'))
      const unable = await act(call, 'hold', 'anna')
      assert.equal(unable.status, 409)
      assert.match(unable.body.type, /\/not-supported$/)
      pbx.can(CONTROLS)
      assert.deepEqual(told(), [])
      pbx.answers({ ok: false, code: 'refused-by-pbx', message: 'No such channel' })
      const refused = await act(call, 'mute', 'anna')
      assert.equal(refused.status, 409)
      assert.match(refused.body.type, /\/refused-by-pbx$/)
      assert.equal(refused.body.detail, 'No such channel')
      told()
    })

    test('CTL-3 the phone is told to answer only where an admin said that it can', async () => {
      const call = await incoming('101,102')
      const off = await act(call, 'answer', 'anna')
      assert.match(off.body.type, /\/not-supported$/)
      const path = `/api/connections/${world.connectionId}/extensions`
      const before = (await world.api('GET', path)).body.items
      const items = before.map((item: { extension: string }) =>
        item.extension === '101' ? { ...item, canAnswer: true } : item,
      )
      assert.deepEqual((await world.api('PUT', path, { items })).body.items, items)
      assert.deepEqual((await world.api('GET', '/api/me', undefined, 'anna')).body.extensions, [
        { connectionId: world.connectionId, extension: '101', canAnswer: true },
      ])
      assert.equal((await act(call, 'answer', 'anna')).status, 202)
      assert.equal((await act(call, 'answer', 'boris')).status, 409)
      assert.deepEqual(told(), [{ type: 'answer', uniqueId: call.uniqueId, extension: '101' }])
    })

    test('CTL-5 every action and refusal is in the trace, and in the case’s history', async () => {
      const call = await incoming('101', 'answer 101')
      await act(call, 'dtmf', 'anna', { digits: '4111' })
      pbx.answers({ ok: false, code: 'refused-by-pbx', message: 'Parking lot is full' })
      await act(call, 'park', 'anna')
      const created = await world.api(
        'POST',
        `/api/calls/${call.id}/case`,
        { subject: 'S' },
        'anna',
      )
      await act(call, 'mute', 'susan')
      told()
      const trace = await world.api('GET', `/api/calls/${call.id}/trace`, undefined, 'anna')
      const seen = trace.body.items
        .filter(({ source }: { source: string }) => source === 'agent')
        .map(({ raw, result }: { raw: { action: string }; result: string }) => [raw.action, result])
      assert.deepEqual(seen, [
        ['dtmf', 'done'],
        ['park', 'refused-by-pbx: Parking lot is full'],
        ['mute', 'done'],
      ])
      assert.equal(
        JSON.stringify(trace.body).includes('4111'),
        false,
        'digits are nobody’s business',
      )
      const history = await world.api('GET', `/api/cases/${created.body.id}/history`)
      const acts = history.body.items
        .filter(({ kind }: { kind: string }) => kind === 'control')
        .map(({ to, agentId }: { to: { action: string; result: string }; agentId: string }) => [
          to.action,
          to.result,
          agentId,
        ])
      const { anna, susan } = world.agents
      assert.deepEqual(acts, [
        ['dtmf', 'done', anna],
        ['park', 'refused-by-pbx', anna],
        ['mute', 'done', susan],
      ])
    })

    test('CTL-2 a dialled call is outgoing, with number and agent, before the PBX tells anything', async () => {
      using anna = await follow('anna')
      const { status, body } = await world.api(
        'POST',
        '/api/dial',
        { number: '+7 903 555-77-88' },
        'anna',
      )
      assert.equal(status, 202)
      assert.equal(body.direction, 'outgoing')
      assert.equal(body.to.e164, '+79035557788')
      assert.equal(body.from.raw, '101')
      assert.equal(body.agentId, world.agents.anna)
      assert.equal(body.state, 'ringing')
      assert.match(body.uniqueId, /^ringside-/)
      const { uniqueId: id } = body
      assert.deepEqual(told(), [
        { type: 'dial', uniqueId: id, extension: '101', number: '+79035557788' },
      ])
      const first = await anna.next(({ type, data }) => type === 'call' && data.uniqueId === id)
      assert.equal(first.data.direction, 'outgoing')
      assert.equal(first.data.to.e164, '+79035557788')

      // What the PBX tells by the same id joins it, whatever it takes the number for.
      const ami = createTeller({ source: 'ami', direction: 'outgoing', from: '101', to: 's' })
      await accept([ami.started({ arrived: 0 }), ami.answer({ arrived: 1 }, null)], id)
      const answered = await world.call(id)
      assert.equal(answered.id, body.id)
      assert.equal(answered.state, 'answered')
      assert.equal(answered.to.e164, '+79035557788')
      await accept([ami.end({ arrived: 2 })], id)
      assert.equal((await world.call(id)).state, 'ended')
    })

    test('CTL-2 a dial that the PBX refuses says why, and is a call that failed', async () => {
      pbx.answers({ ok: false, code: 'refused-by-pbx', message: 'Originate failed' })
      const { status, body } = await world.api('POST', '/api/dial', { number: '102' }, 'anna')
      assert.equal(status, 409)
      assert.equal(body.detail, 'Originate failed')
      const [command] = told()
      assert.ok(command?.type === 'dial')
      const call = await world.call(command.uniqueId)
      assert.equal(call.state, 'ended')
      assert.equal(call.direction, 'internal', 'between two extensions')
      const trace = await world.api('GET', `/api/calls/${call.id}/trace`)
      const dialled = trace.body.items.find(({ source }: { source: string }) => source === 'agent')
      assert.equal(dialled.result, 'refused-by-pbx: Originate failed')
    })

    test('CTL-2 only one’s own phone rings; without a connection that can dial nothing does', async () => {
      const other = await world.api('POST', '/api/dial', { number: '1', extension: '102' }, 'anna')
      assert.match(other.body.type, /\/not-yours$/)
      const susan = await world.api('POST', '/api/dial', { number: '1', extension: '102' }, 'susan')
      assert.equal(susan.status, 202)
      assert.equal(told()[0]?.extension, '102')
      pbx.can(['hangup'])
      const none = await world.api('POST', '/api/dial', { number: '1' }, 'anna')
      pbx.can(CONTROLS)
      assert.equal(none.status, 409)
      assert.match(none.body.type, /\/not-supported$/)
      assert.deepEqual(told(), [])
    })

    test('CTL-1 while the PBX is away an action says so, and a dial makes no call', async () => {
      const call = await incoming('101', 'answer 101')
      pbx.goes(true)
      const message = 'there is no connection to the PBX just now'
      pbx.answers({ ok: false, code: 'pbx-away', message })
      const { status, body } = await act(call, 'mute', 'anna')
      const before = (await world.api('GET', '/api/calls')).body.items.length
      const dialled = await world.api('POST', '/api/dial', { number: '+79035557788' }, 'anna')
      const after = (await world.api('GET', '/api/calls')).body.items.length
      pbx.goes(false)
      assert.deepEqual([status, body.type, body.detail], [409, '/problems/pbx-away', message])
      assert.deepEqual([dialled.status, dialled.body.type], [409, '/problems/pbx-away'])
      assert.equal(after, before)
      told()
    })

    test('CTL-2 two dials at once are two calls, each with its number', async () => {
      const numbers = ['+79035550001', '+79035550002']
      const answers = await Promise.all(
        numbers.map((to) => world.api('POST', '/api/dial', { number: to }, 'anna')),
      )
      assert.deepEqual(
        answers.map(({ status, body }) => [status, body.to.e164]),
        numbers.map((to) => [202, to]),
      )
      assert.notEqual(answers[0]?.body.id, answers[1]?.body.id)
      assert.equal(told().length, 2)
    })

    test('SAFE-2 what a key may do is in its scopes; it names whose phone rings', async () => {
      const keys: Record<string, string> = {}
      for (const scope of ['calls', 'read']) {
        const made = await world.api('POST', '/api/keys', { name: scope, scopes: [scope] })
        keys[scope] = `Bearer ${made.body.key}`
      }
      const call = await incoming('101', 'answer 101')
      const by = async (scope: string, method: string, path: string, body?: unknown) => {
        const authorization = keys[scope] ?? ''
        return world.api(method, path, body, 'admin', { authorization })
      }
      const dial = { number: '+79035557788', extension: '101' }
      const nobody = await by('calls', 'POST', '/api/dial', { number: dial.number })
      assert.deepEqual([nobody.status, nobody.body.errors?.[0]?.path], [400, 'extension'])
      assert.equal((await by('calls', 'POST', '/api/dial', dial)).status, 202)
      const action = `/api/calls/${call.id}/actions`
      assert.equal((await by('calls', 'POST', `${action}/mute`)).status, 202)
      assert.equal(told().length, 2)
      const connection = `/api/connections/${world.connectionId}`
      for (const [method, path, body] of [
        ['POST', '/api/dial', dial],
        ['POST', `${action}/mute`],
        ['POST', `${action}/dtmf`, { digits: '1' }],
        ['POST', `${action}/transfer`, { to: '102', mode: 'blind' }],
        ['PUT', '/api/me/state', { state: 'free' }],
        ['PUT', '/api/me/queues', { name: 'support', paused: true }],
        ['POST', `${connection}/test`],
        ['GET', `${connection}/endpoints`],
      ] as const) {
        assert.equal((await by('read', method, path, body)).status, 403, path)
      }
      for (const who of ['anna', 'susan']) {
        assert.equal((await world.api('POST', `${connection}/test`, undefined, who)).status, 403)
        const endpoints = await world.api('GET', `${connection}/endpoints`, undefined, who)
        assert.equal(endpoints.status, 403)
      }
      assert.deepEqual(told(), [])
    })

    test('SAFE-6 no hostile text becomes a command', async () => {
      const call = await incoming('101', 'answer 101')
      for (const text of [
        '101\r\nAction: Originate',
        '101\nAction: Hangup\r\n\r\n',
        '101,1',
        '101&PJSIP/102',
        'PJSIP/102',
        '101@other',
        '\u0024{SHELL(id)}',
        '101|System(id)',
        '1;2',
        'abc',
        '',
        '+',
        '1'.repeat(41),
        '\u0000',
        '\u0661\u0662',
      ]) {
        const asked = await Promise.all([
          world.api('POST', '/api/dial', { number: text }, 'anna'),
          act(call, 'transfer', 'anna', { to: text, mode: 'blind' }),
          act(call, 'transfer', 'anna', { to: text, mode: 'attended' }),
          act(call, 'dtmf', 'anna', { digits: text === '1;2' ? text : `${text};` }),
        ])
        assert.deepEqual(
          asked.map(({ status }) => status),
          [400, 400, 400, 400],
          JSON.stringify(text),
        )
      }
      for (const extension of ['101\r\nX: y', 'PJSIP/101', '103']) {
        const { status } = await world.api('POST', '/api/dial', { number: '1', extension }, 'anna')
        assert.equal(status === 400 || status === 409, true, extension)
      }
      const pause = { name: 'support\r\nAction: Hangup', paused: true }
      assert.equal((await world.api('PUT', '/api/me/queues', pause, 'anna')).status, 400)
      assert.deepEqual(told(), [])
    })

    test('CTL-1 every page is told what works, and when that changes', async () => {
      using anna = await follow('anna')
      const expected = { [world.connectionId]: [...CONTROLS] }
      const hello = anna.events[0]
      assert.deepEqual(hello?.data.controls, expected)
      assert.deepEqual(
        (await world.api('GET', '/api/me', undefined, 'anna')).body.controls,
        expected,
      )
      pbx.can(['hangup'])
      const { data } = await anna.next(({ type }) => type === 'controls')
      assert.deepEqual(data, { controls: { [world.connectionId]: ['hangup'] } })
      pbx.can(CONTROLS)
      await anna.next(
        ({ type, data: { controls } }) =>
          type === 'controls' && controls[world.connectionId].length === CONTROLS.length,
      )
    })

    test('CTL-7 what was not recorded is marked on the recording, in the case too', async () => {
      const call = await incoming('101', 'answer 101')
      world.tick(10)
      await act(call, 'pause-recording', 'anna')
      world.tick(20)
      await act(call, 'resume-recording', 'anna')
      world.tick(5)
      pbx.answers({ ok: false, code: 'refused-by-pbx', message: 'not recorded' })
      await act(call, 'pause-recording', 'anna')
      await act(call, 'pause-recording', 'anna')
      told()
      const { unique_id, from_user } = { unique_id: call.uniqueId, from_user: call.from.raw }
      await world.hook({ status: 'incoming_end', unique_id, from_user, to_user: '101' })
      await world.record(call.uniqueId, readFileSync('test/fixtures/audio/plain.mp3'))
      const found = await world.caseOf(call.uniqueId)
      const [recording] = (await world.call(call.uniqueId)).recordings
      assert.ok(recording)
      const [first, second] = recording.pauses
      assert.ok(first && second && first.to !== null)
      assert.ok(Math.abs(first.from - 10) < 3, String(first.from))
      assert.ok(Math.abs(first.to - first.from - 20) < 1, String(first.to))
      assert.equal(second.to, null)
      assert.equal(recording.pauses.length, 2)
      assert.deepEqual(found.messages[0]?.call?.recordings[0]?.pauses, recording.pauses)
      const detail = await world.api('GET', `/api/recordings/${recording.id}`)
      assert.deepEqual(detail.body.pauses, recording.pauses)
    })

    test('CTL-4 the colleague’s pop-up shows the caller, with case, draft and user of the first agent', async () => {
      const id = uniqueId()
      const from = number()
      const user = await world.user({ name: 'Ivan', phones: [from] })
      const ami = createTeller({ source: 'ami', from })
      await accept(
        [
          ami.started({ arrived: 0 }),
          ami.ring({ arrived: 1 }, '101'),
          ami.answer({ arrived: 2 }, '101'),
        ],
        id,
      )
      const call = await world.call(id)
      await world.api('POST', `/api/calls/${call.id}/case`, { subject: 'Bill' }, 'anna')
      const draft = { subject: 'Bill', essence: 'Wants a copy' }
      await world.api('PUT', `/api/calls/${call.id}/draft`, draft, 'anna')
      using clara = await follow('clara')
      await act(call, 'transfer', 'anna', { to: '103', mode: 'blind' })
      told()
      await accept([ami.left({ arrived: 3 }, '101'), ami.ring({ arrived: 4 }, '103')], id)
      const rings = await clara.next(
        ({ type, data }: StreamEvent) =>
          type === 'call' &&
          data.legs.some(
            (leg: { extension: string; result: string }) =>
              leg.extension === '103' && leg.result === 'ringing',
          ),
      )
      assert.equal(rings.data.from.e164, from)
      assert.equal(rings.data.userId, user.id)
      assert.ok(rings.data.caseId)
      const typed = await clara.next(({ type }) => type === 'draft')
      assert.equal(typed.data.essence, 'Wants a copy')
      assert.equal(typed.data.callId, call.id)
      using again = await openStream(world.url, world.token('clara'))
      const hello = await again.next(({ type }) => type === 'hello')
      assert.equal(hello.data.drafts[call.id].essence, 'Wants a copy')
    })

    const accept = async (events: readonly CallEvent[], id: string): Promise<void> => {
      const at = world.now()
      await world.context.intake.accept(
        events.map((event) => ({
          receipt: `test ${id} ${event.source} ${event.order}`,
          event: {
            ...event,
            connectionId: world.connectionId,
            uniqueId: id,
            at: new Date(at.getTime() + event.order),
            arrivedAt: at,
          } as CallEvent,
          raw: {},
        })),
      )
      await world.settled()
    }
  })
})
