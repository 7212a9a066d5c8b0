import { loadAri } from '../../server/simulate/scenario.ts'
import { ARI_PASSWORD, ARI_USER, createFakeAri } from '../support/fake-ari.ts'
import { accountAt, newTake, until } from '../support/linked.ts'
import { createFakePbx } from '../support/model-pbx.ts'
import type { World } from '../support/world.ts'

/** A call that goes on as it is told to. */
export interface LiveCall {
  readonly uniqueId: string
  ring(): Promise<void>
  answer(): Promise<void>
  end(): Promise<void>
}

/** What somebody who calls, or a dialplan, can put into a call: a text wherever there is one. */
export interface HostileCall {
  readonly text: string
  /** Who calls; the text unless given. */
  readonly number?: string
}

/** PBXs that are linked by AMI and by ARI and tell of hostile calls (SAFE-1); anna has their extension 102. */
export interface HostileLinks extends AsyncDisposable {
  readonly connectionIds: { readonly ami: string; readonly ari: string }
  readonly callBy: Readonly<Record<'ami' | 'ari', (call: HostileCall) => Promise<LiveCall>>>
  /** Members, callers and reasons of a queue that has the text as its name. */
  queue(text: string): void
}

/** What is carried along of a channel. */
const NOTE = 'hostile_note'
const RECORDED = 'incoming-queue-answered'
const options = { packetInfoConfig: [NOTE], traceQueuesState: true }

export async function createHostileLinks(
  world: World,
  /** Names of endpoints, and the version. */
  named: readonly string[],
): Promise<HostileLinks> {
  const endpoints = named.map(oneLine).map(toBytes)
  const pbx = await createFakePbx({ endpoints: ['102', ...endpoints] })
  pbx.onAction = (name) =>
    name === 'CoreSettings'
      ? `Response: Success\r\n{id}AsteriskVersion: ${endpoints[0]}\r\n\r\n`
      : null
  const ari = await createFakeAri()
  const account = { url: ari.url, userName: ARI_USER, password: ARI_PASSWORD, events: true }
  const connectionIds = {
    ami: await addConnection(world, 'AMI', { ami: accountAt(pbx) }),
    ari: await addConnection(world, 'ARI', { ari: account }),
  }
  const tell = async (packet: string): Promise<void> => pbx.tell(toBytes(packet))
  return {
    connectionIds,
    callBy: {
      ami: async (call) => live(await amiCall(call), tell),
      ari: async (call) => live(await ariCall(call), async (event) => ari.send(event)),
    },
    queue: (text) => {
      const [Queue, MemberName] = [oneLine(text), oneLine(text)]
      const member = {
        Queue,
        MemberName,
        Interface: 'PJSIP/102',
        Status: '1',
        Membership: 'dynamic',
      }
      pbx.tell(toPacket({ Event: 'QueueMemberAdded', ...member, Paused: '0' }))
      const paused = { Paused: '1', PausedReason: oneLine(text) }
      pbx.tell(toPacket({ Event: 'QueueMemberPause', ...member, ...paused }))
    },
    [Symbol.asyncDispose]: async () => {
      for (const [kind, id] of Object.entries(connectionIds)) {
        await world.api('PATCH', `/api/connections/${id}`, { [kind]: null })
      }
      await pbx.close()
      await ari[Symbol.asyncDispose]()
    },
  }
}

async function addConnection(world: World, name: string, account: object): Promise<string> {
  const facts = { name, timeZone: 'UTC', country: 'RU', options, ...account }
  const { status, body } = await world.api('POST', '/api/connections', facts)
  if (status !== 201) throw new Error(JSON.stringify(body))
  const path = `/api/connections/${body.id}`
  const items = [{ extension: '102', agentId: world.agents.anna }]
  await world.api('PUT', `${path}/extensions`, { items })
  const kind = 'ami' in account ? 'ami' : 'ari'
  await until(async () => (await world.api('GET', path)).body.status[kind].state === 'up')
  return body.id
}

interface Stages<T> {
  readonly uniqueId: string
  readonly stages: readonly [readonly T[], readonly T[], readonly T[]]
}

function live<T>({ uniqueId, stages }: Stages<T>, tell: (each: T) => Promise<void>): LiveCall {
  const all = async (stage: 0 | 1 | 2): Promise<void> => {
    for (const each of stages[stage]) await tell(each)
  }
  return { uniqueId, ring: () => all(0), answer: () => all(1), end: () => all(2) }
}

