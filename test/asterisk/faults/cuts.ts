import {
  compareLive,
  compareOver,
  type Gap,
  ghosts,
  RIGHT_WITHIN_S,
  unheardOf,
  untilRight,
} from './judge.ts'
import { type CallPlan, type LiveCall, startCall } from './live-call.ts'
import { inWords } from './report.ts'
import {
  type FaultLink,
  type FaultStage,
  type LinkStatus,
  linkBecomes,
  linkComesUp,
  pause,
  secondsBetween,
} from './stage.ts'

const PHASES = ['before the ring', 'ringing', 'at the answer', 'talking', 'at the end'] as const

interface PlannedCut {
  readonly phase: (typeof PHASES)[number]
  /** Which of the calls of a round it is timed by. */
  readonly lead: number
  readonly offsetMs: number
  readonly gapMs: number
}

/** The backoff after the longest gap, and the time that a login takes. */
const UP_MS = 25_000

const LASTED_MS = 5500

/** HOLD-4: both lines of a version are cut in each round, at moments of their own. */
export async function cutLines(stage: FaultStage, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const plans = drawCalls(stage.random)
    const cuts = stage.links.map((_, at) => drawCut(stage.random, round * 2 + at))
    const calls = await startAll(stage, plans)
    try {
      await Promise.all(
        stage.links.map((link, at) => {
          const cut = cuts[at] as PlannedCut // there is one for each link
          return cutLine(stage, link, cut, calls, round).catch((error: unknown) =>
            stage.report.say(`${nameOf(stage, link)} ${cut.phase}`, 'gave up', [String(error)]),
          )
        }),
      )
    } finally {
      await Promise.all(calls.map((call) => call.end()))
    }
    // A link that is lost again at once comes back later and later: another thing than what is measured.
    await Promise.all(stage.links.map((link) => linkBecomes(link, hasLasted, UP_MS, stage.signal)))
  }
}

function hasLasted({ state, since }: LinkStatus): boolean {
  return state === 'up' && since !== null && Date.now() - Date.parse(since) > LASTED_MS
}

function drawCalls(random: () => number): readonly CallPlan[] {
  const ring = (): number => 1.5 + Math.round(random() * 15) / 10
  const talk = (): number => 2 + Math.round(random() * 30) / 10
  const times = (): { ringSeconds: number; talkSeconds: number } => ({
    ringSeconds: ring(),
    talkSeconds: talk(),
  })
  return [
    {
      kind: random() < 0.7 ? 'answered' : 'missed',
      agent: random() < 0.5 ? '101' : '102',
      ...times(),
    },
    { kind: 'queue', agent: '104', ...times() },
    { kind: random() < 0.7 ? 'outgoing' : 'unanswered', agent: '106', ...times() },
  ]
}

function drawCut(random: () => number, index: number): PlannedCut {
  const phase = PHASES[index % PHASES.length] ?? 'ringing'
  const offsetMs = {
    'before the ring': () => 100 + random() * 900,
    ringing: () => random() * 1200,
    'at the answer': () => -150 + random() * 300,
    talking: () => 200 + random() * 1500,
    'at the end': () => -200 + random() * 400,
  }[phase]()
  const isLong = index % 12 === 7
  const gapMs = isLong ? 10_000 + random() * 10_000 : 200 + random() ** 2 * 7800
  return { phase, lead: Math.floor(random() * 3), offsetMs, gapMs }
}

async function startAll(
  stage: FaultStage,
  plans: readonly CallPlan[],
): Promise<readonly LiveCall[]> {
  return Promise.all(plans.map((plan) => startCall(stage, plan)))
}

async function cutLine(
  stage: FaultStage,
  link: FaultLink,
  cut: PlannedCut,
  calls: readonly LiveCall[],
  round: number,
): Promise<void> {
  const { signal, report } = stage
  const { observer, proxy } = link
  const lead = calls[cut.lead] as LiveCall // drawn among them
  await untilMoment(lead, cut, signal)
  const from = new Date()
  proxy.cut()
  await pause(cut.gapMs, signal)
  proxy.become('pass')
  const passed = new Date()
  const to = await linkComesUp(link, from, UP_MS, signal)
  const gap: Gap = { from, to }
  const differences: string[] = []
  const note = async (since: Date, compare: () => Promise<readonly string[]>): Promise<number> => {
    const right = await untilRight(since, compare, signal)
    differences.push(...right.differences)
    return right.seconds
  }
  const live = await Promise.all(calls.map((call) => note(to, () => compareLive(observer, call))))
  const ended = await Promise.all(
    calls.map(async (call) => {
      const trouble = await call.over
      if (trouble !== null) differences.push(`the phones did not do what was planned: ${trouble}`)
      const since = new Date(Math.max(+to, +(call.at('ended') ?? to)))
      return note(since, () => compareOver(observer, call, [gap]))
    }),
  )
  await note(new Date(), () => ghosts(observer))
  const [upAfter, right] = [secondsBetween(passed, to), Math.max(...live, ...ended)]
  report.measure(`${link.kind} up after the line passed again`, upAfter)
  report.measure(`${link.kind} right after the reconnect (limit ${RIGHT_WITHIN_S} s)`, right)
  report.say(
    `${nameOf(stage, link)} cut ${round + 1} ${cut.phase} (${lead.kind}), ${inWords(cut.gapMs / 1000)}`,
    `up ${inWords(upAfter)} later, right after ${inWords(right)} (${await unheardOf(observer, calls, gap)})`,
    differences,
  )
}

async function untilMoment(
  lead: LiveCall,
  { phase, offsetMs }: PlannedCut,
  signal: AbortSignal,
): Promise<void> {
  const step = phase === 'before the ring' ? null : 'ringing'
  const since = step === null ? lead.begunAt : await lead.reach(step)
  const { ringSeconds, talkSeconds, isAnswered } = lead
  const later = {
    'before the ring': 0,
    ringing: 0,
    'at the answer': ringSeconds * 1000,
    talking: ringSeconds * 1000,
    'at the end': (ringSeconds + (isAnswered ? talkSeconds : 0)) * 1000,
  }[phase]
  await pause(+since + later + offsetMs - Date.now(), signal)
}

export function nameOf({ version }: FaultStage, { kind }: Pick<FaultLink, 'kind'>): string {
  return `Asterisk ${version} ${kind}`
}
