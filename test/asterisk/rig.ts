import { spawn } from 'node:child_process'
import { existsSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { AsteriskVersion } from '../../server/simulate/scenario.ts'
import { createPhones, type Phones } from './phones.ts'

const RIG = join(import.meta.dirname, 'rig')
const PREFIX = process.env.RINGSIDE_ASTERISK_PREFIX || '/opt/ringside-asterisk'
/** Beside the rig's own ports, so that one started by hand goes on undisturbed. */
const PORT_BASES: Record<AsteriskVersion, number> = { '16': 17_000, '22': 24_000 }

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
  /** Phones for single steps. */
  phones(signal: AbortSignal): Phones
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

/** Starts an Asterisk whose dialplan posts to `webhookUrl`. */
export async function startAsterisk(
  version: AsteriskVersion,
  webhookUrl: string,
  signal: AbortSignal,
): Promise<Asterisk> {
  const env = {
    INSTANCE: 'ringside-test',
    PORT_BASE: String(PORT_BASES[version]),
    WEBHOOK_URL: webhookUrl,
  }
  // Stopping must work when everything else has been told to stop.
  const stop = async (): Promise<void> => {
    await run('stop', [version], env, new AbortController().signal)
  }
  await stop()
  const started = await run('start', [version], env, signal)
  if (started.code !== 0) {
    await stop()
    throw new Error(`Asterisk ${version} did not start: ${started.output.trim()}`)
  }
  return {
    ariUrl: `http://127.0.0.1:${PORT_BASES[version] + 88}`,
    amiPort: PORT_BASES[version] + 38,
    phones: (phonesSignal) => createPhones(version, env, phonesSignal),
    async call({ scenario, trunk, number, signal: callSignal }) {
      const callEnv = { ...env, TRUNK: trunk, NUMBER: number }
      const { code, output } = await run('call', [version, scenario], callEnv, callSignal)
      return code === 0 ? null : output.trim()
    },
    stop,
  }
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
