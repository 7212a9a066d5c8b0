/** Who may use what, written by hand from the contract: the code says it too, and must say the same. */
import type { Access } from '../../server/http/access.ts'

/** Ids of things that exist; `fresh` makes one that may be taken away. */
export interface Things {
  readonly connectionId: string
  readonly callId: string
  readonly caseId: string
  readonly messageId: string
  readonly userId: string
  readonly recordingId: string
  readonly agentId: string
  readonly signInId: string
  readonly hookId: string
  readonly deliveryId: string
  readonly keyId: string
  readonly importId: string
  readonly eraseId: string
  fresh(
    kind:
      | 'agent'
      | 'user'
      | 'connection'
      | 'hook'
      | 'key'
      | 'signIn'
      | 'call'
      | 'callAgain'
      | 'missedCase',
  ): Promise<string>
}

export interface Row {
  readonly route: string
  readonly access: Access
  /** What those who may use it are answered; one of them at least gets the first. */
  readonly answers: readonly number[]
}

/**
 * `METHOD path | access | answers to who may`. `public` rows are pages, or have a secret of their own
 * in the request. No PBX is there and the embed secret is the environment's: the 409 that comes of
 * it is answered behind the door. The last row ends the sign-in by which one asks.
 */
export const TABLE: readonly Row[] = `
  GET /healthz | public | 200
  GET /readyz | public | 200
  GET /metrics | public | 200
  GET /widget.js | public | 200
  GET /widget/{file} | public | 404
  GET /openapi.json | public | 200
  GET /sign-in | public | 200
  GET /sign-in/page.js | public | 200
  GET /sign-in/page.css | public | 200
  GET /agent | public | 200
  GET /agent/page.js | public | 200
  GET /agent/page.css | public | 200
  GET /agent/language.js | public | 200
  GET /agent/signed-in.js | public | 200
  GET /admin | public | 200
  GET /reports | public | 200
  GET /wallboard | public | 200
  GET /wallboard/page.js | public | 200
  GET /wallboard/page.css | public | 200
  GET /demo | public | 200
  GET /demo/page.js | public | 200
  GET /demo/page.css | public | 200
  POST /webhooks/asterisk/{token} | public | 404
  GET /webhooks/asterisk/{token} | public | 404
  POST /webhooks/cti/{token} | public | 404
  POST /api/sign-in | public | 401
  POST /api/session | public | 401
  GET /api/recordings/{id}/audio | read | 200
  POST /demo/session | admin | 200
  POST /demo/play | admin | 202 409
  GET /api/me | anyone | 200
  GET /api/fields | anyone | 200
  GET /api/stream | read | 200
  GET /api/calls | read | 200
  GET /api/calls/{id} | read | 200
  GET /api/calls/{id}/trace | read | 200
  GET /api/calls/{id}/draft | read | 200
  PUT /api/calls/{id}/draft | calls | 200
  POST /api/calls/{id}/close | calls | 200
  POST /api/calls/{id}/case | calls | 201
  POST /api/calls/{id}/fix | calls | 200
  POST /api/calls/{id}/user | calls | 200
  POST /api/calls/{id}/dismiss | agent | 204
  POST /api/calls/{id}/actions/answer | calls | 409
  POST /api/calls/{id}/actions/hangup | calls | 409
  POST /api/calls/{id}/actions/hold | calls | 409
  POST /api/calls/{id}/actions/resume | calls | 409
  POST /api/calls/{id}/actions/mute | calls | 409
  POST /api/calls/{id}/actions/unmute | calls | 409
  POST /api/calls/{id}/actions/transfer | calls | 409
  POST /api/calls/{id}/actions/transfer-complete | calls | 409
  POST /api/calls/{id}/actions/transfer-cancel | calls | 409
  POST /api/calls/{id}/actions/park | calls | 409
  POST /api/calls/{id}/actions/retrieve | calls | 409
  POST /api/calls/{id}/actions/pause-recording | calls | 409
  POST /api/calls/{id}/actions/resume-recording | calls | 409
  POST /api/calls/{id}/actions/dtmf | calls | 409
  POST /api/dial | calls | 409
  PUT /api/me/state | agent | 200
  GET /api/queues | read | 200
  PUT /api/me/queues | agent | 409
  GET /api/cases | read | 200
  GET /api/cases/{id} | read | 200
  GET /api/cases/{id}/history | read | 200
  PATCH /api/cases/{id} | cases | 200
  POST /api/cases/{id}/notes | cases | 201
  PATCH /api/cases/{id}/messages/{messageId} | cases | 200
  POST /api/cases/{id}/claim | agent | 200
  POST /api/cases/{id}/release | cases | 200
  GET /api/recordings/{id} | read | 200
  GET /api/recordings/{id}/peaks | read | 200
  GET /api/users | read | 200
  POST /api/users | users | 201
  GET /api/users/{id} | read | 200
  PATCH /api/users/{id} | users | 200
  DELETE /api/users/{id} | users | 204
  PUT /api/users/external/{externalId} | users | 200 201
  POST /api/users/import | import | 202
  GET /api/users/imports/{id} | import | 200
  GET /api/agents | read | 200
  GET /api/connections/{id}/log | supervisor | 200
  GET /api/reports/{report} | supervisor | 200
  GET /api/reports/{report}/behind | supervisor | 200
  GET /api/connections/{id}/recordings | admin | 200
  POST /api/agents | admin | 201
  PATCH /api/agents/{id} | admin | 200
  DELETE /api/agents/{id} | admin | 204
  PUT /api/agents/{id}/extensions | admin | 200
  POST /api/agents/{id}/sign-in-link | admin | 201
  GET /api/agents/{id}/sign-ins | admin | 200
  DELETE /api/agents/{id}/sign-ins | admin | 204
  DELETE /api/agents/{id}/sign-ins/{keyId} | admin | 204
  GET /api/connections | admin | 200
  POST /api/connections | admin | 201
  GET /api/connections/{id} | admin | 200
  PATCH /api/connections/{id} | admin | 200
  DELETE /api/connections/{id} | admin | 204
  POST /api/connections/{id}/rotate-token | admin | 200
  GET /api/connections/{id}/extensions | admin | 200
  PUT /api/connections/{id}/extensions | admin | 200
  POST /api/connections/test | admin | 200
  POST /api/connections/{id}/test | admin | 200
  GET /api/connections/{id}/endpoints | admin | 409
  GET /api/connections/{id}/websocket | admin | 200
  GET /api/connections/{id}/dialplan | admin | 200
  GET /api/connections/{id}/checklist | admin | 200
  GET /api/audit | admin | 200
  POST /api/erase | admin | 202
  GET /api/erase/{id} | admin | 200
  GET /api/settings | admin | 200
  PATCH /api/settings | admin | 200
  PUT /api/fields | admin | 200
  GET /api/hooks | admin | 200
  POST /api/hooks | admin | 201
  GET /api/hooks/{id} | admin | 200
  PATCH /api/hooks/{id} | admin | 200
  DELETE /api/hooks/{id} | admin | 204
  POST /api/hooks/{id}/rotate-secret | admin | 200
  GET /api/hooks/{id}/deliveries | admin | 200
  POST /api/hooks/{id}/deliveries/{deliveryId}/resend | admin | 202
  POST /api/hooks/{id}/test | admin | 200
  GET /api/keys | admin | 200
  POST /api/keys | admin | 201
  DELETE /api/keys/{id} | admin | 204
  GET /api/settings/embed-secret | admin | 200
  POST /api/settings/embed-secret/reveal | admin | 200
  POST /api/settings/embed-secret/rotate | admin | 409
  DELETE /api/settings/embed-secret/replaced | admin | 409
  DELETE /api/session | agent | 409 204
`
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '')
  .map((line) => {
    const [route = '', access = '', answers = ''] = line.split(' | ')
    return { route, access: access as Access, answers: answers.split(' ').map(Number) }
  })

