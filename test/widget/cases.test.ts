import { expect } from '@open-wc/testing'
import type { CaseView } from '../../server/http/schemas.ts'
import { ApiError } from '../../widget/client/api.ts'
import '../../widget/elements/panel.ts'
import '../../widget/elements/case-list.ts'
import {
  able,
  answered,
  at,
  caseView,
  type FakeServer,
  ME,
  messageView,
  phoneView,
  userView,
  type World,
} from './fake-server.ts'
import { all, button, key, one, show, textOf, texts, type, widget } from './page.ts'
import { waitUntil } from './wait-until.ts'

const LIST = 'ringside-case-list'
const rows = (): string[] => all(`${LIST} .subject`).map((row) => textOf(row))
const numbered = (count: number): CaseView[] =>
  Array.from({ length: count }, (_, index) =>
    caseView({
      id: `case-${index}`,
      number: 2000 - index,
      subject: `Case ${index}`,
      status: 'open',
      updatedAt: at(60 * (index + 1)),
    }),
  )
/** Each change is later than the one before. */
let later = 30
const told = (found: CaseView, change: Partial<CaseView> = {}) => {
  later -= 1
  const { messages: _messages, ...summary } = found
  return {
    ...summary,
    version: found.version + 1,
    updatedAt: at(later),
    ...change,
    message: null,
    withdrawnTo: null,
  }
}

async function openList(world: World, count: number): Promise<FakeServer> {
  const server = await show(world)
  ;(await button('Open calls')).click()
  ;(await one('ringside-home #cases')).click()
  await waitUntil(() => rows().length === count, `${count} rows`)
  return server
}

async function choose(label: string, value: string): Promise<void> {
  const field = await one<HTMLSelectElement>(`${LIST} select[aria-label="${label}"]`)
  field.value = value
  field.dispatchEvent(new Event('change'))
}

const asked = (server: FakeServer): URLSearchParams => {
  const lines = server.requests.map((request) => request.line)
  const last = lines.findLast((line) => line.startsWith('GET /api/cases?sort'))
  return new URL(last?.slice(4) ?? '', 'http://server').searchParams
}

/** What the page remembers of columns is of one test only. */
const forget = () => localStorage.clear()

