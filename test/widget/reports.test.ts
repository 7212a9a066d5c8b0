import { expect } from '@open-wc/testing'
import type { BehindItemView } from '../../server/http/report-schemas.ts'
import { ApiError } from '../../widget/client/api.ts'
import { chosenDays, firstChoice, fromAddress, toAddress } from '../../widget/reports/choice.ts'
import { dayIn, daysOf } from '../../widget/reports/days.ts'
import type { RingsideReports } from '../../widget/reports/ringside-reports.ts'
import '../../widget/reports/ringside-reports.ts'
// Loaded before, so that no test waits for them.
import '../../widget/reports/pictures.ts'
import { changeOf, durationText } from '../../widget/reports/words.ts'
import { type FakeServer, fakeServer, ME, NOW, type World } from './fake-server.ts'
import { all as allIn, key, textOf } from './page.ts'
import { ITEMS, reportOf, reportsWorld } from './reports-world.ts'
import { settle } from './scene.ts'
import { waitUntil } from './wait-until.ts'

let reports: RingsideReports
let server: FakeServer

async function open(world: World = reportsWorld(), change: object = {}) {
  server = fakeServer(world)
  reports = document.createElement('ringside-reports')
  Object.assign(reports, { client: server.client, ...change })
  document.body.append(reports)
  server.client.start()
  await waitUntil(() => server.client.state.me !== null)
}
const all = <T extends Element = HTMLElement>(selector: string): T[] =>
  reports.shadowRoot === null ? [] : allIn<T>(selector, reports.shadowRoot)
async function one<T extends Element = HTMLElement>(selector: string): Promise<T> {
  await waitUntil(() => all(selector).length > 0, `no ${selector}`)
  return all<T>(selector)[0]!
}
async function button(label: string): Promise<HTMLButtonElement> {
  const match = () => all<HTMLButtonElement>('button').find((each) => textOf(each) === label)
  await waitUntil(() => match() !== undefined, `no button ${label}`)
  return match()!
}
async function choose(name: string, value: string): Promise<void> {
  const select = await one<HTMLSelectElement>(`[name="${name}"]`)
  select.value = value
  select.dispatchEvent(new Event('change', { bubbles: true }))
  await reports.updateComplete
}
const asked = (part = '/api/reports/') =>
  server.requests.map(({ line }) => line).filter((line) => line.includes(part))
const queryOf = (line: string) => new URLSearchParams(line.split('?')[1])
const table = () => one('ringside-report-table table')
const rows = () => all('ringside-report-table tbody tr').map((row) => textOf(row))
const active = () => {
  let found = document.activeElement
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement
  return found as HTMLElement
}

