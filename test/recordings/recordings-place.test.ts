import assert from 'node:assert/strict'
import test from 'node:test'
import { readConfig } from '../../server/config.ts'

const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-canary-1' }
const read = (url: string, env: Record<string, string> = keys) =>
  readConfig({ RECORDINGS_URL: url, ...env }).recordings

test('recordings are kept in a folder of DATA_DIR, in another one, or in a bucket', () => {
  assert.deepEqual(readConfig({ DATA_DIR: '/d' }).recordings, {
    type: 'file',
    folder: '/d/recordings',
  })
  assert.deepEqual(read('file:///srv/a%20b'), { type: 'file', folder: '/srv/a b' })
  assert.deepEqual(read('file:rel/ative'), { type: 'file', folder: 'rel/ative' })
  const found = read('s3://calls.example/a/b/?region=eu-central-1')
  assert.ok(found.type === 's3')
  const { secretAccessKey, ...rest } = found.s3
  assert.equal(secretAccessKey.reveal(), keys.AWS_SECRET_ACCESS_KEY)
  assert.deepEqual(rest, {
    endpoint: 'https://s3.eu-central-1.amazonaws.com',
    region: 'eu-central-1',
    bucket: 'calls.example',
    prefix: 'a/b/',
    accessKeyId: 'AKIDEXAMPLE',
    sessionToken: null,
  })
  const own = read('s3://calls?endpoint=http://127.0.0.1:9000', {
    ...keys,
    AWS_SESSION_TOKEN: 'session-canary',
  })
  assert.ok(own.type === 's3')
  assert.deepEqual(
    [own.s3.endpoint, own.s3.region, own.s3.prefix, own.s3.sessionToken?.reveal()],
    ['http://127.0.0.1:9000', 'us-east-1', '', 'session-canary'],
  )
  assert.ok(
    !JSON.stringify(readConfig({ RECORDINGS_URL: 's3://calls', ...keys })).includes('canary'),
  )
})

const wrong: readonly { url: string; env?: Record<string, string>; says: RegExp }[] = [
  {
    url: 'calls',
    says: /^RECORDINGS_URL cannot be read as an address, expected file:FOLDER or s3:/,
  },
  { url: 'ftp://calls', says: /^RECORDINGS_URL begins with ftp:, expected file:FOLDER or s3:/ },
  { url: 's3://key-canary:pass-canary@calls', says: /^RECORDINGS_URL holds more than a bucket/ },
  { url: 's3://Calls_1', says: /^RECORDINGS_URL names the bucket "Calls_1", expected 3 to 63/ },
  { url: 's3:///calls', says: /^RECORDINGS_URL names the bucket "", expected 3 to 63/ },
  { url: 's3://calls/a//b', says: /^RECORDINGS_URL has the prefix "a\/\/b", expected names/ },
  { url: 's3://calls/a%20b', says: /^RECORDINGS_URL has the prefix "a%20b", expected names/ },
  { url: 's3://calls?bucket=x', says: /^RECORDINGS_URL has "bucket", expected only endpoint and/ },
  { url: 's3://calls?region=EU!', says: /^RECORDINGS_URL has region=EU!, expected one such as/ },
  { url: 's3://calls?endpoint=minio', says: /^RECORDINGS_URL has an endpoint that is no address/ },
  {
    url: 's3://calls?endpoint=https://u:key-canary@x',
    says: /^RECORDINGS_URL has an endpoint with more or less than a scheme and a host/,
  },
  { url: 's3://calls?endpoint=https://x/y', says: /^RECORDINGS_URL has an endpoint with more/ },
  { url: 's3://calls', env: {}, says: /^AWS_ACCESS_KEY_ID is not set, RECORDINGS_URL needs it$/ },
  {
    url: 's3://calls',
    env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE' },
    says: /^AWS_SECRET_ACCESS_KEY is not set, RECORDINGS_URL needs it$/,
  },
  {
    url: 's3://calls',
    env: { ...keys, AWS_ACCESS_KEY_ID: 'key canary' },
    says: /^AWS_ACCESS_KEY_ID has characters that no access key has$/,
  },
]
for (const { url, env, says } of wrong) {
  test(`a wrong address of recordings (${url}) stops the start and shows no key`, () => {
    assert.throws(
      () => read(url, env),
      ({ message }: Error) => {
        assert.match(message, says)
        assert.ok(!message.includes('canary') && !message.includes('\n'))
        return true
      },
    )
  })
}
