import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import type { CallEvent } from '../server/calls/call.ts'
import type { HeardEvent } from '../server/calls/order.ts'
import { fold } from '../server/calls/reduce.ts'
import type { CallView, CaseView } from '../server/http/schemas.ts'
import { replay } from '../server/simulate/replay.ts'
import { rewrite } from '../server/simulate/rewrite.ts'
import {
  type ExpectedCall,
  listScenarios,
  loadRecording,
  loadScenario,
  type Scenario,
  VERSIONS,
} from '../server/simulate/scenario.ts'
import { decodeWebhook } from '../server/sources/webhook-decode.ts'
import { parseWebhook } from '../server/sources/webhook-parse.ts'
import { onEachDatabase, playsRow } from './support/database.ts'
import { createRandom, permutations, pickSeed, shuffled } from './support/random.ts'
import { createWorld, type World } from './support/world.ts'

const seed = pickSeed()
process.stdout.write(`traces: TEST_SEED=${seed}\n`)

const scenarios: Scenario[] = []
for (const version of VERSIONS) {
  for (const name of await listScenarios(version)) {
    const scenario = await loadScenario(name, version)
    if (scenario !== null) scenarios.push(scenario)
  }
}

test('TRUE-1 there are recorded calls of both versions, one call each', () => {
  assert.equal(scenarios.length, 18)
  assert.ok(scenarios.every(({ expected }) => expected.length === 1))
})

// ---- the recorded bytes, without a server -----------------------------------

const SETTINGS = { id: 'pbx', timeZone: 'UTC', phrases: {}, extraFields: [] }

/** Every request but the upload, as the intake reads it. */
function eventsOf({ requests, recordedAt }: Scenario): CallEvent[] {
  return requests.flatMap(({ headers, body, afterMs }) => {
    const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
    if (type.startsWith('multipart/')) return []
    const decoded = decodeWebhook(body, type, [])
    assert.ok('fields' in decoded, JSON.stringify(decoded))
    assert.deepEqual(decoded.notices, [])
    const arrivedAt = new Date(recordedAt.getTime() + afterMs)
    const reading = parseWebhook(decoded.fields, SETTINGS, arrivedAt)
    assert.ok('event' in reading, JSON.stringify(reading))
    assert.deepEqual(reading.notices, [])
    return [reading.event]
  })
}

for (const scenario of scenarios) {
  const { name, version } = scenario
  test(`TRUE-1 CALL-5 ${version}/${name}: the recorded bytes tell what was written down by hand`, () => {
    const expected = scenario.expected[0]!
    const heard: HeardEvent[] = eventsOf(scenario).map((event) => ({ event, agents: {} }))
    const call = fold(heard, { country: 'RU', clockShiftMs: 0 })
    assert.ok(call)
    assert.equal(call.state, 'ended')
    assert.equal(call.direction, expected.direction)
    assert.equal(digits(call.from.raw), digits(expected.caller.number))
    assert.equal(call.to.raw, expected.called)
    assert.equal(call.queue, expected.queue ?? null)
    assert.deepEqual(call.legs.map((leg) => leg.extension).sort(), [...expected.agentsRung].sort())
    const answered = call.legs.filter((leg) => leg.answeredAt !== null).map((leg) => leg.extension)
    const byAgent = expected.direction === 'incoming' && expected.answeredBy !== null
    assert.deepEqual(answered, byAgent ? [expected.answeredBy] : [])
    assert.equal(call.outcome, outcomeOf(expected))
    assertSeconds(call, expected)
    assert.equal(call.endNotReported, false)
    const orders = heard.length <= 6 ? [...permutations(heard)] : []
    assert.ok(orders.length > 0, 'every order')
    for (const order of orders) {
      const again = fold([...order, ...shuffled(order, createRandom(seed))], {
        country: 'RU',
        clockShiftMs: 0,
      })
      assert.deepEqual(again, call)
    }
  })
}

// ---- through a real server --------------------------------------------------

/** 105 is an extension of the recorded PBX that nobody has here. */
const EXTENSIONS: Readonly<Record<string, string>> = { 105: '103' }
const AGENTS = { 101: 'anna', 102: 'boris', 103: 'clara', 104: 'susan' } as const

const WAYS: readonly { way: string; doubled: boolean; shuffles: number }[] = [
  { way: 'in order', doubled: false, shuffles: 0 },
  { way: 'each request twice', doubled: true, shuffles: 0 },
  { way: 'shuffled', doubled: false, shuffles: 3 },
  { way: 'shuffled, each request twice', doubled: true, shuffles: 2 },
]

let calls = 0

onEachDatabase((open, kind) => {
  describe('TRUE-1 HOLD-3 CASE-4 every recorded call through a server', () => {
    let world: World
    let recording: Buffer
    before(async () => {
      world = await createWorld(open)
      recording = await loadRecording()
    })
    after(() => world.close())

    for (const scenario of scenarios) {
      for (const [row, { way, doubled, shuffles }] of WAYS.entries()) {
        // In order always; then each request twice, shuffled, or both, each with other calls.
        const nth = { row: row + scenarios.indexOf(scenario), every: WAYS.length - 1, seed }
        if (row > 0 && !playsRow(kind, nth)) continue
        test(`${kind}: ${scenario.version}/${scenario.name}, ${way}`, async () => {
          for (let round = 0; round < Math.max(1, shuffles); round += 1) {
            calls += 1
            const shuffleSeed = seed + calls
            const run = await send(world, scenario, recording, {
              doubled,
              ...(shuffles > 0 ? { shuffleSeed } : {}),
            })
            await assertCall(world, scenario.expected[0]!, run).catch((error: unknown) => {
              throw new Error(`shuffle seed ${shuffleSeed}`, { cause: error })
            })
          }
        })
      }
    }
  })
})

