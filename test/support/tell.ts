import { randomUUID } from 'node:crypto'
import type { CallEvent } from '../../server/calls/call.ts'
import { berlin, SETTINGS, type ToldAct, type ToldCall } from '../fixtures/reports/march.ts'
import type { Open } from './database.ts'
import { wavOf } from './wav.ts'
import { createWorld, type World } from './world.ts'

/** A told month as a server lived through it: every event, recording and act at its own time. */
export interface Told {
  readonly world: World
  /** The id of the case that a call is in. */
  caseIdOf(key: string): Promise<string>
  callIdOf(key: string): string
}

/** A server with these calls and acts, told one after another by the clock. */
export async function tell(
  open: Open,
  calls: readonly ToldCall[],
  acts: readonly ToldAct[],
): Promise<Told> {
  let now = berlin('02-01 12:00:00')
  const world = await createWorld(open, {}, undefined, undefined, () => now)
  const teller = await createTeller(world)
  const steps = [...calls.flatMap(teller.stepsOf), ...acts.map(teller.stepOf)]
  for (const { at, run } of steps.sort((a, b) => a.at.getTime() - b.at.getTime())) {
    now = at
    await run()
  }
  return { world, caseIdOf: teller.caseIdOf, callIdOf: teller.callIdOf }
}

interface Step {
  readonly at: Date
  run(): Promise<void>
}

