/**
 * `npm run test:proxies [-- --events 2000] [-- --reloads 20] [-- --quiet 100]`: nginx and HAProxy, with the
 * configuration of docs/operating.md, in front of the stream, webhooks, uploads and PBXs' websockets.
 * Where one of them is missing it says so and fails.
 */
import { parseArgs } from 'node:util'
import { openInMemory } from '../support/in-memory.ts'
import { PROXIES, startProxy, whyNot } from '../support/proxy.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { createWorld } from '../support/world.ts'
import {
  compareDelays,
  type Finding,
  nothingIsSmuggled,
  reloadUnderLoad,
  stayQuiet,
  uploadIsPassedOn,
  websocketIsPassedOn,
} from './proxy-checks.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '2000' },
    reloads: { type: 'string', default: '20' },
    // Longer than the 75 s that both configurations wait.
    quiet: { type: 'string', default: '100' },
  },
})
const events = wholeNumber('events', values.events)
const reloads = wholeNumber('reloads', values.reloads)
const quiet = wholeNumber('quiet', values.quiet)

const say = (line: string): void => void process.stdout.write(`${line}\n`)
let failed = 0
const note = async (finding: Promise<Finding>): Promise<void> => {
  const { what, found, isRight } = await finding
  if (!isRight) failed += 1
  say(`${isRight ? 'right' : 'WRONG'}  ${what}: ${found}`)
}

for (const kind of PROXIES) {
  const obstacle = whyNot(kind)
  if (obstacle !== false) throw new Error(obstacle)
}
await using database = await openInMemory()
await using world = await createWorld(async () => database)
for (const kind of PROXIES) {
  await using proxy = await startProxy(kind, [world.url])
  await note(compareDelays(world, proxy, events))
  await note(reloadUnderLoad(world, proxy, { events, reloads }))
  await note(stayQuiet(world, proxy, quiet))
  await note(uploadIsPassedOn(kind))
  await note(websocketIsPassedOn(kind))
  await note(nothingIsSmuggled(kind))
}
process.exitCode = failed === 0 ? 0 : 1