describe('list of cases', () => {
  afterEach(() => {
    widget.remove()
    forget()
  })

  it('CASE-14 number, handset, subject, user, phone, status, assignee, updated; a row opens its case', async () => {
    const cases = [
      caseView({ status: 'open' }),
      caseView({
        id: 'red',
        handset: 'red',
        userId: null,
        assigneeId: null,
        updatedAt: at(90_000),
      }),
    ]
    await openList({ cases, users: [userView()] }, 2)
    await waitUntil(() => textOf(all(`${LIST} tbody tr`)[0]!).includes('Maria Sokolova'))
    const [first, second] = all(`${LIST} tbody tr`).map((row) => textOf(row))
    expect(first).to.contain('#1043').and.contain('Printer').and.contain('Open')
    expect(first).to.contain('Boris Klein').and.contain('Mar 1')
    expect(second).to.contain('+375 29 170-16-99').and.contain('Pending')
    expect(all(`${LIST} tbody [role=img]`).map((icon) => icon.getAttribute('class'))).to.deep.equal(
      ['green', 'red'],
    )
    all(`${LIST} tbody tr`)[0]!.click()
    await one('ringside-case')
  })

  it('CASE-14 the phone column is switched on and off, and stays so', async () => {
    const world = { cases: [caseView({ status: 'open' })], users: [userView()] }
    await openList(world, 1)
    expect(all(`${LIST} td.c-phone`)).to.have.length(0)
    ;(await one(`${LIST} .phone input`)).click()
    await waitUntil(() => texts(`${LIST} td.c-phone`).join() === '+375 29 170-16-99')
    widget.remove()
    await openList(world, 1)
    expect(all(`${LIST} td.c-phone`)).to.have.length(1)
    ;(await one(`${LIST} .phone input`)).click()
    await waitUntil(() => all(`${LIST} td.c-phone`).length === 0)
  })

  it('CASE-14 filters are asked of the server: status, assignee, missed only, period, text', async () => {
    const cases = [
      caseView({ id: 'a', status: 'open', assigneeId: 'agent-1', subject: 'Mine' }),
      caseView({ id: 'b', status: 'closed', assigneeId: null, subject: 'Nobody’s' }),
      caseView({ id: 'c', status: 'open', handset: 'red', createdAt: at(60), subject: 'Red' }),
    ]
    const server = await openList({ cases }, 2)
    expect(asked(server).get('status')).to.equal('open,pending')
    await choose('Status', '')
    await waitUntil(() => rows().length === 3)
    await choose('Assignee', 'me')
    await waitUntil(() => rows().join() === 'Mine')
    expect(asked(server).get('assigneeId')).to.equal('me')
    await choose('Assignee', 'none')
    await waitUntil(() => rows().join() === 'Nobody’s')
    await choose('Assignee', 'agent-2')
    await choose('Opened', 'today')
    await waitUntil(() => rows().join() === 'Red')
    const midnight = new Date(Date.parse(at(0)))
    midnight.setHours(0, 0, 0, 0)
    expect(asked(server).get('from')).to.equal(midnight.toISOString())
    ;(await button('Show everything')).click()
    await waitUntil(() => rows().length === 3)
    ;(await one(`${LIST} .missed`)).click()
    await waitUntil(() => rows().join() === 'Red')
    ;(await button('Show everything')).click()
    await waitUntil(() => rows().length === 3)
    type(await one(`${LIST} [type=search]`), 'nob')
    await waitUntil(() => rows().join() === 'Nobody’s')
  })

  it('CASE-14 a period of days holds both of them', async () => {
    const server = await openList({ cases: numbered(1) }, 1)
    await choose('Opened', 'range')
    for (const [label, day] of [
      ['Opened from', '2026-02-27'],
      ['Opened until', '2026-02-28'],
    ]) {
      const field = await one<HTMLInputElement>(`${LIST} input[aria-label="${label}"]`)
      field.value = day!
      field.dispatchEvent(new Event('change'))
    }
    await waitUntil(() => asked(server).has('to'))
    expect(asked(server).get('from')).to.equal(new Date(2026, 1, 27).toISOString())
    expect(asked(server).get('to')).to.equal(new Date(2026, 2, 1).toISOString())
  })

  it('CASE-14 pages by cursor, on a click and near the end, each case once', async () => {
    const server = await openList({ cases: numbered(120) }, 50)
    ;(await button('Show more')).click()
    await waitUntil(() => rows().length === 100)
    all(`${LIST} .end`)[0]!.scrollIntoView()
    await waitUntil(() => rows().length === 120)
    expect(new Set(rows())).to.have.length(120)
    expect(all(`${LIST} .end`)).to.have.length(0)
    expect(asked(server).get('cursor')).to.equal('100')
  })

  it('CASE-14 a case that newly fits comes in by itself, one that no longer fits goes', async () => {
    const cases = numbered(3)
    const server = await openList({ cases }, 3)
    server.push('case', told(caseView({ id: 'new', subject: 'Newcomer', status: 'open' })))
    await waitUntil(() => rows().join() === 'Newcomer,Case 0,Case 1,Case 2')
    server.push('case', told(cases[1]!, { status: 'closed' }))
    await waitUntil(() => rows().join() === 'Newcomer,Case 0,Case 2')
    server.push('case', told(cases[2]!, { subject: 'Case 2 again' }))
    await waitUntil(() => rows().join() === 'Case 2 again,Newcomer,Case 0')
    server.push('case', told(caseView({ id: 'other', status: 'closed' })))
    server.push('case', { ...told(cases[0]!), withdrawnTo: 'new' })
    await waitUntil(() => rows().join() === 'Case 2 again,Newcomer')
  })

  it('CASE-14 while the agent reads no row moves: what is new waits for a click, what went is struck', async () => {
    const cases = numbered(3)
    const server = await openList({ cases }, 3)
    const table = await one(`${LIST} table`)
    table.dispatchEvent(new PointerEvent('pointerenter', { pointerType: 'mouse' }))
    server.push('case', told(caseView({ id: 'new', subject: 'Newcomer', status: 'open' })))
    server.push('case', told(cases[2]!, { subject: 'Case 2 again' }))
    server.push('case', told(cases[1]!, { status: 'closed' }))
    const line = await button('2 new or changed')
    expect(rows()).to.deep.equal(['Case 0', 'Case 1. No longer in this list', 'Case 2 again'])
    expect(all(`${LIST} [role=status]`)[0]?.textContent).to.contain('2 new or changed')
    line.click()
    await waitUntil(() => rows().length === 3 && rows()[0]?.startsWith('Newcomer,') !== true)
    expect(new Set(rows())).to.deep.equal(new Set(['Newcomer', 'Case 2 again', 'Case 0']))
    server.push('case', told(caseView({ id: 'later', subject: 'Later', status: 'open' })))
    await button('1 new or changed')
    table.dispatchEvent(new PointerEvent('pointerleave', { pointerType: 'mouse' }))
    await waitUntil(() => rows().includes('Later'))
  })

  it('CASE-14 a change that comes while a page is on its way is not lost under it', async () => {
    let answer = (): void => undefined
    const cases = numbered(2)
    const page = { items: cases.map(({ messages: _messages, ...rest }) => rest), next: null }
    let isHeld = false
    const server = await openList(
      {
        cases,
        answers: {
          'GET /api/cases': (_init: unknown, path: string) => {
            if (!isHeld || !path.includes('sort=')) return undefined
            return new Promise((resolve) => {
              answer = () => resolve(page)
            })
          },
        },
      },
      2,
    )
    isHeld = true
    await choose('Status', 'open')
    await waitUntil(() => asked(server).get('status') === 'open')
    server.push('case', told(cases[0]!, { status: 'closed' }))
    server.push('case', told(caseView({ id: 'new', subject: 'Newcomer', status: 'open' })))
    answer()
    await waitUntil(() => rows().join() === 'Newcomer,Case 1')
  })

  it('CASE-14 after a hole in the stream the list is read again', async () => {
    const cases = numbered(2)
    const server = await openList({ cases }, 2)
    cases[0] = { ...cases[0]!, subject: 'Changed meanwhile', version: 9 }
    server.push('hello', {
      now: at(0),
      resumedFrom: null,
      epoch: '2',
      calls: [],
      drafts: {},
      dismissed: [],
      controls: {},
    })
    await waitUntil(() => rows()[0] === 'Changed meanwhile')
  })

  it('CASE-14 by keyboard: arrows and j/k move, Enter opens, / searches, and back to the row', async () => {
    await openList({ cases: numbered(3) }, 3)
    const search = await one<HTMLInputElement>(`${LIST} [type=search]`)
    key(await one('ringside-panel h1'), '/')
    expect(search.matches(':focus')).to.equal(true)
    key(search, 'j')
    expect(search.matches(':focus')).to.equal(true)
    const focused = () => all(`${LIST} .subject:focus`).map((row) => textOf(row))[0]
    const press = (name: string) => key(all(`${LIST} :focus`)[0]!, name)
    press('ArrowDown')
    expect(focused()).to.equal('Case 0')
    press('j')
    press('ArrowDown')
    press('j')
    expect(focused()).to.equal('Case 2')
    press('k')
    expect(focused()).to.equal('Case 1')
    expect(all(`${LIST} .subject[tabindex="0"]`)).to.have.length(1)
    all(`${LIST} .subject:focus`)[0]!.click()
    await one('ringside-case')
    ;(await button('Back')).click()
    await waitUntil(() => focused() === 'Case 1')
    press('/')
    expect(search.isConnected || all(`${LIST} [type=search]:focus`).length === 1).to.equal(true)
  })

  it('CASE-14 A11Y-2 a table to screen readers in either layout, its count said politely', async () => {
    await openList({ cases: numbered(2) }, 2)
    const list = all<HTMLElement>(LIST)[0]!
    for (const wide of [false, true]) {
      list.toggleAttribute('style', false)
      if (wide) list.setAttribute('style', 'inline-size: 900px')
      const row = all(`${LIST} tbody tr`)[0]!
      await waitUntil(() => getComputedStyle(row).display === (wide ? 'table-row' : 'grid'))
      expect(all(`${LIST} [role=columnheader]`)).to.have.length(7)
      expect(row.querySelectorAll('[role=cell]')).to.have.length(7)
    }
    expect(all(`${LIST} [role=status]`).map((said) => textOf(said))).to.deep.equal(['2 cases'])
  })

  it('CASE-14 what failed says so, tries again on a click and when the connection is back', async () => {
    let isDown = true
    const server = await show({
      cases: numbered(2),
      answers: {
        'GET /api/cases': () => (isDown ? new ApiError(400, { detail: 'No.' }) : undefined),
      },
    })
    ;(await button('Open calls')).click()
    ;(await one('ringside-home #cases')).click()
    await waitUntil(() => all(`${LIST} [role=alert]`).length === 1)
    isDown = false
    ;(await button('Try again')).click()
    await waitUntil(() => rows().length === 2)
    server.setState('waiting', 'network')
    await waitUntil(() => all(`${LIST} .note`).some((note) => textOf(note).includes('out of date')))
    isDown = true
    await choose('Status', '')
    await waitUntil(() => all(`${LIST} [role=alert]`).length === 1)
    isDown = false
    server.setState('open', null)
    await waitUntil(() => all(`${LIST} [role=alert]`).length === 0 && rows().length === 2)
  })

  it('CASE-14 nothing fits: says so, and everything is one click away', async () => {
    await openList({ cases: [caseView({ status: 'closed' })] }, 0)
    await waitUntil(() => textOf(all(`${LIST}`)[0]!).includes('No case fits'))
    ;(await button('Show everything')).click()
    await waitUntil(() => rows().length === 1)
  })

  it('CASE-14 what was filtered is there again after a case was opened', async () => {
    const server = await openList(
      { cases: [...numbered(2), caseView({ id: 'closed', status: 'closed' })] },
      2,
    )
    await choose('Status', 'closed')
    await waitUntil(() => rows().length === 1)
    const before = server.requests.length
    all(`${LIST} .subject`)[0]!.click()
    await one('ringside-case')
    ;(await button('Back')).click()
    await waitUntil(() => rows().length === 1)
    const again = server.requests.slice(before).filter((request) => request.line.includes('sort='))
    expect(again).to.have.length(0)
  })

  it('EMBED-6 alone in a page it has its own list, and forgets it when it goes', async () => {
    const server = await show({ cases: numbered(2), users: [userView()] })
    const list = document.createElement(LIST)
    list.client = server.client
    document.body.append(list)
    await waitUntil(() => list.shadowRoot?.querySelectorAll('tbody tr').length === 2)
    expect(list.shadowRoot?.querySelectorAll('td.c-phone')).to.have.length(2)
    document.body.append(list)
    await list.updateComplete
    expect(list.shadowRoot?.querySelectorAll('tbody tr')).to.have.length(2)
    list.remove()
  })

  it('SAFE-1 subjects, names and numbers from outside are text', async () => {
    const bad = '<img src=x onerror="window.hacked=1">\u202Egnp'
    const phone = { ...phoneView(bad), display: bad }
    const cases = [caseView({ status: 'open', subject: bad, phone, userId: null })]
    await openList({ cases }, 1)
    expect(rows()[0]).to.equal('<img src=x onerror="window.hacked=1">gnp')
    expect(all(`${LIST} img`)).to.have.length(0)
    expect('hacked' in window).to.equal(false)
  })

  it('POP-10 the panel starts with missed calls where there are any, else with the cases', async () => {
    const red = caseView({ handset: 'red', status: 'open', waitingSince: at(60) })
    await show({ cases: [red] })
    ;(await button('Open calls')).click()
    await waitUntil(() => all('ringside-home #missed[aria-selected=true]').length === 1)
    widget.remove()
    await show({ cases: numbered(1) })
    ;(await button('Open calls')).click()
    await waitUntil(() => all('ringside-home #cases[aria-selected=true]').length === 1)
    ;(await one('ringside-home #missed')).click()
    await waitUntil(() => all('ringside-missed-list').length === 1)
    ;(await button('Close this panel')).click()
    ;(await button('Open calls')).click()
    await waitUntil(() => all('ringside-home #missed[aria-selected=true]').length === 1)
    key(await one('ringside-panel h1'), 'l')
    await waitUntil(() => all('ringside-home #cases[aria-selected=true]').length === 1)
    key(await one('ringside-home #cases'), 'ArrowLeft')
    await waitUntil(() => all('ringside-home #missed:focus').length === 1)
  })
})

