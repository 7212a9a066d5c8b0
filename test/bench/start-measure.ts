import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** What a start took: until it answers, its processor time until then, and its memory. */
export interface Started {
  readonly readyMs: number
  readonly cpuMs: number
  readonly rss: Rss
  readonly pid: number
  stop(): Promise<void>
}

/** In MiB: what is its own, and the pages of files (of the program, above all) that it looks at. */
export interface Rss {
  readonly all: number
  readonly own: number
}

const TICKS_PER_SECOND = 100
const DEADLINE_MS = 120_000

/** Starts Ringside as people start it; it is ready when `/readyz` says so. */
export function startRingside(env: Record<string, string>): Promise<Started> {
  const isReady = async (url: string): Promise<boolean> => (await fetch(`${url}/readyz`)).ok
  return start(['server/main.ts'], env, isReady)
}

/** The least that a server can be: `node:http` that answers, in JavaScript or with types to strip. */
export function startFloor(file: string): Promise<Started> {
  return start([file], {}, async (url) => (await fetch(url)).ok)
}

async function start(
  args: readonly string[],
  env: Record<string, string>,
  isReady: (url: string) => Promise<boolean>,
): Promise<Started> {
  const begin = performance.now()
  const child = spawn(process.execPath, [...args], {
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = Number(child.pid)
  const url = await addressOf(child)
  while (!(await isReady(url))) {
    if (performance.now() - begin > DEADLINE_MS) throw new Error(`${args.join(' ')} is not ready`)
  }
  const readyMs = performance.now() - begin
  const stop = async (): Promise<void> => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return { readyMs, cpuMs: cpuOf(pid), rss: rssOf(pid), pid, stop }
}

function addressOf(child: ChildProcess): Promise<string> {
  let said = ''
  let errors = ''
  child.stderr?.on('data', (bytes) => {
    errors += String(bytes)
  })
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (bytes) => {
      said += String(bytes)
      const found = /^Ringside: (http\S+)$/m.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('close', () => reject(new Error(`it did not start: ${errors.slice(0, 500)}`)))
  })
}

/** The processor time of a process and all its threads. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND
}

export function rssOf(pid: number): Rss {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return { all: mib('VmRSS'), own: mib('RssAnon') }
}