describe('the reports', () => {
  afterEach(() => {
    reports.remove()
    history.replaceState(null, '', location.pathname + location.search)
  })

  it('REP-5 the target and the service level by which figures are kept or missed are said', async () => {
    await open()
    await (await button('SLA')).click()
    await waitUntil(() => all('.head p').some((each) => textOf(each).includes('24 hr')))
    expect(textOf(await one('.head p'))).to.contain('Target: 24 hr of working time.')
    await (await button('Calls')).click()
    await waitUntil(() => all('.head p').some((each) => textOf(each).includes('20 sec')))
    expect(textOf(await one('.head p'))).to.contain('answered within 20 sec.')
  })

  it('REP-1 say in one sentence that they are for supervisors, and ask the server for nothing', async () => {
    await open({ ...reportsWorld(), me: ME })
    await waitUntil(() => textOf(reports).includes('Reports are for supervisors'))
    expect(asked()).to.deep.equal([])
    expect(all('nav')).to.have.length(0)
  })

  it('REP-1 show the figures of the period and how they differ from the period before', async () => {
    const known = (_init: unknown, path: string) => ({
      ...reportOf(path),
      total: { newTotal: 120, newUser: 0, reopened: 7, handled: 9, responded: 5, closed: 4 },
      previous: { newTotal: 100, newUser: 0, reopened: 0, handled: 10, responded: 5, closed: 4 },
    })
    await open(reportsWorld({ 'GET /api/reports/workload': known }))
    await table()
    const cards = all('.cards li').map(textOf)
    expect(cards[0]).to.contain('New cases: 120').and.contain('20% more than before (100)')
    expect(cards[1]).to.contain('New user cases: 0').and.contain('as before')
    expect(cards[2]).to.contain('before: none')
    expect(cards[3]).to.contain('10% less than before (10)')
    // Nothing is behind a zero.
    expect(all('.cards button')).to.have.length(5)
    expect(queryOf(asked()[0]!).get('from')).to.equal('2026-02-01')
    expect(queryOf(asked()[0]!).get('to')).to.equal('2026-03-03')
    expect(textOf(reports)).to.contain('This period is not over yet')
  })

  it('REP-4 figures that do not count calls are said to be so in words, never as zero', async () => {
    await open(reportsWorld(), { report: 'time-metrics' })
    await table()
    expect(textOf(await one('p.off'))).to.equal(
      'First response time, Response time, and Response writing time: do not apply to calls.',
    )
    expect(all('.cards li').map(textOf).join()).not.to.contain('First response')
    const head = all('ringside-report-table thead th').map(textOf)
    expect(head.slice(-3)[0]).to.equal('First response time does not apply to calls')
    const cells = all('ringside-report-table tbody tr:first-child td').map(textOf)
    expect(cells.at(-1)).to.equal('–does not apply to calls')
  })

  it('REP-7 times of calls stand together, and the table shows one kind of them at a time', async () => {
    await open(reportsWorld(), { report: 'calls' })
    await table()
    expect(all('.times tbody tr').map((row) => textOf(row.querySelector('th')!))).to.deep.equal([
      'Ringing',
      'Waiting',
      'Talking',
      'On hold',
      'Until called back',
    ])
    const head = () => all('ringside-report-table thead th').map(textOf)
    expect(head()).to.contain('Service level').and.not.contain('Waiting, median')
    await choose('set', 'medians')
    await waitUntil(() => head().includes('Waiting, median'))
    expect(head()).to.have.length(6)
  })

  it('REP-2 filters stay when the report changes, and go to the server as they are', async () => {
    await open(reportsWorld(), { inAddress: true })
    await choose('period', 'lastMonth')
    await choose('direction', 'incoming')
    const tz = await one<HTMLInputElement>('[name=tz]')
    tz.value = 'asia/kathmandu'
    tz.dispatchEvent(new Event('change'))
    ;(await button('Peak load')).click()
    await waitUntil(() => asked('peak-load').length > 0)
    const query = queryOf(asked('peak-load').at(-1)!)
    expect(Object.fromEntries(query)).to.deep.equal({
      from: '2026-02-01',
      to: '2026-03-01',
      tz: 'Asia/Kathmandu',
      direction: 'incoming',
    })
    expect(location.hash).to.equal(
      '#peak-load?period=lastMonth&tz=Asia%2FKathmandu&direction=incoming',
    )
    history.back()
    await waitUntil(() => reports.report === 'workload')
    expect((await one<HTMLSelectElement>('[name=direction]')).value).to.equal('incoming')
  })

  it('REP-2 an address opens what it was made of; what is wrong in it is as usual', async () => {
    history.replaceState(
      null,
      '',
      '#calls?period=range&from=2026-01-05&to=2026-01-11&tz=Mars/Base&by=agent&queue=',
    )
    await open(reportsWorld(), { inAddress: true })
    await waitUntil(() => asked('/calls?').length > 0)
    const query = queryOf(asked('/calls?')[0]!)
    expect([query.get('from'), query.get('to'), query.get('by')]).to.deep.equal([
      '2026-01-05',
      '2026-01-12',
      'agent',
    ])
    expect(query.getAll('queue')).to.deep.equal([''])
    expect(query.get('tz')).to.equal(Intl.DateTimeFormat().resolvedOptions().timeZone)
  })

  it('REP-6 several agents and queues are chosen from lists; nobody and no queue are among them', async () => {
    await open()
    await table()
    const [agents, queues] = all('ringside-report-several')
    agents!.shadowRoot!.querySelector('button')!.click()
    await waitUntil(() => allIn('.item', agents!.shadowRoot!).length > 0)
    const item = (from: Element, text: string) =>
      allIn<HTMLElement>('.item', from.shadowRoot!).find((each) => textOf(each) === text)!
    item(agents!, 'Boris Klein').click()
    await reports.updateComplete
    item(agents!, 'Nobody').click()
    await waitUntil(() => queryOf(asked('workload?').at(-1)!).getAll('agentId').length === 2)
    expect(queryOf(asked('workload?').at(-1)!).getAll('agentId')).to.deep.equal([
      'agent-2',
      'nobody',
    ])
    key(item(agents!, 'Nobody'), 'Escape')
    await waitUntil(() => allIn('.item', agents!.shadowRoot!).length === 0)
    expect(active().getAttribute('aria-expanded')).to.equal('false')
    queues!.shadowRoot!.querySelector('button')!.click()
    await waitUntil(() => allIn('.item', queues!.shadowRoot!).length > 1)
    item(queues!, 'Without a queue').click()
    await waitUntil(() => queryOf(asked('workload?').at(-1)!).has('queue'))
    expect(queryOf(asked('workload?').at(-1)!).getAll('queue')).to.deep.equal([''])
  })

  it('REP-1 days that make no period are not asked for, and a wrong time zone is said', async () => {
    await open()
    await table()
    await choose('period', 'range')
    const before = asked('workload?').length
    const last = await one<HTMLInputElement>('[name=to]')
    last.value = '2026-01-01'
    last.dispatchEvent(new Event('change'))
    await waitUntil(() => textOf(reports).includes('The last day is before the first.'))
    const tz = await one<HTMLInputElement>('[name=tz]')
    tz.value = 'Mars/Base'
    tz.dispatchEvent(new Event('change'))
    await waitUntil(() => tz.getAttribute('aria-invalid') === 'true')
    expect(asked('workload?')).to.have.length(before)
  })

  it('REP-1 a table is sorted by its heads, with what has no value last, and total below', async () => {
    const values = (newTotal: number | null) => ({ newTotal, closed: 1 })
    const known = (_init: unknown, path: string) => ({
      ...reportOf(path),
      rows: [
        { group: { agentId: 'agent-2' }, values: values(5) },
        { group: { agentId: null }, values: values(null) },
        { group: { agentId: 'agent-1' }, values: values(30) },
      ],
    })
    await open(reportsWorld({ 'GET /api/reports/leaderboard': known }), { report: 'leaderboard' })
    await waitUntil(() => rows()[0]?.includes('Boris Klein'))
    const names = () => all('ringside-report-table tbody th').map(textOf)
    const head = () => all<HTMLElement>('ringside-report-table thead th')
    ;(await button('New cases')).click()
    await waitUntil(() => head()[1]!.ariaSort === 'descending')
    expect(names()).to.deep.equal(['Anna Petrova', 'Boris Klein', 'Nobody'])
    head()[1]!.querySelector('button')!.click()
    await waitUntil(() => head()[1]!.ariaSort === 'ascending')
    expect(names()).to.deep.equal(['Boris Klein', 'Anna Petrova', 'Nobody'])
    head()[1]!.querySelector('button')!.click()
    await waitUntil(() => head()[1]!.ariaSort === null)
    expect(names()).to.deep.equal(['Boris Klein', 'Nobody', 'Anna Petrova'])
    expect(all('ringside-report-table tfoot th').map(textOf)).to.deep.equal([
      'All',
      'Period before',
    ])
  })

  it('REP-1 a figure opens the list behind it, page by page, and the focus comes back', async () => {
    const pages: Record<string, { items: readonly BehindItemView[]; next: string | null }> = {
      '': { items: ITEMS.slice(0, 2), next: 'more' },
      more: { items: ITEMS.slice(2), next: null },
    }
    const behind = (_init: unknown, path: string) => pages[queryOf(path).get('cursor') ?? '']
    await open(reportsWorld({ 'GET /api/reports/workload/behind': behind }))
    await table()
    const figure = all<HTMLButtonElement>('ringside-report-table tbody tr:first-child .figure')[0]!
    figure.focus()
    figure.click()
    const lines = () => all('ringside-report-behind li').map(textOf)
    await waitUntil(() => lines().length === 2)
    const query = queryOf(asked('behind')[0]!)
    expect([
      query.get('figure'),
      query.get('from'),
      query.get('to'),
      query.get('by'),
    ]).to.deep.equal(['newTotal', '2026-02-01', '2026-02-02', 'day'])
    expect(active().localName).to.equal('h3')
    expect(lines()[0]).to.contain('+375 29 170-16-99').and.contain('Missed').and.contain('Nobody')
    ;(await button('Show more')).click()
    await waitUntil(() => lines().length === 4)
    expect(lines()[3]).to.contain('#1051').and.contain('<img src=x onerror=alert(1)>')
    const routes: unknown[] = []
    reports.addEventListener('ringside-go', (event) =>
      routes.push((event as CustomEvent).detail.route),
    )
    all<HTMLElement>('ringside-report-behind .line-button')[2]!.click()
    all<HTMLElement>('ringside-report-behind .line-button')[0]!.click()
    expect(routes).to.deep.equal([
      { view: 'case', caseId: 'case-1', callId: null },
      { view: 'trace', callId: 'call-9' },
    ])
    key(await one('ringside-report-behind h3'), 'Escape')
    await waitUntil(() => all('ringside-report-behind').length === 0)
    await waitUntil(() => active() === figure)
  })

  it('REP-2 each kind of row asks for what is behind it alone', async () => {
    await open(reportsWorld(), { report: 'peak-load' })
    await table()
    const clickOf = async (row: number, column: number) => {
      const cell = all<HTMLTableRowElement>('ringside-report-table tbody tr')[row]!.cells[column]!
      const before = asked('behind').length
      cell.querySelector('button')!.click()
      await waitUntil(() => asked('behind').length > before)
      return Object.fromEntries(queryOf(asked('behind').at(-1)!))
    }
    const tuesday = await clickOf(24 + 9, 2)
    expect(tuesday).to.include({ weekday: '2', hour: '9', figure: 'handled', by: 'hour-of-week' })
    ;(await button('Channels')).click()
    await waitUntil(() => rows()[0]?.includes('Answered'))
    const lost = await clickOf(7, 1)
    expect(lost).to.include({ direction: 'incoming', outcome: 'missed', queue: '', by: 'channel' })
    ;(await button('Leaderboard')).click()
    await waitUntil(() => rows().some((row) => row.includes('Somebody who has left')))
    const nobody = await clickOf(8, 1)
    expect(nobody).to.include({ agentId: 'nobody', figure: 'newTotal', by: 'agent' })
  })

  it('REP-7 behind a figure of calls are calls, also those that are in a case; a card has the focus back', async () => {
    await open(reportsWorld(), { report: 'calls' })
    await table()
    const card = await one('.cards button[data-figure="card:missed"]')
    card.click()
    const lines = () => all('ringside-report-behind li').map(textOf)
    await waitUntil(() => lines().length === 4)
    expect(lines()[1]).to.contain('Answered').and.contain('talked 1 min 37 sec')
    ;(await one<HTMLElement>('ringside-report-behind header button')).click()
    await waitUntil(() => active() === card)
  })

  it('REP-7 behind a share of 0 % and a time of 0 seconds are calls; behind none there is nothing', async () => {
    const none = { serviceLevel: 0, holdMedian: 0, missed: 0 }
    const answer = (_init: unknown, path: string) => {
      const report = reportOf(path)
      const rows = report.rows.map(({ group, values }) => ({
        group,
        values: { ...values, ...none },
      }))
      return { ...report, rows, total: { ...report.total, ...none } }
    }
    const answers = { ...reportsWorld().answers, 'GET /api/reports/calls': answer }
    await open({ ...reportsWorld(), answers }, { report: 'calls', set: 'counts' })
    await table()
    const at = (figure: string) => all(`button[data-figure="${figure}"]`).length
    expect([at('card:serviceLevel'), at('card:holdMedian'), at('card:missed')]).to.deep.equal([
      1, 1, 0,
    ])
    expect([at('total:serviceLevel'), at('total:missed')]).to.deep.equal([1, 0])
  })

  it('A11Y the table has one stop for Tab, and the arrows go from figure to figure', async () => {
    await open()
    await table()
    const stops = () =>
      all<HTMLElement>('ringside-report-table .figure').filter((one) => one.tabIndex === 0)
    const cell = (row: number, column: number) =>
      all<HTMLTableRowElement>('ringside-report-table tbody tr')[row]!.cells[column]!.querySelector(
        'button',
      )!
    expect(stops()).to.deep.equal([cell(0, 1)])
    cell(0, 1).focus()
    key(active(), 'ArrowRight')
    expect(active()).to.equal(cell(0, 2))
    key(active(), 'ArrowDown')
    expect(active()).to.equal(cell(1, 2))
    key(active(), 'End')
    expect(active()).to.equal(cell(1, 6))
    expect(stops()).to.deep.equal([cell(1, 6)])
    document.documentElement.dir = 'rtl'
    key(active(), 'ArrowRight')
    document.documentElement.removeAttribute('dir')
    expect(active()).to.equal(cell(1, 5))
    expect(active().ariaLabel).to.match(/^With a response, Mon, Feb 2: \d/)
  })

  it('REP-1 what failed says so and is asked again; figures that were there stay', async () => {
    let isAway = true
    const away = (_init: unknown, path: string) => {
      if (isAway) throw new ApiError(503, { title: 'away' })
      return reportOf(path)
    }
    await open(reportsWorld({ 'GET /api/reports/workload': away }))
    await one('.note.error')
    isAway = false
    ;(await button('Try again')).click()
    await table()
    expect(all('.note.error')).to.have.length(0)
    isAway = true
    ;(await button('Refresh')).click()
    await waitUntil(() => textOf(reports).includes('These are the figures of before.'))
    expect(rows().length).to.equal(30)
    isAway = false
    server.setState('waiting', null)
    await reports.updateComplete
    server.setState('open', null)
    await waitUntil(() => all('.note.error').length === 0)
  })

  it('REP-1 a quick answer shows no sign of loading, and of two questions the last one counts', async () => {
    const answers: (() => void)[] = []
    const later = (_init: unknown, path: string) =>
      new Promise((resolve) => answers.push(() => resolve(reportOf(path))))
    await open(reportsWorld({ 'GET /api/reports/workload': later }))
    await waitUntil(() => answers.length === 1)
    expect(textOf(reports)).not.to.contain('Loading')
    await choose('period', 'yesterday')
    await waitUntil(() => answers.length === 2)
    answers[1]!()
    await table()
    answers[0]!()
    await settle()
    expect(rows()).to.have.length(1)
    expect(rows()[0]).to.contain('Sun, Mar 1')
  })

  it('REP-1 days that are still to come are no days on which nothing happened', async () => {
    await open()
    await choose('period', 'month')
    await table()
    await waitUntil(() => rows().length === 2)
    expect(rows()[1]).to.contain('Mon, Mar 2')
    const ends = asked('workload?').map((line) => queryOf(line).get('to'))
    expect(ends).to.include('2026-04-01')
  })

  it('REP-1 a picture shows one figure with the period before, and opens what is behind a part', async () => {
    await open(reportsWorld(), { report: 'leaderboard' })
    await table()
    const bars = await one<HTMLElement & { label: string }>('ringside-bars')
    expect(bars.label).to.equal('Closed')
    await choose('figure', 'newTotal')
    await waitUntil(() => bars.label === 'New cases')
    const detail = { series: 0, from: 2, to: 2 }
    bars.dispatchEvent(new CustomEvent('ringside-chart-chosen', { detail }))
    await waitUntil(() => asked('behind').length === 1)
    expect(queryOf(asked('behind')[0]!).get('agentId')).to.equal('agent-3')
    ;(await button('Overview')).click()
    const trend = await one<HTMLElement & { series: readonly { previous?: readonly unknown[] }[] }>(
      'ringside-trend',
    )
    await waitUntil(() => trend.series[0]?.previous?.length === 30)
    const week = { series: 0, from: 7, to: 13 }
    trend.dispatchEvent(new CustomEvent('ringside-chart-chosen', { detail: week }))
    await waitUntil(() => asked('behind').length === 2)
    const query = queryOf(asked('behind')[1]!)
    expect([query.get('from'), query.get('to')]).to.deep.equal(['2026-02-08', '2026-02-15'])
  })

  it('REP-1 the file has the filters of the report, and keeps the mark of UTF-8', async () => {
    const saved: Blob[] = []
    const make = URL.createObjectURL
    URL.createObjectURL = (blob: Blob) => {
      saved.push(blob)
      return make(blob)
    }
    const names: string[] = []
    const click = HTMLAnchorElement.prototype.click
    HTMLAnchorElement.prototype.click = function () {
      names.push(this.download)
    }
    try {
      await open()
      await choose('direction', 'outgoing')
      await table()
      ;(await button('Save as CSV')).click()
      await waitUntil(() => names.length === 1)
    } finally {
      URL.createObjectURL = make
      HTMLAnchorElement.prototype.click = click
    }
    expect(names).to.deep.equal(['ringside-workload-2026-02-01-2026-03-02.csv'])
    expect(queryOf(asked('format=csv')[0]!).get('direction')).to.equal('outgoing')
    const bytes = new Uint8Array(await saved[0]!.arrayBuffer())
    expect([...bytes.slice(0, 4)]).to.deep.equal([0xef, 0xbb, 0xbf, 'd'.charCodeAt(0)])
  })
})

