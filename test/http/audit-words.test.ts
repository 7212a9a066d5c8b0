import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { HOOK_EVENTS } from '../../db/outbox.ts'
import { SCOPES } from '../../server/http/access.ts'
import { enAdmin } from '../../widget/i18n/settings/en-admin.ts'
import { KINDS, wordsOf } from '../../widget/settings/audit/words.ts'
import { EVENTS } from '../../widget/settings/hooks/contract.ts'
import { SNIPPETS } from '../../widget/settings/keys/snippets.ts'
import { openInMemory } from '../support/in-memory.ts'
import { createWorld } from '../support/world.ts'

interface Operation {
  readonly 'x-access'?: string
  readonly 'x-audited'?: boolean
}

test('ADMIN-6 whatever is written into the audit log has plain words, and can be filtered', async () => {
  const database = await openInMemory()
  const world = await createWorld(async () => database)
  try {
    const { body } = await world.api('GET', '/openapi.json')
    const paths: Record<string, Record<string, Operation>> = body.paths
    const actions = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(
          ([method, { 'x-access': access, 'x-audited': audited }]) =>
            audited === true || (access === 'admin' && method !== 'get'),
        )
        .map(([method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    )
    assert.ok(actions.length > 20, `only ${actions.length} actions`)
    const silent = actions.filter((action) => wordsOf(action, enAdmin) === null)
    assert.deepEqual(silent, [])
    const unfiltered = actions.filter(
      (action) => !KINDS.some((kind) => action.includes(kind.action)),
    )
    assert.deepEqual(unfiltered, [])
    const known = new Set(actions.map((action) => `audit.do.${action}`))
    const idle = Object.keys(enAdmin).filter(
      (key) => key.startsWith('audit.do.') && !known.has(key),
    )
    assert.deepEqual(idle, [], 'words of what is not there')
  } finally {
    await world.close()
    await database.close()
  }
})

test('ADMIN-7 every event and every scope has its words in the settings', () => {
  assert.deepEqual([...EVENTS].sort(), [...HOOK_EVENTS].sort())
  for (const event of HOOK_EVENTS) assert.ok(`hooks.event.${event}` in enAdmin, event)
  for (const scope of SCOPES) assert.ok(`keys.scope.${scope}` in enAdmin, scope)
})

test('EMBED-7 the functions that the settings show are those of docs/samples, word for word', () => {
  const files: Record<string, string> = {
    node: 'node.mjs',
    php: 'php.php',
    python: 'python.py',
    ruby: 'ruby.rb',
  }
  for (const { id, code } of SNIPPETS) {
    const sample = readFileSync(new URL(`../../docs/samples/${files[id]}`, import.meta.url), 'utf8')
    const begin = code.search(/^(function|def) ringside/m)
    assert.ok(begin > 0, id)
    assert.ok(sample.includes(code.slice(begin)), `${files[id]} has another function`)
  }
})
