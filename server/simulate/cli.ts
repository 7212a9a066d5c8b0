/** `npm run simulate`: a PBX in one's pocket (CALL-20). */
import { randomInt } from 'node:crypto'
import { type AmiScript, readAmiScript, rewriteAmi } from './ami-script.ts'
import { AMI_SECRET, AMI_USER, createAmiServer } from './ami-server.ts'
import { HELP, readCommand, type SimulateOptions } from './options.ts'
import { type Answer, replay } from './replay.ts'
import { type RewriteOptions, rewrite, statusOf } from './rewrite.ts'
import {
  listScenarios,
  loadAmi,
  loadRecording,
  loadScenario,
  type PbxRequest,
  type Scenario,
} from './scenario.ts'

type Write = (line: string) => void

/** Runs the command; the exit code is 0 when every answer was 200. Mistakes are one line. */
export async function simulate(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  write: Write,
  signal: AbortSignal,
): Promise<number> {
  const command = readCommand(args, env)
  if (command.type === 'help') return say(write, HELP)
  if (command.type === 'list') return say(write, await describeScenarios())
  if (command.type === 'mistake') return complain(write, command.message)
  const { options } = command
  const scenario = await loadScenario(options.scenario, options.version)
  if (scenario === null) {
    return complain(write, `no scenario is called "${options.scenario}"; --list shows them`)
  }
  return options.url === null
    ? serveAmi(scenario, options, write, signal)
    : sendWebhooks(scenario, options, options.url, write, signal)
}

async function sendWebhooks(
  scenario: Scenario,
  options: SimulateOptions,
  url: URL,
  write: Write,
  signal: AbortSignal,
): Promise<number> {
  const recording = await loadRecording()
  const lastMs = scenario.requests.at(-1)?.afterMs ?? 0
  const runs = createRuns(options, lastMs).map((run) =>
    rewrite(scenario.requests, { ...run, recording }),
  )
  const replayed = await Promise.all(
    runs.map((requests, call) =>
      replay(requests, url, {
        speed: options.speed,
        doubled: options.doubled,
        ...(options.shuffleSeed === undefined ? {} : { shuffleSeed: options.shuffleSeed }),
        signal,
        onAnswer: (answer) => {
          if (runs.length === 1 || answer.status !== 200) {
            write(describeAnswer(call, requests[answer.index]!, answer))
          }
        },
      }),
    ),
  )
  const answers = replayed.flat()
  const good = answers.filter(({ status }) => status === 200).length
  write(`${runs.length} call(s), ${answers.length} requests, ${good} answered with 200`)
  return good === answers.length ? 0 : 1
}

async function serveAmi(
  scenario: Scenario,
  options: SimulateOptions,
  write: Write,
  signal: AbortSignal,
): Promise<number> {
  const script = readAmiScript(await loadAmi(scenario.name, scenario.version))
  const lastMs = script.steps.at(-1)?.afterMs ?? 0
  const scripts = (): readonly AmiScript[] =>
    createRuns(options, lastMs).map((run) => rewriteAmi(script, scenario.expected, run))
  const port = options.amiPort ?? 0
  try {
    await using server = await createAmiServer({
      port,
      scripts,
      speed: options.speed,
      onNote: write,
    })
    write(`AMI on 127.0.0.1:${server.port}, user ${AMI_USER}, secret ${AMI_SECRET}; Ctrl+C ends it`)
    await untilAborted(signal)
    return 0
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return complain(write, `port ${port} cannot be used: ${error.message}`)
  }
}

type Run = Omit<RewriteOptions, 'recording'>

/**
 * What is new in each of the calls. A call that is played faster than it was ends now and began
 * earlier: none of its times is in the future.
 */
function createRuns(options: SimulateOptions, lastMs: number): readonly Run[] {
  const startAt = new Date(Date.now() - lastMs * Math.max(0, 1 - 1 / options.speed))
  const first = randomInt(1000, 1_000_000) * 100
  return Array.from({ length: options.calls }, (_, call) => ({
    uniqueIdBase: first + call * 100,
    startAt,
    timeZone: options.timeZone,
    extensions: options.extensions,
    ...(options.callerNumber === undefined
      ? {}
      : { callerNumber: options.callerNumber.replace(/#/g, () => String(randomInt(10))) }),
  }))
}

async function describeScenarios(): Promise<string> {
  const lines: string[] = []
  for (const name of await listScenarios('22')) {
    const scenario = await loadScenario(name, '22')
    const [call] = scenario?.expected ?? []
    if (call === undefined) continue
    const rang = call.agentsRung.length > 0 ? `, rings ${call.agentsRung.join(' ')}` : ''
    const queue = call.queue ? ` by queue ${call.queue}` : ''
    const talk = call.talkSeconds > 0 ? `, talk ${call.talkSeconds} s` : ', not answered'
    const number = call.direction === 'incoming' ? call.caller.number : call.called
    const who = call.direction === 'incoming' ? `${number} calls` : `${call.agent} calls ${number}`
    lines.push(`${name.padEnd(28)} ${who}${queue}${rang}, ${call.ringSeconds} s${talk}`)
  }
  return lines.join('\n')
}

function describeAnswer(call: number, request: PbxRequest, answer: Answer): string {
  const said = answer.body.trim().split('\n')[0]?.slice(0, 200) ?? ''
  const result = answer.status === 0 ? `no answer: ${said}` : `${answer.status} ${said}`
  return `call ${call + 1}: ${statusOf(request)}: ${result} (${answer.tookMs.toFixed(0)} ms)`
}

function say(write: Write, text: string): number {
  write(text)
  return 0
}

function complain(write: Write, message: string): number {
  write(`simulate: ${message}`)
  return 2
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

async function main(): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  const write: Write = (line) => void process.stdout.write(`${line}\n`)
  try {
    process.exitCode = await simulate(process.argv.slice(2), process.env, write, stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    process.exitCode = 130
  }
}

if (import.meta.main) await main()