/** What is in the path; one that takes something away takes away what was made for it. */
export async function pathOf({ route }: Row, things: Things, isDone: boolean): Promise<string> {
  const [method = '', path = ''] = route.split(' ')
  const isSpent = isDone && method === 'DELETE'
  const fresh = async (kind: Parameters<Things['fresh']>[0], kept: string): Promise<string> =>
    isSpent ? things.fresh(kind) : kept
  const ids: Record<string, () => Promise<string> | string> = {
    '/api/calls/{id}/close': () => (isDone ? things.fresh('call') : things.callId),
    '/api/calls/{id}/case': () => (isDone ? things.fresh('call') : things.callId),
    '/api/calls/{id}/fix': () => (isDone ? things.fresh('callAgain') : things.callId),
    '/api/calls/': () => things.callId,
    '/api/cases/{id}/claim': () => (isDone ? things.fresh('missedCase') : things.caseId),
    '/api/cases/{id}/release': () => (isDone ? things.fresh('missedCase') : things.caseId),
    '/api/cases/': () => things.caseId,
    '/api/users/imports/': () => things.importId,
    '/api/users/': () => fresh('user', things.userId),
    '/api/recordings/': () => things.recordingId,
    '/api/agents/{id}/sign-ins': () => things.agentId,
    '/api/agents/': () => fresh('agent', things.agentId),
    '/api/connections/': () => fresh('connection', things.connectionId),
    '/api/erase/': () => things.eraseId,
    '/api/hooks/': () => fresh('hook', things.hookId),
    '/api/keys/': () => fresh('key', things.keyId),
  }
  const named: Record<string, () => Promise<string> | string> = {
    id: Object.entries(ids).find(([start]) => path.startsWith(start))?.[1] ?? (() => 'none'),
    messageId: () => things.messageId,
    externalId: () => 'crm-1',
    keyId: () => fresh('signIn', things.signInId),
    deliveryId: () => things.deliveryId,
    report: () => 'workload',
    token: () => 'no-such-token',
    file: () => 'none.js',
  }
  let made = path
  for (const [found, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
    made = made.replace(found, String(await (named[name] ?? (() => 'none'))()))
  }
  return made + (QUERIES[route] ?? '')
}

const PERIOD = '?from=2026-01-01&to=2027-01-01&tz=UTC'
const QUERIES: Readonly<Record<string, string>> = {
  'GET /api/reports/{report}': PERIOD,
  'GET /api/reports/{report}/behind': `${PERIOD}&figure=newTotal`,
}

let made = 0

/** A body that is right. */
export function bodyOf(
  { route }: Row,
  things: Things,
): { readonly type: string; readonly text: string } | null {
  if (route === 'POST /api/users/import') {
    return { type: 'text/csv', text: 'externalId,name\ncrm-9,Vera\n' }
  }
  made += 1
  const body = BODIES[route]?.(things, made)
  return body === undefined ? null : { type: 'application/json', text: JSON.stringify(body) }
}

const NO_PBX = { host: '127.0.0.1', port: 1, userName: 'u', secret: 's', events: true }
const BODIES: Readonly<Record<string, (things: Things, count: number) => unknown>> = {
  'POST /api/sign-in': () => ({ token: 'x'.repeat(43) }),
  'POST /api/session': ({ agentId }) => ({ agentId, secret: 'x'.repeat(43) }),
  'POST /demo/session': () => ({ as: 'anna' }),
  'POST /demo/play': () => ({ scenario: 'incoming-missed' }),
  'PUT /api/calls/{id}/draft': () => ({ subject: 's' }),
  'POST /api/calls/{id}/case': () => ({ subject: 's' }),
  'POST /api/calls/{id}/fix': ({ caseId }) => ({ caseId }),
  'POST /api/calls/{id}/user': ({ userId }) => ({ userId }),
  'POST /api/calls/{id}/actions/transfer': () => ({ to: '102', mode: 'blind' }),
  'POST /api/calls/{id}/actions/dtmf': () => ({ digits: '1' }),
  'POST /api/dial': () => ({ number: '+79160000001', extension: '101' }),
  'PUT /api/me/state': () => ({ state: 'free' }),
  'PUT /api/me/queues': () => ({ name: 'support', paused: true }),
  'PATCH /api/cases/{id}': () => ({ subject: 's' }),
  'POST /api/cases/{id}/notes': () => ({ text: 'n' }),
  'PATCH /api/cases/{id}/messages/{messageId}': () => ({ text: 'n' }),
  'POST /api/users': (_, count) => ({ name: `User ${count}` }),
  'PATCH /api/users/{id}': () => ({ name: 'Vera' }),
  'PUT /api/users/external/{externalId}': () => ({ name: 'Vera' }),
  'POST /api/agents': (_, count) => ({ externalId: `made-${count}`, name: 'Made' }),
  'PATCH /api/agents/{id}': () => ({ name: 'Spare' }),
  'PUT /api/agents/{id}/extensions': () => ({ items: [] }),
  'POST /api/connections': (_, count) => ({ name: `C ${count}`, timeZone: 'UTC', country: 'RU' }),
  'PATCH /api/connections/{id}': () => ({ country: 'RU' }),
  'PUT /api/connections/{id}/extensions': () => ({ items: [] }),
  'POST /api/connections/test': () => ({ ami: NO_PBX }),
  'POST /api/erase': (_, count) => ({ phone: `+7916999${1000 + count}` }),
  'PATCH /api/settings': () => ({ country: 'RU' }),
  'PUT /api/fields': () => ({ items: [] }),
  'POST /api/hooks': () => ({ url: 'http://127.0.0.1:1/made', events: ['user.created'] }),
  'PATCH /api/hooks/{id}': () => ({ enabled: true }),
  'POST /api/keys': (_, count) => ({ name: `made ${count}`, scopes: ['read'] }),
}
