import { nameOf } from './cuts.ts'
import { compareOver, type Gap, ghosts, untilRight } from './judge.ts'
import { type LiveCall, startCall } from './live-call.ts'
import { inWords } from './report.ts'
import { type FaultLink, type FaultStage, linkComesUp, pause, secondsBetween } from './stage.ts'

/** How long Asterisk stays away each time. */
const AWAY_MS = [0, 6000]
const UP_WITHIN_MS = 15_000

/** Asterisk is killed while somebody talks, somebody is rung, and somebody dials out. */
export async function killPbx(stage: FaultStage): Promise<void> {
  for (const awayMs of AWAY_MS) await killOnce(stage, awayMs)
}

async function killOnce(stage: FaultStage, awayMs: number): Promise<void> {
  const { asterisk, signal, report } = stage
  const calls = await Promise.all([
    startCall(stage, { kind: 'answered', agent: '102', ringSeconds: 1, talkSeconds: 60 }),
    startCall(stage, { kind: 'missed', agent: '103', ringSeconds: 25, talkSeconds: 1 }),
    startCall(stage, { kind: 'unanswered', agent: '106', ringSeconds: 25, talkSeconds: 1 }),
  ])
  let from: Date
  let readyAt: Date
  try {
    await Promise.all(calls.map((call) => call.reach(call.isAnswered ? 'answered' : 'ringing')))
    await pause(1500 + stage.random() * 1500, signal)
    from = new Date()
    await asterisk.kill()
    await pause(awayMs, signal)
    await asterisk.startAgain(signal)
    readyAt = new Date()
  } finally {
    await Promise.all(calls.map((call) => call.end()))
  }
  const cutOff = calls.map((call) => endedBy(call, from))
  const judged = stage.links.map((link) =>
    judge(stage, link, cutOff, { awayMs, from, readyAt }).catch((error: unknown) =>
      report.say(`${nameOf(stage, link)} PBX killed`, 'gave up', [String(error)]),
    ),
  )
  await Promise.all(judged)
  await callAgain(stage)
}

/** The phones do not see that the PBX has gone. */
function endedBy(call: LiveCall, at: Date): LiveCall {
  return { ...call, at: (step) => (step === 'ended' ? at : call.at(step)) }
}

async function judge(
  stage: FaultStage,
  link: FaultLink,
  calls: readonly LiveCall[],
  { awayMs, from, readyAt }: { awayMs: number; from: Date; readyAt: Date },
): Promise<void> {
  const { signal, report } = stage
  const upAt = await linkComesUp(link, from, UP_WITHIN_MS, signal)
  const gap: Gap = { from, to: upAt }
  const results = await Promise.all([
    ...calls.map((call) => untilRight(upAt, () => compareOver(link.observer, call, [gap]), signal)),
    untilRight(upAt, () => ghosts(link.observer), signal),
  ])
  const right = Math.max(...results.map(({ seconds }) => seconds))
  const up = secondsBetween(readyAt, upAt)
  report.measure(`${link.kind} up after Asterisk was started again (limit 15 s)`, up)
  report.measure(`${link.kind} right after that`, right)
  report.say(
    `${nameOf(stage, link)} PBX killed, away for ${inWords(awayMs / 1000)}`,
    `up ${inWords(up)} after its start, 3 calls ended right after ${inWords(right)}`,
    results.flatMap(({ differences }) => differences),
  )
}

async function callAgain(stage: FaultStage): Promise<void> {
  const { signal, report } = stage
  const call = await startCall(stage, {
    kind: 'answered',
    agent: '102',
    ringSeconds: 1,
    talkSeconds: 2,
  })
  try {
    const trouble = await call.over
    for (const link of stage.links) {
      const right = await untilRight(
        call.at('ended') ?? new Date(),
        () => compareOver(link.observer, call, []),
        signal,
      )
      const differences = trouble === null ? right.differences : [trouble, ...right.differences]
      report.say(
        `${nameOf(stage, link)} the next call`,
        `right after ${inWords(right.seconds)}`,
        differences,
      )
    }
  } finally {
    await call.end()
  }
}
