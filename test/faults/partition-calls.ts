import { setTimeout as pause } from 'node:timers/promises'
import { readAmiScript, rewriteAmi } from '../../server/simulate/ami-script.ts'
import {
  type ExpectedCall,
  loadAmi,
  loadScenario,
  VERSIONS,
} from '../../server/simulate/scenario.ts'
import { SCENARIOS } from '../asterisk/plan.ts'
import type { FakePbx } from '../support/model-pbx.ts'

/** A recorded call that the PBX has, with ids and a customer's number of its own. */
export interface PlayedCall {
  readonly name: string
  readonly uniqueId: string
  readonly number: string
  readonly expected: ExpectedCall
}

export interface Playing {
  readonly calls: readonly PlayedCall[]
  /** No more calls; those that go on get over quickly. Resolves when the last one has ended. */
  finish(): Promise<void>
}

/** Longer than a take-over: no call is wholly inside one, and no talk (HOLD-4). */
const STRETCH = 3
const HURRY_MS = 5

/** Calls begin one after another at this PBX, whoever hears them. */
export function playCalls(pbx: FakePbx, everyMs: number, random: () => number): Playing {
  const calls: PlayedCall[] = []
  const running = new Set<Promise<void>>()
  const over = new AbortController()
  const begin = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { call, steps } = await take(calls.length + 1, random)
      calls.push(call)
      const playing = play(pbx, steps, over.signal).finally(() => running.delete(playing))
      running.add(playing)
      await pause(everyMs * (0.5 + random()), undefined, { signal: over.signal }).catch(
        () => undefined,
      )
    }
  }
  const beginning = begin()
  return {
    calls,
    finish: async () => {
      over.abort()
      await beginning
      await Promise.all(running)
    },
  }
}

interface Step {
  readonly afterMs: number
  readonly packet: string
}

async function play(pbx: FakePbx, steps: readonly Step[], hurry: AbortSignal): Promise<void> {
  const from = performance.now()
  const first = steps[0]?.afterMs ?? 0
  for (const { afterMs, packet } of steps) {
    const wait = from + (afterMs - first) * STRETCH - performance.now()
    if (hurry.aborted) await pause(HURRY_MS)
    else if (wait > 5) await pause(wait, undefined, { signal: hurry }).catch(() => undefined)
    pbx.tell(packet)
  }
}

async function take(
  count: number,
  random: () => number,
): Promise<{ call: PlayedCall; steps: readonly Step[] }> {
  const name = SCENARIOS[Math.floor(random() * SCENARIOS.length)] ?? SCENARIOS[0]
  const version = VERSIONS[Math.floor(random() * VERSIONS.length)] ?? '22'
  const expected = (await loadScenario(name, version))?.expected ?? []
  const number = `7916${1_000_000 + count}`
  const { steps } = rewriteAmi(readAmiScript(await loadAmi(name, version)), expected, {
    uniqueIdBase: count * 1000,
    startAt: new Date(),
    timeZone: 'UTC',
    callerNumber: number,
  })
  const uniqueId = /^Linkedid: (.+)\r$/m.exec(steps.map(({ packet }) => packet).join(''))?.[1]
  const [first] = expected
  if (first === undefined || uniqueId === undefined) throw new Error(`${name} has no call`)
  return { call: { name: `${name} of ${version}`, uniqueId, number, expected: first }, steps }
}
