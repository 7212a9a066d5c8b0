/**
 * PERF-4: how fast the AMI parser is, beside two floors and the parsers of the npm registry, all in
 * one run. Absolute figures drift with the machine: the ratios are what is required.
 *
 * `npm run bench:ami [megabytes] [runs]`
 */

import { wantedEvents } from '../../server/sources/ami-events.ts'
import { createAmiParser } from '../../server/sources/ami-parser.ts'
import { pickSeed } from '../support/random.ts'
import { PEERS } from './ami-peers.ts'
import { recordedStream, type Stream, syntheticStream } from './streams.ts'

/** A line for people: this file is a command. */
function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

interface Row {
  readonly name: string
  readonly run: (stream: Stream) => number | Promise<number>
}

interface Figure {
  readonly megabytesPerSecond: number
  readonly packets: number
}

const WANTED = wantedEvents([], { queues: false })
const END = '\r\n\r\n'
const FLOOR = 'floor: bare boundary scan'
const OBJECT = 'floor: scan and object'
const ALL = 'ours, all events kept'
const SOME = 'ours, unasked events skipped'
const NONE = 'ours, no event asked for'
/** Not so fast that it would matter, and so slow that it would take minutes. */
const PEER_RUNS = 3

const rows: readonly Row[] = [
  { name: FLOOR, run: scanBoundaries },
  { name: OBJECT, run: scanToObjects },
  { name: ALL, run: (stream) => parse(stream, null) },
  { name: SOME, run: (stream) => parse(stream, (name) => WANTED.has(name.toLowerCase())) },
  { name: NONE, run: (stream) => parse(stream, () => false) },
]
const peers: readonly Row[] = PEERS.map(({ name, start }) => ({
  name,
  async run(stream) {
    const peer = start()
    for (const chunk of stream.chunks) peer.feed(chunk)
    await peer.done()
    return peer.packets()
  },
}))

const [megabytes = 50, runs = 9] = process.argv.slice(2).map(Number)
const seed = pickSeed()
print(`node ${process.version}, ${megabytes} MB in pieces of 64 KiB, CPU time, median of ${runs}`)
print(`peers: median of ${PEER_RUNS}; seed ${seed} (TEST_SEED sets it)\n`)
const results: boolean[] = []
for (const stream of [
  await recordedStream(megabytes * 1e6),
  syntheticStream(megabytes * 1e6, seed),
]) {
  results.push(report(stream, await measure(stream)))
}
process.exitCode = results.every(Boolean) ? 0 : 1

/** Rows take turns, so that what else the machine does befalls all of them. */
async function measure(stream: Stream): Promise<ReadonlyMap<string, Figure>> {
  const times = new Map<string, number[]>()
  const packets = new Map<string, number>()
  for (let turn = 0; turn < runs + 1; turn += 1) {
    for (const { name, run } of turn <= PEER_RUNS ? [...rows, ...peers] : rows) {
      // Of this thread: what else the machine does at the time is not counted.
      const before = process.threadCpuUsage()
      packets.set(name, await run(stream))
      const { user, system } = process.threadCpuUsage(before)
      const ms = (user + system) / 1000
      // The first turn warms up.
      if (turn > 0) times.set(name, [...(times.get(name) ?? []), ms])
    }
  }
  return new Map(
    [...times].map(([name, all]) => {
      const median = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!
      const megabytesPerSecond = stream.bytes / 1000 / median
      return [name, { megabytesPerSecond, packets: packets.get(name) ?? 0 }]
    }),
  )
}

function report(stream: Stream, figures: ReadonlyMap<string, Figure>): boolean {
  const speed = (name: string): number => figures.get(name)?.megabytesPerSecond ?? 0
  const packets = (name: string): number => figures.get(name)?.packets ?? 0
  print(`${stream.name} (${(stream.bytes / 1e6).toFixed(1)} MB, ${packets(FLOOR)} packets)`)
  for (const { name } of [...rows, ...peers]) {
    const figure = speed(name).toFixed(1).padStart(8)
    print(`  ${name.padEnd(32)}${figure} MB/s ${String(packets(name)).padStart(8)} packets`)
  }
  const best = [...peers].sort((a, b) => speed(b.name) - speed(a.name))[0]!.name
  const skipped = 100 * (1 - packets(SOME) / packets(ALL))
  print(`  ${skipped.toFixed(0)} % of the packets skipped; the fastest peer is ${best}`)
  const checks = [
    check(`${ALL} / scan and object`, speed(ALL) / speed(OBJECT), 0.8),
    check(`${SOME} / ${best}`, speed(SOME) / speed(best), 5),
    check(`${SOME} / bare boundary scan`, speed(SOME) / speed(FLOOR), 0.5),
  ]
  print(`  also: ${ALL} / ${best} ${(speed(ALL) / speed(best)).toFixed(2)}`)
  print(`  also: ${NONE} / bare boundary scan ${(speed(NONE) / speed(FLOOR)).toFixed(2)}\n`)
  return checks.every(Boolean)
}

function check(what: string, ratio: number, required: number): boolean {
  const isMet = ratio >= required
  const verdict = isMet ? 'pass' : 'FAIL'
  print(`  ${verdict}  ${what}: ${ratio.toFixed(2)}, required ${required.toFixed(2)}`)
  return isMet
}

/** Finds where packets end, natively, and does nothing else. */
function scanBoundaries({ chunks }: Stream): number {
  let packets = 0
  for (const chunk of chunks) {
    for (let at = chunk.indexOf(END); at !== -1; at = chunk.indexOf(END, at + 4)) packets += 1
  }
  return packets
}

/** The plainest parser that makes an object of each packet; what lies across two chunks is not read. */
function scanToObjects({ chunks }: Stream): number {
  let packets = 0
  for (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(END); end !== -1; end = chunk.indexOf(END, from)) {
      const fields: Record<string, string> = {}
      for (const line of chunk.toString('utf8', from, end).split('\r\n')) {
        const colon = line.indexOf(': ')
        fields[line.slice(0, colon)] = line.slice(colon + 2)
      }
      if (fields.Event !== undefined || fields.Response !== undefined) packets += 1
      from = end + 4
    }
  }
  return packets
}

function parse({ chunks }: Stream, wants: ((name: string) => boolean) | null): number {
  let packets = 0
  const parser = createAmiParser({
    ...(wants === null ? {} : { wants }),
    onPacket: () => {
      packets += 1
    },
  })
  for (const chunk of chunks) parser.feed(chunk)
  return packets
}
