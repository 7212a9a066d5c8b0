import type { Phone } from '../phones.ts'
import type { FaultStage } from './stage.ts'

export const KINDS = ['answered', 'missed', 'queue', 'outgoing', 'unanswered'] as const
export type CallKind = (typeof KINDS)[number]
export const STEPS = ['ringing', 'answered', 'ended'] as const
export type Step = (typeof STEPS)[number]

export interface CallPlan {
  readonly kind: CallKind
  /** Who answers or dials; of a queue's call always 104, while 105 rings too. */
  readonly agent: string
  readonly ringSeconds: number
  readonly talkSeconds: number
}

/** A call that is going on through the real Asterisk, as its phones see it. */
export interface LiveCall extends CallPlan {
  readonly number: string
  readonly isIncoming: boolean
  readonly isAnswered: boolean
  /** What the customer dialled. */
  readonly called: string
  readonly rung: readonly string[]
  /** When the caller's phone was told to call. */
  readonly begunAt: Date
  at(step: Step): Date | null
  /** Settles at this step of the call. */
  reach(step: Step, withinMs?: number): Promise<Date>
  /** Settles when the phones are down, with what did not go as planned. */
  readonly over: Promise<string | null>
  /** Ends the phones. */
  end(): Promise<void>
}

const POLL_MS = 20
const REACH_MS = 60_000
const LONG = '120'
/** Ports of customers that call; one that is called has line 0. */
let line = 0

interface Sides {
  readonly caller: Phone
  readonly callee: Phone
  readonly others: readonly Phone[]
  readonly endedBy: readonly [Phone, string]
  readonly begunAt: Date
}

/** Rings up; settles when the caller's phone has been told to. */
export async function startCall(stage: FaultStage, plan: CallPlan): Promise<LiveCall> {
  const number = stage.nextNumber()
  const { kind } = plan
  const isIncoming = kind !== 'outgoing' && kind !== 'unanswered'
  const isQueue = kind === 'queue'
  const agent = isQueue ? '104' : plan.agent
  const called = isQueue ? '74951000300' : `74951000${agent}`
  const start = isIncoming ? startIncoming : startOutgoing
  const { caller, callee, others, endedBy, begunAt } = await start(
    stage,
    { ...plan, agent },
    number,
  )
  const at = (step: Step): Date | null => {
    if (step === 'ringing') return callee.saidAt('invited')
    return step === 'answered' ? callee.saidAt('talking') : endedBy[0].saidAt(endedBy[1])
  }
  const phones = [caller, callee, ...others]
  return {
    ...plan,
    agent,
    number,
    isIncoming,
    isAnswered: kind !== 'missed' && kind !== 'unanswered',
    called,
    rung: isQueue ? ['104', '105'] : isIncoming ? [agent] : [],
    begunAt,
    at,
    async reach(step, withinMs = REACH_MS) {
      const until = Date.now() + withinMs
      for (;;) {
        const reached = at(step)
        if (reached !== null) return reached
        if (Date.now() > until) throw new Error(`the ${kind} call of ${number} is not ${step}`)
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
    over: Promise.all(phones.map((phone) => phone.over)).then((said) => {
      const trouble = said.find((each) => each !== null) ?? null
      return trouble ?? (at('ended') === null ? 'the call did not end as planned' : null)
    }),
    end: async () => {
      await Promise.all(phones.map((phone) => phone.end()))
    },
  }
}

async function startIncoming(stage: FaultStage, plan: CallPlan, number: string): Promise<Sides> {
  const { kind, agent, ringSeconds, talkSeconds } = plan
  const [ring, talk] = [String(ringSeconds), String(talkSeconds)]
  const phones = stage.asterisk.phones(stage.signal)
  const isQueue = kind === 'queue'
  const [callee, ...others] = await Promise.all([
    kind === 'missed'
      ? phones.agent(agent, 'ring', LONG)
      : phones.agent(agent, 'answer', ring, isQueue ? talk : LONG),
    ...(isQueue ? [phones.agent('105', 'ring', LONG)] : []),
  ])
  line = (line % 9) + 1
  const begunAt = new Date()
  const did = isQueue ? '74951000300' : `74951000${agent}`
  const customers = stage.asterisk.phones(stage.signal, { LINE: String(line) })
  const caller = await customers.customer(
    number,
    ...(kind === 'missed' ? ['call', did, '1', ring] : ['call', did, isQueue ? LONG : talk]),
  )
  const endedBy = {
    missed: [caller, 'giving up'],
    queue: [callee, 'hanging up'],
  } as const
  const by =
    kind === 'missed' || kind === 'queue' ? endedBy[kind] : ([caller, 'hanging up'] as const)
  return { caller, callee, others, endedBy: by, begunAt }
}

async function startOutgoing(stage: FaultStage, plan: CallPlan, number: string): Promise<Sides> {
  const { kind, agent, ringSeconds, talkSeconds } = plan
  const [ring, talk] = [String(ringSeconds), String(talkSeconds)]
  const trunk = Number(agent) > 103 ? 'enc' : 'raw'
  const phones = stage.asterisk.phones(stage.signal, { TRUNK: trunk, LINE: '0' })
  const isAnswered = kind === 'outgoing'
  const callee = await phones.customer(
    number,
    ...(isAnswered ? ['answer', ring, LONG] : ['ring', LONG]),
  )
  const begunAt = new Date()
  const caller = await phones.agent(
    agent,
    ...(isAnswered ? ['dial', number, talk, '60'] : ['dial', number, '1', ring]),
  )
  const endedBy = [caller, isAnswered ? 'hanging up' : 'giving up'] as const
  return { caller, callee, others: [], endedBy, begunAt }
}
