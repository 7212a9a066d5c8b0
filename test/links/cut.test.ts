import assert from 'node:assert/strict'
import test from 'node:test'
import type { AsteriskVersion } from '../../server/simulate/scenario.ts'
import { onEachDatabase } from '../support/database.ts'
import {
  assertAsExpected,
  callNamed,
  callsOf,
  connectTo,
  ENDPOINTS,
  linkUp,
  newTake,
  until,
} from '../support/linked.ts'
import { createFakePbx } from '../support/model-pbx.ts'
import { createWorld } from '../support/world.ts'

/** The events that a call is made of: between two others nothing changes. */
const MATTERS =
  /^Event: (Newchannel|Newstate|DialBegin|DialEnd|BridgeEnter|BridgeLeave|Hold|Unhold|Hangup|QueueCallerJoin|AgentConnect)\r$/m
/** How many packets are missed. */
const GAP = 15

const RUNS: readonly { name: string; version: AsteriskVersion; every: number }[] = [
  { name: 'incoming-answered', version: '22', every: 4 },
  { name: 'incoming-queue-answered', version: '16', every: 7 },
  { name: 'hold-resume', version: '22', every: 5 },
  { name: 'outgoing-answered', version: '16', every: 4 },
  { name: 'incoming-missed', version: '22', every: 3 },
]

onEachDatabase((open, kind) => {
  for (const { name, version, every } of RUNS) {
    test(`HOLD-4 AMI-6 ${name} of Asterisk ${version}, cut at its events`, async () => {
      await using world = await createWorld(open)
      await using pbx = await createFakePbx({ endpoints: ENDPOINTS })
      await connectTo(world, pbx)
      const { packets } = await newTake(name, version)
      const points = packets
        .flatMap((packet, at) => (MATTERS.test(packet) ? [at] : []))
        // Cut is the line to the PBX: the embedded database hears of fewer cuts.
        .filter((_, i) => i % (kind === 'pglite' ? every * 3 : every) === 0)
      for (const at of points) {
        const take = await newTake(name, version)
        for (const packet of take.packets.slice(0, at)) pbx.tell(packet)
        await until(() => world.context.links.owned().length === 1)
        pbx.cut()
        for (const packet of take.packets.slice(at, at + GAP)) pbx.tell(packet)
        await until(async () => pbx.clients() === 1)
        await linkUp(world)
        for (const packet of take.packets.slice(at + GAP)) pbx.tell(packet)
        // A call wholly inside the gap is known to nobody.
        if (at === 0 && take.packets.length <= GAP) continue
        await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ended')
        const call = await callNamed(world, take.uniqueId)
        try {
          assertAsExpected(call, take.expected)
        } catch (error) {
          throw new Error(`cut before packet ${at}: ${JSON.stringify(call)}`, { cause: error })
        }
      }
      const calls = await callsOf(world)
      assert.equal(calls.length, points.length, 'one call each, and no ghosts')
    })
  }
})
