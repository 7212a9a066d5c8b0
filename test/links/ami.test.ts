import assert from 'node:assert/strict'
import test from 'node:test'
import type { CallView } from '../../server/http/schemas.ts'
import { readAmiScript } from '../../server/simulate/ami-script.ts'
import { listScenarios, loadAmi, loadScenario, VERSIONS } from '../../server/simulate/scenario.ts'
import { onEachDatabase } from '../support/database.ts'
import { createFakePbx, FAKE_ACCOUNT, type FakePbx } from '../support/model-pbx.ts'
import { createWorld, type World } from '../support/world.ts'

const ENDPOINTS = ['101', '102', '103', '104', '105', '106', 'trunk']

/** Ringside with a manager account at the fake PBX, and nothing else. */
async function connectTo(world: World, pbx: FakePbx, options = {}): Promise<void> {
  const { status, body } = await world.api('PATCH', `/api/connections/${world.connectionId}`, {
    ami: {
      host: '127.0.0.1',
      port: pbx.port,
      userName: FAKE_ACCOUNT.userName,
      secret: FAKE_ACCOUNT.secret,
      events: true,
    },
    options,
  })
  assert.equal(status, 200, JSON.stringify(body))
  await until(async () => (await statusOf(world)).state === 'up')
}

async function statusOf(world: World) {
  const { body } = await world.api('GET', `/api/connections/${world.connectionId}`)
  return body.status.ami
}

/** Looks again until it is so; the test's own timeout is the bound. */
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function calls(world: World): Promise<CallView[]> {
  await world.settled()
  const { body } = await world.api('GET', '/api/calls?limit=200')
  return body.items.filter((call: CallView) => call.connectionId === world.connectionId)
}

onEachDatabase((open) => {
  for (const version of VERSIONS) {
    test(`AMI-3 CALL-1 the recorded calls of Asterisk ${version} by a manager account alone`, async (t) => {
      for (const name of await listScenarios(version)) {
        await t.test(name, async () => {
          await using world = await createWorld(open)
          const { banner, steps } = readAmiScript(await loadAmi(name, version))
          await using pbx = await createFakePbx({ banner, endpoints: ENDPOINTS })
          await connectTo(world, pbx)
          for (const { packet } of steps) pbx.tell(packet)
          await until(async () => (await calls(world)).some(({ state }) => state === 'ended'))
          const found = await calls(world)
          const expected = (await loadScenario(name, version))!.expected[0]!
          assert.equal(found.length, 1, JSON.stringify(found))
          const call = found[0]!
          assert.equal(call.direction, expected.direction)
          const isAnswered = expected.answeredBy !== null
          assert.equal(call.answeredAt !== null, isAnswered)
          assert.deepEqual(
            call.legs.map(({ extension }) => extension).sort(),
            [...expected.agentsRung].sort(),
          )
          assert.notEqual(call.caseId, null)
        })
      }
    })
  }
})
