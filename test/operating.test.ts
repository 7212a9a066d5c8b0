import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { readConfig } from '../server/config.ts'
import { openInMemory } from './support/in-memory.ts'
import { parsePrometheus } from './support/prometheus.ts'
import { createWorld } from './support/world.ts'

const page = readFileSync('docs/operating.md', 'utf8')
const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
const firstCells = (text: string): string[] =>
  [...text.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell)

/** Which variables the server looks at, told by the server. */
function variablesRead(): Set<string> {
  const asked = new Set<string>()
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_, name) => {
        asked.add(String(name))
        return undefined
      },
    },
  )
  readConfig(env)
  return asked
}

test('docs/operating.md has every variable that the server reads, and no other', () => {
  const told = firstCells(section('Environment')).flatMap((cell) =>
    [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
  )
  assert.deepEqual(told.sort(), [...variablesRead()].sort())
})

test('docs/operating.md watches figures and asks for routes that there are', async () => {
  await using database = await openInMemory()
  await using world = await createWorld(async () => database)
  const families = parsePrometheus(await (await fetch(`${world.url}/metrics`)).text())
  const named = [...page.matchAll(/`((?:ringside|process|nodejs)_[a-z0-9_]+)/g)].map(
    ([, name]) => name,
  )
  assert.ok(named.length > 15)
  assert.deepEqual(
    named.filter((name) => !families.has(String(name))),
    [],
  )
  const unwatched = [...families.keys()].filter(
    (name) => name.startsWith('ringside_') && !section('What to watch').includes(name),
  )
  assert.deepEqual(unwatched, ['ringside_hook_attempts_total'])
  const { paths } = (await (await fetch(`${world.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  for (const [, method = '', path = ''] of page.matchAll(/`(GET|POST|PUT) (\/api[^`]+)`/g)) {
    assert.ok(paths[path]?.[method.toLowerCase()], `${method} ${path}`)
  }
})
