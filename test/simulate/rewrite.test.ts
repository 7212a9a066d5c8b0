import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RewriteOptions, rewrite } from '../../server/simulate/rewrite.ts'
import {
  listScenarios,
  loadRecording,
  loadScenario,
  type PbxRequest,
  VERSIONS,
} from '../../server/simulate/scenario.ts'

const OPTIONS: RewriteOptions = {
  uniqueIdBase: 5000,
  startAt: new Date('2027-01-15T10:59:58.400Z'),
  timeZone: 'Europe/Minsk',
}

async function requestsOf(name: string, version: '16' | '22' = '22') {
  const scenario = await loadScenario(name, version)
  assert.ok(scenario, `scenario ${name} is missing`)
  return scenario.requests
}

/** What a receiver reads: form fields, or the text parts of an upload. */
function fields(request: PbxRequest): Record<string, string> {
  const body = request.body.toString('latin1')
  if (body.startsWith('--')) {
    const parts = body.matchAll(/name="(\w+)"\r\n\r\n([^\r]*)\r\n/g)
    return Object.fromEntries([...parts].map(([, name, value]) => [name!, value!]))
  }
  return Object.fromEntries(
    body.split('&').map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))]
    }),
  )
}

function seconds(datetime: string): number {
  const [, d, m, y, time] = /^(\d+)\.(\d+)\.(\d+)-(.*)$/.exec(datetime)!
  return Date.parse(`${y}-${m}-${d}T${time}Z`) / 1000
}

for (const version of VERSIONS) {
  for (const name of await listScenarios(version)) {
    test(`CALL-20 ${name} of ${version}: new ids, new local times, the spacing kept`, async () => {
      const before = await requestsOf(name, version)
      const after = rewrite(before, OPTIONS)
      assert.equal(after.length, before.length)
      const was = before.map(fields)
      const is = after.map(fields)
      assert.equal(is[0]!.datetime, '15.01.2027-13:59:58')
      for (const [i, { datetime }] of is.entries()) {
        if (datetime === undefined) continue
        assert.equal(
          seconds(datetime) - seconds(is[0]!.datetime!),
          seconds(was[i]!.datetime!) - seconds(was[0]!.datetime!),
        )
      }
      const ids = new Set(is.map(({ unique_id }) => unique_id))
      assert.equal(ids.size, 1)
      const counter = Number(was[0]!.unique_id!.split('.')[1]) + 5000
      assert.match([...ids][0]!, new RegExp(`^18000107\\d\\d\\.${counter}$`))
      assert.deepEqual(
        after.map(({ afterMs }) => afterMs),
        before.map(({ afterMs }) => afterMs),
      )
    })
  }
}

for (const name of ['incoming-queue-answered', 'incoming-queue-answered-enc']) {
  test(`CALL-20 ${name}: whatever is not replaced keeps its bytes`, async () => {
    const before = await requestsOf(name)
    const first = rewrite(before, OPTIONS)
    for (const [i, request] of before.entries()) {
      if (request.body.includes('multipart') || request.body.toString().startsWith('--')) continue
      const blank = (body: Buffer) =>
        body
          .toString('latin1')
          .replace(/datetime=[^&]*/, 'datetime=')
          .replace(/unique_id=[^&]*/, 'unique_id=')
      assert.equal(blank(first[i]!.body), blank(request.body))
      const encoded = name.endsWith('-enc')
      assert.equal(first[i]!.body.includes('13%3A59'), encoded && i < 2)
      assert.equal(first[i]!.body.includes('status=call to queue'), !encoded && i === 1)
      assert.equal(
        first[i]!.headers.find(([key]) => key === 'Content-Length')?.[1],
        String(first[i]!.body.length),
      )
    }
  })
}

const numbers: readonly {
  readonly name: string
  readonly callerNumber: string
  readonly expected: string
}[] = [
  {
    name: 'incoming-answered',
    callerNumber: '+375291701699',
    expected: 'from_user=+375291701699&',
  },
  {
    name: 'incoming-answered-enc',
    callerNumber: '+375291701699',
    expected: 'from_user=%2B375291701699&',
  },
  { name: 'outgoing-answered', callerNumber: '+375291701699', expected: 'to_user=+375291701699&' },
  { name: 'incoming-missed', callerNumber: '', expected: 'from_user=&' },
]
for (const { name, callerNumber, expected } of numbers) {
  test(`CALL-20 ${name}: the customer's number becomes "${callerNumber}" as its dialplan writes it`, async () => {
    const before = await requestsOf(name)
    const after = rewrite(before, { ...OPTIONS, callerNumber })
    const forms = after.filter(({ body }) => !body.toString().startsWith('--'))
    assert.ok(forms.length >= 2)
    for (const { body } of forms) assert.ok(body.toString().includes(expected), body.toString())
    assert.ok(forms.every(({ body }) => !/791612345|790355577/.test(body.toString())))
  })
}

test('CALL-20 extensions are mapped one by one, separators and the number dialled stay', async () => {
  const extensions = { '101': '102', '102': '2000', '51000200': 'never' }
  const raw = rewrite(await requestsOf('incoming-queue-answered'), { ...OPTIONS, extensions })
  assert.equal(fields(raw[0]!).to_user, '74951000200')
  assert.match(raw[1]!.body.toString(), /to_user=102%2C2000%2C103&/)
  assert.match(raw[2]!.body.toString(), /to_user=2000&/)
  const outgoing = rewrite(await requestsOf('outgoing-answered'), { ...OPTIONS, extensions })
  assert.equal(fields(outgoing[0]!).from_user, '102')
})

test('CALL-20 the upload carries a real recording under the new id', async () => {
  const recording = await loadRecording()
  const before = await requestsOf('incoming-answered')
  const upload = rewrite(before, { ...OPTIONS, recording }).at(-1)!
  const form = await new Response(new Uint8Array(upload.body), {
    headers: { 'content-type': upload.headers.find(([key]) => key === 'Content-Type')![1] },
  }).formData()
  const file = form.get('record')
  assert.ok(file instanceof File)
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), recording)
  assert.equal(file.name, `${form.get('unique_id')}.mp3`)
  assert.match(file.name, /^1800010798\.5000\.mp3$/)
})

test('CALL-20 calls that start in the same second have ids of their own', async () => {
  const before = await requestsOf('incoming-answered')
  const ids = [0, 100, 200].map(
    (uniqueIdBase) => fields(rewrite(before, { ...OPTIONS, uniqueIdBase })[0]!).unique_id,
  )
  assert.equal(new Set(ids).size, 3)
})
