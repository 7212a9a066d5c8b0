import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { verifyJwt } from '../server/http/jwt.ts'

const EMBED_SECRET = 'test-embed-secret-test-embed-secret'
const readme = readFileSync('README.md', 'utf8')

const snippets = [
  {
    language: 'js',
    command: process.execPath,
    args: ['--input-type=module', '-'],
    call: "console.log(ringsideToken({ id: 7, name: 'Änna', email: 'anna@example.com' }))",
  },
  {
    language: 'php',
    command: 'php',
    args: [],
    call: "echo ringside_token(7, 'Änna', 'anna@example.com');",
    before: '<?php\n',
  },
  {
    language: 'python',
    command: 'python3',
    args: ['-'],
    call: "print(ringside_token(7, 'Änna', 'anna@example.com'))",
  },
  {
    language: 'ruby',
    command: 'ruby',
    args: ['-'],
    call: "puts ringside_token(7, 'Änna', 'anna@example.com')",
  },
]

for (const { language, command, args, call, before = '' } of snippets) {
  const isThere = spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
  const skip = isThere ? false : `${command} is not installed`
  test(`EMBED-7 the README's ${language} signs a token that is accepted`, { skip }, () => {
    const code = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? ''
    const run = spawnSync(command, args, {
      input: `${before}${code}\n${call}\n`,
      encoding: 'utf8',
      env: { ...process.env, EMBED_SECRET, LC_ALL: 'C.UTF-8' },
    })
    assert.equal(run.status, 0, run.stderr)
    const verified = verifyJwt(run.stdout.trim(), Buffer.from(EMBED_SECRET))
    const claims = verified?.claims as Record<string, unknown>
    assert.equal(claims.sub, '7')
    assert.equal(claims.name, 'Änna')
    assert.equal(claims.aud, 'ringside')
    assert.ok(Number(claims.exp) > Date.now() / 1000)
  })
}

test('every file that the README and the docs point to is there', () => {
  for (const file of ['README.md', 'CONTRIBUTING.md', 'docs/webhooks.md', 'docs/embedding.md']) {
    const text = readFileSync(file, 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(((?!https?:)[^)#]+)/g)) {
      const base = file.startsWith('docs/') ? 'docs/' : ''
      assert.doesNotThrow(() => readFileSync(base + target), `${file} points to ${target}`)
    }
  }
})

test('EMBED-2 EMBED-3 EMBED-4 docs/embedding.md names everything that a page can use', () => {
  const docs = readFileSync('docs/embedding.md', 'utf8')
  const source = (file: string) => readFileSync(`widget/${file}`, 'utf8')
  const found = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, name]) => name)
  const element = source('elements/ringside-widget.ts')
  const elements = globSync('widget/elements/*.ts').map((file) => readFileSync(file, 'utf8'))
  const names = {
    attributes: found(element, /@attr ([\w-]+)/g),
    methods: found(element, /^ {2}async (\w+)\(.*\n.*page-calls/gm),
    events: found(source('events.ts'), /^ {2}'(ringside-[\w-]+)': \{/gm),
    codes: found(source('errors.ts'), /^ {2}\| '([\w-]+)'/gm),
    parts: found(elements.join('\n'), /@csspart ([\w-]+)/g),
    properties: found(
      [source('styles.ts'), ...elements].join('\n'),
      /var\(\s*(--ringside-[\w-]+)/g,
    ),
    lone: found(source('page-watch.ts'), /'(ringside-[\w-]+)': \(\) => import/g),
  }
  for (const [kind, all] of Object.entries(names)) {
    assert.ok(all.length > 2, `${kind}: ${all.length} found in the source`)
    const missing = all.filter((name) => !new RegExp(`[\`<]${name}[\`>( ]`).test(docs))
    assert.deepEqual([...new Set(missing)], [], kind)
  }
})
