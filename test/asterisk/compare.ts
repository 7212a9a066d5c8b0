import type { Way } from './observer.ts'
import type { PlannedCall } from './plan.ts'
import type { CallView, CaseSummaryView, CaseView, List, Ringside } from './ringside.ts'

/** Every way in which what Ringside tells differs from what happened; empty when all is right. */
export async function compareCall(
  ringside: Ringside,
  planned: PlannedCall,
  agents: ReadonlyMap<string, string>,
  since: Date,
  way: Way,
): Promise<readonly string[]> {
  const differences: string[] = []
  const expect = (what: string, found: unknown, expected: unknown): void => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
    if (a !== b) differences.push(`${what} is ${a}, expected ${b}`)
  }
  const near = (what: string, found: number | null, expected: number, by = 1): void => {
    if (found === null || Math.abs(found - expected) > by) {
      differences.push(`${what} is ${found}, expected ${expected} ± ${by}`)
    }
  }
  const calls = await callsOf(ringside, planned)
  expect('the number of calls', calls.length, 1)
  const [call] = calls
  if (call === undefined) return differences
  compareFacts(call, planned, agents, since, expect, near)
  if (way !== 'webhook') compareLegs(call, planned, expect, near)
  await compareRecording(ringside, call, planned, expect, near)
  await compareCase(ringside, call, planned, agents, expect)
  return differences
}

type Expect = (what: string, found: unknown, expected: unknown) => void
type Near = (what: string, found: number | null, expected: number, by?: number) => void

export const e164 = (number: string): string => `+${number.replace(/^\+/, '')}`

async function callsOf(ringside: Ringside, planned: PlannedCall): Promise<readonly CallView[]> {
  const { items } = await ringside.request<List<CallView>>('GET', '/api/calls?limit=200')
  return items.filter(({ from, to }) => [from.e164, to.e164].includes(e164(planned.number)))
}

function compareFacts(
  call: CallView,
  { expected, number }: PlannedCall,
  agents: ReadonlyMap<string, string>,
  since: Date,
  expect: Expect,
  near: Near,
): void {
  const incoming = expected.direction === 'incoming'
  const answered = expected.answeredBy !== null
  expect('direction', call.direction, expected.direction)
  expect('state', call.state, 'ended')
  expect(
    'outcome',
    call.outcome,
    answered ? 'answered' : expected.direction === 'incoming' ? 'missed' : 'unanswered',
  )
  expect(
    'from',
    incoming ? call.from.e164 : call.from.raw,
    incoming ? e164(number) : expected.agent,
  )
  expect('to', call.to.e164, e164(incoming ? expected.called : number))
  expect('queue', call.queue, expected.queue ?? null)
  near('ringSeconds', call.ringSeconds, expected.ringSeconds)
  if (answered) near('talkSeconds', call.talkSeconds, expected.talkSeconds)
  else expect('talkSeconds or 0', call.talkSeconds ?? 0, 0)
  const rang = incoming ? call.legs.map(({ extension }) => extension).sort() : []
  expect('extensions that rang', rang, [...expected.agentsRung].sort())
  const talked = call.legs.filter(({ result }) => result === 'answered')
  const answeredBy = incoming ? (expected.answeredBy ?? undefined) : undefined
  if (incoming) expect('answered by', talked[0]?.extension, answeredBy)
  const agent = incoming ? answeredBy : expected.agent
  expect('agentId', call.agentId, agent === undefined ? null : (agents.get(agent) ?? null))
  expect('endNotReported', call.endNotReported, false)
  const aheadSeconds = (since.getTime() - Date.parse(call.startedAt)) / 1000
  near('seconds from the start to the ringing phone', -aheadSeconds, 3, 5)
}

/** What AMI and ARI tell beyond the webhooks: how each leg ended, and how long the caller was held. */
function compareLegs(
  call: CallView,
  { expected, scenario }: PlannedCall,
  expect: Expect,
  near: Near,
): void {
  near('holdSeconds', call.holdSeconds, scenario === 'hold-resume' ? 4 : 0)
  if (expected.direction === 'outgoing') return
  const others = expected.answeredBy === null ? 'cancelled' : 'elsewhere'
  const results = call.legs.map(({ extension, result }) => `${extension} ${result}`)
  const wanted = expected.agentsRung.map(
    (extension) => `${extension} ${extension === expected.answeredBy ? 'answered' : others}`,
  )
  expect('legs', results.sort(), wanted.sort())
}

async function compareRecording(
  ringside: Ringside,
  call: CallView,
  { expected, recorded = 'audio/mpeg' }: PlannedCall,
  expect: Expect,
  near: Near,
): Promise<void> {
  expect('recordings', call.recordings.length, expected.recordingUploaded ? 1 : 0)
  const [recording] = call.recordings
  if (recording === undefined) return
  expect('type of the recording', recording.mime, recorded)
  if (expected.answeredBy === null) return
  near('length of the recording', recording.seconds, expected.talkSeconds, 2)
  const first = await ringside.audio(recording.id, 'bytes=0-1')
  expect('answer to a Range', first.status, 206)
  const begins = first.bytes.toString('latin1')
  // An MP3 frame begins with eleven set bits, or the file with an ID3 tag; a wav with RIFF.
  const isMp3 = begins === 'ID' || (first.bytes.readUInt16BE() & 0xffe0) === 0xffe0
  expect('beginning of the audio', recorded === 'audio/mpeg' ? isMp3 : begins === 'RI', true)
  const all = await ringside.audio(recording.id, `bytes=0-${recording.bytes - 1}`)
  expect('bytes of the audio', all.bytes.length, recording.bytes)
}

/** CASE-4: nobody did anything, so the call is in a case that the rules made. */
async function compareCase(
  ringside: Ringside,
  call: CallView,
  { expected, number }: PlannedCall,
  agents: ReadonlyMap<string, string>,
  expect: Expect,
): Promise<void> {
  const { items } = await ringside.request<List<CaseSummaryView>>('GET', '/api/cases?limit=200')
  const own = items.filter(({ phone }) => phone?.e164 === e164(number))
  expect('cases of this number', own.length, 1)
  expect('caseId', call.caseId, own[0]?.id ?? null)
  if (own[0] === undefined) return
  const found = await ringside.request<CaseView>('GET', `/api/cases/${own[0].id}`)
  const incoming = expected.direction === 'incoming'
  const missed = incoming && expected.answeredBy === null
  const kind = missed ? 'Missed call from' : incoming ? 'Incoming call from' : 'Outgoing call to'
  const agent = incoming ? expected.answeredBy : (expected.agent ?? null)
  expect('subject', found.subject, `${kind} ${international(number)}`)
  expect('status', found.status, incoming ? 'open' : 'closed')
  expect('assignee', found.assigneeId, agent === null ? null : (agents.get(agent) ?? null))
  expect('handset', found.handset, missed ? 'red' : 'green')
  expect('user of the case', found.userId === null, false)
  expect('user of the call', call.userId, found.userId)
  expect(
    'messages',
    found.messages.map((message) => [
      message.kind,
      message.call?.id,
      message.text,
      message.inProgress,
    ]),
    [['call', call.id, '', false]],
  )
}

/** A Russian number as people write it: +7 916 123-10-00. */
function international(number: string): string {
  const [, area, a, b, c] = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(e164(number)) ?? []
  return `+7 ${area} ${a}-${b}-${c}`
}