/** Rings until somebody answers, then until one of them leaves. */
function split<T>(
  all: readonly T[],
  answers: (each: T) => boolean,
  leaves: (each: T) => boolean,
): Stages<T>['stages'] {
  const answered = all.findIndex(answers)
  const left = all.findIndex(leaves)
  return [all.slice(0, answered), all.slice(answered, left), all.slice(left)]
}

const AMI_EVENTS =
  /^Event: (?:Newchannel|Newstate|QueueCallerJoin|QueueCallerLeave|AgentCalled|AgentConnect|Dial(?:Begin|End)|Bridge(?:Create|Enter|Leave|Destroy)|Hangup)\r/

async function amiCall({ text, number = text }: HostileCall): Promise<Stages<string>> {
  const { packets, uniqueId, expected } = await newTake(RECORDED, '22')
  const said: Readonly<Record<string, string>> = {
    [expected.caller.number]: oneLine(number),
    [expected.called]: oneLine(text),
    support: oneLine(text),
    '<unknown>': oneLine(text),
  }
  const hostile = packets
    .filter((packet) => AMI_EVENTS.test(packet))
    .map((packet) =>
      packet
        .replaceAll(/^([\w-]+): (.*)\r$/gm, (line, key: string, value: string) =>
          value in said ? `${key}: ${said[value]}\r` : line,
        )
        .replace(
          /^(Event: Newchannel\r\n)/,
          (line) => `${line}ChanVariable: ${NOTE}=${oneLine(text)}\r\n`,
        )
        .replace(/^Cause-txt: .*\r$/m, () => `Cause-txt: ${oneLine(text)}\r`),
    )
  const isOf = (name: string) => (packet: string) => packet.startsWith(`Event: ${name}\r`)
  return { uniqueId, stages: split(hostile, isOf('DialEnd'), isOf('BridgeLeave')) }
}

interface AriEvent {
  readonly type: string
  readonly dialstatus?: string
  readonly channel?: { readonly id: string }
}

const ARI_EVENTS =
  /^(?:ChannelCreated|ChannelStateChange|ChannelCallerId|ChannelConnectedLine|Dial|ChannelEnteredBridge|ChannelLeftBridge|ChannelDestroyed)$/
let ariCalls = 0

async function ariCall({ text, number = text }: HostileCall): Promise<Stages<AriEvent>> {
  ariCalls += 1
  const recorded = (await loadAri(RECORDED, '22')).map(({ event }) => event as AriEvent)
  const [first] = recorded.filter(({ type }) => type === 'ChannelCreated')
  const [seconds] = String(first?.channel?.id).split('.')
  const shift = Date.now() - Number(seconds) * 1000
  const change = (value: unknown, key: string): unknown => {
    if (typeof value !== 'string') return value
    if (value === '79161234567') return number
    if (value === '74951000200') return text
    if (key === 'name' && value === '') return text
    if (key === 'app_data') return value.replace(/^support(?=,|$)/, () => text)
    if (key === 'timestamp' || key === 'creationtime') return later(value, shift)
    return value.replace(/^\d{10}\.(\d+)$/, `${Number(seconds) + 7e6}.${ariCalls}00$1`)
  }
  const events = recorded
    .filter(({ type }) => ARI_EVENTS.test(type))
    .map((event) => JSON.parse(JSON.stringify(event, (key, value) => change(value, key))))
  const note = { ...events[0], type: 'ChannelVarset', variable: NOTE, value: text }
  const all: AriEvent[] = [events[0], note, ...events.slice(1)]
  return {
    uniqueId: String(all[0]?.channel?.id),
    stages: split(
      all,
      ({ type, dialstatus }) => type === 'Dial' && dialstatus === 'ANSWER',
      ({ type }) => type === 'ChannelLeftBridge',
    ),
  }
}

function later(timestamp: string, ms: number): string {
  return new Date(Date.parse(timestamp) + ms).toISOString().replace('Z', '+0000')
}

/** What Asterisk writes into a packet has no ends of lines. */
export function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(/[\r\n\0]/g, ' ')
}

/** The fake writes characters as bytes; Asterisk sends UTF-8. */
function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function toPacket(fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${value}\r\n`)
  return toBytes(`${lines.join('')}\r\n`)
}
