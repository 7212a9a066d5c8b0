import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { AsteriskVersion } from '../../server/simulate/scenario.ts'
import { createPhones, type Phones } from './phones.ts'

const RIG = join(import.meta.dirname, 'rig')
const PREFIX = process.env.RINGSIDE_ASTERISK_PREFIX || '/opt/ringside-asterisk'
/** Whose Asterisks they are: several runners can be at work at the same time. */
export interface Place {
  readonly instance: string
  readonly portBases: Readonly<Record<AsteriskVersion, number>>
}

/** Beside the rig's own ports, so that one started by hand goes on undisturbed. */
const OWN_PLACE: Place = { instance: 'ringside-test', portBases: { '16': 17_000, '22': 24_000 } }

export interface CallOptions {
  readonly scenario: string
  readonly trunk: 'raw' | 'enc'
  readonly number: string
  readonly signal: AbortSignal
}

/** A running Asterisk of the rig. */
export interface Asterisk {
  /** Makes one call from end to end; null when the phones did what was planned, else their words. */
  call(options: CallOptions): Promise<string | null>
  readonly ariUrl: string
  readonly amiPort: number
  /** Hangs up every call there is, a parked one too, so that what failed does not ring in what follows. */
  clear(): Promise<void>
  /** Phones for single steps; `more` is environment of the rig, such as `LINE` and `TRUNK`. */
  phones(signal: AbortSignal, more?: Readonly<Record<string, string>>): Phones
  /** Ends the process without a word (SIGKILL); settles when it has gone. */
  kill(): Promise<void>
  /** Starts it again after that, on the same ports; settles when it is ready. */
  startAgain(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/** Why no Asterisk can run on this machine; null where it can. */
export async function installAsterisk(
  version: AsteriskVersion,
  signal: AbortSignal,
): Promise<string | null> {
  if (process.platform !== 'linux') return `the rig needs Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'the rig needs root (debootstrap, chroot)'
  if (!existsSync('/usr/bin/apt-get')) return 'the rig needs Debian or Ubuntu (apt-get)'
  const { code, output } = await run('install', [version], {}, signal)
  return code === 0 ? null : `Asterisk ${version} could not be installed: ${lastLine(output)}`
}

export interface StartOptions {
  readonly place?: Place
  /** With which it connects to a Ringside by itself. */
  readonly conf?: { readonly websocketClientConf: string; readonly ariConf: string } | null
  /** Configuration files that take the place of the rig's own, such as `extensions.conf`. */
  readonly files?: Readonly<Record<string, string>>
}

/** Starts an Asterisk whose dialplan posts to `webhookUrl`. */
export async function startAsterisk(
  version: AsteriskVersion,
  webhookUrl: string,
  signal: AbortSignal,
  { place = OWN_PLACE, conf = null, files = {} }: StartOptions = {},
): Promise<Asterisk> {
  const { instance, portBases } = place
  const portBase = portBases[version]
  const env = {
    INSTANCE: instance,
    PORT_BASE: String(portBase),
    WEBHOOK_URL: webhookUrl,
    ...(conf === null && Object.keys(files).length === 0
      ? {}
      : { EXTRA_ETC: writeConf(conf, files) }),
  }
  // Stopping must work when everything else has been told to stop.
  const stop = async (): Promise<void> => {
    await run('stop', [version], env, new AbortController().signal)
  }
  const start = async (startSignal: AbortSignal): Promise<void> => {
    const { code, output } = await run('start', [version], env, startSignal)
    if (code === 0) return
    await stop()
    throw new Error(`Asterisk ${version} did not start: ${output.trim()}`)
  }
  await stop()
  await start(signal)
  return {
    ariUrl: `http://127.0.0.1:${portBase + 88}`,
    amiPort: portBase + 38,
    phones: (phonesSignal, more = {}) => createPhones(version, { ...env, ...more }, phonesSignal),
    kill: () => killNow(join(PREFIX, version, 'rig', instance, 'pid')),
    startAgain: start,
    async call({ scenario, trunk, number, signal: callSignal }) {
      const callEnv = { ...env, TRUNK: trunk, NUMBER: number }
      const { code, output } = await run('call', [version, scenario], callEnv, callSignal)
      return code === 0 ? null : output.trim()
    },
    async clear() {
      const { code, output } = await run('clear', [version], env, signal)
      if (code !== 0) throw new Error(`Asterisk ${version} still has calls: ${output.trim()}`)
    },
    stop,
  }
}

async function killNow(pidFile: string): Promise<void> {
  const pid = Number(readFileSync(pidFile, 'utf8'))
  process.kill(pid, 'SIGKILL')
  const until = Date.now() + 5000
  while (Date.now() < until && isThere(pid)) await wait(20)
  // It may be there as a zombie for longer; `start` must not take it for a running one.
  rmSync(pidFile)
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Files that the rig adds to its own; what it has of ari.conf stays. */
function writeConf(
  conf: StartOptions['conf'] | null,
  files: Readonly<Record<string, string>>,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-etc-'))
  if (conf) {
    const ariConf = readFileSync(join(RIG, 'etc/ari.conf'), 'utf8')
    writeFileSync(join(folder, 'ari.conf'), `${ariConf}\n${conf.ariConf}`)
    writeFileSync(join(folder, 'websocket_client.conf'), conf.websocketClientConf)
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** A folder of the rig's instance: `etc`, `log` or `spool`. */
export function folderOf(version: AsteriskVersion, { instance }: Place, name: string): string {
  return join(PREFIX, version, 'rig', instance, name)
}

/** The zone in which the dialplan writes times: that of the installed Debian, not of this machine. */
export function asteriskZone(version: AsteriskVersion): string {
  try {
    return readlinkSync(join(PREFIX, version, 'etc/localtime')).split('/zoneinfo/')[1] ?? 'UTC'
  } catch {
    // A Debian without the link has no zone data: its local time is UTC.
    return 'UTC'
  }
}

function run(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(RIG, script), args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    // `exit`, not `close`: Asterisk itself inherits the pipes and keeps them open.
    child.on('exit', (code) => resolve({ code: code ?? 1, output }))
  })
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
