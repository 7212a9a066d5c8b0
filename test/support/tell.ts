import { berlin, SETTINGS, type ToldAct, type ToldCall } from '../fixtures/reports/march.ts'
import type { Open } from './database.ts'
import { createToldPbx, type Step, type ToldPbx } from './told-pbx.ts'
import { createWorld, type World } from './world.ts'

/** A told story as a server lived through it: every event, recording and act at its own time. */
export interface Told extends Pick<ToldPbx, 'callIdOf' | 'caseIdOf'> {
  readonly world: World
}

/** A server with these calls and acts, told one after another by the clock. */
export async function tell(
  open: Open,
  calls: readonly ToldCall[],
  acts: readonly ToldAct[],
): Promise<Told> {
  let now = berlin('02-01 12:00:00')
  const world = await createWorld(open, {}, undefined, undefined, () => now)
  await must(world, 'PATCH', '/api/settings', SETTINGS)
  const pbx = await createToldPbx(world)
  const steps = [
    ...calls.flatMap(pbx.stepsOf),
    ...acts.map((act): Step => ({ at: berlin(act.at), run: () => carryOut(world, pbx, act) })),
  ]
  for (const { at, run } of steps.sort((a, b) => a.at.getTime() - b.at.getTime())) {
    now = at
    await run()
  }
  return { world, callIdOf: pbx.callIdOf, caseIdOf: pbx.caseIdOf }
}

/** Asks the API, which has to agree. */
export async function must(
  world: World,
  method: string,
  path: string,
  body?: unknown,
  as?: string,
): Promise<any> {
  const answer = await world.api(method, path, body, as)
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

async function carryOut(world: World, pbx: ToldPbx, { who, does }: ToldAct): Promise<void> {
  const ask = (method: string, path: string, body?: unknown) => must(world, method, path, body, who)
  const ofCase = async (call: string, verb = '') => `/api/cases/${await pbx.caseIdOf(call)}${verb}`
  const ofCall = async (call: string, verb: string) =>
    `/api/calls/${await pbx.callIdOf(call)}${verb}`
  if ('note' in does) {
    await ask('POST', await ofCase(does.note, '/notes'), { text: 'Asked the workshop' })
  } else if ('status' in does) {
    await ask('PATCH', await ofCase(does.call), { status: does.status })
  } else if ('assign' in does) {
    await ask('PATCH', await ofCase(does.call), { assigneeId: world.agents[does.assign] })
  } else if ('claim' in does) await ask('POST', await ofCase(does.claim, '/claim'))
  else if ('create' in does) {
    await ask('POST', await ofCall(does.create, '/case'), { subject: 'A delivery' })
  } else if ('fix' in does) {
    const caseId = await pbx.caseIdOf(does.into)
    await ask('POST', await ofCall(does.fix, '/fix'), { caseId, essence: 'Once more' })
  } else if ('draft' in does) {
    await ask('PUT', await ofCall(does.draft, '/draft'), { subject: 'An offer', essence: '' })
  } else if ('leaves' in does) {
    await ask('DELETE', `/api/agents/${world.agents[does.leaves]}`)
  } else if ('erase' in does) {
    const { userId } = await ask('GET', await ofCall(does.erase, ''))
    await ask('POST', '/api/erase', { userId })
    await world.context.eraser.settled()
  } else await world.context.retention.run()
}