async function createTeller(world: World) {
  const { api } = world
  const ask = async (method: string, path: string, body?: unknown, as?: string) => {
    const answer = await api(method, path, body, as)
    if (answer.status >= 400) throw new Error(`${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  await ask('PATCH', '/api/settings', SETTINGS)
  const main = await ask('GET', `/api/connections/${world.connectionId}`)
  const lab = await addLab(world, ask)
  const numbers = new Map<string, string>()
  const callIds = new Map<string, string>()
  const uniqueIds = new Map<string, string>()

  const numberOf = (who: string | null): string => {
    if (who === null) return 'anonymous'
    if (/^\d+$/.test(who)) return who
    const known = numbers.get(who) ?? `+7916${String(numbers.size + 1).padStart(7, '0')}`
    numbers.set(who, known)
    return known
  }
  const callIdOf = (key: string): string => {
    const id = callIds.get(key)
    if (id === undefined) throw new Error(`nobody has told of the call ${key}`)
    return id
  }
  const caseIdOf = async (key: string): Promise<string> => {
    const { caseId } = await ask('GET', `/api/calls/${callIdOf(key)}`)
    if (caseId === null) throw new Error(`${key} is in no case`)
    return caseId
  }
  const uniqueIdOf = (call: ToldCall): string => {
    const id = uniqueIds.get(call.key) ?? `${berlin(call.at).getTime() / 1000}.${uniqueIds.size}`
    uniqueIds.set(call.key, id)
    return id
  }
  const connectionOf = (call: ToldCall) => (call.pbx === 'lab' ? lab : main)

  const accept = async (call: ToldCall, event: CallEvent): Promise<void> => {
    await world.context.intake.accept([{ receipt: randomUUID(), event, raw: {} }])
    await world.settled()
    if (callIds.has(call.key)) return
    const { items } = await ask('GET', '/api/calls?limit=1')
    const found = items.find((each: { uniqueId: string }) => each.uniqueId === event.uniqueId)
    if (found !== undefined) callIds.set(call.key, found.id)
  }
  const record = async (call: ToldCall): Promise<void> => {
    const form = new FormData()
    form.set('status', 'record')
    form.set('unique_id', uniqueIdOf(call))
    const sound = wavOf(Int16Array.from({ length: 80 }, (_, i) => i * (callIds.size + 1)))
    form.set('record', new Blob([sound]), 'record.wav')
    const answer = await fetch(
      connectionOf(call).webhookUrl.replace(/^.*(?=\/webhooks)/, world.url),
      {
        method: 'POST',
        body: form,
      },
    )
    if (answer.status !== 200) throw new Error(`${call.key}: ${await answer.text()}`)
    await world.settled()
  }

  /** The call's events and its recording, each when the server hears of it. */
  const stepsOf = (call: ToldCall): Step[] => {
    const start = berlin(call.at).getTime()
    const after = (when: number | string): Date =>
      typeof when === 'string' ? berlin(when) : new Date(start + when * 1000)
    const parties = { uniqueId: uniqueIdOf(call), connectionId: connectionOf(call).id }
    const steps = eventsOf(call, numberOf(call.who)).map(([second, toldAt, more]) => ({
      at: toldAt === null ? after(second) : berlin(toldAt),
      run() {
        const base = { ...parties, at: after(second), atKnown: true, arrivedAt: world.now() }
        return accept(call, { ...base, extra: {}, ...more } as CallEvent)
      },
    }))
    if (call.recorded === undefined) return steps
    return [...steps, { at: after(call.recorded), run: () => record(call) }]
  }

  const carryOut = async ({ who, does }: ToldAct): Promise<void> => {
    const post = (path: string, body?: unknown) => ask('POST', path, body, who)
    const patch = async (call: string, body: unknown) =>
      ask('PATCH', `/api/cases/${await caseIdOf(call)}`, body, who)
    if ('note' in does) {
      await post(`/api/cases/${await caseIdOf(does.note)}/notes`, { text: 'Asked the workshop' })
    } else if ('status' in does) await patch(does.call, { status: does.status })
    else if ('assign' in does) await patch(does.call, { assigneeId: world.agents[does.assign] })
    else if ('claim' in does) await post(`/api/cases/${await caseIdOf(does.claim)}/claim`)
    else if ('create' in does) {
      await post(`/api/calls/${callIdOf(does.create)}/case`, { subject: 'A delivery' })
    } else if ('fix' in does) {
      const caseId = await caseIdOf(does.into)
      await post(`/api/calls/${callIdOf(does.fix)}/fix`, { caseId, essence: 'Once more' })
    } else if ('draft' in does) {
      const draft = { subject: 'An offer', essence: '' }
      await ask('PUT', `/api/calls/${callIdOf(does.draft)}/draft`, draft, who)
    } else if ('leaves' in does) await ask('DELETE', `/api/agents/${world.agents[does.leaves]}`)
    else await world.context.retention.run()
  }
  const stepOf = (act: ToldAct): Step => ({ at: berlin(act.at), run: () => carryOut(act) })
  return { stepsOf, stepOf, caseIdOf, callIdOf }
}

/** A second PBX with the same phones, of which there are no recordings. */
async function addLab(
  world: World,
  ask: (method: string, path: string, body?: unknown) => Promise<any>,
): Promise<{ id: string; webhookUrl: string }> {
  const facts = { name: 'Lab', timeZone: 'Europe/Berlin', country: 'RU', recordings: false }
  const lab = await ask('POST', '/api/connections', facts)
  const { anna, boris, clara, susan } = world.agents
  const phones = { 101: anna, 102: boris, 103: clara, 104: susan }
  const items = Object.entries(phones).map(([extension, agentId]) => ({ extension, agentId }))
  await ask('PUT', `/api/connections/${lab.id}/extensions`, { items })
  return lab
}

/** Without what is the same for every event of a call. */
type Event = Record<string, unknown>

/** What the PBX tells, and after how many seconds; where it is told late, when. */
function eventsOf(call: ToldCall, number: string): [number, string | null, Event][] {
  const { by = '', rings, answers = [], held, left, ends, queue = null } = call
  // Who is on hold or was handed on to, a webhook does not say.
  const isPlain = held === undefined && left === undefined && call.way !== 'internal'
  const source = isPlain ? 'webhook' : 'ari'
  const direction = { in: 'incoming', out: 'outgoing', internal: 'internal' }[call.way]
  const from = call.way === 'in' ? number : by
  const to = call.way === 'in' ? '74951000101' : number
  const parties = { direction, from, to } as const
  const events: [number, string | null, Event][] = []
  const add = (second: number, event: Event, toldAt: string | null = null) => {
    const order = source === 'ari' ? events.length + 1 : 0
    events.push([second, toldAt, { source, order, ...event }])
  }
  add(0, { type: 'started', ...parties })
  if (rings !== undefined) {
    const extensions = answers.length === 0 ? ['101', '102'] : [answers[0]![1]]
    add(rings, { type: 'ringing', ...parties, extensions, queue })
  }
  for (const [second, extension] of answers) {
    const answered = { type: 'answered', ...parties }
    const agents = call.way === 'out' ? { extension: null } : { to: extension, extension }
    add(second, { ...answered, ...agents }, call.answerTold)
  }
  if (left !== undefined) add(left[0], { type: 'left', extension: left[1] })
  if (held !== undefined) {
    add(held[0], { type: 'held', extension: by })
    add(held[1], { type: 'resumed', extension: by })
  }
  add(ends, { type: 'ended', ...parties, durationSeconds: null, failure: null })
  return events
}