const red = caseView({
  handset: 'red',
  status: 'open',
  assigneeId: null,
  waitingSince: at(4_000),
  lastMissedAt: at(900),
  missedCalls: 3,
})
const other = caseView({
  id: 'case-9',
  number: 1099,
  userId: null,
  handset: 'red',
  status: 'open',
  assigneeId: null,
  waitingSince: at(9_000),
  phone: phoneView('+49 30 901820'),
})
const DESK = 'ringside-missed-list'
const problem = (code: string, current: CaseView) =>
  new ApiError(409, { type: `https://ringside.example/problems/${code}`, current })
const sent = (server: FakeServer, line: string) =>
  server.requests.filter((request) => request.line === line)

async function openDesk(world: World, rowCount: number): Promise<FakeServer> {
  const server = await show({ me: able(), users: [userView()], ...world })
  await waitUntil(() => texts('.count').length === 1)
  ;(await button('Open calls')).click()
  await waitUntil(() => all(`${DESK} li`).length === rowCount)
  return server
}

describe('missed-call desk', () => {
  afterEach(() => widget.remove())

  it('CASE-17 POP-10 who waits longest comes first; how often they called and when last', async () => {
    await openDesk({ cases: [red, other] }, 2)
    await waitUntil(() => texts(`${DESK} li`)[1]?.includes('Maria Sokolova'))
    const [first, second] = texts(`${DESK} li`)
    expect(first).to.contain('+49 30 901820').and.contain('waiting 2 hr')
    expect(second).to.contain('3 calls, the last 10:00 AM').and.contain('Northwind Traders')
  })

  it('CASE-17 the people who wait are read in one question, one who is new by themselves', async () => {
    const server = await openDesk({ cases: [red, { ...other, userId: 'user-2' }], users: [] }, 2)
    const asked = () =>
      server.requests
        .filter(({ line }) => line.startsWith('GET /api/users'))
        .map(({ line }) => line)
    await waitUntil(() => asked().length > 0)
    expect(asked()).to.deep.equal(['GET /api/users?ids=user-1,user-2'])
    server.push('case', told(caseView({ ...red, id: 'new', userId: 'user-7' })))
    await waitUntil(() => asked().includes('GET /api/users/user-7'))
  })

  it('CASE-17 calling back claims first, then dials', async () => {
    const server = await openDesk({ cases: [red] }, 1)
    ;(await one(`${DESK} button.call`)).click()
    await waitUntil(() => sent(server, 'POST /api/dial').length === 1)
    const lines = server.requests.map((request) => request.line)
    expect(lines.indexOf('POST /api/cases/case-1/claim')).to.be.lessThan(
      lines.indexOf('POST /api/dial'),
    )
    expect(lines).to.include('POST /api/cases/case-1/claim')
  })

  it('CASE-17 CASE-15 a refused claim does not dial, and says who was first', async () => {
    const current = { ...red, assigneeId: 'agent-2', claimedAt: at(1), version: 4 }
    const answers = { 'POST /api/cases/case-1/claim': problem('already-claimed', current) }
    const server = await openDesk({ cases: [red], answers }, 1)
    ;(await one(`${DESK} button.call`)).click()
    await waitUntil(() => texts(`${DESK} [role=alert]`)[0]?.startsWith('Boris Klein was first'))
    expect(sent(server, 'POST /api/dial')).to.have.length(0)
    expect(texts(`${DESK} li`)[0]).to.contain('Boris Klein calls back')
    expect(all(`${DESK} .call`)).to.have.length(0)
  })

  it('CASE-17 what is mine is dialled without another claim, says how long it stays so, and can be given back', async () => {
    const mine = { ...red, assigneeId: 'agent-1', claimedAt: at(200) }
    const server = await openDesk({ cases: [mine] }, 1)
    expect(texts(`${DESK} li`)[0]).to.contain('You call back · 11 min left')
    ;(await button('Give back')).click()
    await waitUntil(() => sent(server, 'POST /api/cases/case-1/release').length === 1)
    await waitUntil(() => all(`${DESK} [aria-busy=true]`).length === 0)
    ;(await one(`${DESK} button.call`)).click()
    await waitUntil(() => sent(server, 'POST /api/dial').length === 1)
    expect(sent(server, 'POST /api/cases/case-1/claim')).to.have.length(0)
  })

  it('CASE-17 without a PBX that dials the tel: link waits for the claim', async () => {
    const answers = { 'POST /api/cases/case-1/claim': problem('already-claimed', red) }
    const server = await openDesk({ me: ME, cases: [red], answers }, 1)
    const link = await one<HTMLAnchorElement>(`${DESK} a.call`)
    const click = new MouseEvent('click', { bubbles: true, composed: true, cancelable: true })
    link.dispatchEvent(click)
    expect(click.defaultPrevented).to.equal(true)
    await waitUntil(() => sent(server, 'POST /api/cases/case-1/claim').length === 1)
    await waitUntil(() => all(`${DESK} [role=alert]`).length === 1)
  })

  it('CASE-17 CASE-8 somebody got through: the row is struck, says who talked, and goes', async () => {
    const call = answered({ agentId: 'agent-2', state: 'ended', outcome: 'answered' })
    const rule = { at: at(1), agentId: null, kind: 'status', from: 'open', to: 'closed' }
    const server = await openDesk(
      {
        cases: [
          red,
          other,
          caseView({ id: 'talk', messages: [messageView({ kind: 'call', call })] }),
        ],
        answers: {
          'GET /api/cases/case-1/history': { items: [{ ...rule, rule: 'CASE-8' }], next: null },
        },
      },
      2,
    )
    server.push('case', told(red, { status: 'closed' }))
    await waitUntil(() =>
      texts(`${DESK} li.gone`)[0]?.includes('Settled: Boris Klein has talked with the caller'),
    )
    expect(all(`${DESK} li`)).to.have.length(2)
    expect(all(`${DESK} li.gone button.call`)).to.have.length(0)
    expect(texts('ringside-home #missed .tag')).to.deep.equal(['1'])
  })

  it('CASE-17 a colleague closed it: that is said; one that is missed again is no longer struck', async () => {
    const server = await openDesk(
      {
        cases: [red],
        answers: {
          'GET /api/cases/case-1/history': {
            items: [
              {
                at: at(1),
                agentId: 'agent-3',
                kind: 'status',
                from: 'open',
                to: 'closed',
                rule: null,
              },
            ],
            next: null,
          },
        },
      },
      1,
    )
    server.push('case', told(red, { status: 'closed' }))
    await waitUntil(() => texts(`${DESK} li.gone`)[0]?.includes('Chiara Rossi closed the case'))
    server.push('case', told(red, { version: 9, status: 'open' }))
    await waitUntil(() => all(`${DESK} li`).length === 1 && all(`${DESK} li.gone`).length === 0)
  })
})

