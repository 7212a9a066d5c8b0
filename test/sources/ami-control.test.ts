import assert from 'node:assert/strict'
import test from 'node:test'
import { type AmiAction, encodeAction } from '../../server/sources/ami-action.ts'
import { createAmiControl } from '../../server/sources/ami-control.ts'
import { AmiError } from '../../server/sources/ami-error.ts'
import type { AmiPacket } from '../../server/sources/ami-packet.ts'
import type { CallParts, PbxAnswer, PbxCommand } from '../../server/sources/pbx.ts'

const ALL = [
  'Originate',
  'Hangup',
  'Park',
  'MuteAudio',
  'PlayDTMF',
  'BlindTransfer',
  'Redirect',
  'Atxfer',
  'CancelAtxfer',
  'MixMonitorMute',
  'QueuePause',
  'PJSIPNotify',
]
const OPTIONS = {
  originateContext: 'from-agents',
  parkingLotContext: 'crm-parked',
  queueExtensionFormat: 'Local/{0}@from-queue/n',
  asyncOriginate: true,
}
const ID = '1640854015.26'
const CUSTOMER = 'PJSIP/trunk-00000001'
const AGENT = 'PJSIP/101-00000002'

const part = (channelName: string, state: 'ringing' | 'talking' | 'other') => ({
  channelId: channelName,
  channelName,
  state,
  isHeld: false,
})
const TALK: CallParts = {
  uniqueId: ID,
  customer: part(CUSTOMER, 'talking'),
  agents: new Map([['101', part(AGENT, 'talking')]]),
  parked: null,
  consulting: null,
}
const PARKED: CallParts = { ...TALK, agents: new Map(), parked: { space: '701', lot: null } }

interface Stand {
  readonly parts?: CallParts | null
  readonly allowed?: readonly string[]
  readonly options?: Partial<typeof OPTIONS>
  /** The PBX's answers, by the action's name: a message is an error, a value a variable's. */
  readonly errors?: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, string>>
  readonly onSent?: (name: string) => void
}

function stand({ parts = TALK, allowed = ALL, options, errors = {}, values = {}, onSent }: Stand) {
  const sent: AmiAction[] = []
  const control = createAmiControl({
    session: {
      send: async (action) => {
        // What cannot be written is not sent.
        encodeAction(action)
        sent.push(action)
        onSent?.(action.name)
        if (errors[action.name] !== undefined) {
          throw new AmiError('refused', errors[action.name] ?? '')
        }
        const variable = action.fields.find(([key]) => key === 'Variable')?.[1] ?? ''
        return answer(values[variable] ?? null)
      },
    },
    allowed: new Set(allowed),
    partsOf: (uniqueId) => (uniqueId === ID ? parts : null),
    options: { ...OPTIONS, ...options },
    technologyOf: () => 'PJSIP',
    consultMs: 100,
  })
  const lines = (): string[] =>
    sent.map(({ name, fields }) =>
      [name, ...fields.map(([key, value]) => `${key}=${value}`)].join(' '),
    )
  return { control, lines }
}

function answer(value: string | null = null): AmiPacket {
  return {
    event: null,
    response: 'Success',
    actionId: null,
    fields: [],
    get: (key) => (key === 'Value' ? value : null),
    all: () => [],
  }
}

const on = { uniqueId: ID, extension: '101' }
const code = (given: PbxAnswer): string => (given.ok ? 'ok' : given.code)

