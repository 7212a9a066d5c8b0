import assert from 'node:assert/strict'
import test from 'node:test'
import { Secret } from '../../server/secret.ts'
import { type AriControl, createAriControl } from '../../server/sources/ari-control.ts'
import { readEndpoints } from '../../server/sources/ari-endpoints.ts'
import { reachAri } from '../../server/sources/ari-reach.ts'
import type { AriRest } from '../../server/sources/ari-rest.ts'
import type { CallParts, PartOfCall, PbxCommand } from '../../server/sources/pbx.ts'
import { ARI_PASSWORD, ARI_USER, createFakeAri, type FakeAri } from '../support/fake-ari.ts'

async function restOf(fake: FakeAri): Promise<AriRest> {
  const password = new Secret(ARI_PASSWORD)
  const account = { url: fake.url, userName: ARI_USER, password, verifyTls: true }
  return (await reachAri(account, 1000)).rest
}

const part = (channelId: string): PartOfCall => ({
  channelId,
  channelName: `PJSIP/${channelId}`,
  state: 'talking',
  isHeld: false,
})
const PARTS: CallParts = {
  uniqueId: '1.1',
  customer: part('customer-1'),
  agents: new Map([['101', part('agent-1')]]),
  parked: null,
  consulting: null,
}

const controlOf = (rest: AriRest, parts: CallParts | null = PARTS): AriControl =>
  createAriControl({
    rest,
    partsOf: (uniqueId) => (uniqueId === '1.1' ? parts : null),
    originateContext: 'from-internal',
    technologyOf: (extension) => (extension === '201' ? 'SIP' : null),
  })

const dial = (extension: string, number: string): PbxCommand => ({
  type: 'dial',
  extension,
  number,
  uniqueId: 'ringside-1.5',
})

test('ARI-1 the list of endpoints with technology and state', async () => {
  await using fake = await createFakeAri()
  assert.deepEqual(await readEndpoints(await restOf(fake)), [
    { technology: 'PJSIP', resource: '101', state: 'online' },
    { technology: 'PJSIP', resource: '102', state: 'offline' },
    { technology: 'SIP', resource: 'trunk', state: 'unknown' },
  ])
})

test('CTL-1 ARI can dial and hang up, a read-only account nothing', async () => {
  await using fake = await createFakeAri()
  const rest = await restOf(fake)
  assert.deepEqual([...controlOf(rest).controls].sort(), ['dial', 'hangup'])
  const none = { rest, partsOf: () => PARTS, originateContext: 'from-internal', isReadOnly: true }
  assert.equal(createAriControl(none).controls.size, 0)
  const noContext = createAriControl({ rest, partsOf: () => PARTS, originateContext: '' })
  assert.deepEqual([...noContext.controls], ['hangup'])
  const answer = await createAriControl(none).run(dial('101', '79035557788'))
  assert.equal(!answer.ok && answer.code, 'not-supported')
})

test('CTL-2 dialling rings the extension first, then dials in originateContext with our id', async () => {
  await using fake = await createFakeAri()
  const control = controlOf(await restOf(fake))
  assert.deepEqual(await control.run(dial('101', '+79035557788')), { ok: true })
  const line = fake.requests.find((each) => each.startsWith('POST /ari/channels?'))
  assert.deepEqual(Object.fromEntries(new URLSearchParams(line?.split('?')[1])), {
    endpoint: 'PJSIP/101',
    extension: '+79035557788',
    context: 'from-internal',
    priority: '1',
    channelId: 'ringside-1.5',
    timeout: '30',
  })
  assert.match(fake.bodies[0] ?? '', /CONNECTEDLINE\(num,i\)":"\+79035557788"/)
  await control.run(dial('201', '*97'))
  assert.ok(fake.requests.some((each) => each.includes('endpoint=SIP%2F201')))
})

const HOSTILE = [
  '',
  '1,2',
  '101&102',
  '101@default',
  '101/n',
  '7 903',
  '7903\r\nAction: Command',
  '$' + '{SHELL(id)}',
  'a|b',
  '1'.repeat(41),
  '../channels',
]
for (const text of HOSTILE)
  test(`SAFE-6 ${JSON.stringify(text)} is nothing to dial, and asks nothing of the PBX`, async () => {
    await using fake = await createFakeAri()
    const control = controlOf(await restOf(fake))
    const before = fake.requests.length
    for (const command of [
      dial('101', text),
      dial(text, '79035557788'),
      { ...dial('101', '79035557788'), uniqueId: `a/${text}` } as PbxCommand,
    ]) {
      const answer = await control.run(command)
      assert.equal(!answer.ok && answer.code, 'not-supported')
    }
    assert.equal(fake.requests.length, before)
  })

test('CTL-1 hanging up ends the own channel', async () => {
  await using fake = await createFakeAri()
  const control = controlOf(await restOf(fake))
  const answer = await control.run({ type: 'hangup', uniqueId: '1.1', extension: '101' })
  assert.deepEqual(answer, { ok: true })
  assert.ok(fake.requests.includes('DELETE /ari/channels/agent-1'))
})

test('CTL-1 hanging up where the customer alone is left ends the customer; never a colleague', async () => {
  await using fake = await createFakeAri()
  const rest = await restOf(fake)
  const alone = controlOf(rest, { ...PARTS, agents: new Map() })
  const gone = await alone.run({ type: 'hangup', uniqueId: '1.1', extension: '101' })
  assert.ok(fake.requests.includes('DELETE /ari/channels/customer-1'))
  // The fake does not know that channel: it is over.
  assert.equal(!gone.ok && gone.code, 'wrong-state')
  const before = fake.requests.length
  const other = await controlOf(rest).run({ type: 'hangup', uniqueId: '1.1', extension: '102' })
  assert.equal(!other.ok && other.code, 'wrong-state')
  const unknown = await controlOf(rest).run({ type: 'hangup', uniqueId: '9', extension: '101' })
  assert.equal(!unknown.ok && unknown.code, 'wrong-state')
  assert.equal(fake.requests.length, before)
})

for (const type of ['hold', 'park', 'answer', 'mute', 'transfer-complete'] as const)
  test(`CTL-1 ${type} is not offered over ARI`, async () => {
    await using fake = await createFakeAri()
    const control = controlOf(await restOf(fake))
    const answer = await control.run({ type, uniqueId: '1.1', extension: '101' })
    assert.equal(!answer.ok && answer.code, 'not-supported')
  })

test('CTL-1 what the PBX refuses comes with its own words', async () => {
  await using fake = await createFakeAri({
    answer: (request, response) => {
      if (request.method !== 'POST') return false
      response.writeHead(500, { 'content-type': 'application/json' })
      response.end('{"error":"Allocation failed"}')
      return true
    },
  })
  const control = controlOf(await restOf(fake))
  assert.equal(text(await control.run(dial('101', '5'))), 'refused-by-pbx Allocation failed')
  // 102 is offline, 103 is not known.
  assert.match(text(await control.run(dial('102', '5'))), /phone of 102 is not connected/)
  assert.match(text(await control.run(dial('103', '5'))), /phone of 103 is not connected/)
})

test('CTL-1 a PBX that is gone is away', async () => {
  const fake = await createFakeAri()
  const control = controlOf(await restOf(fake))
  await fake[Symbol.asyncDispose]()
  const answer = await control.run({ type: 'hangup', uniqueId: '1.1', extension: '101' })
  assert.equal(!answer.ok && answer.code, 'pbx-away')
})

function text(answer: Awaited<ReturnType<AriControl['run']>>): string {
  return answer.ok ? 'ok' : `${answer.code} ${answer.message}`
}
