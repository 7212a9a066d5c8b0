import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import test from 'node:test'

const page = readFileSync('docs/security.md', 'utf8')

/** ASVS 5.0.0: how many requirements of levels 1 and 2 each section has; they are its first ones. */
const SECTIONS: Readonly<Record<string, string>> = {
  1: '1:2 2:9 3:11 4:3 5:2',
  2: '1:3 2:3 3:4 4:1',
  3: '2:2 3:4 4:6 5:5 7:2',
  4: '1:3 2:1 3:2 4:4',
  5: '1:1 2:3 3:2 4:3',
  6: '1:3 2:12 3:4 4:4 5:5 6:3 8:4',
  7: '1:3 2:4 3:2 4:5 5:2 6:2',
  8: '1:2 2:3 3:1 4:1',
  9: '1:3 2:4',
  10: '1:2 2:2 3:4 4:11 5:5 6:2 7:3',
  11: '1:2 2:3 3:3 4:4 5:1 6:1',
  12: '1:3 2:2 3:4',
  13: '1:1 2:5 3:2 4:5',
  14: '1:2 2:4 3:3',
  15: '1:3 2:3 3:7',
  16: '1:1 2:5 3:4 4:3 5:3',
  17: '1:1 2:4 3:2',
}
const HOWS = ['test', 'review', 'operator', 'partly', 'no', 'n/a']

interface Row {
  readonly ids: readonly string[]
  readonly how: string
  readonly why: string
}

const rows: readonly Row[] = [
  ...page.matchAll(/^\| (\d[^|]*) \| [^|]+ \| ([^|]+) \| (.+) \|$/gm),
].map(([, ids = '', how = '', why = '']) => ({ ids: ids.split(', ').flatMap(idsOf), how, why }))

/** `6.2.1–6.2.3` is three requirements. */
function idsOf(text: string): string[] {
  const [first = '', last = first] = text.split('–')
  const section = first.slice(0, first.lastIndexOf('.'))
  const number = (id: string): number => Number(id.split('.').at(-1))
  assert.ok(last.startsWith(`${section}.`) && number(last) >= number(first), text)
  const count = number(last) - number(first) + 1
  return Array.from({ length: count }, (_, index) => `${section}.${number(first) + index}`)
}

function everyId(): string[] {
  return Object.entries(SECTIONS).flatMap(([chapter, sections]) =>
    sections.split(' ').flatMap((each) => {
      const [section = '', count = ''] = each.split(':')
      return idsOf(`${chapter}.${section}.1–${chapter}.${section}.${count}`)
    }),
  )
}

test('SAFE-10 docs/security.md has each requirement of ASVS 5.0.0 up to level 2 once, and no other', () => {
  const all = everyId()
  assert.equal(all.length, 253)
  assert.deepEqual(rows.flatMap(({ ids }) => ids).sort(), all.sort())
})

test('SAFE-10 each requirement has a test or a reason, and every named test is there', () => {
  const wrong: string[] = []
  for (const { ids, how, why } of rows) {
    const named = [...why.matchAll(/`(test\/[\w./-]+)` "([^"]+)"/g)]
    if (!HOWS.includes(how)) wrong.push(`${ids}: how is "${how}"`)
    if (how === 'test' && named.length === 0) wrong.push(`${ids}: names no test`)
    if (how !== 'test' && why.length < 12) wrong.push(`${ids}: gives no reason`)
    if (why.split('`test/').length - 1 !== named.length) wrong.push(`${ids}: a file without a name`)
    for (const [, file = '', name = ''] of named) {
      if (!hasTest(file, name)) wrong.push(`${ids}: ${file} has no test "${name}"`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('SAFE-10 docs/security.md counts rightly', () => {
  const counts = HOWS.map((how) => {
    const found = rows.filter((row) => row.how === how).flatMap(({ ids }) => ids)
    return `${found.length} \`${how}\``
  })
  assert.ok(page.includes(`Of 253: ${counts.join(', ')}.`), counts.join(', '))
})

function hasTest(file: string, name: string): boolean {
  if (!existsSync(file)) return false
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.some((line) => /^\s*(test|it)\(/.test(line) && line.includes(name))
}

const sources = globSync(['server/**/*.{ts,js,html}', 'db/**/*.ts', 'widget/**/*.ts']).sort()
const filesWith = (pattern: RegExp): string[] =>
  sources.filter((file) => pattern.test(readFileSync(file, 'utf8')))

test('SAFE-10 no text becomes code, a command of the system or HTML', () => {
  assert.ok(sources.length > 400, String(sources.length))
  const dangerous =
    /child_process|\beval\(|new Function\(|node:vm|unsafeHTML|unsafeSVG|(inner|outer)HTML|insertAdjacentHTML|document\.write|setTimeout\(['"`]/
  // The one takes V8's collector out of a new context, the other tries whether the page allows a policy: by constants.
  assert.deepEqual(filesWith(dangerous), ['server/collect-garbage.ts', 'widget/trusted-types.ts'])
})

test('SAFE-10 weak hashes and weak randomness stay where nothing depends on them', () => {
  // The challenge of Asterisk's manager interface, and the stand-in for it.
  assert.deepEqual(filesWith(/createHash\((?!'sha256')/), [
    'server/simulate/ami-server.ts',
    'server/sources/ami-login.ts',
  ])
  assert.deepEqual(filesWith(/createCipheriv\((?!'aes-256-gcm')/), [])
  // Waits that are spread, and which tab is which; never a name, a token or a key.
  assert.deepEqual(filesWith(/Math\.random/), [
    'server/hooks/hooks.ts',
    'server/http/leaving.ts',
    'server/http/routes/stream.ts',
    'server/recordings/mover.ts',
    'server/recordings/s3-request.ts',
    'server/sources/link.ts',
    'widget/alerts/locks.ts',
    'widget/client/api.ts',
    'widget/client/late-stream.ts',
    'widget/client/stream.ts',
    'widget/client/tabs.ts',
    'widget/player/one-voice.ts',
  ])
})
