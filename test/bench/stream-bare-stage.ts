import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { fileURLToPath } from 'node:url'
import { post } from '../faults/phone-load.ts'
import { freePort } from '../support/proxy.ts'
import { now } from './stream-client.ts'
import { createRinging } from './stream-ring.ts'
import type { StormStage } from './stream-stage.ts'

/** The bare server (`stream-bare.ts`) as a stage: what those who come back get from Node itself. */
export async function createBareStage(clients: number): Promise<StormStage> {
  const path = fileURLToPath(new URL('./stream-bare.ts', import.meta.url))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  let sequence = 0
  const start = async (): Promise<void> => {
    child = fork(path, [String(port)])
    await once(child, 'message')
  }
  const kill = async (): Promise<void> => {
    if (child === null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await start()
  return {
    port,
    tokens: Array.from({ length: clients }, (_, index) => String(index)),
    start,
    kill,
    settled: async () => undefined,
    ring: createRinging(`${url}/webhooks/asterisk/bare`),
    tellAll: async () => {
      sequence += 1
      const own = sequence
      const at = now()
      const answer = await post(url, new Agent({ keepAlive: false }), `sequence=${own}`)
      if (answer?.status !== 200) throw new Error(`the bare server answered ${answer?.status}`)
      return { sequence: own, at, text: '' }
    },
    [Symbol.asyncDispose]: kill,
  }
}