const RING = 'Priority=1 Timeout=30000'
const scenarios: readonly {
  readonly name: string
  readonly command: PbxCommand
  readonly given?: Stand
  readonly sent: readonly string[]
  readonly answer?: string
}[] = [
  {
    name: 'CTL-2 dial rings the agent and shows the number, by the id that was given',
    command: { type: 'dial', uniqueId: 'ringside-1', extension: '101', number: '+79035557788' },
    sent: [
      `Originate Channel=PJSIP/101 Context=from-agents Exten=+79035557788 ${RING} Variable=CONNECTEDLINE(name,i)=+79035557788 Variable=CONNECTEDLINE(num,i)=+79035557788 ChannelId=ringside-1 Async=true`,
    ],
  },
  {
    name: 'AMI-5 asyncOriginate off: no Async',
    command: { type: 'dial', uniqueId: 'ringside-1', extension: '101', number: '102' },
    given: { options: { asyncOriginate: false } },
    sent: [
      `Originate Channel=PJSIP/101 Context=from-agents Exten=102 ${RING} Variable=CONNECTEDLINE(name,i)=102 Variable=CONNECTEDLINE(num,i)=102 ChannelId=ringside-1`,
    ],
  },
  {
    name: 'CTL-2 a phone that is not there is not dialled, and the answer says so',
    command: { type: 'dial', uniqueId: 'ringside-1', extension: '101', number: '102' },
    given: {
      allowed: [...ALL, 'Getvar'],
      values: { 'DEVICE_STATE(PJSIP/101)': 'UNAVAILABLE' },
    },
    sent: ['Getvar Variable=DEVICE_STATE(PJSIP/101)'],
    answer: 'refused-by-pbx',
  },
  {
    name: 'CTL-1 hang up is the agent’s channel',
    command: { type: 'hangup', ...on },
    sent: [`Hangup Channel=${AGENT} Cause=16`],
  },
  {
    name: 'CTL-1 a parked caller can be hung up',
    command: { type: 'hangup', ...on },
    given: { parts: PARKED },
    sent: [`Hangup Channel=${CUSTOMER} Cause=16`],
  },
  {
    name: 'CTL-1 nobody hangs up a call that is another’s',
    command: { type: 'hangup', ...on, extension: '102' },
    sent: [],
    answer: 'wrong-state',
  },
  {
    name: 'CTL-1 hold parks the caller and frees the phone',
    command: { type: 'hold', ...on },
    sent: [
      `Park Channel=${CUSTOMER} TimeoutChannel=${AGENT} Channel2=${AGENT}`,
      `Hangup Channel=${AGENT} Cause=16`,
    ],
  },
  {
    name: 'CTL-1 a park that is refused keeps the conversation',
    command: { type: 'park', ...on },
    given: { errors: { Park: 'Parking lot is full' } },
    sent: [`Park Channel=${CUSTOMER} TimeoutChannel=${AGENT} Channel2=${AGENT}`],
    answer: 'refused-by-pbx',
  },
  {
    name: 'CTL-1 AMI-5 resume calls the space in parkingLotContext from the agent’s phone',
    command: { type: 'resume', ...on },
    given: { parts: PARKED },
    sent: [
      `Originate Channel=PJSIP/101 Context=crm-parked Exten=701 ${RING} Variable=CONNECTEDLINE(name,i)=701 Variable=CONNECTEDLINE(num,i)=701 Async=true`,
    ],
  },
  {
    name: 'CTL-1 nothing is taken back that is not parked',
    command: { type: 'retrieve', ...on },
    sent: [],
    answer: 'wrong-state',
  },
  {
    name: 'CTL-1 mute is what comes from the agent’s phone',
    command: { type: 'mute', ...on },
    sent: [`MuteAudio Channel=${AGENT} Direction=in State=on`],
  },
  {
    name: 'CTL-1 unmute',
    command: { type: 'unmute', ...on },
    sent: [`MuteAudio Channel=${AGENT} Direction=in State=off`],
  },
  {
    name: 'CTL-1 digits one after another, to the customer',
    command: { type: 'dtmf', ...on, digits: '1#' },
    sent: [`PlayDTMF Channel=${CUSTOMER} Digit=1`, `PlayDTMF Channel=${CUSTOMER} Digit=#`],
  },
  {
    name: 'CTL-4 blind transfer',
    command: { type: 'transfer', ...on, to: '102', mode: 'blind' },
    sent: [`BlindTransfer Channel=${AGENT} Exten=102 Context=from-agents`],
  },
  {
    name: 'CTL-4 blind transfer until 11',
    command: { type: 'transfer', ...on, to: '102', mode: 'blind' },
    given: { allowed: ALL.filter((name) => name !== 'BlindTransfer') },
    sent: [`Redirect Channel=${CUSTOMER} Exten=102 Context=from-agents Priority=1`],
  },
  {
    name: 'CTL-4 a transfer to nowhere would lose the caller: it is not sent',
    command: { type: 'transfer', ...on, to: '999', mode: 'blind' },
    given: {
      allowed: [...ALL, 'Getvar'],
      values: { 'DIALPLAN_EXISTS(from-agents,999,1)': '0' },
    },
    sent: ['Getvar Variable=DIALPLAN_EXISTS(from-agents,999,1)'],
    answer: 'refused-by-pbx',
  },
  {
    name: 'CTL-4 a consultation that does not begin is told',
    command: { type: 'transfer', ...on, to: '102', mode: 'attended' },
    sent: [`Atxfer Channel=${AGENT} Exten=102 Context=from-agents`],
    answer: 'refused-by-pbx',
  },
  {
    name: 'CTL-4 complete is hanging up in a consultation',
    command: { type: 'transfer-complete', ...on },
    given: { parts: { ...TALK, consulting: '101' } },
    sent: [`Hangup Channel=${AGENT} Cause=16`],
  },
  {
    name: 'CTL-4 complete without a consultation would end the call: it is not sent',
    command: { type: 'transfer-complete', ...on },
    sent: [],
    answer: 'wrong-state',
  },
  {
    name: 'CTL-4 take back',
    command: { type: 'transfer-cancel', ...on },
    given: { parts: { ...TALK, consulting: '101' } },
    sent: [`CancelAtxfer Channel=${AGENT}`],
  },
  {
    name: 'CTL-7 the recording is muted on whichever channel has it',
    command: { type: 'pause-recording', ...on },
    sent: [
      `MixMonitorMute Channel=${CUSTOMER} Direction=both State=1`,
      `MixMonitorMute Channel=${AGENT} Direction=both State=1`,
    ],
  },
  {
    name: 'CTL-7 a call that is not recorded says why',
    command: { type: 'resume-recording', ...on },
    given: { errors: { MixMonitorMute: 'Cannot set mute flag' } },
    sent: [
      `MixMonitorMute Channel=${CUSTOMER} Direction=both State=0`,
      `MixMonitorMute Channel=${AGENT} Direction=both State=0`,
    ],
    answer: 'refused-by-pbx',
  },
  {
    name: 'CTL-3 answer is the phone’s own, while it rings',
    command: { type: 'answer', ...on },
    given: { parts: { ...TALK, agents: new Map([['101', part(AGENT, 'ringing')]]) } },
    sent: [`PJSIPNotify Channel=${AGENT} Variable=Event=talk`],
  },
  {
    name: 'CTL-3 another phone cannot be told to answer',
    command: { type: 'answer', ...on },
    given: { parts: { ...TALK, agents: new Map([['101', part('SIP/101-00000003', 'ringing')]]) } },
    sent: [],
    answer: 'not-supported',
  },
  {
    name: 'CTL-1 pause in one queue, by the format of the interface',
    command: {
      type: 'queue-pause',
      extension: '101',
      queue: 'support',
      paused: true,
      reason: 'lunch',
    },
    sent: ['QueuePause Interface=Local/101@from-queue/n Paused=true Queue=support Reason=lunch'],
  },
  {
    name: 'CTL-1 unpause in all queues',
    command: { type: 'queue-pause', extension: '101', queue: null, paused: false, reason: '' },
    given: { options: { queueExtensionFormat: '' } },
    sent: ['QueuePause Interface=PJSIP/101 Paused=false'],
  },
  {
    name: 'CTL-1 a call that is over',
    command: { type: 'mute', ...on },
    given: { parts: null },
    sent: [],
    answer: 'wrong-state',
  },
]
for (const { name, command, given = {}, sent, answer: expected = 'ok' } of scenarios) {
  test(name, async () => {
    const { control, lines } = stand(given)
    assert.equal(code(await control.run(command)), expected)
    assert.deepEqual(lines(), sent)
  })
}

