import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import test, { after, before } from 'node:test'
import { transform } from 'esbuild'
import type { Database } from '../db/database.ts'
import { openInMemory } from './support/in-memory.ts'
import { createWorld, EMBED_SECRET, type World } from './support/world.ts'

/** The helpdesk pages of docs/embedding.md, as a reader starts them. */
const SAMPLES = [
  { command: process.execPath, args: ['docs/samples/node.mjs'] },
  { command: 'php', args: ['-S', '127.0.0.1:0', 'docs/samples/php.php'] },
  { command: 'python3', args: ['docs/samples/python.py'] },
  { command: 'ruby', args: ['docs/samples/ruby.rb'] },
]

let database: Database
let world: World

before(async () => {
  database = await openInMemory()
  world = await createWorld(async () => database)
})

after(async () => {
  await world?.close()
  await database?.close()
})

for (const { command, args } of SAMPLES) {
  const isThere = spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
  const skip = isThere ? false : `${command} is not installed`
  test(`EMBED-7 ${args.at(-1)} is a page that signs its agent in`, { skip }, async () => {
    await using helpdesk = await start(command, args)
    assert.equal((await fetch(`${helpdesk.url}/token`)).status, 401, 'nobody is signed in')

    const page = await fetch(`${helpdesk.url}/`)
    assert.match(String(page.headers.get('content-type')), /^text\/html; ?charset=utf-8/i)
    const tag = /<script type="module" src="([^"]+)" data-token-url="([^"]+)"/.exec(
      await page.text(),
    )
    assert.equal(tag?.[1], `${world.url}/widget.js`)
    const cookie = String(page.headers.get('set-cookie')).split(';')[0] ?? ''

    const answer = await fetch(new URL(String(tag?.[2]), helpdesk.url), { headers: { cookie } })
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const token = await answer.text()
    const me = await fetch(`${world.url}/api/me`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal(me.status, 200, await me.clone().text())
    const { id, name, email, extensions } = (await me.json()) as Record<string, unknown>
    assert.deepEqual(
      [id, name, email, extensions],
      [
        world.agents.anna,
        'Anna Petrova',
        'anna@helpdesk.example',
        [{ connectionId: '*', extension: '101' }],
      ],
    )
  })
}

test('docs/samples/react.jsx can be compiled', async () => {
  const { warnings } = await transform(readFileSync('docs/samples/react.jsx', 'utf8'), {
    loader: 'jsx',
  })
  assert.deepEqual(warnings, [])
})

/** Starts a sample on a port of the system's choice, and waits until it says which. */
async function start(
  command: string,
  args: readonly string[],
): Promise<{ url: string } & AsyncDisposable> {
  const child: ChildProcess = spawn(command, args, {
    env: { PATH: process.env.PATH, PORT: '0', EMBED_SECRET, RINGSIDE_URL: world.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    for (const output of [child.stdout!, child.stderr!]) {
      createInterface({ input: output }).on('line', (line) => {
        said.push(line)
        const found = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(line)?.[0]
        if (found !== undefined) resolve(found)
      })
    }
    child.once('close', () => reject(new Error(said.join('\n'))))
  })
  return {
    url,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}
