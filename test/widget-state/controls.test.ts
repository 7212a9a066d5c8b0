import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallView, MeView } from '../../server/http/schemas.ts'
import { noMark } from '../../widget/client/control-state.ts'
import type { ActionName, CallAction, Control } from '../../widget/client/control-types.ts'
import {
  selectColleague,
  selectCurrentCalls,
  selectMark,
  selectMyself,
  selectPopups,
} from '../../widget/client/select.ts'
import {
  selectCanDial,
  selectColleagues,
  selectConsultation,
  selectControls,
  selectQueues,
} from '../../widget/client/select-controls.ts'
import { emptyState, type Message, reduce, type State } from '../../widget/client/state.ts'
import { AGENTS, able, answered, at, callView, ME, NOW, QUEUES } from '../widget/fake-server.ts'

const call = (change: Partial<CallView> = {}): Message => ({
  type: 'call',
  call: answered(change),
  now: NOW,
})
const accepted = (action: CallAction): Message => ({
  type: 'action-accepted',
  callId: 'call-1',
  action,
})
const sent = (name: ActionName): Message => ({ type: 'action-sent', callId: 'call-1', name })
const refused = (name: ActionName, code: string): Message => ({
  type: 'action-refused',
  callId: 'call-1',
  name,
  code,
  detail: 'why',
})
const tick = (seconds: number): Message => ({ type: 'tick', now: NOW + seconds * 1000 })
const run = (me: MeView, ...messages: readonly Message[]): State =>
  messages.reduce(reduce, reduce(emptyState, { type: 'me', me }))
const shown = (state: State, id = 'call-1'): readonly ActionName[] => {
  const found = state.calls.get(id)
  return found === undefined ? [] : selectControls(state, found)
}
const waiting = (state: State) => selectMark(state, 'call-1').waiting.map(({ name }) => name)
const [leg] = answered().legs
if (leg === undefined) throw new Error('the call of the fixtures has one leg')
const asked: CallAction = { name: 'transfer', to: '102', mode: 'attended', label: 'Boris' }
const gone = { agentId: 'agent-1', legs: [{ ...leg, endedAt: at(0) }] }
const ringing = callView()
const dialled = {
  direction: 'outgoing',
  state: 'ringing',
  answeredAt: null,
  legs: [],
  agentId: 'agent-1',
} satisfies Partial<CallView>

const table: readonly {
  name: string
  can?: readonly Control[]
  messages: readonly Message[]
  expected: readonly ActionName[]
}[] = [
  {
    name: 'talking, by AMI: all, hang up last',
    messages: [call()],
    expected: ['hold', 'mute', 'transfer', 'dtmf', 'pause-recording', 'park', 'hangup'],
  },
  {
    name: 'talking, by ARI only: hang up',
    can: ['dial', 'hangup'],
    messages: [call()],
    expected: ['hangup'],
  },
  {
    name: 'on hold by the PBX, which frees the phone: resume',
    messages: [call(), call({ ...gone, state: 'held' })],
    expected: ['resume', 'hangup'],
  },
  {
    name: 'on hold by a button of the phone, which alone takes the caller back',
    messages: [call({ state: 'held' })],
    expected: ['pause-recording', 'hangup'],
  },
  {
    name: 'dialled by me, on hold: resume',
    messages: [call({ ...dialled, state: 'held', answeredAt: at(9) })],
    expected: ['resume', 'hangup'],
  },
  {
    name: 'dialled by me, on hold while a colleague is asked',
    messages: [call({ ...dialled, state: 'held', answeredAt: at(9) }), accepted(asked)],
    expected: ['transfer-complete', 'transfer-cancel', 'mute', 'dtmf'],
  },
  {
    name: 'muted, and the recording paused: the way back',
    messages: [call(), accepted({ name: 'mute' }), accepted({ name: 'pause-recording' })],
    expected: ['hold', 'unmute', 'transfer', 'dtmf', 'resume-recording', 'park', 'hangup'],
  },
  {
    name: 'muted and back',
    can: ['mute', 'unmute'],
    messages: [call(), accepted({ name: 'mute' }), accepted({ name: 'unmute' })],
    expected: ['mute'],
  },
  { name: 'my dialling: hang up', messages: [call(dialled)], expected: ['hangup'] },
  {
    name: 'a consultation: complete or take back, nothing that would do either by accident',
    messages: [call({ state: 'held' }), accepted(asked)],
    expected: ['transfer-complete', 'transfer-cancel', 'mute', 'dtmf'],
  },
  {
    name: 'taken back: as before',
    can: ['hold', 'transfer', 'transfer-cancel'],
    messages: [call(), accepted(asked), accepted({ name: 'transfer-cancel' })],
    expected: ['hold', 'transfer'],
  },
  {
    name: 'a consultation that is over before one completes it',
    can: ['hold', 'transfer', 'transfer-complete'],
    messages: [call(), accepted(asked), refused('transfer-complete', 'wrong-state')],
    expected: ['hold', 'transfer'],
  },
  {
    name: 'parked by me: pick up',
    messages: [call(), accepted({ name: 'park' }), call(gone)],
    expected: ['retrieve'],
  },
  {
    name: 'parked, and picked up by me',
    can: ['hold', 'retrieve'],
    messages: [call(), accepted({ name: 'park' }), call(gone), call()],
    expected: ['hold'],
  },
  {
    name: 'parked, and picked up by a colleague',
    messages: [
      call(),
      accepted({ name: 'park' }),
      call({ agentId: 'agent-2', legs: [...gone.legs, { ...leg, agentId: 'agent-2' }] }),
    ],
    expected: [],
  },
  {
    name: 'rings at me: answer',
    messages: [{ type: 'call', call: ringing, now: NOW }],
    expected: ['answer'],
  },
  {
    name: 'rings at a colleague only',
    messages: [call({ ...ringing, legs: [{ ...leg, agentId: 'agent-2', result: 'ringing' }] })],
    expected: [],
  },
  {
    name: 'a colleague’s call',
    messages: [call({ legs: [{ ...leg, agentId: 'agent-2' }] })],
    expected: [],
  },
  { name: 'ended', messages: [call(), call({ state: 'ended', endedAt: at(0) })], expected: [] },
  { name: 'of another connection', messages: [call({ connectionId: 'other' })], expected: [] },
]
for (const { name, can, messages, expected } of table) {
  test(`POP-7 CTL-1 ${name}`, () => {
    assert.deepEqual(shown(run(able(...(can ?? [])), ...messages)), expected)
  })
}