test('CTL-4 an attended transfer is accepted when the consultation begins', async () => {
  let parts = TALK
  const control = createAmiControl({
    session: {
      send: async () => {
        setImmediate(() => {
          parts = { ...TALK, consulting: '101' }
        })
        return answer()
      },
    },
    allowed: new Set(ALL),
    partsOf: () => parts,
    options: OPTIONS,
    technologyOf: () => 'PJSIP',
  })
  const command = { type: 'transfer', ...on, to: '102', mode: 'attended' } as const
  assert.deepEqual(await control.run(command), { ok: true })
})

test('CTL-1 the PBX’s own words are the reason; a lost connection is one', async () => {
  const { control } = stand({ errors: { Hangup: 'No such channel' } })
  assert.deepEqual(await control.run({ type: 'hangup', ...on }), {
    ok: false,
    code: 'refused-by-pbx',
    message: 'No such channel',
  })
  const lost = stand({
    onSent: () => {
      throw new Error('the session ended')
    },
  })
  assert.equal(code(await lost.control.run({ type: 'hangup', ...on })), 'pbx-away')
})

test('CTL-1 a read-only account controls nothing; a missing right takes its control away', async () => {
  const readOnly = stand({ allowed: ['Ping', 'CoreShowChannels', 'Getvar'] })
  assert.deepEqual([...readOnly.control.controls], [])
  assert.equal(code(await readOnly.control.run({ type: 'hangup', ...on })), 'not-supported')
  assert.deepEqual(readOnly.lines(), [])
  assert.equal(stand({}).control.controls.size, 16)
  const without = (...missing: string[]) =>
    stand({ allowed: ALL.filter((name) => !missing.includes(name)) }).control.controls
  assert.equal(without('Park').has('hold'), false)
  assert.equal(without('Park').has('retrieve'), true)
  assert.equal(without('Atxfer').has('transfer-complete'), false)
  assert.equal(without('Atxfer').has('transfer'), true)
  assert.equal(stand({ options: { originateContext: '' } }).control.controls.has('dial'), false)
  assert.equal(stand({ options: { parkingLotContext: '' } }).control.controls.has('hold'), false)
})