interface Run {
  readonly uniqueId: string
  readonly customer: string
}

async function send(
  world: World,
  scenario: Scenario,
  recording: Buffer,
  how: { doubled: boolean; shuffleSeed?: number },
): Promise<Run> {
  const customer = `7916${String(1_000_000 + calls)}`
  const requests = rewrite(scenario.requests, {
    uniqueIdBase: calls * 100,
    startAt: new Date(world.now().getTime() - 60_000),
    timeZone: 'UTC',
    callerNumber: customer,
    extensions: EXTENSIONS,
    recording,
  })
  const answers = await replay(requests, new URL(world.webhookUrl), {
    ...how,
    speed: Number.POSITIVE_INFINITY,
  })
  assert.deepEqual(
    answers.map(({ status, body }) => `${status} ${body}`),
    answers.map(() => '200 OK'),
  )
  const uniqueId = /unique_id=([^&]*)/.exec(requests[0]!.body.toString('latin1'))?.[1] ?? ''
  return { uniqueId: decodeURIComponent(uniqueId), customer }
}

async function assertCall(world: World, expected: ExpectedCall, run: Run): Promise<void> {
  const call = await world.call(run.uniqueId)
  const e164 = `+${run.customer}`
  assert.equal(call.state, 'ended')
  assert.equal(call.direction, expected.direction)
  assert.equal(call.outcome, outcomeOf(expected))
  assert.equal(call.queue, expected.queue ?? null)
  const isIncoming = expected.direction === 'incoming'
  assert.equal(isIncoming ? call.from.e164 : call.to.e164, e164)
  assert.equal(isIncoming ? call.to.raw : call.from.raw, isIncoming ? expected.called : '101')
  assertSeconds(call, expected)
  const rung = expected.agentsRung.map((extension) => EXTENSIONS[extension] ?? extension)
  assert.deepEqual(call.legs.map((leg) => leg.extension).sort(), [...rung].sort())
  for (const leg of call.legs) {
    assert.equal(leg.agentId, agentOf(world, leg.extension))
    assert.equal(leg.rangAt, call.ringingAt)
    const hasAnswered = leg.extension === expected.answeredBy
    const others = expected.answeredBy === null ? 'cancelled' : 'elsewhere'
    assert.equal(leg.result, hasAnswered ? 'answered' : others)
  }
  assert.equal(call.recordings.length, expected.recordingUploaded ? 1 : 0)
  await assertCase(world, expected, call)
}

/** Page 2: exactly one case with one message, by CASE-4. */
async function assertCase(world: World, expected: ExpectedCall, call: CallView): Promise<void> {
  const { items } = (await world.api('GET', `/api/cases?userId=${call.userId}`)).body
  assert.equal(items.length, 1)
  assert.equal(items[0].id, call.caseId)
  const found: CaseView = (await world.api('GET', `/api/cases/${call.caseId}`)).body
  assert.equal(found.messages.length, 1)
  const message = found.messages[0]!
  assert.equal(message.call?.id, call.id)
  assert.equal(message.inProgress, false)
  assert.equal(message.text, '')
  assert.equal(message.call?.recordings.length, expected.recordingUploaded ? 1 : 0)
  const agent = expected.direction === 'incoming' ? expected.answeredBy : expected.agent
  const assignee = agent == null ? null : agentOf(world, agent)
  assert.equal(call.agentId, assignee)
  const isIncoming = expected.direction === 'incoming'
  const words = isIncoming
    ? expected.answeredBy === null
      ? 'Missed call from'
      : 'Incoming call from'
    : 'Outgoing call to'
  const phone = isIncoming ? call.from : call.to
  assert.match(phone.display, /^\+7 916 \d{3}-\d{2}-\d{2}$/)
  assert.deepEqual(
    {
      subject: found.subject,
      status: found.status,
      handset: found.handset,
      assigneeId: found.assigneeId,
    },
    {
      subject: `${words} ${phone.display}`,
      status: isIncoming ? 'open' : 'closed',
      handset: isIncoming && expected.answeredBy === null ? 'red' : 'green',
      assigneeId: assignee,
    },
  )
}

function agentOf(world: World, extension: string): string {
  return world.agents[AGENTS[Number(extension) as keyof typeof AGENTS]]
}

function outcomeOf({ direction, answeredBy }: ExpectedCall): string {
  if (answeredBy !== null) return 'answered'
  return direction === 'incoming' ? 'missed' : 'unanswered'
}

function assertSeconds(
  call: Pick<CallView, 'ringSeconds' | 'talkSeconds'>,
  expected: ExpectedCall,
): void {
  const near = (found: number | null, wanted: number): boolean =>
    found !== null && Math.abs(found - wanted) <= 1
  assert.ok(near(call.ringSeconds, expected.ringSeconds), `rang ${call.ringSeconds} s`)
  if (expected.answeredBy === null) assert.equal(call.talkSeconds, null)
  else assert.ok(near(call.talkSeconds, expected.talkSeconds), `talked ${call.talkSeconds} s`)
}

function digits(number: string): string {
  return number.replaceAll(/\D/g, '')
}
