import assert from 'node:assert/strict'
import type { CallView } from '../../server/http/schemas.ts'
import { type AmiScript, readAmiScript, rewriteAmi } from '../../server/simulate/ami-script.ts'
import {
  type AsteriskVersion,
  type ExpectedCall,
  loadAmi,
  loadScenario,
} from '../../server/simulate/scenario.ts'
import { FAKE_ACCOUNT, type FakePbx } from './model-pbx.ts'
import type { World } from './world.ts'

export const ENDPOINTS = ['101', '102', '103', '104', '105', '106', 'trunk']

/** An account at the model PBX, as the API takes it. */
export function accountAt(pbx: FakePbx, more: Record<string, unknown> = {}) {
  return { host: '127.0.0.1', port: pbx.port, ...FAKE_ACCOUNT_INPUT, events: true, ...more }
}
const FAKE_ACCOUNT_INPUT = { userName: FAKE_ACCOUNT.userName, secret: FAKE_ACCOUNT.secret }

/** Ringside with a manager account at the PBX; resolves when its link is up. */
export async function connectTo(
  world: World,
  pbx: FakePbx,
  { options = {}, ...more }: Record<string, unknown> = {},
): Promise<void> {
  const body = { ami: accountAt(pbx, more), options }
  const answer = await world.api('PATCH', `/api/connections/${world.connectionId}`, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  await linkUp(world)
}

export async function linkStatus(world: World, kind: 'ami' | 'ari' = 'ami') {
  const { body } = await world.api('GET', `/api/connections/${world.connectionId}`)
  return body.status[kind]
}

export async function linkUp(world: World): Promise<void> {
  await until(async () => (await linkStatus(world)).state === 'up')
}

/** Looks again until it is so; the test's own timeout is the bound. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}

export async function callsOf(world: World): Promise<CallView[]> {
  await world.settled()
  const { body } = await world.api('GET', '/api/calls?limit=200')
  return body.items.filter((call: CallView) => call.connectionId === world.connectionId)
}

/** The call of a unique id, when there is one. */
export async function callNamed(world: World, uniqueId: string): Promise<CallView | undefined> {
  return (await callsOf(world)).find((call) => call.uniqueId === uniqueId)
}

export interface Take {
  readonly packets: readonly string[]
  readonly uniqueId: string
  readonly expected: ExpectedCall
}

let takes = 0

/** A recorded call with ids and a customer's number that no other has. */
export async function newTake(name: string, version: AsteriskVersion): Promise<Take> {
  takes += 1
  const expected = (await loadScenario(name, version))!.expected
  const recorded = readAmiScript(await loadAmi(name, version))
  const number = `7916555${String(1000 + takes)}`
  const script: AmiScript = rewriteAmi(recorded, expected, {
    uniqueIdBase: takes * 1000,
    startAt: new Date(),
    timeZone: 'UTC',
    callerNumber: number,
  })
  const packets = script.steps.map(({ packet }) => packet)
  const uniqueId = /^Linkedid: (.+)\r$/m.exec(packets.join(''))?.[1] ?? ''
  const [first] = expected
  if (first === undefined) throw new Error(`${name} has no call`)
  const told =
    first.direction === 'incoming'
      ? { ...first, caller: { ...first.caller, number } }
      : { ...first, called: number }
  return { packets, uniqueId, expected: told }
}

/** What matters of a call, and what it had to be. */
export function assertAsExpected(call: CallView | undefined, expected: ExpectedCall): void {
  assert.ok(call, 'there is no such call')
  assert.equal(call.state, 'ended')
  assert.equal(call.direction, expected.direction)
  assert.equal(call.from.raw, expected.caller.number)
  assert.equal(call.to.raw, expected.called)
  const isAnswered = expected.answeredBy !== null
  assert.equal(call.outcome, isAnswered ? 'answered' : MISSED[expected.direction])
  assert.notEqual(call.caseId, null)
  if (expected.direction !== 'incoming') return
  const rang = new Set(call.legs.map(({ extension }) => extension))
  assert.deepEqual([...rang].sort(), [...expected.agentsRung].sort())
  const answered = call.legs.filter(({ answeredAt }) => answeredAt !== null)
  assert.deepEqual(
    answered.map(({ extension }) => extension),
    isAnswered ? [expected.answeredBy] : [],
  )
}

const MISSED = { incoming: 'missed', outgoing: 'unanswered' } as const
