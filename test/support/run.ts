import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** So many test files side by side: a third of their time they wait. */
export const AT_ONCE = availableParallelism() + 1

/** Runs a command with this process's output, or collects what it prints; gives its exit code. */
export function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onOutput: ((text: string) => void) | null = null,
): Promise<number> {
  if (command.includes('/') && !existsSync(command))
    throw new Error(`${command} is missing: run npm ci`)
  return new Promise((resolve, reject) => {
    const stdio = onOutput === null ? 'inherit' : 'pipe'
    const child = spawn(command, args, { stdio, env })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text))
    }
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}