describe('two agents at once', () => {
  afterEach(() => widget.remove())

  const note = messageView({ id: 'note', text: 'Called, no answer.' })
  const essence = messageView({
    id: 'm1',
    kind: 'call',
    text: 'About the invoice',
    call: answered({ state: 'ended', outcome: 'answered', talkSeconds: 60 }),
  })
  const found = caseView({ messages: [note, essence] })
  const HEAD = 'ringside-case-head'
  const historyOf = (kind: string, agentId: string) => ({
    'GET /api/cases/case-1/history': {
      items: [{ at: at(1), agentId, kind, from: '', to: '', rule: null }],
      next: null,
    },
  })

  async function openCase(world: World): Promise<FakeServer> {
    const server = await show({ users: [userView()], cases: [found], ...world })
    await widget.openCase('case-1')
    await waitUntil(() => all('ringside-case-message').length === 2)
    return server
  }
  const set = (field: HTMLSelectElement, value: string): void => {
    field.value = value
    field.dispatchEvent(new Event('change'))
  }

  it('CASE-15 status: opened to choose, changed by another, not sent; the other one is named and shown', async () => {
    const server = await openCase({ answers: historyOf('status', 'agent-3') })
    const field = await one<HTMLSelectElement>(`${HEAD} #status`)
    field.dispatchEvent(new PointerEvent('pointerdown'))
    server.push('case', told(found, { status: 'closed' }))
    await waitUntil(() => field.value === 'closed')
    set(field, 'open')
    await waitUntil(() =>
      texts(`${HEAD} [role=alert]`)[0]?.startsWith(
        'Chiara Rossi has meanwhile set the status to “Closed”',
      ),
    )
    expect(field.value).to.equal('closed')
    expect(sent(server, 'PATCH /api/cases/case-1')).to.have.length(0)
  })

  it('CASE-15 status: where only something else has changed it is sent again by itself', async () => {
    const newer = { ...found, version: 4, subject: 'By a colleague' }
    let refusals = 1
    const server = await openCase({
      answers: {
        'PATCH /api/cases/case-1': () => {
          refusals -= 1
          return refusals === 0
            ? problem('stale-version', newer)
            : { ...newer, version: 5, status: 'open' }
        },
      },
    })
    set(await one<HTMLSelectElement>(`${HEAD} #status`), 'open')
    await waitUntil(() => server.client.state.cases.get('case-1')?.version === 5)
    const versions = sent(server, 'PATCH /api/cases/case-1').map(
      ({ init }) => init.headers?.['if-match'],
    )
    expect(versions).to.deep.equal(['"3"', '"4"'])
    expect(all(`${HEAD} [role=alert]`)).to.have.length(0)
    expect(texts(HEAD)[0]).to.contain('By a colleague')
  })

  it('CASE-15 assignee: the second one sees who has it', async () => {
    const current = { ...found, version: 4, assigneeId: 'agent-5' }
    await openCase({
      answers: {
        ...historyOf('assignee', 'agent-3'),
        'PATCH /api/cases/case-1': problem('stale-version', current),
      },
    })
    const field = await one<HTMLSelectElement>(`${HEAD} #assignee`)
    set(field, 'agent-1')
    await waitUntil(() =>
      texts(`${HEAD} [role=alert]`)[0]?.includes('given the case to Elena García Fernández'),
    )
    expect(field.value).to.equal('agent-5')
  })

  it('CASE-15 subject: what is typed stays while others change it; saving again replaces theirs knowingly', async () => {
    const server = await openCase({ answers: historyOf('subject', 'agent-2') })
    ;(await button('Edit subject')).click()
    const field = await one<HTMLInputElement>(`${HEAD} #subject`)
    type(field, 'Mine')
    server.push('case', told(found, { subject: 'Theirs' }))
    await waitUntil(() => server.client.state.cases.get('case-1')?.subject === 'Theirs')
    ;(await button('Save')).click()
    await waitUntil(() => texts(`${HEAD} [role=alert]`)[0]?.includes('the subject to “Theirs”'))
    expect(field.value).to.equal('Mine')
    expect(sent(server, 'PATCH /api/cases/case-1')).to.have.length(0)
    ;(await button('Save')).click()
    await waitUntil(() => sent(server, 'PATCH /api/cases/case-1').length === 1)
    expect(sent(server, 'PATCH /api/cases/case-1')[0]?.init.headers?.['if-match']).to.equal('"4"')
  })

  it('CASE-15 essence: both write, the second keeps the text, sees the other’s, and may replace it', async () => {
    const server = await openCase({ answers: historyOf('essence', 'agent-2') })
    ;(await button('Edit what the call was about')).click()
    const field = await one<HTMLTextAreaElement>('ringside-case-message textarea')
    expect(field.value).to.equal('About the invoice')
    type(field, 'Mine')
    const { messages: _messages, ...summary } = found
    const theirs = { ...essence, text: 'Theirs' }
    server.push('case', { ...summary, version: 4, message: theirs, withdrawnTo: null })
    await waitUntil(() =>
      server.client.state.messages.get('case-1')?.some((one) => one.text === 'Theirs'),
    )
    ;(await button('Save')).click()
    await waitUntil(() => texts('ringside-case-message blockquote').join() === 'Theirs')
    expect(texts('ringside-case-message [role=alert]')[0]).to.contain('Boris Klein')
    expect(field.value).to.equal('Mine')
    const line = 'PATCH /api/cases/case-1/messages/m1'
    expect(sent(server, line)).to.have.length(0)
    ;(await button('Save')).click()
    await waitUntil(() => sent(server, line).length === 1)
    expect(sent(server, line)[0]?.init.headers?.['if-match']).to.equal('"4"')
  })

  it('CASE-15 a case made of the call by somebody else: named, opened with a click, what was typed becomes a note', async () => {
    const call = answered({ userId: 'user-1' })
    const theirs = caseView({ id: 'theirs', number: 77, assigneeId: 'agent-2' })
    const refused = new ApiError(409, {
      type: 'https://ringside.example/problems/already-in-case',
      case: theirs,
    })
    const server = await show({
      calls: [call],
      users: [userView()],
      cases: [theirs],
      answers: { 'POST /api/calls/call-1/case': refused },
    })
    ;(await button('Create a case from this call')).click()
    type(await one('ringside-case-form #subject'), 'Second licence')
    type(await one('ringside-case-form #essence'), 'For the colleague')
    ;(await button('Create case')).click()
    await waitUntil(() =>
      texts('ringside-case-form [role=alert]')[0]?.startsWith(
        'Boris Klein has already made case #77',
      ),
    )
    ;(await button('Add what I typed as a note')).click()
    await waitUntil(() => sent(server, 'POST /api/cases/theirs/notes').length === 1)
    expect(sent(server, 'POST /api/cases/theirs/notes')[0]?.init.body).to.deep.equal({
      text: 'Second licence\nFor the colleague',
    })
    await one('ringside-case')
  })
})

