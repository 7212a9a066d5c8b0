import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import test from 'node:test'
import { lookupOf, resolveAllowed } from '../../server/net/address-guard.ts'

const NEVER = [
  '169.254.169.254',
  '169.254.0.1',
  '[fe80::1]',
  'fe80::1%eth0',
  'febf::1',
  'fd00:ec2::254',
  'fd20:ce::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '::a9fe:a9fe',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '0.0.0.0',
  '::',
  '224.0.0.1',
  '255.255.255.255',
  // The resolver reads these as 169.254.169.254.
  '2852039166',
  '0xa9.254.0251.0376',
  '0251.0376.0251.0376',
  '2002:a9fe:a9fe::',
  '::ffff:0:169.254.169.254',
  '64:ff9b::6464:64c8',
]
for (const host of NEVER)
  test(`SAFE-5 ${host} is asked for nobody`, async () => {
    const found = await resolveAllowed(host, { allowPrivate: true })
    assert.equal(!found.ok && found.code, 'forbidden')
  })

const ALLOWED = [
  '127.0.0.1',
  '10.1.2.3',
  '192.168.1.5',
  '172.16.0.1',
  '[::1]',
  'fd12:3456::1',
  '8.8.8.8',
]
for (const host of ALLOWED)
  test(`SAFE-5 a PBX may be at ${host}`, async () => {
    const found = await resolveAllowed(host, { allowPrivate: true })
    assert.equal(found.ok && found.address, host.replace(/[[\]]/g, ''))
  })

const PRIVATE = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  'localhost',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.5',
  '100.64.0.1',
  '198.18.0.1',
  '[::1]',
  'fd12:3456::1',
  '::ffff:10.1.2.3',
  '64:ff9b::10.1.2.3',
  '64:ff9b:1::1',
  '2002:c0a8:101::',
  '::ffff:0:10.1.2.3',
  '::192.168.1.1',
  '2001:0:1::1',
]
for (const host of PRIVATE)
  test(`SAFE-5 ${host} is for PBXs only`, async () => {
    const [pbx, other] = await Promise.all([
      resolveAllowed(host, { allowPrivate: true }),
      resolveAllowed(host, { allowPrivate: false }),
    ])
    assert.equal(pbx.ok, true)
    assert.equal(!other.ok && other.code, 'private')
  })

for (const host of ['8.8.8.8', '172.32.0.1', '2606:4700::1111', '64:ff9b::808:808', '11.0.0.1'])
  test(`SAFE-5 ${host} is nobody's own network`, async () => {
    const found = await resolveAllowed(host, { allowPrivate: false })
    assert.equal(found.ok && found.address, host)
  })

for (const host of NEVER)
  test(`SAFE-5 ${host} is no receiver of webhooks either`, async () => {
    const found = await resolveAllowed(host, { allowPrivate: false })
    assert.equal(!found.ok && found.code, 'forbidden')
  })

test('SAFE-5 a name server that is silent is waited for no longer than said', async () => {
  const resolve = () => new Promise<never>(() => undefined)
  const found = await resolveAllowed('pbx.local', { allowPrivate: true, resolve, timeoutMs: 10 })
  assert.equal(!found.ok && found.code, 'not-found')
  assert.match(found.ok ? '' : found.message, /name server gave no answer for "pbx.local"/)
})

test('SAFE-5 a name that leads to a metadata address is refused, and what it led to is said', async () => {
  const found = await resolveAllowed('pbx.example.com', {
    allowPrivate: true,
    resolve: async () => [{ address: '169.254.169.254', family: 4 }],
  })
  assert.equal(found.ok, false)
  assert.equal(!found.ok && found.code, 'forbidden')
})

test('SAFE-5 of the addresses of a name the first one that may be asked is used', async () => {
  const found = await resolveAllowed('pbx.local', {
    allowPrivate: true,
    resolve: async () => [
      { address: 'fe80::1', family: 6 },
      { address: '192.168.1.5', family: 4 },
    ],
  })
  assert.deepEqual(found, { ok: true, address: '192.168.1.5', family: 4 })
})

for (const host of ['', 'no such host', 'a/b', 'x\r\ny'])
  test(`SAFE-5 ${JSON.stringify(host)} is no host`, async () => {
    const never = async (): Promise<never> => assert.fail('the resolver was asked')
    const found = await resolveAllowed(host, { allowPrivate: true, resolve: never })
    assert.equal(!found.ok && found.code, 'not-found')
  })

test('SAFE-5 the name is resolved once: the connection goes to the checked address', async (t) => {
  const server = createServer((socket) => socket.end('here'))
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { connect } = await import('node:net')
  const { port } = server.address() as { port: number }
  const lookup = lookupOf({ address: '127.0.0.1', family: 4 })
  const text = await new Promise<string>((resolve, reject) => {
    connect({ host: 'name.invalid', port, lookup })
      .once('data', (bytes) => resolve(bytes.toString()))
      .once('error', reject)
  })
  assert.equal(text, 'here')
})
