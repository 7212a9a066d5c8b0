import type { CallEvent, Source } from '../../server/calls/call.ts'
import { listScenarios, loadScenario, VERSIONS } from '../../server/simulate/scenario.ts'
import { decodeWebhook } from '../../server/sources/webhook-decode.ts'
import { parseWebhook } from '../../server/sources/webhook-parse.ts'
import {
  fixtureStory,
  listFixtures,
  openChannels,
  type Story,
  traceStory,
} from '../support/pbx-story.ts'

/** One recorded call of a real PBX, as each of the sources that were recorded told it. */
export interface RecordedCall {
  readonly name: string
  readonly sources: ReadonlyMap<Source, readonly CallEvent[]>
  /** The recording's upload, where there was one. */
  readonly recorded: CallEvent | null
  /** Ids of the called legs, by which some dialplans know a call (CALL-3). */
  readonly legIds: readonly string[]
}

/** When every recorded call begins here. */
export const BEGIN = Date.parse('2026-11-21T12:00:00.000Z')
/** The last digits of the customer's number in all of them: each telling has others instead. */
export const CUSTOMERS: readonly string[] = ['9161234567', '9035557788', '9035557799']
const FIXTURE_VERSIONS = ['11', '16', '22']
const SETTINGS = { id: 'pbx', timeZone: 'UTC', phrases: {}, extraFields: [] }

/** All recorded calls: with their webhooks where those were recorded, else one for AMI and one for ARI. */
export async function loadRecordedCalls(): Promise<readonly RecordedCall[]> {
  const calls: RecordedCall[] = []
  for (const version of VERSIONS) {
    for (const name of await listScenarios(version)) {
      const webhook = await webhooksOf(name, version)
      const told = [
        ...webhook,
        ...read('ami', traceStory('ami', version, name)),
        ...read('ari', traceStory('ari', version, name)),
      ]
      calls.push(...toCalls(`${version}/${name}`, told))
    }
  }
  for (const version of FIXTURE_VERSIONS) {
    for (const name of listFixtures(version)) {
      // The packets of AMI were kept without their times: the two cannot be told together.
      for (const source of version === '11' ? (['ami'] as const) : (['ami', 'ari'] as const)) {
        const told = read(source, fixtureStory(source, version, name))
        calls.push(...toCalls(`${version}/${name} by ${source}`, told))
      }
    }
  }
  return calls
}

function read(source: 'ami' | 'ari', story: Story): CallEvent[] {
  const channels = openChannels(source)
  return story.flatMap(({ event, time }) => channels.hear(event, time))
}

async function webhooksOf(name: string, version: (typeof VERSIONS)[number]): Promise<CallEvent[]> {
  const { requests, recordedAt } = (await loadScenario(name, version))!
  return requests.flatMap(({ body, headers, afterMs }) => {
    const type = headers.find(([key]) => key.toLowerCase() === 'content-type')?.[1] ?? ''
    const arrivedAt = new Date(recordedAt.getTime() + afterMs)
    if (type.startsWith('multipart/')) return [recordedBy(body.toString('latin1'), arrivedAt)]
    const decoded = decodeWebhook(body, type, [])
    if ('refusal' in decoded) throw new Error(`${version}/${name}: ${decoded.refusal.reason}`)
    const reading = parseWebhook(decoded.fields, SETTINGS, arrivedAt)
    if ('refusal' in reading) throw new Error(`${version}/${name}: ${reading.refusal.reason}`)
    return [reading.event]
  })
}

/** The bytes of the uploads were not kept: a file that storage does not find is as good. */
function recordedBy(body: string, arrivedAt: Date): CallEvent {
  const recording = { key: 'not-kept', sha256: 'a'.repeat(64), mime: 'audio/mpeg', bytes: 10 }
  const uniqueId = /name="unique_id"\r\n\r\n([^\r]*)/.exec(body)?.[1] ?? ''
  const base = { source: 'webhook', connectionId: 'pbx', uniqueId, order: 0, extra: {} } as const
  return { ...base, type: 'recorded', recording, at: arrivedAt, atKnown: false, arrivedAt }
}

/** A story can tell of several calls, such as a consultation. */
function toCalls(name: string, told: readonly CallEvent[]): RecordedCall[] {
  const byId = [...Map.groupBy(told, ({ uniqueId }) => uniqueId)]
  return byId.map(([uniqueId, own], index) => {
    const events = beginningAt(BEGIN, own)
    const ids = events.flatMap(({ channelIds }) => channelIds ?? [])
    return {
      name: index === 0 ? name : `${name} (${index + 1})`,
      sources: Map.groupBy(
        events.filter(({ type }) => type !== 'recorded'),
        ({ source }) => source,
      ),
      recorded: events.find(({ type }) => type === 'recorded') ?? null,
      legIds: [...new Set(ids)].filter((id) => id !== uniqueId),
    }
  })
}

/** Moved by whole seconds, which a dialplan tells. */
function beginningAt(begin: number, events: readonly CallEvent[]): CallEvent[] {
  const first = Math.min(...events.map(({ at }) => at.getTime()))
  const shiftMs = begin - Math.floor(first / 1000) * 1000
  const moved = (at: Date): Date => new Date(at.getTime() + shiftMs)
  return events.map((event) => ({
    ...event,
    at: moved(event.at),
    arrivedAt: moved(event.arrivedAt),
  }))
}
