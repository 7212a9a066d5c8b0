import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import test from 'node:test'
import {
  createDialplan,
  type DialplanOptions,
  majorOf,
} from '../../../server/setup/dialplan/dialplan.ts'

const SAMPLE: DialplanOptions = {
  name: 'Office',
  webhookUrl: 'https://calls.example.com/webhooks/asterisk/TOKEN',
  timeZone: 'Europe/Minsk',
  recordings: true,
  flavour: 'gosub',
  encoding: 'uri',
  system: 'plain',
  version: null,
}

const make = (options: Partial<DialplanOptions> = {}): string =>
  createDialplan({ ...SAMPLE, ...options })

const everyKind = (['macro', 'gosub'] as const).flatMap((flavour) =>
  (['raw', 'uri'] as const).flatMap((encoding) =>
    (['plain', 'freepbx'] as const).flatMap((system) =>
      [null, '16.28.0', '22.10.1']
        .filter((version) => flavour === 'gosub' || version !== '22.10.1')
        .flatMap((version) =>
          [true, false].map((recordings) => ({ flavour, encoding, system, version, recordings })),
        ),
    ),
  ),
)

const active = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith(';'))

test('ADMIN-3 every generated dialplan is one that Asterisk can read', () => {
  for (const kind of everyKind) {
    const text = make(kind)
    const name = JSON.stringify(kind)
    const lines = active(text)
    const contexts = lines.flatMap((line) => /^\[([\w-]+)\]$/.exec(line)?.[1] ?? [])
    assert.equal(new Set(contexts).size, contexts.length, `${name}: a context twice`)
    for (const line of lines) {
      assert.match(line, /^(\[[\w-]+\]|exten => \S+?,1(,|\()| same => n[,(])/, `${name}: ${line}`)
      assert.equal(line.replaceAll('\\;', '').includes(';'), false, `${name}: a comment in ${line}`)
      assert.equal(line.split('(').length, line.split(')').length, `${name}: brackets of ${line}`)
      assert.equal(line.split('{').length, line.split('}').length, `${name}: braces of ${line}`)
    }
    // A line that begins with ";--" begins a comment of many lines.
    assert.equal(/^;--/m.test(text), false, name)
    const called = lines.flatMap((line) => [
      ...line.matchAll(/Gosub\((ringside-[\w-]+)/g),
      ...line.matchAll(/(Macro)\((ringside-[\w-]+)/g),
      ...line.matchAll(/push\)=(ringside-[\w-]+)/g),
      ...line.matchAll(/\b(?:U)\((ringside-[\w-]+)/g),
      ...line.matchAll(/\b(M)\((ringside-[\w-]+)/g),
    ])
    assert.ok(called.length > 5, name)
    for (const [, first = '', second] of called) {
      const context = second === undefined ? first : `macro-${second}`
      assert.ok(contexts.includes(context), `${name}: ${context} is called and is not there`)
    }
  }
})

test('ADMIN-3 every label that is jumped to is in the same extension', () => {
  for (const kind of everyKind) {
    const extensions = active(make(kind))
      .join('\n')
      .split(/^(?=exten)/m)
    for (const extension of extensions) {
      for (const [, label] of extension.matchAll(/\?([a-z0-9]+)\)$/gm)) {
        assert.ok(extension.includes(`n(${label}),`), `${label} in ${extension}`)
      }
    }
  }
})

test('ADMIN-3 no CURL without timeouts: it would hold a call up for three minutes', () => {
  for (const kind of everyKind) {
    const lines = active(make(kind))
    const places = lines.flatMap((line, at) => (line.includes(`\${CURL(`) ? [at] : []))
    assert.ok(places.length >= 1)
    for (const at of places) {
      assert.match(lines[at - 2] ?? '', /Set\(CURLOPT\(conntimeout\)=2\)$/)
      assert.match(lines[at - 1] ?? '', /Set\(CURLOPT\(httptimeout\)=2\)$/)
    }
  }
})

const QUEUES = [
  { flavour: 'macro', version: null, expected: [`Queue(\${EXTEN},t,,,,,ringside-answer)`] },
  { flavour: 'macro', version: '20.1.0', expected: [`Queue(\${EXTEN},t,,,,,ringside-answer)`] },
  { flavour: 'gosub', version: '20.1.0', expected: [`Queue(\${EXTEN},t,,,,,,ringside-answer)`] },
  { flavour: 'gosub', version: '21.0.0', expected: [`Queue(\${EXTEN},t,,,,,ringside-answer)`] },
  {
    flavour: 'gosub',
    version: null,
    expected: [`Queue(\${EXTEN},t,,,,,,ringside-answer)`, `Queue(\${EXTEN},t,,,,,ringside-answer)`],
  },
] as const

for (const { flavour, version, expected } of QUEUES) {
  test(`ADMIN-3 Queue has its ${flavour} where Asterisk ${version ?? 'of any version'} wants it`, () => {
    const found = active(make({ flavour, version })).flatMap(
      (line) => /Queue\(.*\)$/.exec(line)?.[0] ?? [],
    )
    assert.deepEqual(found, expected)
    if (version === null && flavour === 'gosub') {
      assert.match(
        make({ flavour, version }),
        /VERSION\(ASTERISK_VERSION_NUM\)\} >= 210000\]\?from21/,
      )
    }
  })
}

test('ADMIN-3 on a hung up channel no Macro calls another', () => {
  const text = make({ flavour: 'macro' })
  const end = text.split('\n\n').find((block) => block.includes('[macro-ringside-end]')) ?? ''
  assert.ok(end.includes(`\${CURL(`), end)
  assert.equal(active(end).join('\n').includes('Macro('), false)
  assert.equal(text.split('exten => h,1,Macro(ringside-end)').length, 5)
})

test('SAFE-1 nothing from the telephone network is in a command, and the command fits', () => {
  for (const kind of everyKind.filter(({ recordings }) => recordings)) {
    const webhookUrl = `https://${'pbx.'.repeat(40)}example.com/webhooks/asterisk/${'t'.repeat(32)}`
    const lines = active(make({ ...kind, webhookUrl }))
    const commands = lines.filter((line) => /MixMonitor\(|System\(|SHELL\(|AGI\(/.test(line))
    assert.equal(commands.length, 1)
    const variables = [...(commands[0] ?? '').matchAll(/[$^]\{([^}]*)\}/g)].map(([, name]) => name)
    assert.deepEqual([...new Set(variables)].sort(), ['MIXMONITOR_FILENAME', 'RINGSIDE_ID'])
    for (const line of lines.filter((each) => each.includes('RINGSIDE_ID='))) {
      assert.match(line, /RINGSIDE_ID=(\$\{FILTER\(0-9A-Za-z\._\\-,\$\{UNIQUEID\}\)\})?\)$/)
    }
    // app_mixmonitor.c keeps 1,024 bytes of it.
    const path = `/var/spool/asterisk/monitor/ringside-${'1'.repeat(40)}.wav`
    const command = (commands[0] ?? '').split(',b,')[1] ?? ''
    assert.ok(command.replaceAll('^{MIXMONITOR_FILENAME}', path).length < 1000, `${command.length}`)
    assert.match(command, /--fail --retry 5/)
  }
})

test('SAFE-1 a name, a number and an address cannot leave their place', () => {
  const text = make({
    name: 'A\nexten => s,1,System(x)\n;--',
    webhookUrl: "https://x.example/a,b;c'd$e(f)/webhooks/asterisk/T",
  })
  assert.equal(text.includes('System('), true)
  assert.equal(
    active(text).some((line) => line.includes('System(')),
    false,
  )
  assert.ok(text.includes('https://x.example/a%2Cb%3Bc%27d%24e%28f%29/webhooks/asterisk/T'))
  // What a caller or a phone says of itself is filtered before it is sent or dialled.
  for (const line of active(text)) {
    for (const [, before] of line.matchAll(/(.{0,60})\$\{CALLERID\(num\)\}/g)) {
      assert.match(before ?? '', /FILTER\(/)
    }
    for (const [dial] of line.matchAll(/Dial\([^,]*EXTEN[^,]*,/g)) assert.match(dial, /FILTER\(/)
  }
})

test('SAFE-1 what ends a line in an editor, or is no ASCII in an address, stays out', () => {
  const text = make({
    name: 'A\u2028exten => s,1,System(x)\u202e',
    webhookUrl: 'https://звонки.example/путь/webhooks/asterisk/T',
  })
  assert.doesNotMatch(text, /[\u2028\u202e]/)
  const path = '%D0%BF%D1%83%D1%82%D1%8C/webhooks/asterisk/T'
  assert.ok(text.includes(`CURL(https://xn--b1ajehof.example/${path},`), text.slice(0, 2500))
})

test('ADMIN-3 recordings that are switched off are not made', () => {
  for (const kind of everyKind.filter(({ recordings }) => !recordings)) {
    const text = make(kind)
    assert.equal(text.includes('MixMonitor('), false)
    assert.equal(text.includes('ringside-record'), false)
  }
})

test('ADMIN-3 an address of one machine only is pointed out', () => {
  assert.match(make({ webhookUrl: 'http://localhost:3000/webhooks/asterisk/T' }), /PUBLIC_URL/)
  assert.equal(make().includes('PUBLIC_URL'), false)
})

const VERSIONS = [
  ['16.28.0~dfsg-0+deb11u4', 16],
  ['22.10.1', 22],
  ['Asterisk 18.9-cert4', 18],
  ['22', 22],
  ['GIT-master-abc', null],
  ['', null],
  [null, null],
] as const
for (const [said, major] of VERSIONS) {
  test(`ADMIN-3 an Asterisk that says ${said} is of version ${major}`, () => {
    assert.equal(majorOf(said), major)
  })
}

const DOCS = new URL('../../../docs/webhooks.md', import.meta.url)

test('ADMIN-3 the documentation shows what is generated (UPDATE_SNAPSHOT=1 writes it anew)', () => {
  const docs = readFileSync(DOCS, 'utf8')
  const [before = '', rest = ''] = docs.split('<!-- generated -->\n')
  const [, after] = rest.split('<!-- /generated -->')
  assert.ok(after !== undefined, 'docs/webhooks.md has a generated part')
  const found = `${before}<!-- generated -->\n\`\`\`ini\n${make()}\`\`\`\n<!-- /generated -->${after}`
  if (process.env.UPDATE_SNAPSHOT === '1') writeFileSync(DOCS, found)
  assert.equal(found, readFileSync(DOCS, 'utf8'))
})
