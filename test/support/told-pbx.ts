import { randomUUID } from 'node:crypto'
import type { CallEvent } from '../../server/calls/call.ts'
import { berlin, type ToldCall } from '../fixtures/reports/march.ts'
import { must } from './tell.ts'
import { wavOf } from './wav.ts'
import type { World } from './world.ts'

/** Something that happens at its time. */
export interface Step {
  readonly at: Date
  run(): Promise<void>
}

/** Two PBXs that tell of a story's calls. */
export interface ToldPbx {
  /** A call's events and its recording, each when the server hears of it. */
  stepsOf(call: ToldCall): Step[]
  callIdOf(key: string): Promise<string>
  /** The case that a call is in. */
  caseIdOf(key: string): Promise<string>
}

interface Connection {
  readonly id: string
  readonly webhookUrl: string
}

export async function createToldPbx(world: World): Promise<ToldPbx> {
  const main: Connection = { id: world.connectionId, webhookUrl: world.webhookUrl }
  const lab = await addLab(world)
  const uniqueIds = new Map<string, string>()
  const callIds = new Map<string, string>()
  const numberOf = numbers()
  const connectionOf = ({ pbx }: ToldCall) => (pbx === 'lab' ? lab : main)

  const callIdOf = async (key: string): Promise<string> => {
    const known = callIds.get(key)
    if (known !== undefined) return known
    await world.settled()
    const { items } = await must(world, 'GET', '/api/calls?limit=200')
    const call = items.find((each: CallEvent) => each.uniqueId === uniqueIds.get(key))
    if (call === undefined) throw new Error(`there is no call ${key}`)
    callIds.set(key, call.id)
    return call.id
  }
  const stepsOf = (call: ToldCall): Step[] => {
    const start = berlin(call.at)
    const uniqueId = `${start.getTime() / 1000}.${uniqueIds.size + 1}`
    uniqueIds.set(call.key, uniqueId)
    const connection = connectionOf(call)
    const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)
    const steps = eventsOf(call, numberOf(call.who)).map(({ second, toldAt, facts }) => ({
      at: toldAt === undefined ? after(second) : berlin(toldAt),
      run: () => {
        const times = { at: after(second), atKnown: true, arrivedAt: world.now() }
        const base = { connectionId: connection.id, uniqueId, extra: {} }
        return accept(world, { ...base, ...times, ...facts } as CallEvent)
      },
    }))
    const { recorded } = call
    if (recorded === undefined) return steps
    const at = typeof recorded === 'string' ? berlin(recorded) : after(recorded)
    // Each call sounds different: the same bytes are the same recording.
    return [...steps, { at, run: () => upload(connection, uniqueId, uniqueIds.size) }]
  }
  return {
    stepsOf,
    callIdOf,
    caseIdOf: async (key) => {
      const { caseId } = await must(world, 'GET', `/api/calls/${await callIdOf(key)}`)
      if (caseId === null) throw new Error(`the call ${key} is in no case`)
      return caseId
    },
  }
}

/** Nothing becomes of a call before it is answered or over; what comes late is for itself. */
async function accept(world: World, event: CallEvent): Promise<void> {
  await world.context.intake.accept([{ receipt: randomUUID(), event, raw: {} }])
  const isLate = event.arrivedAt > event.at
  if (isLate || event.type === 'answered' || event.type === 'ended') await world.settled()
}

async function upload(connection: Connection, uniqueId: string, sound: number): Promise<void> {
  const form = new FormData()
  form.set('status', 'record')
  form.set('unique_id', uniqueId)
  const samples = Int16Array.from({ length: 80 }, (_, index) => index * sound)
  form.set('record', new Blob([wavOf(samples)]), 'record.wav')
  const answer = await fetch(connection.webhookUrl, { method: 'POST', body: form })
  if (answer.status !== 200) throw new Error(`${uniqueId}: ${await answer.text()}`)
}

/** The same person has the same number; an extension is one. */
function numbers(): (who: string | null) => string {
  const known = new Map<string, string>()
  return (who) => {
    if (who === null) return 'anonymous'
    if (/^\d+$/.test(who)) return who
    const number = known.get(who) ?? `+7916${String(known.size + 1).padStart(7, '0')}`
    known.set(who, number)
    return number
  }
}

/** A second PBX with the same phones, of which there are no recordings. */
async function addLab(world: World): Promise<Connection> {
  const facts = { name: 'Lab', timeZone: 'Europe/Berlin', country: 'RU', recordings: false }
  const { id, webhookToken } = await must(world, 'POST', '/api/connections', facts)
  const { anna, boris, clara, susan } = world.agents
  const phones = { 101: anna, 102: boris, 103: clara, 104: susan }
  const items = Object.entries(phones).map(([extension, agentId]) => ({ extension, agentId }))
  await must(world, 'PUT', `/api/connections/${id}/extensions`, { items })
  return { id, webhookUrl: `${world.url}/webhooks/asterisk/${webhookToken}` }
}

/** What the PBX tells, and after how many seconds; where it is told late, when. */
interface ToldEvent {
  readonly second: number
  readonly toldAt?: string | undefined
  readonly facts: Readonly<Record<string, unknown>>
}

function eventsOf(call: ToldCall, number: string): ToldEvent[] {
  const { by = '', rings, answers = [], held, left, queue = null } = call
  const lateFor = (what: 'rings' | 'answers') =>
    call.late?.[0] === what ? call.late[1] : undefined
  // Who is on hold or was handed on to, a webhook does not say.
  const isPlain = held === undefined && left === undefined && call.way !== 'internal'
  const source = isPlain ? 'webhook' : 'ari'
  const parties = {
    direction: { in: 'incoming', out: 'outgoing', internal: 'internal' }[call.way],
    from: call.way === 'in' ? number : by,
    to: call.way === 'in' ? '74951000101' : number,
  }
  const events: ToldEvent[] = []
  const add = (second: number, facts: Record<string, unknown>, toldAt?: string) => {
    const order = source === 'ari' ? events.length + 1 : 0
    events.push({ second, toldAt, facts: { source, order, ...facts } })
  }
  add(0, { type: 'started', ...parties })
  if (rings !== undefined) {
    const extensions = answers[0] === undefined ? ['101', '102'] : [answers[0][1]]
    add(rings, { type: 'ringing', ...parties, extensions, queue }, lateFor('rings'))
  }
  for (const [second, extension] of answers) {
    const who = call.way === 'out' ? { extension: null } : { to: extension, extension }
    add(second, { type: 'answered', ...parties, ...who }, lateFor('answers'))
  }
  if (left !== undefined) add(left[0], { type: 'left', extension: left[1] })
  if (held !== undefined) {
    add(held[0], { type: 'held', extension: by })
    add(held[1], { type: 'resumed', extension: by })
  }
  add(call.ends, { type: 'ended', ...parties, durationSeconds: null, failure: null })
  return events
}