const HOSTILE = [
  '101\r\nAction: Originate',
  '101\nAction: Hangup',
  '101\u2028',
  '101,1',
  '101&PJSIP/102',
  '101/n',
  '101@other',
  '\u0024{SHELL(id)}',
  '101)',
  '101|System(id)',
  ' 101',
  '',
  'x'.repeat(100),
]
test('SAFE-6 nothing hostile reaches the PBX, whichever field it is in', async () => {
  for (const text of HOSTILE) {
    const { control, lines } = stand({ allowed: [...ALL, 'Getvar'] })
    const commands: readonly PbxCommand[] = [
      { type: 'dial', uniqueId: 'ringside-1', extension: '101', number: text },
      { type: 'dial', uniqueId: 'ringside-1', extension: text, number: '102' },
      { type: 'dial', uniqueId: text, extension: '101', number: '102' },
      { type: 'transfer', ...on, to: text, mode: 'blind' },
      { type: 'transfer', ...on, to: text, mode: 'attended' },
      { type: 'dtmf', ...on, digits: text },
      { type: 'queue-pause', extension: text, queue: null, paused: true, reason: '' },
    ]
    for (const command of commands) {
      assert.equal(code(await control.run(command)), 'not-supported', JSON.stringify(command))
    }
    assert.deepEqual(lines(), [])
  }
})

test('SAFE-6 a queue or a reason that would end its line is not sent', async () => {
  const { control, lines } = stand({})
  for (const [queue, reason] of [
    ['support\r\nAction: Hangup', ''],
    ['support', 'lunch\nAction: Hangup'],
  ] as const) {
    const command = { type: 'queue-pause', extension: '101', queue, paused: true, reason } as const
    assert.equal(code(await control.run(command)), 'refused-by-pbx')
  }
  assert.deepEqual(lines(), [])
})