test('CTL-1 a webhook or a read-only account: no control at all', () => {
  const none: readonly MeView['controls'][] = [{}, { pbx: [] }]
  for (const controls of none) {
    const state = run({ ...able(), controls }, call())
    assert.deepEqual(shown(state), [])
    assert.equal(selectCanDial(state), false)
  }
  assert.equal(selectCanDial(run(able('dial'))), true)
})

test('CTL-1 the stream tells when a connection can do more or less', () => {
  const start = run(ME, call())
  const more = reduce(start, { type: 'controls', controls: { pbx: ['hold'] } })
  assert.deepEqual(shown(more), ['hold'])
  assert.deepEqual(shown(reduce(more, { type: 'controls', controls: {} })), [])
})

test('CTL-3 answer only where the phone can be told to', () => {
  const cannot = { ...able(), extensions: ME.extensions }
  assert.deepEqual(shown(run(cannot, { type: 'call', call: ringing, now: NOW })), [])
})

test('POP-7 pressed is waiting until the call shows it, whichever comes first', () => {
  const pressed = run(able(), call(), sent('hold'))
  assert.deepEqual(waiting(pressed), ['hold'])
  const yes = reduce(pressed, accepted({ name: 'hold' }))
  assert.deepEqual([waiting(yes), shown(yes)[0]], [['hold'], 'hold'])
  const held = reduce(yes, call({ ...gone, state: 'held' }))
  assert.deepEqual([waiting(held), shown(held)[0]], [[], 'resume'])
  const early = reduce(reduce(pressed, call({ state: 'held' })), accepted({ name: 'hold' }))
  assert.deepEqual(waiting(early), [])
})

test('POP-7 what was accepted and never happens can be pressed again', () => {
  const state = run(able(), call(), sent('hold'), accepted({ name: 'hold' }))
  assert.deepEqual(waiting(reduce(state, tick(4))), ['hold'])
  assert.deepEqual(waiting(reduce(state, tick(6))), [])
  assert.deepEqual(waiting(reduce(run(able(), call(), sent('hold')), tick(60))), ['hold'])
})

test('POP-7 a refusal stays for a moment, or until something else is pressed', () => {
  const state = run(able(), call(), sent('park'), refused('park', 'refused-by-pbx'))
  const mark = selectMark(state, 'call-1')
  assert.deepEqual(
    [mark.refusal?.name, mark.refusal?.detail, mark.isParked, waiting(state)],
    ['park', 'why', false, []],
  )
  assert.equal(selectMark(reduce(state, tick(9)), 'call-1').refusal, null)
  assert.equal(selectMark(reduce(state, sent('hold')), 'call-1').refusal, null)
})

test('POP-7 a parked call stays in the bar, an ended one leaves nothing behind', () => {
  const parked = run(able(), call(), accepted({ name: 'park' }), call(gone))
  assert.deepEqual(
    selectCurrentCalls(parked).map(({ id }) => id),
    ['call-1'],
  )
  const ended = reduce(parked, call({ ...gone, state: 'ended', endedAt: at(0) }))
  assert.deepEqual([selectCurrentCalls(ended), ended.marks.size], [[], 0])
})

