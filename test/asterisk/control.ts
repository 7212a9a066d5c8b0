import { setTimeout as wait } from 'node:timers/promises'
import type { CallView, TraceView } from '../../server/http/schemas.ts'
import type { AsteriskVersion } from '../../server/simulate/scenario.ts'
import type { Observer } from './observer.ts'
import type { Phones } from './phones.ts'
import { spellsOf } from './silence.ts'

/** What a scenario of call control works with: one Ringside, the phones, and numbers of its own. */
export interface Stage {
  readonly version: AsteriskVersion
  readonly observer: Observer
  readonly phones: Phones
  /** A customer's number that no other scenario has. */
  readonly number: string
  readonly signal: AbortSignal
}

export interface ControlScenario {
  readonly name: string
  readonly ways: readonly Observer['way'][]
  run(stage: Stage): Promise<void>
}

const STATE_MS = 10_000
const POLL_MS = 100
const TALK_MS = 2000
const PAUSE_MS = 3000

/** Steps that an agent takes by the widget's API, and what the phones see of it (CTL-1…CTL-7). */
export const CONTROL_SCENARIOS: readonly ControlScenario[] = [
  {
    name: 'CTL-2 click-to-call, hang up',
    ways: ['ami', 'ari', 'all', 'visit'],
    async run({ observer, phones, number, signal }) {
      const customer = await phones.customer(number, 'answer', '2', '60')
      const agent = await phones.agent('101', 'answer', '1', '60')
      const dialled = await as(observer, '101', 'POST', '/api/dial', { number })
      equal('direction', dialled.direction, 'outgoing')
      equal('agent', dialled.agentId, observer.agents.get('101'))
      await agent.says('talking')
      await customer.says('talking')
      const call = await only(observer, number, 'answered', signal)
      equal('the call', call.id, dialled.id)
      await act(observer, call, '101', 'hangup')
      await agent.says('other side hung up')
      await customer.says('other side hung up')
      const ended = await only(observer, number, 'ended', signal)
      equal('from', ended.from.raw, '101')
      equal('outcome', ended.outcome, 'answered')
    },
  },
  {
    name: 'CTL-1 hold and resume',
    ways: ['ami', 'all'],
    async run(stage) {
      const { observer, phones, number, signal } = stage
      const { agent, customer } = await talk(stage)
      const call = await only(observer, number, 'answered', signal)
      await act(observer, call, '101', 'hold')
      await agent.says('other side hung up')
      await only(observer, number, 'held', signal)
      const again = await phones.agent('101', 'answer', '1', '60')
      await act(observer, call, '101', 'resume')
      await again.says('talking')
      const resumed = await only(observer, number, 'answered', signal)
      equal('the call', resumed.id, call.id)
      equal('the customer is still there', customer.isSilentOn('other side hung up'), true)
      await act(observer, call, '101', 'hangup')
      await customer.says('other side hung up')
      await only(observer, number, 'ended', signal)
    },
  },
  {
    name: 'CTL-1 blind transfer',
    ways: ['ami', 'all'],
    async run(stage) {
      const { observer, phones, number, signal } = stage
      const { agent, customer } = await talk(stage)
      const call = await only(observer, number, 'answered', signal)
      const target = await phones.agent('104', 'answer', '1', '60')
      await act(observer, call, '101', 'transfer', { to: '104', mode: 'blind' })
      await target.says('talking')
      await agent.says('other side hung up')
      const moved = await until(observer, number, signal, ({ agentId }) => {
        return agentId === observer.agents.get('104')
      })
      equal('state', moved.state, 'answered')
      await act(observer, call, '104', 'hangup')
      await customer.says('other side hung up')
      const ended = await only(observer, number, 'ended', signal)
      const talked = ended.legs.filter((leg) => leg.answeredAt !== null).map((leg) => leg.extension)
      equal('who talked', talked.sort().join(), '101,104')
    },
  },
  {
    name: 'CTL-4 attended transfer, completed',
    ways: ['ami', 'all'],
    async run(stage) {
      const { observer, phones, number, signal } = stage
      const { agent, customer } = await talk(stage)
      const call = await only(observer, number, 'answered', signal)
      const target = await phones.agent('104', 'answer', '1', '60')
      await act(observer, call, '101', 'transfer', { to: '104', mode: 'attended' })
      await target.says('talking')
      await act(observer, call, '101', 'transfer-complete')
      await agent.says('other side hung up')
      await until(observer, number, signal, ({ agentId, state }) => {
        return agentId === observer.agents.get('104') && state === 'answered'
      })
      equal('the customer is still there', customer.isSilentOn('other side hung up'), true)
      await act(observer, call, '104', 'hangup')
      await customer.says('other side hung up')
      await only(observer, number, 'ended', signal)
    },
  },
  {
    name: 'CTL-4 attended transfer, taken back',
    ways: ['ami', 'all'],
    async run(stage) {
      const { observer, phones, number, signal } = stage
      const { agent, customer } = await talk(stage)
      const call = await only(observer, number, 'answered', signal)
      const target = await phones.agent('104', 'answer', '1', '60')
      await act(observer, call, '101', 'transfer', { to: '104', mode: 'attended' })
      await target.says('talking')
      await act(observer, call, '101', 'transfer-cancel')
      await target.says('other side hung up')
      await until(observer, number, signal, ({ agentId, state }) => {
        return agentId === observer.agents.get('101') && state === 'answered'
      })
      equal('the agent is still there', agent.isSilentOn('other side hung up'), true)
      await act(observer, call, '101', 'hangup')
      await customer.says('other side hung up')
      await only(observer, number, 'ended', signal)
    },
  },
  {
    name: 'CTL-1 park and pick up',
    ways: ['ami', 'all'],
    async run(stage) {
      const { observer, phones, number, signal } = stage
      const { agent, customer } = await talk(stage)
      const call = await only(observer, number, 'answered', signal)
      await act(observer, call, '101', 'park')
      await agent.says('other side hung up')
      await only(observer, number, 'held', signal)
      const again = await phones.agent('101', 'answer', '1', '60')
      await act(observer, call, '101', 'retrieve')
      await again.says('talking')
      await until(observer, number, signal, ({ state }) => state === 'answered')
      await act(observer, call, '101', 'hangup')
      await customer.says('other side hung up')
      await only(observer, number, 'ended', signal)
    },
  },
  {
    name: 'CTL-1 mute and tones; CTL-5 only own calls',
    ways: ['ami', 'all'],
    async run(stage) {
      const { observer, number, signal } = stage
      const { agent, customer } = await talk(stage)
      const call = await only(observer, number, 'answered', signal)
      await act(observer, call, '101', 'mute')
      await act(observer, call, '101', 'unmute')
      await act(observer, call, '101', 'dtmf', { digits: '12#' })
      const refused = await act(observer, call, '102', 'hangup').then(
        () => 'was done',
        (error: unknown) => String(error),
      )
      equal('102 may hang up', /: 40[49] /.test(refused), true)
      equal('the agent is still there', agent.isSilentOn('other side hung up'), true)
      await act(observer, call, '101', 'hangup')
      await customer.says('other side hung up')
      await only(observer, number, 'ended', signal)
    },
  },
  {
    name: 'CTL-7 recording pause',
    ways: ['all'],
    async run(stage) {
      const { observer, number, signal, version } = stage
      const { customer } = await talk(stage)
      const call = await only(observer, number, 'answered', signal)
      await wait(TALK_MS, undefined, { signal })
      await act(observer, call, '101', 'pause-recording')
      await wait(PAUSE_MS, undefined, { signal })
      await act(observer, call, '101', 'resume-recording')
      await wait(TALK_MS, undefined, { signal })
      await act(observer, call, '101', 'hangup')
      await customer.says('other side hung up')
      const ended = await until(observer, number, signal, ({ recordings }) => {
        return recordings.length === 1 && recordings[0]?.seconds != null
      })
      const [recording] = ended.recordings
      if (recording === undefined) throw new Error('there is no recording')
      const { bytes } = await observer.ringside.audio(
        recording.id,
        `bytes=0-${recording.bytes - 1}`,
      )
      const silent = spellsOf(version, bytes).filter(
        (spell) => spell.isSilent && spell.to - spell.from > 0.5,
      )
      equal('spells of silence in the file', silent.length, 1)
      const [spell] = silent
      const [pause] = recording.pauses
      const seconds = spell === undefined ? 0 : spell.to - spell.from
      equal('its length', Math.abs(seconds - PAUSE_MS / 1000) < 0.7, true)
      const isMarked =
        spell !== undefined &&
        pause !== undefined &&
        Math.abs(pause.from - spell.from) < 1 &&
        Math.abs((pause.to ?? 0) - spell.to) < 1
      if (!isMarked) {
        throw new Error(
          `marked ${JSON.stringify(recording.pauses)}, silent ${JSON.stringify(spell)}`,
        )
      }
    },
  },
  {
    name: 'CTL-6 queue pause',
    ways: ['ami', 'all'],
    async run({ observer, phones, number, signal }) {
      await as(observer, '101', 'PUT', '/api/me/queues', { name: 'support', paused: true })
      const paused = await phones.agent('101', 'ring', '4')
      const other = await phones.agent('102', 'answer', '1', '60')
      const customer = await phones.customer(number, 'call', '74951000200', '60')
      await other.says('talking')
      equal('the paused phone did not ring', paused.isSilentOn('invited'), true)
      const call = await only(observer, number, 'answered', signal)
      equal('who rang', call.legs.map((leg) => leg.extension).join(), '102')
      await as(observer, '101', 'PUT', '/api/me/queues', { name: 'support', paused: false })
      await act(observer, call, '102', 'hangup')
      await customer.says('other side hung up')
      await only(observer, number, 'ended', signal)
    },
  },
]

