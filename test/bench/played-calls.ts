import type { CallView, CaseEventView, CaseView, UserView } from '../../server/http/schemas.ts'
import { callView, caseView, phoneView, userView } from '../widget/fake-server.ts'

/** A busy agent's day, made up by a seed: who calls, what comes of it. */
export interface PlayedCalls {
  /** The events of one call, in the steps in which they come. */
  next(): readonly Step[]
  live(): readonly CallView[]
  user(id: string): UserView
  call(id: string): CallView
  case(id: string): CaseView
  casesOf(userId: string | null): readonly CaseView[]
}
export type Step = readonly { readonly event: string; readonly data: unknown }[]

const USERS = 500
const COMPANIES = ['Northwind Traders', 'Contoso', 'Müller GmbH', 'ООО Ромашка', 'شركة النور']
/** Of ten calls so many are not answered. */
const MISSED_OF_TEN = 2

/** Creates the calls; the same seed gives the same day. */
export function createPlayedCalls(random: () => number): PlayedCalls {
  const calls = new Map<string, CallView>()
  const cases = new Map<string, CaseView>()
  let count = 0

  function user(id: string): UserView {
    const number = Number(id.replace('user-', ''))
    const digits = String(number).padStart(4, '0')
    return userView({
      id,
      name: `Customer ${digits}`,
      email: `customer.${digits}@company.example`,
      company: COMPANIES[number % COMPANIES.length] ?? null,
      phones: [phoneView(`+375 29 170-${digits.slice(0, 2)}-${digits.slice(2)}`)],
    })
  }

  function said(event: string, data: unknown) {
    if (event === 'call') remember(calls, data as CallView)
    if (event === 'case') remember(cases, { ...(data as CaseView), messages: [] })
    return { event, data }
  }

  return {
    next() {
      count += 1
      const id = String(count)
      const caller = user(`user-${Math.floor(random() * USERS)}`)
      const ringing = ringingCall(id, caller)
      const isMissed = random() * 10 < MISSED_OF_TEN
      const found = caseOf(id, caller, isMissed)
      const first = [said('call', ringing)]
      const changed = random() < 0.1 ? [said('user', later(caller))] : []
      if (isMissed) {
        const closed = { ...found, version: 2, status: 'closed' as const }
        const missed = said('call', { ...endedCall(ringing), outcome: 'missed' })
        return [first, [missed, said('case', found)], [said('case', closed), ...changed]]
      }
      const talking = answeredCall(ringing)
      const draft = { callId: ringing.id, subject: 'About', essence: '', ...by(talking) }
      const withCase = { ...talking, caseId: found.id }
      return [
        first,
        [said('call', talking), ...changed],
        [said('draft', draft), said('call', withCase), said('case', found)],
        [said('call', endedCall(withCase)), said('recording', recordingOf(withCase))],
      ]
    },
    live: () => [...calls.values()].filter((call) => call.state !== 'ended'),
    user,
    call: (id) => calls.get(id) ?? callView({ id, state: 'ended' }),
    case: (id) => cases.get(id) ?? caseView({ id, messages: [] }),
    casesOf: (id) => [...cases.values()].filter((one) => one.userId === id).slice(-5),
  }
}

function remember<T extends { readonly id: string }>(all: Map<string, T>, one: T): void {
  all.delete(one.id)
  all.set(one.id, one)
  if (all.size > 1000) all.delete(all.keys().next().value ?? '')
}

const iso = (secondsAgo: number): string => new Date(Date.now() - secondsAgo * 1000).toISOString()

function ringingCall(id: string, caller: UserView): CallView {
  const [from] = caller.phones
  const [call] = [callView({ id: `call-${id}`, uniqueId: `1700000000.${id}`, queue: 'Support' })]
  const legs = call.legs.map((leg) => ({ ...leg, rangAt: iso(0) }))
  const times = { startedAt: iso(0), ringingAt: iso(0) }
  return { ...call, ...times, legs, from: from ?? call.from, userId: caller.id }
}

function answeredCall(call: CallView): CallView {
  const legs = call.legs.map((leg) => ({ ...leg, result: 'answered' as const, answeredAt: iso(0) }))
  return {
    ...call,
    state: 'answered',
    answeredAt: iso(0),
    agentId: 'agent-1',
    legs,
    ringSeconds: 1,
  }
}

function endedCall(call: CallView): CallView {
  const legs = call.legs.map((leg) => ({ ...leg, endedAt: iso(0) }))
  return { ...call, state: 'ended', outcome: 'answered', endedAt: iso(0), talkSeconds: 60, legs }
}

function caseOf(id: string, caller: UserView, isMissed: boolean): CaseEventView {
  const { messages: _messages, ...found } = caseView({
    id: `case-${id}`,
    number: Number(id),
    subject: `About order ${id}`,
    status: 'open',
    handset: isMissed ? 'red' : 'green',
    userId: caller.id,
    version: 1,
  })
  return { ...found, message: null, withdrawnTo: null }
}

function recordingOf(call: CallView): unknown {
  const sound = { mime: 'audio/wav', bytes: 960_000, seconds: 60 }
  return { ...sound, id: `recording-${call.id}`, callId: call.id, audioUrl: '/silence.wav' }
}

const by = (call: CallView) => ({ updatedAt: call.answeredAt, updatedBy: 'agent-1' })
const later = (caller: UserView): UserView => ({ ...caller, updatedAt: iso(0), note: iso(0) })
