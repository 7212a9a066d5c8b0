import type { Figures } from '../faults/figures.ts'
import { medianOf, quantileOf } from '../support/quantile.ts'
import { createRandom } from '../support/random.ts'
import { commitsDuring } from './commit-floor.ts'
import { cpuMsOf } from './process-cpu.ts'
import { createStreamLoad } from './stream-load.ts'
import { restingKib, ringSome, startPlainWriter, tellAllInTurns } from './stream-measure.ts'
import { createStreamStage } from './stream-stage.ts'

export interface StreamBench {
  readonly postgresUrl: string
  readonly clients: number
  readonly seed: number
  /** Each figure is the median of so many runs. */
  readonly runs: number
  /** Events to one agent, and to all, in each run. */
  readonly rings: number
  readonly events: number
  readonly perSecond: number
  readonly restSeconds: number
}

const TO_ONE_MS = 100
const TIMES_THE_FLOOR = 1.3
const KIB_PER_CLIENT = 25
const WARM_UP = 40

/** PERF-3, each figure beside what it is compared with. */
export async function benchStream(
  bench: StreamBench,
  figures: Figures,
  say: (line: string) => void,
): Promise<void> {
  const { clients, runs, events, rings, perSecond, restSeconds } = bench
  await using stage = await createStreamStage(bench.postgresUrl, clients)
  await using writer = await startPlainWriter()
  await using load = createStreamLoad(clients)
  const random = createRandom(bench.seed)
  const without = await restingKib(stage, restSeconds)
  await load.open('stream', stage.port, stage.tokens)
  // Everybody has had an event: from here on nobody may miss a number.
  await load.hear('stream', (await stage.tellAll()).sequence, 60_000)
  const perClient = ((await restingKib(stage, restSeconds)) - without) / clients
  say(`  ${clients} clients; the server without them ${(without / 1024).toFixed(0)} MiB`)
  await load.open('plain', writer.port, stage.tokens)
  // The first calls of a process wait for its code to be read and compiled.
  await ringSome({ stage, load }, { count: WARM_UP, perSecond: WARM_UP, random })

  const toOne: number[] = []
  const ratios: number[] = []
  const wrong: string[] = []
  for (let run = 1; run <= runs; run += 1) {
    await load.report().then((report) => wrong.push(...report.wrong))
    const { result: one, commits } = await commitsDuring(bench.postgresUrl, () =>
      ringSome({ stage, load }, { count: rings, perSecond, random }),
    )
    wrong.push(...one.missing)
    toOne.push(quantileOf(one.latencies, 0.99))
    const cpu = [stage.pid(), writer.pid].map((pid) => cpuMsOf(pid) ?? Number.NaN)
    const { stream, plain } = await tellAllInTurns({ stage, load, writer }, events)
    const [server, bare] = [stage.pid(), writer.pid].map(
      (pid, at) => (1000 * ((cpuMsOf(pid) ?? Number.NaN) - cpu[at]!)) / events / clients,
    )
    const [ours, floor] = [quantileOf(stream, 0.99), quantileOf(plain, 0.99)]
    ratios.push(ours / floor)
    say(
      `  run ${run}: to one p50 ${quantileOf(one.latencies, 0.5).toFixed(1)} p99 ${toOne.at(-1)?.toFixed(1)} ms ` +
        `(a commit p50 ${medianOf(commits).toFixed(1)} p99 ${quantileOf(commits, 0.99).toFixed(1)} ms); ` +
        `to all, first to last: p99 ${ours.toFixed(1)} ms (p50 ${medianOf(stream).toFixed(1)}), ` +
        `plain TCP p99 ${floor.toFixed(1)} ms (p50 ${medianOf(plain).toFixed(1)}); ` +
        `processor µs for each client ${server?.toFixed(1)}, plain ${bare?.toFixed(1)}`,
    )
  }
  figures.none('events missed, twice or to somebody else', wrong)
  figures.atMost('event to one agent, from the webhook on, p99 ms', medianOf(toOne), TO_ONE_MS)
  figures.atMost('event to all, p99 × plain TCP writer', medianOf(ratios), TIMES_THE_FLOOR)
  figures.atMost('memory of a client, KiB', perClient, KIB_PER_CLIENT)
}
