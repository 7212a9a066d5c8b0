import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The Asterisk versions that calls were recorded from. */
export const VERSIONS = ['16', '22'] as const
export type AsteriskVersion = (typeof VERSIONS)[number]

/** One request of the PBX: when, what, and exactly which bytes. */
export interface PbxRequest {
  /** Milliseconds since the scenario's first request. */
  readonly afterMs: number
  readonly method: string
  /** Names as sent; without `Host`, which belongs to the receiver. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** What one recorded call was, written down by hand. */
export interface ExpectedCall {
  readonly direction: 'incoming' | 'outgoing'
  readonly caller: { readonly number: string; readonly name: string }
  readonly called: string
  readonly agentsRung: readonly string[]
  /** An extension, `customer` for an outgoing call, null when nobody answered. */
  readonly answeredBy: string | null
  readonly ringSeconds: number
  readonly talkSeconds: number
  readonly endedBy: string
  readonly recordingUploaded: boolean
  readonly queue?: string
  /** The extension that dialled an outgoing call. */
  readonly agent?: string
}

/** One recorded scenario of one Asterisk version. */
export interface Scenario {
  readonly name: string
  readonly version: AsteriskVersion
  /** When its first request was made. */
  readonly recordedAt: Date
  readonly requests: readonly PbxRequest[]
  readonly expected: readonly ExpectedCall[]
}

const TRACES = join(import.meta.dirname, 'traces')

/** The names of the recorded scenarios that hold a call. */
export async function listScenarios(version: AsteriskVersion): Promise<readonly string[]> {
  const entries = await readdir(join(TRACES, version), { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'idle')
    .map((entry) => entry.name)
    .sort()
}

/** Reads a recorded scenario; null where there is none of that name. */
export async function loadScenario(
  name: string,
  version: AsteriskVersion = '22',
): Promise<Scenario | null> {
  if (!(await listScenarios(version)).includes(name)) return null
  const folder = join(TRACES, version, name)
  const webhooks = await readFile(join(folder, 'webhooks.ndjson'), 'utf8')
  const expected = await readFile(join(folder, 'expected.json'), 'utf8')
  // Our own files, read by the tests: their shape needs no check at run time.
  const lines = webhooks
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordedRequest)
  const start = lines[0]?.t ?? 0
  return {
    name,
    version,
    recordedAt: new Date(start),
    requests: lines.map((line) => toRequest(line, start)),
    expected: (JSON.parse(expected) as { calls: ExpectedCall[] }).calls,
  }
}

/** What AMI sent during a scenario, and when each piece of it arrived. */
export interface AmiRecording {
  readonly bytes: Buffer
  readonly chunks: readonly {
    readonly t: number
    readonly offset: number
    readonly length: number
  }[]
}

/** Reads the AMI stream of a scenario that `loadScenario` knows. */
export async function loadAmi(name: string, version: AsteriskVersion): Promise<AmiRecording> {
  const folder = join(TRACES, version, name)
  const timing = await readFile(join(folder, 'ami.timing.ndjson'), 'utf8')
  return {
    bytes: await readFile(join(folder, 'ami.txt')),
    chunks: timing
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AmiRecording['chunks'][number]),
  }
}

/** One event that ARI sent, parsed, and when it arrived. */
export interface AriFrame {
  /** Milliseconds since the epoch. */
  readonly t: number
  readonly event: unknown
}

/** Reads the ARI events of a scenario that `loadScenario` knows. */
export async function loadAri(
  name: string,
  version: AsteriskVersion,
): Promise<readonly AriFrame[]> {
  const text = await readFile(join(TRACES, version, name, 'ari.ndjson'), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AriFrame)
}

/** What ARI answers to `GET` during the talk; some scenarios have it. */
export type AriSnapshot = 'channels' | 'bridges' | 'endpoints' | 'asterisk-info' | 'deviceStates'

/** Reads an answer of ARI that was recorded during the talk of a scenario; null where there is none. */
export async function loadAriSnapshot(
  name: string,
  version: AsteriskVersion,
  what: AriSnapshot,
): Promise<unknown> {
  const file = join(TRACES, version, name, 'snapshots', `during-call.${what}.json`)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return text === null ? null : JSON.parse(text)
}

/** A spoken sentence as mp3: stands in for the recordings, whose bytes were not kept. */
export function loadRecording(): Promise<Buffer> {
  return readFile(join(import.meta.dirname, 'recording.mp3'))
}

interface RecordedRequest {
  readonly t: number
  readonly method: string
  readonly rawHeaders: readonly string[]
  readonly body: string
}

function toRequest(line: RecordedRequest, start: number): PbxRequest {
  const body = Buffer.from(line.body)
  const headers: [string, string][] = []
  for (let i = 0; i + 1 < line.rawHeaders.length; i += 2) {
    const [name, value] = [line.rawHeaders[i]!, line.rawHeaders[i + 1]!]
    const lower = name.toLowerCase()
    // The length of an upload was that of the audio, whose bytes were not kept.
    if (lower === 'content-length') headers.push([name, String(body.length)])
    else if (lower !== 'host') headers.push([name, value])
  }
  return { afterMs: line.t - start, method: line.method, headers, body }
}
