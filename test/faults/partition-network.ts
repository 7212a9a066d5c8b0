import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a server loses when it is cut off: everything, or the database alone. */
export type Lost = 'everything' | 'the database'

/** Where one of several servers lives, and how it reaches the PBX and PostgreSQL. */
export interface Seat {
  /** What starts a process there. */
  readonly within: readonly string[]
  /** Its own address for whoever asks it. */
  readonly host: string
  /** Takes the cable out, without a word to anybody. */
  cut(lost: Lost): void
  heal(): void
}

export interface Network extends Disposable {
  readonly seats: readonly Seat[]
  /** Where the PBX listens, and where PostgreSQL does. */
  readonly pbxHost: string
  readonly databaseHost: string
  /** Settings with which PostgreSQL lets the seats in. */
  readonly postgresSettings: readonly string[]
}

const LINES = ['pbx', 'db'] as const

/** Why no network can be made of namespaces here; null where one can. */
export function whyNoNamespaces(): string | null {
  if (process.platform !== 'linux') return `namespaces need Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const name = `rs${process.pid}try`
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (made.error !== undefined) return 'network namespaces need `ip` (iproute2)'
  if (made.status !== 0) return `no network namespace can be made: ${made.stderr.trim()}`
  const line = spawnSync('ip', ['link', 'add', `${name}a`, 'type', 'veth', 'peer', `${name}b`])
  spawnSync('ip', ['link', 'del', `${name}a`])
  spawnSync('ip', ['netns', 'del', name])
  return line.status === 0 ? null : 'no veth line can be made here'
}

/** Servers side by side on the loopback: they can be killed and stopped, but not cut off. */
export function shareTheLoopback(count: number): Network {
  const seat: Seat = {
    within: [],
    host: '127.0.0.1',
    cut: () => {
      throw new Error('nothing can be cut off on the loopback')
    },
    heal: () => undefined,
  }
  return {
    seats: Array.from({ length: count }, () => seat),
    pbxHost: '127.0.0.1',
    databaseHost: '127.0.0.1',
    postgresSettings: [],
    [Symbol.dispose]: () => undefined,
  }
}

/**
 * A namespace for each server, with one line to the PBX and another to PostgreSQL. Both end in a
 * bridge of ours: when a line is down, its packets are dropped there and go nowhere else.
 */
export function layLines(count: number): Network {
  const tag = `rs${process.pid % 100_000}`
  const subnet = (line: number): string => `10.${213 + line}.${process.pid % 250}`
  const folder = mkdtempSync(join(tmpdir(), 'ringside-network-'))
  const undo: (() => void)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const dispose = (): void => {
    for (const each of undo.reverse()) each()
    undo.length = 0
  }
  const seats: Seat[] = []
  try {
    for (const [line, name] of LINES.entries()) {
      const bridge = `${tag}${name}`
      ip('link', 'add', bridge, 'type', 'bridge')
      undo.push(() => void spawnSync('ip', ['link', 'del', bridge]))
      ip('address', 'add', `${subnet(line)}.1/24`, 'dev', bridge)
      ip('link', 'set', bridge, 'up')
    }
    for (let seat = 0; seat < count; seat += 1) {
      const space = `${tag}s${seat}`
      ip('netns', 'add', space)
      undo.push(() => void spawnSync('ip', ['netns', 'del', space]))
      ip('-n', space, 'link', 'set', 'lo', 'up')
      for (const [line, name] of LINES.entries()) {
        const end = `${tag}${name}${seat}`
        ip('link', 'add', end, 'type', 'veth', 'peer', 'name', name, 'netns', space)
        ip('link', 'set', end, 'master', `${tag}${name}`, 'up')
        ip('-n', space, 'address', 'add', `${subnet(line)}.${seat + 2}/24`, 'dev', name)
        ip('-n', space, 'link', 'set', name, 'up')
      }
      const set = (names: readonly string[], state: 'up' | 'down'): void => {
        for (const name of names) ip('link', 'set', `${tag}${name}${seat}`, state)
      }
      seats.push({
        within: ['ip', 'netns', 'exec', space],
        host: `${subnet(0)}.${seat + 2}`,
        cut: (lost) => set(lost === 'everything' ? LINES : ['db'], 'down'),
        heal: () => set(LINES, 'up'),
      })
    }
  } catch (error) {
    dispose()
    throw error
  }
  const rules = join(folder, 'pg_hba.conf')
  const open = ['127.0.0.1/32', `${subnet(1)}.0/24`]
  writeFileSync(rules, open.map((from) => `host all all ${from} trust\n`).join(''))
  // PostgreSQL runs as another user.
  spawnSync('chmod', ['-R', 'a+rX', folder])
  return {
    seats,
    pbxHost: `${subnet(0)}.1`,
    databaseHost: `${subnet(1)}.1`,
    postgresSettings: [`listen_addresses=127.0.0.1,${subnet(1)}.1`, `hba_file=${rules}`],
    [Symbol.dispose]: dispose,
  }
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`)
}
