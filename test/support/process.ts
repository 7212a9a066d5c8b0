import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A server as people start it: a process of its own. */
export interface ServerProcess {
  readonly url: string
  /** What it wrote to standard output so far. */
  readonly lines: readonly string[]
  /** Its log, from standard error. */
  readonly errors: readonly string[]
  readonly child: ChildProcess
  /** Ends it, waits until it is gone, and gives its exit code. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** Starts `node server/main.ts`; resolves when it says where it is, rejects with what it said instead. */
export async function startServer(
  env: Record<string, string>,
  onSpawned: (child: ChildProcess) => void = () => undefined,
  /** What starts it, such as `ip netns exec NAME`; it must become the server's process. */
  within: readonly string[] = [],
): Promise<ServerProcess> {
  const [command, ...args] = [...within, process.execPath, 'server/main.ts'] as const
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(command ?? process.execPath, args, {
    // What one test's server compiled, another's need not: `npm test` names the place.
    env: { PATH, NODE_COMPILE_CACHE, PORT: '0', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onSpawned(child)
  const lines: string[] = []
  const errors: string[] = []
  createInterface({ input: child.stderr! }).on('line', (line) => errors.push(line))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      lines.push(line)
      const found = /^Ringside: (\S+)$/.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('close', () => reject(new Error(errors.join('\n'))))
  })
  return {
    url,
    lines,
    errors,
    child,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal)
        await once(child, 'exit')
      }
      return child.exitCode
    },
  }
}
