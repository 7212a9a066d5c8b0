import assert from 'node:assert/strict'
import test from 'node:test'
import { hostOf, parseAriUrl } from '../../server/sources/ari-url.ts'

const READ: readonly [string, boolean, string, string][] = [
  ['pbx.example.com', true, 'pbx.example.com:443', ''],
  ['pbx.example.com:8089', true, 'pbx.example.com:8089', ''],
  ['pbx.example.com:8089/ari/', true, 'pbx.example.com:8089', ''],
  ['http://10.0.0.5:8088', false, '10.0.0.5:8088', ''],
  ['http://10.0.0.5:8088/ari', false, '10.0.0.5:8088', ''],
  ['http://10.0.0.5', false, '10.0.0.5:80', ''],
  ['HTTPS://[fd00::5]:8089/asterisk/ari', true, '[fd00::5]:8089', '/asterisk'],
  ['  localhost:8089 ', true, 'localhost:8089', ''],
]
for (const [text, isTls, host, prefix] of READ)
  test(`ARI-1 reads the address ${JSON.stringify(text)}`, () => {
    const parsed = parseAriUrl(text)
    assert.ok('url' in parsed)
    assert.deepEqual(
      { isTls: parsed.url.isTls, host: hostOf(parsed.url), prefix: parsed.url.prefix },
      { isTls, host, prefix },
    )
  })

for (const text of [
  '',
  'ftp://pbx',
  'https://a:b@pbx',
  'https://',
  'pbx?x=1',
  'file:///etc/passwd',
])
  test(`ARI-1 refuses the address ${JSON.stringify(text)}`, () => {
    assert.ok('refusal' in parseAriUrl(text))
  })
