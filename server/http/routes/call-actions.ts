import { type Context, Hono } from 'hono'
import type { Db } from '../../../db/database.ts'
import type { Asked } from '../../control/act.ts'
import type { CallController } from '../../control/control.ts'
import { type AppEnv, actorOf, requireIdentity } from '../access.ts'
import { dtmfInput, transferInput } from '../control-schemas.ts'
import { body, describe, param } from '../route.ts'
import { visibleCall } from '../visible-call.ts'

export interface CallActionDeps {
  readonly db: Db
  readonly control: CallController
}

type Plain = Exclude<Asked['type'], 'dtmf' | 'transfer'>

const PLAIN: Readonly<Record<Plain, string>> = {
  answer: 'The phone that rings answers, where it can be told to',
  hangup: 'Hangs up',
  hold: 'Puts the caller on hold',
  resume: 'Takes the caller back from hold',
  mute: 'The agent is not heard any more',
  unmute: 'The agent is heard again',
  'transfer-complete': 'After a consultation the colleague gets the caller',
  'transfer-cancel': 'Ends a consultation; the agent has the caller again',
  park: 'Parks the caller',
  retrieve: 'Picks the parked caller up',
  'pause-recording': 'Nothing is recorded until it is resumed',
  'resume-recording': 'Recording goes on',
}
const route = { tag: 'control', access: 'calls', answers: { 202: null } } as const

/** `/api/calls/{id}/actions/…`: what agents do with their calls by the PBX (CTL-1…CTL-7). */
export function callActionRoutes({ db, control }: CallActionDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const act = async (c: Context<AppEnv>, asked: Asked) => {
    const identity = requireIdentity(c)
    const call = await visibleCall(db, identity, param(c, 'id'))
    await control.act(call, asked, actorOf(identity))
    return c.body(null, 202)
  }

  for (const type of Object.keys(PLAIN) as Plain[]) {
    const summary = PLAIN[type]
    app.post(`/api/calls/:id/actions/${type}`, describe({ ...route, summary }), (c) =>
      act(c, { type }),
    )
  }
  app.post(
    '/api/calls/:id/actions/dtmf',
    describe({ ...route, summary: 'Sends digits to the other party' }),
    body(dtmfInput),
    (c) => act(c, { type: 'dtmf', ...c.req.valid('json') }),
  )
  app.post(
    '/api/calls/:id/actions/transfer',
    describe({ ...route, summary: 'Transfers the caller, at once or after a consultation' }),
    body(transferInput),
    (c) => act(c, { type: 'transfer', ...c.req.valid('json') }),
  )
  return app
}