test('CTL-4 a consultation is over when the colleague hangs up', () => {
  const internal = {
    id: 'asked',
    direction: 'internal',
    agentId: 'agent-1',
    legs: [],
  } satisfies Partial<CallView>
  const state = run(able(), call({ state: 'held' }), accepted(asked), call(internal))
  assert.equal(selectConsultation(state)?.id, 'asked')
  const over = reduce(state, call({ ...internal, state: 'ended', endedAt: at(0) }))
  assert.deepEqual([selectConsultation(over), selectMark(over, 'call-1').consulting], [null, null])
})

const colleagues = { direction: 'internal', agentId: 'agent-1', uniqueId: '1.7' } as const
const rings = { ...colleagues, agentId: 'agent-2', state: 'ringing', answeredAt: null } as const
const inside = { ...able(), internalCalls: ['pbx'] }
for (const { name, me, messages, bars, popups } of [
  {
    name: 'my click on a colleague',
    messages: [call({ ...colleagues, uniqueId: 'ringside-1' })],
    bars: 1,
  },
  { name: 'a colleague whom my phone called', messages: [call(colleagues)], bars: 0 },
  {
    name: 'the same where internal calls are shown',
    me: inside,
    messages: [call(colleagues)],
    bars: 1,
  },
  {
    name: 'a consultation',
    me: inside,
    messages: [call({ state: 'held' }), call({ ...colleagues, id: 'asked' })],
    bars: 1,
  },
  { name: 'a colleague who calls me', messages: [call({ ...ringing, ...rings })], popups: 0 },
  {
    name: 'the same where internal calls are shown',
    me: inside,
    messages: [call({ ...ringing, ...rings })],
    popups: 1,
  },
] as readonly {
  name: string
  me?: MeView
  messages: Message[]
  bars?: number
  popups?: number
}[]) {
  test(`CALL-13 ${name}: ${bars ?? 0} bars, ${popups ?? 0} pop-ups`, () => {
    const state = run(me ?? able(), ...messages)
    assert.equal(selectCurrentCalls(state).length, bars ?? 0)
    assert.equal(selectPopups(state).length, popups ?? 0)
  })
}

test('CALL-13 an internal call is with the colleague on the other side', () => {
  const agents: Message = { type: 'agents', items: AGENTS }
  const to = { raw: '102', e164: null, display: '102' }
  const mine = callView({ ...colleagues, to })
  const theirs = callView({ ...colleagues, agentId: 'agent-2', from: to })
  for (const one of [mine, theirs]) {
    assert.match(selectColleague(run(able(), agents), one)?.name ?? '', /^Boris/)
  }
  assert.equal(selectColleague(run(able(), agents), callView({ to })), null)
})

test('CTL-4 colleagues by name or extension, free ones first, never myself', () => {
  const state = run(able(), { type: 'agents', items: AGENTS })
  const names = (text: string, connection = 'pbx') =>
    selectColleagues(state, connection, text).map(({ agent }) => agent.name.split(' ')[0])
  assert.deepEqual(names(''), ['Boris', 'Elena', 'Farid', 'Chiara', 'Dmitri', 'Grace'])
  assert.deepEqual(names('ROS chi'), ['Chiara'])
  assert.deepEqual(names('104'), ['Dmitri'])
  assert.deepEqual(names('', 'other'), [])
})

test('CTL-6 queues: mine first; one that changes replaces itself', () => {
  const start = run(able(), { type: 'queues', items: QUEUES })
  const names = (state: State) => selectQueues(state).map(({ name, waiting: n }) => `${name} ${n}`)
  assert.deepEqual(names(start), ['sales 0', 'support 3', 'billing 1'])
  const [support] = QUEUES
  if (support === undefined) throw new Error('the fixtures have queues')
  const next = reduce(start, { type: 'queue', items: [{ ...support, waiting: 9 }] })
  assert.deepEqual(names(next), ['sales 0', 'support 9', 'billing 1'])
})

test('CTL-6 my state is what colleagues see', () => {
  const me = AGENTS.slice(0, 1).map((one) => ({ ...one, state: 'away' as const, reason: 'Lunch' }))
  assert.equal(selectMyself(run(able(), { type: 'agents', items: me }))?.reason, 'Lunch')
})

test('POP-11 what was kept over a change of page does not cover what is known', () => {
  const state = run(able(), call(), accepted({ name: 'mute' }), {
    type: 'marks',
    marks: new Map([
      ['call-1', noMark],
      ['other', { ...noMark, isRecordingPaused: true }],
    ]),
  })
  assert.equal(selectMark(state, 'call-1').isMuted, true)
  assert.equal(selectMark(state, 'other').isRecordingPaused, true)
})
