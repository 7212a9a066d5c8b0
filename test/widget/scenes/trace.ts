/** States of the trace of a call. */
import type { TraceItem } from '../../../widget/client/load-trace.ts'
import { answered, at, caseView, ME, refusal, userView } from '../fake-server.ts'
import { click, find, type Scenes } from '../scene.ts'

const NO_FACTS: Omit<TraceItem['event'], 'type'> = {
  direction: null,
  from: null,
  to: null,
  extensions: [],
  queue: null,
  agentId: null,
  action: null,
  result: null,
  detail: null,
}

/** One entry of a trace: `secondsAgo` by the PBX's clock, `late` seconds on the way. */
export function traceItem(
  secondsAgo: number,
  event: Partial<TraceItem['event']> & { readonly type: string },
  more: Partial<TraceItem> & { readonly late?: number } = {},
): TraceItem {
  const { late = 0.2, ...change } = more
  return {
    at: at(secondsAgo),
    arrivedAt: at(secondsAgo - late),
    source: 'webhook',
    raw: { status: event.type, unique_id: '1640854015.26', datetime: '02.03.2026-13:12:48' },
    reading: event.type,
    agents: [],
    rule: null,
    result: null,
    changes: [],
    ...change,
    event: { ...NO_FACTS, ...event },
  }
}

const seen = (
  extension: string,
  agentId: string | null,
  code: string,
  by: string | null = null,
) => ({
  extension,
  agentId,
  shown: code === 'rings',
  code,
  by,
  reason: code,
})
const missed = (
  type: string,
  rule: string,
  change: Partial<TraceItem['changes'][number]> = {},
) => ({
  rule,
  type,
  caseId: 'case-3',
  number: 1051,
  ...change,
})

/** Rings at five, one answers; the end comes late. */
export const TRACE: readonly TraceItem[] = [
  traceItem(140, {
    type: 'started',
    direction: 'incoming',
    from: '+375291701699',
    to: '+375173001010',
  }),
  traceItem(
    140,
    { type: 'ringing', extensions: ['101', '102', '103', '119'], queue: 'Support' },
    {
      agents: [
        seen('101', 'agent-1', 'rings'),
        seen('102', 'agent-2', 'no-page'),
        seen('103', 'agent-3', 'closed'),
        seen('119', null, 'unmapped'),
      ],
    },
  ),
  traceItem(
    127,
    { type: 'answered', direction: 'incoming', extensions: ['101'] },
    {
      agents: [
        seen('101', 'agent-1', 'answered'),
        seen('102', 'agent-2', 'elsewhere', '101'),
        seen('119', null, 'elsewhere', '101'),
      ],
      changes: [missed('changeCase', 'CASE-8', { status: 'closed' })],
      rule: 'CASE-8',
    },
  ),
  traceItem(
    90,
    { type: 'action', agentId: 'agent-1', action: 'hold', result: 'done' },
    { source: 'agent' },
  ),
  traceItem(90, { type: 'held', extensions: ['101'] }, { source: 'ami' }),
  traceItem(
    60,
    {
      type: 'action',
      agentId: 'agent-1',
      action: 'park',
      result: 'refused-by-pbx',
      detail: 'No parking space is free.',
    },
    { source: 'agent' },
  ),
  traceItem(
    30,
    { type: 'ended', direction: 'incoming' },
    {
      late: 14,
      rule: 'CASE-4',
      changes: [
        missed('openCase', 'CASE-4', {
          caseId: 'case-9',
          number: 1060,
          status: 'open',
          handset: 'green',
          assigneeId: 'agent-1',
        }),
      ],
    },
  ),
  traceItem(25, { type: 'recorded', result: 'audio/wav', detail: '1552000' }),
]

const ended = answered({
  state: 'ended',
  outcome: 'answered',
  endedAt: at(30),
  talkSeconds: 97,
  userId: 'user-1',
  caseId: 'case-9',
})
const HOSTILE = `${'Wolfeschlegelstein'.repeat(30)} \u202Egnp.exe\u2066 <img src=x onerror=alert(1)> ${'Z̴̛͈'.repeat(60)}`
const path = 'GET /api/calls/call-1/trace'
const world = {
  me: ME,
  calls: [answered({ userId: 'user-1' })],
  users: [userView()],
  cases: [caseView({ id: 'case-9', number: 1060, subject: 'Incoming call' })],
}
const open: NonNullable<Scenes[string]['act']> = (widget) =>
  click(widget, 'ringside-panel ringside-user .trace')

export const traceScenes: Scenes = {
  trace: {
    ...world,
    calls: [answered({ userId: 'user-1' })],
    answers: { [path]: { items: TRACE } },
    act: open,
  },
  traceRaw: {
    ...world,
    answers: { [path]: { items: TRACE.slice(0, 3) } },
    act: async (widget) => {
      await open(widget, undefined as never)
      const details = await find<HTMLDetailsElement>(
        widget,
        'ringside-panel ringside-call-trace details',
      )
      details.open = true
    },
  },
  traceNoCase: {
    ...world,
    answers: {
      [path]: {
        items: [
          traceItem(
            330,
            { type: 'started', direction: 'internal', from: '102', to: '101' },
            { late: 300 },
          ),
          traceItem(329, { type: 'ended' }, { late: 300 }),
        ],
      },
    },
    act: async (widget, server) => {
      await open(widget, server)
      server.push('call', { ...ended, caseId: null })
    },
  },
  traceFailed: { ...world, answers: { [path]: refusal('unavailable', 'Not now.') }, act: open },
  traceHostile: {
    ...world,
    answers: {
      [path]: {
        items: [
          traceItem(
            140,
            { type: 'started', direction: 'incoming', from: HOSTILE, to: HOSTILE },
            { raw: { [HOSTILE]: HOSTILE } },
          ),
          traceItem(
            139,
            { type: 'ringing', extensions: [HOSTILE], queue: HOSTILE },
            { agents: [seen(HOSTILE, null, 'unmapped')] },
          ),
          traceItem(1, { type: HOSTILE }, { reading: HOSTILE, result: HOSTILE, source: HOSTILE }),
        ],
      },
    },
    act: open,
  },
}