/** A customer and 101 talk with each other. */
async function talk({ phones, number }: Stage) {
  const agent = await phones.agent('101', 'answer', '1', '60')
  const customer = await phones.customer(number, 'call', '74951000101', '60')
  await agent.says('talking')
  await customer.says('talking')
  return { agent, customer }
}

function as(
  { ringside }: Observer,
  extension: string,
  method: string,
  path: string,
  body: unknown,
): Promise<CallView> {
  return ringside.requestAs(`rig-${extension}`, method, path, body)
}

async function act(
  observer: Observer,
  call: CallView,
  extension: string,
  action: string,
  body: unknown = {},
): Promise<void> {
  await as(observer, extension, 'POST', `/api/calls/${call.id}/actions/${action}`, body)
}

/** The one call of this number, once it is in the state. */
function only(
  observer: Observer,
  number: string,
  state: CallView['state'],
  signal: AbortSignal,
): Promise<CallView> {
  return until(observer, number, signal, (call) => call.state === state)
}

async function until(
  { ringside }: Observer,
  number: string,
  signal: AbortSignal,
  isSo: (call: CallView) => boolean,
): Promise<CallView> {
  const end = Date.now() + STATE_MS
  for (;;) {
    const { items } = await ringside.request<{ items: CallView[] }>('GET', '/api/calls?limit=50')
    const own = items.filter(({ from, to }) => [from.e164, to.e164].includes(`+${number}`))
    const [call] = own
    if (own.length > 1) throw new Error(`${own.length} calls of ${number}, expected one`)
    if (call !== undefined && isSo(call)) return call
    if (Date.now() > end) {
      const heard = call === undefined ? [] : await heardOf(ringside, call.id)
      throw new Error([`the call stayed ${JSON.stringify(call ?? null)}`, ...heard].join('\n'))
    }
    await wait(POLL_MS, undefined, { signal })
  }
}

/** What was told of the call, in the order in which it came. */
async function heardOf({ request }: Observer['ringside'], id: string): Promise<readonly string[]> {
  const { items } = await request<TraceView>('GET', `/api/calls/${id}/trace`)
  return items.map(({ at, arrivedAt, source, reading }) => {
    return `          ${arrivedAt} ${source} ${at}: ${reading}`
  })
}

function equal(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) {
    throw new Error(`${what} is ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`)
  }
}
