import type { CallView, Ringside } from '../ringside.ts'
import { nameOf } from './cuts.ts'
import { callsOf, compareLive, compareOver, type Gap, ghosts, untilRight } from './judge.ts'
import { type LiveCall, startCall } from './live-call.ts'
import { inWords } from './report.ts'
import { type FaultLink, type FaultStage, linkComesUp, pause, secondsBetween } from './stage.ts'

const UP_MS = 20_000

let lastVersion: Promise<void> = Promise.resolve()

/**
 * Ringside is killed while somebody talks and somebody is rung; the calls outlive that, or do not. One
 * version after the other: four embedded databases that start at once starve one another.
 */
export function killServers(stage: FaultStage): Promise<void> {
  const work = async (): Promise<void> => {
    await killOnce(stage, true)
    await killOnce(stage, false)
  }
  const own = lastVersion.then(work)
  lastVersion = own.catch(() => undefined)
  return own
}

async function killOnce(stage: FaultStage, isOutlived: boolean): Promise<void> {
  const [ringSeconds, talkSeconds] = isOutlived ? [28, 27] : [8, 7]
  const calls = await Promise.all([
    startCall(stage, { kind: 'answered', agent: '101', ringSeconds: 1, talkSeconds }),
    startCall(stage, { kind: 'missed', agent: '103', ringSeconds, talkSeconds: 1 }),
    startCall(stage, { kind: 'outgoing', agent: '106', ringSeconds: 1, talkSeconds }),
  ])
  try {
    await Promise.all(calls.map((call) => call.reach(call.isAnswered ? 'answered' : 'ringing')))
    // What was never kept is lost with the process: the PBX tells it once.
    const told = stage.links.flatMap(({ observer }) =>
      calls.map((call) => untilRight(new Date(), () => compareLive(observer, call), stage.signal)),
    )
    await Promise.all([...told, pause(stage.random() * 2000, stage.signal)])
    await Promise.all(
      stage.links.map((link) =>
        killServer(stage, link, calls, isOutlived).catch((error: unknown) =>
          stage.report.say(`${nameOf(stage, link)} server killed`, 'gave up', [String(error)]),
        ),
      ),
    )
  } finally {
    await Promise.all(calls.map((call) => call.end()))
  }
}

async function killServer(
  stage: FaultStage,
  link: FaultLink,
  calls: readonly LiveCall[],
  isOutlived: boolean,
): Promise<void> {
  const { signal, report } = stage
  const { observer } = link
  const from = new Date()
  await observer.ringside.kill()
  if (!isOutlived) await Promise.all(calls.map((call) => call.over))
  const startedAt = new Date()
  await observer.ringside.startAgain()
  const ready = secondsBetween(startedAt, new Date())
  const differences: string[] = []
  if (isOutlived) differences.push(...(await popUpsOf(link, calls)))
  const to = await linkComesUp(link, from, UP_MS, signal)
  const gap: Gap = { from, to }
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
  const up = secondsBetween(startedAt, to)
  report.measure(`${link.kind} ready after the server was started again`, ready)
  report.say(
    `${nameOf(stage, link)} server killed, the calls ${isOutlived ? 'outlive it' : 'end meanwhile'}`,
    `ready after ${inWords(ready)}, up after ${inWords(up)}, right ${inWords(right)} later`,
    differences,
  )
}

/** The page of the agent who is rung gets the call from the first moment on. */
async function popUpsOf(
  { observer }: FaultLink,
  calls: readonly LiveCall[],
): Promise<readonly string[]> {
  const rung = calls.find(({ kind }) => kind === 'missed')
  if (rung === undefined || rung.at('ended') !== null) return ['nobody is rung any more']
  const shown = await helloOf(observer.ringside, `rig-${rung.agent}`)
  const [call] = await callsOf(observer, rung)
  const popUp = shown.find(({ id }) => id === call?.id)
  if (popUp === undefined) return [`the pop-up of ${rung.number} is not there again`]
  return popUp.state === 'ringing' ? [] : [`the pop-up's call is ${popUp.state}`]
}

/** The calls in the first event of an agent's stream. */
async function helloOf(ringside: Ringside, externalId: string): Promise<readonly CallView[]> {
  const over = new AbortController()
  const headers = { authorization: `Bearer ${ringside.tokenOf(externalId)}` }
  const { body } = await fetch(`${ringside.url}/api/stream`, { headers, signal: over.signal })
  if (body === null) throw new Error('the stream has no body')
  try {
    let text = ''
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const hello = /^event: hello\n(?:id: .*\n)?data: (.*)$/m.exec(text)?.[1]
      if (hello === undefined || !text.includes('\n\n')) continue
      return (JSON.parse(hello) as { calls: readonly CallView[] }).calls
    }
    throw new Error(`the stream ended after ${text.slice(0, 200)}`)
  } finally {
    over.abort()
  }
}