describe('what the reports are asked and said in', () => {
  it('REP-8 a period by name is that of the time zone: it is another day elsewhere', () => {
    expect(dayIn('Pacific/Kiritimati', NOW)).to.equal('2026-03-03')
    expect(daysOf('today', NOW, 'Pacific/Kiritimati')).to.deep.equal({
      from: '2026-03-03',
      to: '2026-03-04',
    })
    expect(
      daysOf('lastMonth', Date.parse('2026-01-01T00:30:00Z'), 'America/New_York'),
    ).to.deep.equal({
      from: '2025-11-01',
      to: '2025-12-01',
    })
    // Weeks begin on Sunday in English; the 2nd of March is a Monday.
    expect(daysOf('week', NOW, 'UTC')).to.deep.equal({ from: '2026-03-01', to: '2026-03-08' })
  })

  it('REP-1 an address and what it was made of are the same', () => {
    const usual = firstChoice('Europe/Berlin')
    const choice = {
      ...usual,
      report: 'calls' as const,
      period: 'range' as const,
      from: '2026-03-01',
      to: '2026-03-31',
      tz: 'Asia/Kathmandu',
      agentIds: ['agent-1', 'nobody'],
      queues: ['', 'a&b=c?#'],
      direction: 'outgoing' as const,
      by: 'hour' as const,
    }
    expect(fromAddress(toAddress(choice, usual), usual)).to.deep.equal(choice)
    expect(toAddress(usual, usual)).to.equal('workload')
    expect(chosenDays(choice, NOW)).to.deep.equal({ from: '2026-03-01', to: '2026-04-01' })
  })

  it('REP-4 durations have the two units that matter, and ratios differ by points', () => {
    expect([0, 59, 60, 3600, 90_061, 3601].map(durationText)).to.deep.equal([
      '0 sec',
      '59 sec',
      '1 min',
      '1 hr',
      '1 day 1 hr',
      '1 hr',
    ])
    expect(changeOf(0.5, 0.4, 'ratio')?.text)
      .to.contain('+')
      .and.contain('10')
    expect(changeOf(null, 4, 'seconds')).to.equal(null)
  })
})
