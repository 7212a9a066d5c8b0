/** States of the list of cases and the missed-call desk. */
import { ApiError } from '../../../widget/client/api.ts'
import type { RingsideWidget } from '../../../widget/elements/ringside-widget.ts'
import { able, answered, at, caseView, messageView, phoneView, userView } from '../fake-server.ts'
import { click, find, type Scenes, settle, type } from '../scene.ts'

const SUBJECTS = [
  'Printer does not take the new cartridge',
  'Invoice sent twice',
  'Missed call from +49 30 901820',
  'Wants a second licence for a colleague who starts in March, same address, same contract',
  'Incoming call from +7 916 123-45-67',
  'Outgoing call to +44 20 7946 0958',
  'Parcel 4711 has not come',
  'Password reset',
]
const ASSIGNEES = ['agent-1', 'agent-2', null, 'agent-5', 'agent-3', null, 'agent-2', 'agent-1']
const STATUSES = [
  'open',
  'pending',
  'open',
  'pending',
  'open',
  'closed',
  'open',
  'pending',
] as const
const USERS = [
  userView(),
  userView({ id: 'user-2', name: 'Ivan Sokolov' }),
  userView({ id: 'user-3', name: 'Konstantinos Papadopoulos-Wolfeschlegel', company: 'Contoso' }),
]

export const someCases = Array.from({ length: 24 }, (_, index) => {
  const isMissed = index % 8 === 2
  return caseView({
    id: `case-${index}`,
    number: 1060 - index,
    subject: SUBJECTS[index % 8]!,
    status: STATUSES[index % 8]!,
    assigneeId: ASSIGNEES[index % 8]!,
    handset: isMissed ? 'red' : 'green',
    waitingSince: isMissed ? at(index * 900) : null,
    lastMissedAt: isMissed ? at(index * 700) : null,
    missedCalls: isMissed ? 1 + (index % 3) : 0,
    userId: isMissed || index % 8 === 4 ? null : (USERS[index % 3]?.id ?? null),
    phone: phoneView(index % 2 === 0 ? '+49 30 901820' : '+375 29 170-16-99'),
    updatedAt: at(index * 5_400),
    createdAt: at(index * 5_600 + 600),
  })
})

async function openCases(widget: RingsideWidget): Promise<void> {
  await click(widget, '.launcher')
  await click(widget, 'ringside-panel ringside-home #cases')
  await find(widget, 'ringside-panel ringside-home ringside-case-list')
  await settle()
}

const LIST = 'ringside-panel ringside-home ringside-case-list'

async function choose(widget: RingsideWidget, index: number, value: string): Promise<void> {
  const list = await find(widget, LIST)
  const select = list.shadowRoot?.querySelectorAll('select')[index]
  if (select === undefined) throw new Error(`no select ${index}`)
  select.value = value
  select.dispatchEvent(new Event('change'))
  await settle()
}

/** The list by itself, as wide as the page. */
async function alone(widget: RingsideWidget): Promise<HTMLElement> {
  await openCases(widget)
  widget.shadowRoot?.querySelector<HTMLElement>('ringside-panel')?.remove()
  const list = document.createElement('ringside-case-list')
  list.client = widget.client
  const frame = widget.shadowRoot?.querySelector('.frame')
  frame?.replaceChildren(list)
  Object.assign(list.style, {
    inlineSize: '100%',
    padding: '16px',
    background: 'var(--_background)',
    maxBlockSize: '100%',
    overflow: 'auto',
  })
  await settle()
  return list
}

const world = { cases: someCases, users: USERS }

const waiting = [
  caseView({
    id: 'w1',
    number: 1044,
    status: 'open',
    handset: 'red',
    assigneeId: null,
    waitingSince: at(9_000),
    lastMissedAt: at(1_500),
    missedCalls: 3,
  }),
  caseView({
    id: 'w2',
    number: 1045,
    status: 'open',
    handset: 'red',
    userId: null,
    phone: phoneView('+49 30 901820'),
    assigneeId: 'agent-1',
    claimedAt: at(200),
    waitingSince: at(4_400),
    lastMissedAt: at(4_400),
    missedCalls: 1,
  }),
  caseView({
    id: 'w3',
    number: 1046,
    status: 'open',
    handset: 'red',
    userId: 'user-3',
    assigneeId: 'agent-5',
    claimedAt: at(20),
    waitingSince: at(1_300),
    lastMissedAt: at(1_100),
    missedCalls: 2,
  }),
  caseView({
    id: 'w4',
    number: 1047,
    status: 'open',
    handset: 'red',
    userId: null,
    phone: null,
    assigneeId: null,
    waitingSince: at(240),
    lastMissedAt: at(240),
    missedCalls: 1,
  }),
]
const desk = { me: able(), users: USERS, cases: waiting }
const LATE = { message: null, withdrawnTo: null, version: 9 }

const talked = messageView({
  id: 'm1',
  kind: 'call',
  text: 'About the invoice for February.',
  call: answered({ state: 'ended', outcome: 'answered', talkSeconds: 97, userId: 'user-1' }),
})
const written = caseView({ messages: [talked] })
const theirs = caseView({ id: 'theirs', number: 1077, assigneeId: 'agent-2', version: 1 })

