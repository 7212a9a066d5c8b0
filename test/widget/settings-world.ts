/** Connections of a made-up helpdesk, for tests and pictures of the settings. */
import type {
  Agent,
  Check,
  ChecklistItem,
  Connection,
  Endpoint,
  LogItem,
} from '../../widget/settings/connections/contract.ts'
import { at, ME, type World } from './fake-server.ts'

export const ADMIN = { ...ME, role: 'admin' as const }
const OFF: Connection['status']['ari'] = { state: 'off', since: null, error: null, version: null }

export function connectionView(change: Partial<Connection> = {}): Connection {
  return {
    id: 'pbx',
    name: 'Head office',
    timeZone: 'Europe/Minsk',
    country: 'BY',
    ari: null,
    ami: null,
    internalCalls: false,
    recordings: true,
    phrases: {},
    timeouts: { ringingSeconds: 300, queueSeconds: 3600, answeredSeconds: 14_400 },
    options: {},
    webhookToken: 'tok',
    webhookUrl: 'https://calls.example.com/webhooks/asterisk/3Jq0vT7u1QxEXAMPLEONLYtok9Zr2WmBd5',
    error: null,
    clockErrorSeconds: 0,
    status: { ari: OFF, ami: OFF, webhook: { lastEventAt: at(95), seen: ['incoming_start'] } },
    ...change,
  }
}

export const ARI = {
  url: 'https://pbx.example.com:8089',
  userName: 'ringside',
  events: true,
  verifyTls: true,
}
export const AMI = {
  host: 'pbx.example.com',
  port: 5038,
  userName: 'ringside',
  events: true,
  tls: false,
  verifyTls: true,
}
/** A connection whose account works. */
export const linked = connectionView({
  ari: ARI,
  status: {
    ari: { state: 'up', since: at(7000), error: null, version: '22.5.0' },
    ami: OFF,
    webhook: { lastEventAt: at(95), seen: ['incoming_start'] },
  },
})
export const away = connectionView({
  id: 'pbx-2',
  name: 'Warehouse in Brest',
  ami: AMI,
  clockErrorSeconds: 3600,
  status: {
    ari: OFF,
    ami: {
      state: 'down',
      since: at(640),
      error: 'the connection to pbx.example.com:5038 was refused',
      version: null,
    },
    webhook: { lastEventAt: null, seen: [] },
  },
})
export const silent = connectionView({
  id: 'pbx-3',
  name: 'Hotline',
  webhookUrl: 'http://localhost:3000/webhooks/asterisk/3Jq0vT7u1QxEXAMPLEONLYtok9Zr2WmBd5',
  status: { ari: OFF, ami: OFF, webhook: { lastEventAt: null, seen: [] } },
})

const agent = (id: string, name: string, extension: string | null, more: Partial<Agent> = {}) => ({
  id,
  name,
  extensions: extension === null ? [] : [{ connectionId: 'pbx', extension }],
  state: 'free' as const,
  reason: null,
  since: at(300),
  until: null,
  externalId: id,
  email: `${id}@helpdesk.example`,
  role: 'agent' as const,
  ...more,
})
export const TEAM: readonly Agent[] = [
  agent('agent-1', 'Anna Petrova', '101', { role: 'admin' }),
  agent('boris', 'Boris Klein', null),
  agent('chiara', 'Chiara Rossi', null),
]

const endpoint = (resource: string, state: Endpoint['state'], technology = 'PJSIP') => ({
  technology,
  resource,
  extension: resource,
  state,
  agentId: null,
})
export const ENDPOINTS = [
  endpoint('101', 'online'),
  endpoint('102', 'offline'),
  endpoint('boris', 'online'),
  endpoint('trunk-provider', 'unknown'),
]

export const GOOD: Check = {
  ok: true,
  code: 'ok',
  message: 'Asterisk 22.5.0',
  hint: '',
  endpoints: ENDPOINTS.map(({ technology, resource, state }) => ({ technology, resource, state })),
}
export const BAD: Check = {
  ok: false,
  code: 'unauthorized',
  message: 'pbx.example.com:8089 refused the user name or the password',
  hint: 'Check the user name and the password: ari.conf needs a section [user name] with type = user and this password; then "module reload res_ari.so".',
}

