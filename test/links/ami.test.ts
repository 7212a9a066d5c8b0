import assert from 'node:assert/strict'
import test from 'node:test'
import { readAmiScript } from '../../server/simulate/ami-script.ts'
import { listScenarios, loadAmi, loadScenario, VERSIONS } from '../../server/simulate/scenario.ts'
import { onEachDatabase } from '../support/database.ts'
import { callsOf, connectTo, ENDPOINTS, until } from '../support/linked.ts'
import { createFakePbx } from '../support/model-pbx.ts'
import { createWorld } from '../support/world.ts'

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
          await until(async () => (await callsOf(world)).some(({ state }) => state === 'ended'))
          const found = await callsOf(world)
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
