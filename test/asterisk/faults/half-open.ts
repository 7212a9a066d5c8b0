import { nameOf } from './cuts.ts'
import { compareLive, compareOver, type Gap, ghosts, untilRight } from './judge.ts'
import { type LiveCall, startCall } from './live-call.ts'
import { inWords } from './report.ts'
import {
  type FaultLink,
  type FaultStage,
  linkBecomes,
  linkComesUp,
  pause,
  secondsBetween,
} from './stage.ts'

/** HOLD-4 */
const NOTICED_WITHIN_S = 20
/** A login that was swallowed as well times out first. */
const UP_MS = 40_000

/** Both lines of a version fall silent without being closed, while two talk: one ends meanwhile. */
export async function goSilent(stage: FaultStage): Promise<void> {
  const { signal, report } = stage
  const calls = await Promise.all([
    startCall(stage, { kind: 'answered', agent: '101', ringSeconds: 1.5, talkSeconds: 5 }),
    startCall(stage, { kind: 'outgoing', agent: '106', ringSeconds: 1.5, talkSeconds: 45 }),
  ])
  try {
    await Promise.all(calls.map((call) => call.reach('answered')))
    await pause(500 + stage.random() * 2000, signal)
    await Promise.all(
      stage.links.map((link) =>
        swallow(stage, link, calls).catch((error: unknown) =>
          report.say(`${nameOf(stage, link)} half-open`, 'gave up', [String(error)]),
        ),
      ),
    )
  } finally {
    await Promise.all(calls.map((call) => call.end()))
  }
}

async function swallow(
  stage: FaultStage,
  link: FaultLink,
  calls: readonly LiveCall[],
): Promise<void> {
  const { signal, report } = stage
  const { proxy, observer } = link
  const from = new Date()
  proxy.become('swallow')
  const noticedAt = await linkBecomes(link, ({ state }) => state !== 'up', 30_000, signal)
  proxy.become('pass')
  const noticed = secondsBetween(from, noticedAt)
  const to = await linkComesUp(link, from, UP_MS, signal)
  const gap: Gap = { from, to }
  const differences: string[] = []
  if (noticed > NOTICED_WITHIN_S) differences.push(`noticed after ${inWords(noticed)}`)
  const live = await Promise.all(
    calls.map((call) => untilRight(to, () => compareLive(observer, call), signal)),
  )
  const over = await Promise.all(
    calls.map(async (call) => {
      const trouble = await call.over
      if (trouble !== null) differences.push(`the phones did not do what was planned: ${trouble}`)
      const since = new Date(Math.max(+to, +(call.at('ended') ?? to)))
      return untilRight(since, () => compareOver(observer, call, [gap]), signal)
    }),
  )
  const none = await untilRight(new Date(), () => ghosts(observer), signal)
  for (const each of [...live, ...over, none]) differences.push(...each.differences)
  const right = Math.max(...[...live, ...over].map(({ seconds }) => seconds))
  const up = secondsBetween(noticedAt, to)
  report.measure(`${link.kind} half-open noticed (limit ${NOTICED_WITHIN_S} s)`, noticed)
  report.say(
    `${nameOf(stage, link)} half-open`,
    `noticed after ${inWords(noticed)}, up ${inWords(up)} later, right after ${inWords(right)}`,
    differences,
  )
}