const step = (alias: string, state: 'seen' | 'missing') => ({
  alias,
  state,
  firstAt: state === 'seen' ? at(40) : null,
})
export const CHECKLIST: readonly ChecklistItem[] = [
  {
    flow: 'personal',
    steps: [
      step('incoming_start', 'seen'),
      step('incoming_ring', 'seen'),
      step('incoming_answer', 'seen'),
      step('incoming_end', 'seen'),
    ],
    done: true,
    hint: '',
  },
  {
    flow: 'queue',
    steps: [step('incoming_start', 'seen'), step('incoming_queue', 'missing')],
    done: false,
    hint: 'No queue has told of a call. Queue() needs the subroutine as its argument for the member’s answer, and the line before Queue() that names its members.',
  },
  {
    flow: 'outgoing',
    steps: [
      step('outgoing_start', 'missing'),
      step('outgoing_answer', 'missing'),
      step('outgoing_end', 'missing'),
    ],
    done: false,
    hint: 'Nothing of an outgoing call has come. Put the lines for outgoing calls before Dial() to the trunk.',
  },
  {
    flow: 'recording',
    steps: [step('record', 'missing')],
    done: false,
    hint: 'No recording has come. MixMonitor() needs the command that uploads the file.',
  },
]
/** The same after this step has come. */
export function after(alias: string, list = CHECKLIST): readonly ChecklistItem[] {
  return list.map((item) => {
    const steps = item.steps.map((one) =>
      one.alias === alias ? { ...one, state: 'seen' as const, firstAt: at(0) } : one,
    )
    return { ...item, steps, done: steps.every(({ state }) => state === 'seen') }
  })
}

export const LOG: readonly LogItem[] = [
  {
    at: at(30),
    kind: 'refused',
    reason: 'datetime is "31/12/21", expected dd.mm.yyyy-HH:MM:SS',
    hint: 'In the dialplan write datetime as strftime’s %d.%m.%Y-%H:%M:%S.',
    source: '192.0.2.20',
    fields: { status: 'incoming_start', datetime: '31/12/21', unique_id: '1640854015.26' },
  },
  {
    at: at(4000),
    kind: 'unmatched',
    reason: 'extension 199 is assigned to nobody',
    hint: 'Assign it to an agent in the step “Phones”.',
    source: '192.0.2.20',
    fields: { status: 'incoming_ring', to_user: '199', unique_id: '1640854015.22' },
  },
]

const DIALPLAN = `; Ringside, for "Head office". Gosub, URL-encoded.
[ringside-notify]
exten => s,1,Set(CURLOPT(conntimeout)=2)
 same => n,Set(CURLOPT(httptimeout)=2)
 same => n,Set(RINGSIDE=\${CURL(https://calls.example.com/webhooks/asterisk/…,status=\${ARG1}&unique_id=\${UNIQUEID})})
 same => n,Return()
`

/** What the server of these connections answers; `answers` come before it. */
export function settingsWorld(
  connections: readonly Connection[],
  answers: World['answers'] = {},
): World {
  const own: Record<string, unknown> = {
    'GET /api/connections': { items: connections, next: null },
    'GET /api/agents': { items: TEAM, next: null },
    'GET /api/calls': { items: [], next: null },
    'POST /api/connections/test': { ari: GOOD, ami: GOOD },
  }
  for (const { id } of connections) {
    const path = `GET /api/connections/${id}`
    own[`${path}/extensions`] = {
      items: [{ extension: '101', agentId: 'agent-1', canAnswer: true }],
      next: null,
    }
    own[`${path}/endpoints`] = { items: ENDPOINTS, next: null }
    own[`${path}/checklist`] = { items: CHECKLIST }
    own[`${path}/log`] = { items: LOG, next: null }
    own[`${path}/dialplan`] = () => new Response(DIALPLAN)
    own[`${path}/websocket`] = {
      websocketClientConf:
        '[ringside-pbx]\ntype = websocket_client\nuri = wss://calls.example.com/pbx/ari/…\n',
      ariConf: '[ringside-socket]\ntype = user\npassword = …\n',
    }
  }
  return { me: ADMIN, answers: { ...own, ...answers } }
}
