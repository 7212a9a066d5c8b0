import { expect } from '@open-wc/testing'
import { ApiError } from '../../widget/client/api.ts'
import type { RingsideWallboard } from '../../widget/wallboard/ringside-wallboard.ts'
import '../../widget/wallboard/ringside-wallboard.ts'
import { at, type FakeServer, fakeServer, ME, NOW, type World } from './fake-server.ts'
import { all as allIn, textOf } from './page.ts'
import { CALLS, SUPERVISOR, team, todayView, wallboardWorld } from './scenes/wallboard.ts'
import { waitUntil } from './wait-until.ts'

let board: RingsideWallboard
let server: FakeServer
let place: HTMLElement
/** The server's time, as the client tells it: the element's own timer reads it every second. */
let now = NOW

const all = <T extends Element = HTMLElement>(selector: string): T[] =>
  allIn<T>(selector, board.shadowRoot!)
const text = (selector: string) => all(selector).map(textOf).join(' | ')
const reads = () => server.requests.filter(({ line }) => line.includes('/api/reports/'))
/** What each figure of the last row says, by its name. */
const figures = () =>
  Object.fromEntries(
    all('.figures > div').map((one) => {
      const [name, ...values] = [...one.children].map(textOf)
      return [name, values.join(', ')]
    }),
  )

/** What stands over the edge of its tile, or of the board. */
function spilled(): string[] {
  const { bottom, right } = board.getBoundingClientRect()
  return all('.big, .people li, .queues li, dd, h2')
    .filter((one) => {
      const tile = one.closest('.tile')!.getBoundingClientRect()
      const box = one.getBoundingClientRect()
      const isLow = box.bottom > Math.min(tile.bottom, bottom) + 0.5
      return isLow || box.right > Math.min(tile.right, right) + 0.5
    })
    .map(textOf)
}

async function show(world: World = {}, size = ['1280px', '720px']): Promise<void> {
  now = NOW
  server = fakeServer(wallboardWorld(world))
  Object.assign(server.client, { now: () => now })
  place = document.createElement('div')
  Object.assign(place.style, { inlineSize: size[0], blockSize: size[1] })
  board = document.createElement('ringside-wallboard')
  board.client = server.client
  place.append(board)
  document.body.append(place)
  server.client.start()
  await waitUntil(() => server.client.state.isReady && server.client.state.me !== null)
  await board.updateComplete
}

/** Lets the server's clock go on, and the board see it. */
async function later(seconds: number): Promise<void> {
  now += seconds * 1000
  server.client.dispatch({ type: 'tick', now })
  await board.updateComplete
}

const ended = (id: string) => {
  const call = CALLS.find((one) => one.id === id)
  return { ...call, state: 'ended', outcome: 'missed', endedAt: at(0) }
}

