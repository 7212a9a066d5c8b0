import { globSync } from 'node:fs'
import { AT_ONCE, run } from '../support/run.ts'

/** The tests in Chromium, some files side by side. A file that failed is run again, alone, and is said to have been. */
export async function endToEnd(env: NodeJS.ProcessEnv): Promise<number> {
  const files = globSync('test/e2e/*.test.ts').sort()
  const failed: string[] = []
  const waiting = files.values()
  const work = async () => {
    for (const file of waiting) if ((await runFile(file, env)) !== 0) failed.push(file)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const broken: string[] = []
  for (const file of failed) {
    process.stdout.write(`again, alone: ${file}\n`)
    if ((await runFile(file, env)) !== 0) broken.push(file)
  }
  process.stdout.write(
    `end to end: ${files.length} files, ${failed.length} run a second time, ` +
      `${broken.length} failed again ${broken.join(' ')}\n`,
  )
  return broken.length === 0 ? 0 : 1
}

/** What a file prints stays together. */
async function runFile(file: string, env: NodeJS.ProcessEnv): Promise<number> {
  let printed = ''
  // A closed PGlite may leave a timer of its WebAssembly, which never lets the process end.
  const args = [
    '--test',
    '--test-force-exit',
    '--test-reporter=spec',
    '--test-timeout=180000',
    file,
  ]
  const code = await run(process.execPath, args, env, (text) => {
    printed += text
  })
  process.stdout.write(`${file}\n${printed}`)
  return code
}
