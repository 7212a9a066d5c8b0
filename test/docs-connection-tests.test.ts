import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { CHECKS } from '../server/sources/check-table.ts'

const cell = (text: string | null): string =>
  (text ?? '–').replaceAll('|', '\\|').replace('{place}', '*host:port*').replace('{detail}', '*…*')

test('ADMIN-1 docs/connection-tests.md has each code as the server says it, and no other', async () => {
  const page = await readFile('docs/connection-tests.md', 'utf8')
  const found = page.split('\n').filter((line) => /^\| `[a-z-]+` \|/.test(line))
  const expected = Object.entries(CHECKS).map(
    ([code, { message, ari, ami }]) =>
      `| \`${code}\` | ${cell(message)} | ${cell(ari)} | ${cell(ami)} |`,
  )
  assert.deepEqual(found, expected)
})
