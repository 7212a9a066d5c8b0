import { type LoadResult, playLoad } from '../bench/play-load.ts'
import { medianOf } from '../support/quantile.ts'
import { type Held, startSoakServer } from './soak-server.ts'

export interface Soaking {
  readonly postgresUrl: string | null
  readonly calls: number
  /** Events per second; null: as fast as answers come. */
  readonly rate: number | null
  /** In how many parts, with a look at the server after each. */
  readonly parts: number
  readonly seed: number
  readonly say: (line: string) => void
}

/** One part of the calls, and the server after it. */
export interface Part extends Held {
  /** Since the first part began. */
  readonly hours: number
  readonly load: LoadResult
}

export interface Soaked {
  readonly parts: readonly Part[]
  /** How long the second half took. */
  readonly halfHours: number
  /** Over the second half, in per cent. */
  readonly heapGrowth: number
  /** The same, in per cent an hour. */
  readonly heapSlope: number
  readonly rssSlope: number
  /** How many more there are at least in the last third of the second half than in its first. */
  readonly moreFiles: number
  readonly moreResources: number
  /** Last / first. */
  readonly answerRatio: number
  readonly behindRatio: number
  /** Answers other than 200, and holes in the stream. */
  readonly failures: number
  /** Of the second half: what a call adds to the database. */
  readonly bytesPerCall: number
}

const EVENTS_PER_CALL = 3.65
const IN_FLIGHT = 16
const WARM_UP = 0.1

/** Plays calls part after part, and looks at the server after each. */
export async function soak(options: Soaking): Promise<Soaked> {
  const { postgresUrl, calls, rate, seed, say } = options
  await using server = await startSoakServer(postgresUrl)
  const size = Math.ceil(calls / options.parts)
  const job = {
    url: server.url,
    paths: server.paths,
    inFlight: IN_FLIGHT,
    rate,
    streamToken: server.token,
  }
  // What is compiled, cached and opened once is not of the soak.
  const warm = Math.ceil(size * WARM_UP)
  await playLoad({ ...job, seed, calls: warm, firstCall: 0, rate: null, seconds: 0 })
  const parts: Part[] = []
  const from = performance.now()
  for (let nth = 1; nth <= options.parts; nth += 1) {
    const firstCall = warm + nth * size * 2
    const seconds = rate === null ? 0 : (size * EVENTS_PER_CALL) / rate
    const load = await playLoad({ ...job, seed: seed + nth, calls: size, firstCall, seconds })
    const held = await server.held()
    const part = { ...held, load, hours: (performance.now() - from) / 3_600_000 }
    parts.push(part)
    say(inWords(nth, part))
  }
  return judge(parts, size)
}

function inWords(nth: number, { load, ...held }: Part): string {
  const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`
  return [
    `  ${nth}: ${(load.requests / (load.toldMs / 1000)).toFixed(0)} events/s`,
    `answer p99 ${load.answer.p99.toFixed(1)} ms, behind p99 ${load.behind?.p99.toFixed(0)} ms`,
    `heap ${megabytes(held.heapBytes)}, RSS ${megabytes(held.rssBytes)}`,
    `${held.files} files, ${held.resources} resources`,
    `database ${megabytes(held.databaseBytes)}`,
  ].join('; ')
}

/** What the parts come to. */
export function judge(parts: readonly Part[], callsPerPart: number): Soaked {
  const half = parts.slice(Math.floor(parts.length / 2))
  // What stays is more in each look; a look also meets what is open for a moment.
  const more = (read: (part: Part) => number): number => {
    const [before, after] = endsOf(half, read)
    return Math.min(medianOf(after) - medianOf(before), Math.min(...after) - Math.min(...before))
  }
  const ratio = (read: (part: Part) => number): number => {
    const [before, after] = endsOf(parts, read)
    return medianOf(after) / medianOf(before)
  }
  const halfHours = half.at(-1)!.hours - half[0]!.hours
  const heapSlope = slopeOf(half, ({ heapBytes }) => heapBytes)
  const grown = half.at(-1)!.databaseBytes - half[0]!.databaseBytes
  return {
    parts,
    halfHours,
    heapGrowth: heapSlope * halfHours,
    heapSlope,
    rssSlope: slopeOf(half, ({ rssBytes }) => rssBytes),
    moreFiles: more(({ files }) => files),
    moreResources: more(({ resources }) => resources),
    answerRatio: ratio(({ load }) => load.answer.p99),
    behindRatio: ratio(({ load }) => load.behind?.p99 ?? Number.NaN),
    failures: parts.reduce((sum, { load }) => sum + load.failures + load.holes, 0),
    bytesPerCall: grown / (callsPerPart * (half.length - 1)),
  }
}

/** What is read of the first third, and of the last. */
function endsOf(
  parts: readonly Part[],
  read: (part: Part) => number,
): readonly [before: readonly number[], after: readonly number[]] {
  const third = Math.max(1, Math.floor(parts.length / 3))
  return [parts.slice(0, third).map(read), parts.slice(-third).map(read)]
}

/** The median of the slopes between any two (Theil–Sen), in per cent of the median an hour. */
function slopeOf(parts: readonly Part[], read: (part: Part) => number): number {
  const slopes = parts.flatMap((one, index) =>
    parts.slice(index + 1).map((other) => (read(other) - read(one)) / (other.hours - one.hours)),
  )
  return (medianOf(slopes) / medianOf(parts.map(read))) * 100
}