export const casesScenes: Scenes = {
  caseTextConflict: {
    users: USERS,
    cases: [written],
    answers: {
      'GET /api/cases/case-1/history': {
        items: [{ at: at(1), agentId: 'agent-2', kind: 'essence', from: '', to: '', rule: null }],
        next: null,
      },
    },
    act: async (widget, server) => {
      await widget.openCase('case-1')
      const message = 'ringside-panel ringside-case ringside-case-message'
      await click(widget, `${message} [data-edit]`)
      await type(widget, `${message} textarea`, 'The invoice came twice; credit note promised.')
      server.push('case', {
        ...written,
        ...LATE,
        message: { ...talked, text: 'Wants a credit note for the second invoice.' },
      })
      await settle()
      await click(widget, `${message} .primary`)
    },
  },
  caseTicketHistory: {
    users: USERS,
    cases: [caseView({ externalId: 'T-20917', messages: [talked] })],
    answers: {
      'GET /api/cases/case-1/history': {
        items: [
          { at: at(9000), agentId: null, kind: 'opened', from: null, to: 'open', rule: 'CASE-4' },
          {
            at: at(8000),
            agentId: 'agent-2',
            kind: 'assignee',
            from: null,
            to: 'agent-2',
            rule: null,
          },
          { at: at(90), agentId: null, kind: 'status', from: 'open', to: 'closed', rule: 'CASE-8' },
        ],
        next: null,
      },
    },
    act: async (widget) => {
      await widget.openCase('case-1')
      widget.caseUrl = 'https://helpdesk.example/tickets/{externalId}'
      await settle()
      await click(widget, 'ringside-panel ringside-case summary')
    },
  },
  formTaken: {
    calls: [answered({ userId: 'user-1' })],
    users: USERS,
    cases: [theirs],
    answers: {
      'POST /api/calls/call-1/case': new ApiError(409, {
        type: 'https://ringside.example/problems/already-in-case',
        case: theirs,
      }),
    },
    act: async (widget) => {
      await click(widget, 'ringside-panel ringside-user .primary')
      await type(widget, 'ringside-panel ringside-case-form #subject', 'Second licence')
      await type(widget, 'ringside-panel ringside-case-form #essence', 'For the new colleague.')
      await click(widget, 'ringside-panel ringside-case-form .primary')
    },
  },
  desk: { ...desk, act: (widget) => click(widget, '.launcher') },
  deskTaken: {
    ...desk,
    answers: {
      'POST /api/cases/w1/claim': new ApiError(409, {
        type: 'https://ringside.example/problems/already-claimed',
        current: { ...waiting[0]!, assigneeId: 'agent-5', version: 9 },
      }),
    },
    act: async (widget) => {
      await click(widget, '.launcher')
      await click(widget, 'ringside-panel ringside-home ringside-missed-list .call')
    },
  },
  deskSettled: {
    ...desk,
    answers: {
      'GET /api/cases/w1/history': {
        items: [
          { at: at(1), agentId: null, kind: 'status', from: 'open', to: 'closed', rule: 'CASE-8' },
        ],
      },
      'GET /api/cases/w1': {
        ...waiting[0]!,
        messages: [messageView({ kind: 'call', call: answered({ agentId: 'agent-2' }) })],
      },
    },
    act: async (widget, server) => {
      await click(widget, '.launcher')
      await find(widget, 'ringside-panel ringside-home ringside-missed-list li')
      server.push('case', { ...waiting[0]!, ...LATE, status: 'closed' })
    },
  },
  caseList: { ...world, act: openCases },
  caseListFiltered: {
    ...world,
    act: async (widget) => {
      await openCases(widget)
      await choose(widget, 0, '')
      await choose(widget, 1, 'agent-2')
      await choose(widget, 2, 'range')
    },
  },
  caseListEmpty: {
    ...world,
    act: async (widget) => {
      await openCases(widget)
      await type(widget, `${LIST} [type=search]`, 'nothing like this')
      await new Promise((resolve) => setTimeout(resolve, 300))
    },
  },
  caseListFailed: {
    ...world,
    answers: { 'GET /api/cases': new ApiError(0, {}) },
    act: openCases,
  },
  caseListNew: {
    ...world,
    act: async (widget, server) => {
      await openCases(widget)
      const list = await find(widget, LIST)
      list.shadowRoot?.querySelector('table')?.dispatchEvent(new PointerEvent('pointerenter'))
      const event = { message: null, withdrawnTo: null }
      server.push('case', {
        ...someCases[5]!,
        ...event,
        version: 9,
        status: 'open',
        updatedAt: at(5),
      })
      server.push('case', { ...someCases[1]!, ...event, version: 9, status: 'closed' })
    },
  },
  caseTable: { ...world, act: async (widget) => void (await alone(widget)) },
  caseTableNoPhone: {
    ...world,
    act: async (widget) => {
      const list = await alone(widget)
      list.shadowRoot?.querySelector<HTMLElement>('.phone input')?.click()
    },
  },
}