describe('the wallboard', () => {
  afterEach(() => place.remove())

  it('REP-7 who waits, how long and where; who talks; neither with a name or a number', async () => {
    await show()
    await waitUntil(() => text('.waiting').includes('over 20 s'))
    expect(text('.waiting .big')).to.equal('5')
    expect(text('.longest')).to.equal('longest 2:41 over 20 s')
    expect(all('.queues li').map(textOf)).to.deep.equal([
      'support 3 2:41',
      'sales 1 0:15',
      'Without a queue 1 0:04',
    ])
    // The call between colleagues is none of them.
    expect(text('.progress .big')).to.equal('4')
    expect(text('.progress .parts')).to.equal(
      '2 incoming1 outgoing1 being dialled1 of them on hold',
    )
    const shown = board.shadowRoot!.textContent ?? ''
    expect(shown.replaceAll(/\D/g, '')).to.not.contain('1701699')
  })

  it('REP-7 waits run by the second, and the board follows calls and agents', async () => {
    await show()
    await later(7)
    expect(text('.longest')).to.contain('longest 2:48')
    server.push('call', ended('w1'))
    const waiting = CALLS.find(({ id }) => id === 'w2')
    server.push('call', { ...waiting, state: 'answered', answeredAt: at(0) })
    server.push('agent', { ...team(1)[0], state: 'free', since: at(0) })
    await board.updateComplete
    expect(text('.waiting .big')).to.equal('3')
    expect(text('.longest')).to.contain('longest 0:22')
    expect(text('.progress .big')).to.equal('5')
    expect(text('.counts')).to.equal('Free 6Wrap-up 2Away 2Busy 6Offline 2')
  })

  it('REP-7 the day so far, the service level with its target, and the callbacks that are owed', async () => {
    await show()
    await waitUntil(() => figures().Incoming === '1,284')
    expect(figures()).to.deep.equal({
      Incoming: '1,284',
      Answered: '1,179',
      Missed: '105',
      'Abandoned in a queue': '61',
      'Service level': '87%, answered within 20 s',
      'Callbacks owed': '3, oldest 1 hr',
    })
  })

  it('REP-7 no calls yet: no service level is said to be none, not 0 %', async () => {
    const none = { incoming: 0, answered: 0, missed: 0, abandoned: 0, serviceLevel: null }
    await show({ answers: { 'GET /api/reports/calls': todayView(none) } })
    await waitUntil(() => figures().Incoming === '0')
    expect(figures()['Service level']).to.equal('–none yet, answered within 20 s')
  })

  it('REP-7 figures are read again after calls that ended, at most every 5 seconds, however many', async () => {
    await show()
    // Once to learn in which zone the day begins, once for that day.
    await waitUntil(() => figures().Incoming === '1,284')
    const before = reads().length
    for (const id of ['w1', 'w2', 'w3']) server.push('call', ended(id))
    await later(4)
    expect(reads()).to.have.length(before)
    await later(1)
    await waitUntil(() => reads().length === before + 1)
    await later(20)
    expect(reads()).to.have.length(before + 1)
  })

  it('REP-8 the day is that of the server’s zone, and begins anew at its midnight', async () => {
    const tokyo = { ...todayView(), tz: 'Asia/Tokyo' }
    await show({ answers: { 'GET /api/reports/calls': tokyo } })
    // 10:15 in London is 19:15 there.
    const asked = () => reads().at(-1)?.line
    await waitUntil(() => asked() === 'GET /api/reports/calls?from=2026-03-02&by=none')
    await waitUntil(() => figures().Incoming === '1,284')
    const before = reads().length
    await later(4 * 3600 + 45 * 60 - 1)
    // It is read now and then without any news, too.
    await waitUntil(() => reads().length === before + 1)
    expect(asked()).to.contain('from=2026-03-02')
    await later(1)
    await waitUntil(() => asked() === 'GET /api/reports/calls?from=2026-03-03&by=none')
  })

  it('REP-8 what was asked for to learn the zone is of two days, and never shown as today', async () => {
    const answer = (_init: unknown, path: string) =>
      path.includes('from=2026-03-02') ? new ApiError(500, {}) : todayView()
    await show({ answers: { 'GET /api/reports/calls': answer } })
    await waitUntil(() => text('.trouble') !== '')
    expect(text('.trouble')).to.equal('Today’s figures cannot be read. Trying again.')
    expect(figures().Incoming).to.equal('–none yet')
  })

  it('REP-8 a zone that this browser does not know: the first day from which the report is of one', async () => {
    const answer = (_init: unknown, path: string) => {
      const from = path.includes('from=2026-03-02')
        ? '2026-03-01T15:00:00Z'
        : '2026-02-28T15:00:00Z'
      return { ...todayView(), tz: 'Europe/New_Name', from, to: '2026-03-02T15:00:00Z' }
    }
    await show({ answers: { 'GET /api/reports/calls': answer } })
    await waitUntil(() => figures().Incoming === '1,284')
    expect(reads().at(-1)?.line).to.equal('GET /api/reports/calls?from=2026-03-02&by=none')
    expect(text('.trouble')).to.equal('')
  })

  it('REP-7 a report that cannot be read: the old figures are marked, and it is tried again', async () => {
    let isBroken = false
    await show({
      answers: {
        'GET /api/reports/calls': () => (isBroken ? new ApiError(500, {}) : todayView()),
      },
    })
    await waitUntil(() => figures().Incoming === '1,284')
    isBroken = true
    server.push('call', ended('w1'))
    await later(60)
    await waitUntil(() => text('.trouble').includes('newer figures cannot be read'))
    expect(text('.trouble')).to.contain('10:15')
    expect(figures().Incoming).to.equal('1,284')
    expect(all('.figures .old')).to.have.length(5)
    isBroken = false
    await later(15)
    await waitUntil(() => all('.trouble').length === 0)
    expect(all('.figures .old')).to.have.length(0)
  })

  it('REP-7 a lost stream is said with its time, nothing counts on, and it is right again with the next hello', async () => {
    await show()
    expect(text('.head')).to.contain('Live')
    await later(5)
    server.setState('waiting', 'network')
    await board.updateComplete
    expect(text('.head')).to.match(/Not live since \d\d:15:05/)
    await later(60)
    expect(text('.longest')).to.contain('longest 2:46')
    expect(all('.board.old')).to.have.length(1)
    const asked = reads().length
    await later(600)
    expect(reads(), 'a server that is away is not asked').to.have.length(asked)

    server.setState('open', null)
    await board.updateComplete
    expect(text('.head'), 'nothing has been heard yet').to.contain('Not live')
    const hello = { now: new Date(now).toISOString(), resumedFrom: null, epoch: '1' }
    const rest = { drafts: {}, dismissed: [], controls: {} }
    server.push('hello', { ...hello, ...rest, calls: [CALLS[0]] })
    await board.updateComplete
    expect(text('.head')).to.contain('Live')
    expect(text('.waiting .big')).to.equal('1')
    expect(text('.longest')).to.contain('longest 13:46')
  })

  it('REP-7 a machine that slept does not pass for live before the server has spoken', async () => {
    await show()
    const { now: real } = Date
    try {
      Date.now = () => real.call(Date) + 3_600_000
      await waitUntil(() => text('.head').includes('asleep'), 'says nothing')
    } finally {
      Date.now = real
    }
    expect(all('.board.old')).to.have.length(1)
    server.push('call', ended('w1'))
    await waitUntil(() => text('.head').includes('Live') && all('.lost').length === 0)
  })

  it('ADMIN-4 agents see one plain sentence, and no report is asked for; signed out says what to do', async () => {
    await show({ me: ME })
    expect(text('p')).to.contain('The wallboard is for supervisors and admins.')
    expect(reads()).to.deep.equal([])
    place.remove()
    await show({ me: SUPERVISOR })
    server.setState('refused', 'refused')
    await board.updateComplete
    expect(text('p')).to.contain('This screen is signed out.')
    expect(all('.board')).to.have.length(0)
  })

  for (const [width, height] of [
    [1920, 1080],
    [1280, 720],
    [3840, 2160],
    [1080, 1920],
  ] as const) {
    it(`REP-7 on ${width} × ${height} everything is in its place: 300 agents and 40 queues say how many more`, async () => {
      const calls = Array.from({ length: 40 }, (_, index) => ({
        ...CALLS[0]!,
        id: `q${index}`,
        queue: `A queue with rather a long name, number ${index}`,
      }))
      await show({ agents: team(300), calls: [...calls, ...CALLS] }, [`${width}px`, `${height}px`])
      await waitUntil(() => all('.people .more').length === 1 && all('.queues .more').length === 1)
      await waitUntil(() => figures().Incoming === '1,284')
      // What came last moves the others, and they are measured anew.
      await waitUntil(() => spilled().length === 0).catch(() => expect(spilled()).to.deep.equal([]))
      const shown = all('.people li').length - 1
      expect(text('.people .more')).to.equal(`${300 - shown} more agents`)
    })
  }

  it('EMBED-6 in a page of text it has a height of its own, and goes on after it was moved', async () => {
    await show({}, ['900px', 'auto'])
    expect(board.getBoundingClientRect().height).to.be.at.least(400)
    document.body.prepend(place)
    await later(3)
    expect(text('.longest')).to.contain('longest 2:44')
    server.setState('waiting', 'network')
    await waitUntil(() => text('.head').includes('Not live'))
  })

  it('REP-7 from right to left a Latin name stands where the line starts, and is cut at its own end', async () => {
    await show({}, ['900px', '760px'])
    place.dir = 'rtl'
    /** Where a letter of a name is: from the start of its line, and from its end. */
    const letter = (name: string, index: number): readonly [number, number] => {
      const line = all('.people .line').find((one) => textOf(one) === name)!
      const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT)
      while (texts.nextNode()?.nodeValue?.trim() === '');
      const range = document.createRange()
      range.setStart(texts.currentNode, index)
      range.setEnd(texts.currentNode, index + 1)
      const [box, own] = [line.getBoundingClientRect(), range.getBoundingClientRect()]
      return [Math.round(box.right - own.right), Math.round(own.left - box.left)]
    }
    expect(letter('Ines', 3)[0]).to.equal(0)
    expect(letter('Hans-Joachim Freiherr von Wolkenstein-Trostburg', 0)[1]).to.equal(0)
  })

  it('A11Y-1 headings, and no text that is read out while numbers run', async () => {
    await show()
    await waitUntil(() => figures().Incoming === '1,284')
    expect(all('h2').map(textOf)).to.deep.equal([
      'Calls waiting',
      'Calls in progress',
      'Agents',
      'Today',
    ])
    expect(all('[aria-live], [role=status], [role=alert]')).to.have.length(0)
    await expect(board).to.be.accessible()
  })
})