describe('case page', () => {
  afterEach(() => widget.remove())

  it('POP-8 history in words: no ids, a rule by its reason', async () => {
    const entry = { at: at(60), agentId: null, from: null, to: null, rule: null }
    await show({
      users: [userView()],
      cases: [caseView()],
      answers: {
        'GET /api/cases/case-1/history': {
          items: [
            { ...entry, kind: 'opened', to: 'open', rule: 'CASE-4' },
            { ...entry, kind: 'call', to: 'call-4711' },
            { ...entry, kind: 'assignee', from: 'agent-2', to: null, agentId: 'agent-3' },
            { ...entry, kind: 'status', from: 'open', to: 'closed', rule: 'CASE-8' },
            { ...entry, kind: 'withdrawn', to: 'case-4711' },
            { ...entry, kind: 'something-new', to: 'x-4711' },
          ],
          next: null,
        },
      },
    })
    await widget.openCase('case-1')
    ;(await one<HTMLElement>('ringside-case summary')).click()
    await waitUntil(() => all('ringside-case .history li').length === 6)
    const words = texts('ringside-case .history')[0]!
    expect(words).to.contain('Opened By itself: nobody had chosen a case').and.contain('CASE-4')
    expect(words).to.contain('Assignee: from Boris Klein to Nobody Chiara Rossi')
    expect(words).to.contain('Status: from Open to Closed By itself: the caller was reached')
    expect(words).not.to.contain('4711')
  })

  it('POP-8 what happened in the call is one click away for those who may see it', async () => {
    const call = answered({ state: 'ended', outcome: 'answered', talkSeconds: 60 })
    const legs = call.legs.map((leg) => ({ ...leg, agentId: 'agent-2' }))
    const theirs = { ...call, id: 'call-2', agentId: 'agent-2', legs }
    const messages = [call, theirs].map((one) =>
      messageView({ id: one.id, kind: 'call', call: one }),
    )
    await show({ users: [userView()], cases: [caseView({ messages })] })
    await widget.openCase('case-1')
    await waitUntil(() => all('ringside-case-message').length === 2)
    const links = () =>
      all('ringside-case-message .link').filter((link) => textOf(link).startsWith('What happened'))
    expect(links()).to.have.length(1)
    links()[0]!.click()
    await one('ringside-call-trace')
  })

  it('POP-8 EMBED-2 a link to the helpdesk’s own ticket, which the page may open itself', async () => {
    const server = await show(
      { users: [userView()], cases: [caseView()] },
      { caseUrl: 'https://helpdesk.example/tickets/{externalId}' },
    )
    await widget.openCase('case-1')
    await one('ringside-case-head #status')
    expect(all('ringside-case-head .ticket')).to.have.length(0)
    server.push('case', told(caseView(), { externalId: 'T-7' }))
    const link = await one<HTMLAnchorElement>('ringside-case-head .ticket')
    expect(link.href).to.equal('https://helpdesk.example/tickets/T-7')
    const asked = new Promise<string>((resolve) => {
      widget.addEventListener('ringside-open-case', (event) => {
        event.preventDefault()
        resolve(event.detail.caseId)
      })
    })
    link.click()
    expect(await asked).to.equal('case-1')
  })
})
