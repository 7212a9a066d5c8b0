import { type ExecFileSyncOptions, execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface PostgresServer {
  readonly url: string
  readonly port: number
  /** Stops it at once, as `kill -9` would, and keeps what it holds. */
  halt(): void
  /** Starts it again. */
  start(): void
  /** Its main process and all others of it. */
  pids(): readonly number[]
  stop(): void
}

/**
 * Starts the system's PostgreSQL in a folder and on a port of its own. As root it runs as the user
 * `postgres`, because initdb refuses root. The reason instead where there is no PostgreSQL.
 */
export async function startPostgres(
  parent: string = tmpdir(),
  /** Further settings, such as `shared_preload_libraries=…`. */
  more: readonly string[] = [],
): Promise<PostgresServer | { missing: string }> {
  const bin = findBin()
  if (bin === null) {
    return {
      missing: 'no PostgreSQL server found: install it (Debian: apt-get install postgresql)',
    }
  }
  const folder = mkdtempSync(join(parent, 'ringside-pg-'))
  const port = await freePort()
  const run = asOwner(folder)
  run(join(bin, 'initdb'), [
    '-D',
    join(folder, 'data'),
    '-U',
    'ringside',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ])
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c max_connections=300${more.map((each) => ` -c ${each}`).join('')}`
  const control = (...args: readonly string[]): void =>
    run(join(bin, 'pg_ctl'), ['-D', join(folder, 'data'), '-w', ...args])
  const start = (): void => control('-l', join(folder, 'log'), '-o', settings, 'start')
  const halt = (): void => control('-m', 'immediate', 'stop')
  const mainPid = (): number =>
    Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
  start()
  return {
    url: `postgres://ringside@127.0.0.1:${port}/postgres`,
    port,
    halt,
    start,
    pids: () => [mainPid(), ...childrenOf(mainPid())],
    stop: () => {
      try {
        halt()
      } catch {
        // It is down already: a fault was tried on it.
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The same where nothing can be done without one. */
export async function startPostgresOrFail(
  ...options: Parameters<typeof startPostgres>
): Promise<PostgresServer> {
  const server = await startPostgres(...options)
  if ('missing' in server) throw new Error(server.missing)
  return server
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).map(Number)
}

function findBin(): string | null {
  const debian = '/usr/lib/postgresql'
  if (existsSync(debian)) {
    const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    for (const version of versions) {
      const bin = join(debian, version, 'bin')
      if (existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres'))) return bin
    }
  }
  const onPath = spawnSync('sh', ['-c', 'dirname "$(command -v initdb)"'], { encoding: 'utf8' })
  const bin = onPath.stdout.trim()
  return bin !== '' && existsSync(join(bin, 'postgres')) ? bin : null
}

function asOwner(folder: string): (command: string, args: readonly string[]) => void {
  const options: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder }
  if (process.getuid?.() !== 0) return (command, args) => void execFileSync(command, args, options)
  execFileSync('chown', ['postgres', folder])
  chmodSync(folder, 0o700)
  return (command, args) =>
    void execFileSync(
      'setpriv',
      ['--reuid=postgres', '--regid=postgres', '--init-groups', command, ...args],
      options,
    )
}

/** Below those that the system gives to others: while PostgreSQL is away, nobody else may get its port. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
