import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import test from 'node:test'
import { lookupOf, resolvePbxAddress } from '../../server/sources/pbx-address.ts'

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
]
for (const host of NEVER)
  test(`SAFE-5 ${host} is asked for nobody`, async () => {
    const found = await resolvePbxAddress(host)
    assert.equal(found.ok, false)
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
    const found = await resolvePbxAddress(host)
    assert.equal(found.ok && found.address, host.replace(/[[\]]/g, ''))
  })

test('SAFE-5 a name that leads to a metadata address is refused, and what it led to is said', async () => {
  const found = await resolvePbxAddress('pbx.example.com', async () => [
    { address: '169.254.169.254', family: 4 },
  ])
  assert.equal(found.ok, false)
  assert.equal(!found.ok && found.code, 'forbidden')
})

test('SAFE-5 of the addresses of a name the first one that may be asked is used', async () => {
  const found = await resolvePbxAddress('pbx.local', async () => [
    { address: 'fe80::1', family: 6 },
    { address: '192.168.1.5', family: 4 },
  ])
  assert.deepEqual(found, { ok: true, address: '192.168.1.5', family: 4 })
})

for (const host of ['', 'no such host', 'a/b', 'x\r\ny'])
  test(`SAFE-5 ${JSON.stringify(host)} is no host`, async () => {
    const never = async (): Promise<never> => assert.fail('the resolver was asked')
    const found = await resolvePbxAddress(host, never)
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
