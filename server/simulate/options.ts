import { parseArgs } from 'node:util'
import { AMI_SECRET, AMI_USER } from './ami-server.ts'
import { type AsteriskVersion, VERSIONS } from './scenario.ts'

export interface SimulateOptions {
  readonly scenario: string
  readonly version: AsteriskVersion
  /** Where to send; null where the calls are served as AMI. */
  readonly url: URL | null
  readonly amiPort: number | null
  readonly speed: number
  readonly calls: number
  readonly callerNumber: string | undefined
  readonly extensions: Readonly<Record<string, string>>
  readonly timeZone: string
  readonly doubled: boolean
  readonly shuffleSeed: number | undefined
}

export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'list' }
  | { readonly type: 'run'; readonly options: SimulateOptions }
  | { readonly type: 'mistake'; readonly message: string }

export const HELP = `Replays recorded calls of a real Asterisk against a running Ringside.

  npm run simulate -- <scenario> [options]
  npm run simulate -- --list

Options
  --url <address>        the connection's webhook address, such as
                         http://127.0.0.1:3000/webhooks/asterisk/TOKEN
                         (default: the environment's RINGSIDE_WEBHOOK_URL)
  --version 16|22        which Asterisk's recording (default 22)
  --speed <n>|max        n times as fast as it was (default 1); max: without waiting
  --calls <n>            so many calls at once (default 1)
  --from <number>        another number for the customer; each # becomes a digit of its own in
                         every call ("+37529#######"), "" makes the caller anonymous
  --extension <a=b>      another extension: 101=201 (may be repeated)
  --time-zone <zone>     the connection's time zone (default: this machine's)
  --double               sends every request twice
  --shuffle --seed <n>   sends the requests in another order, the same for the same seed (1)
  --ami <port>           plays the calls as an AMI server on this port of 127.0.0.1 instead
                         (0: any free port); user ${AMI_USER}, secret ${AMI_SECRET}
  --list                 the scenarios
  -h, --help             this text

Every run has new unique ids and new times; the spacing is that of the recording. The exit code is 0
when every request was answered with 200.`

const FLAGS = {
  url: { type: 'string' },
  version: { type: 'string' },
  speed: { type: 'string' },
  calls: { type: 'string' },
  from: { type: 'string' },
  extension: { type: 'string', multiple: true },
  'time-zone': { type: 'string' },
  ami: { type: 'string' },
  double: { type: 'boolean' },
  shuffle: { type: 'boolean' },
  seed: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Reads the command line; what is wrong with it comes back as one line. */
export function readCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Command {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: FLAGS,
      allowPositionals: true,
    })
    if (values.help) return { type: 'help' }
    if (values.list) return { type: 'list' }
    return { type: 'run', options: readOptions(values, positionals, env) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { type: 'mistake', message: message.replace(/\s*\n\s*/g, ' ') }
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values']

function readOptions(
  values: Values,
  positionals: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SimulateOptions {
  const [scenario, ...rest] = positionals
  if (scenario === undefined) throw new Error('which scenario? --list shows those there are')
  if (rest.length > 0) throw new Error(`one scenario at a time; what is "${rest.join(' ')}"?`)
  const amiPort = values.ami === undefined ? null : whole('--ami', values.ami, 0, 65_535)
  const version = VERSIONS.find((known) => known === (values.version ?? '22'))
  if (version === undefined) throw new Error(`--version is "${values.version}", expected 16 or 22`)
  return {
    scenario,
    version,
    amiPort,
    url: amiPort === null ? readUrl(values.url ?? env.RINGSIDE_WEBHOOK_URL) : null,
    speed: readSpeed(values.speed ?? '1'),
    calls: whole('--calls', values.calls ?? '1', 1, 10_000),
    callerNumber: values.from,
    extensions: Object.fromEntries((values.extension ?? []).map(readExtension)),
    timeZone: readTimeZone(values['time-zone']),
    doubled: values.double ?? false,
    shuffleSeed: values.shuffle ? whole('--seed', values.seed ?? '1', 0, 2 ** 32 - 1) : undefined,
  }
}

function readUrl(text: string | undefined): URL {
  if (text === undefined || text === '') {
    throw new Error('where to? give --url, or set RINGSIDE_WEBHOOK_URL')
  }
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new Error(`--url is "${text}", expected an address that begins with http:// or https://`)
  }
  return url
}

function readSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY
  const speed = Number(text)
  if (!(speed > 0)) throw new Error(`--speed is "${text}", expected a number above 0, or max`)
  return speed
}

function readExtension(text: string): [string, string] {
  const match = /^(\d+)=(\w+)$/.exec(text)
  if (match === null) throw new Error(`--extension is "${text}", expected such as 101=201`)
  return [match[1]!, match[2]!]
}

function readTimeZone(name: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    // Intl throws a RangeError whose text is for programmers.
    throw new Error(`--time-zone is "${name}", expected a name such as Europe/Minsk`)
  }
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${flag} is "${text}", expected a whole number from ${min} to ${max}`)
  }
  return value
}
