import { expect } from '@open-wc/testing'
import type { ConnectionState } from '../../widget/client/state.ts'
import type { Stream } from '../../widget/client/stream.ts'
import { createSharedStream, type SharedOptions, type Told } from '../../widget/client/tabs.ts'
import { waitUntil } from './wait-until.ts'

/** The real stream of a tab, played by the test. */
interface Line {
  readonly from: string | null
  readonly say: (event: string, data: unknown, id: string) => void
  readonly state: (state: ConnectionState, reason?: string) => void
  readonly woken: boolean[]
  isOpen: boolean
}
interface Tab {
  stream: Stream
  readonly heard: string[]
  readonly states: string[]
  readonly lines: Line[]
  isLeader: boolean
}

const hello = (resumedFrom: string | null = null) => ({ resumedFrom })
let name = ''
let tabs: Tab[] = []

/** Tabs of one page: locks and channels make no difference between those and tabs of a browser. */
function open(change: Partial<SharedOptions> = {}): Tab {
  const lines: Line[] = []
  const heard: string[] = []
  const states: string[] = []
  const none: Stream = { wake: () => undefined, close: () => undefined }
  const tab: Tab = { stream: none, heard, states, lines, isLeader: false }
  tab.stream = createSharedStream({
    name: async () => name,
    open({ lastEventId = null, onEvent, onState }) {
      const line: Line = {
        from: lastEventId,
        isOpen: true,
        woken: [],
        say: (event, data, id) => line.isOpen && onEvent(event, data, id),
        state: (state, reason) => line.isOpen && onState(state, reason ?? null),
      }
      lines.push(line)
      onState('connecting', null)
      return {
        wake: (isLate = false) => line.woken.push(isLate),
        close: () => {
          line.isOpen = false
        },
      }
    },
    onEvent: (event, data) => heard.push(`${event} ${JSON.stringify(data)}`),
    onState: (state) => states.push(state),
    onLeader: (isLeader) => {
      tab.isLeader = isLeader
    },
    onWake: () => undefined,
    onLeave: () => heard.push('leaving'),
    snapshot: () => (heard.length === 0 ? null : [['hello', { ...hello(), heard }] as Told]),
    ...change,
  })
  tabs.push(tab)
  return tab
}

/** A tab that leads, and one that follows it, after the first hello. */
async function pair(): Promise<{ leader: Tab; line: Line; follower: Tab }> {
  const leader = open()
  const line = await lineOf(leader)
  line.state('open')
  line.say('hello', hello(), '1')
  const follower = open()
  await waitUntil(() => follower.heard.length === 1, 'a tab that joins gets a snapshot')
  return { leader, line, follower }
}

async function lineOf(tab: Tab): Promise<Line> {
  await waitUntil(() => tab.lines.at(-1)?.isOpen === true, 'a line is opened')
  return tab.lines.at(-1)!
}

/** Another voice among the tabs. */
function channel(): BroadcastChannel {
  return new BroadcastChannel(name)
}

describe('tabs', () => {
  beforeEach(() => {
    name = `ringside test ${crypto.randomUUID()}`
  })
  afterEach(() => {
    for (const { stream } of tabs) stream.close()
    tabs = []
  })

  it('POP-11 what the leader hears all tabs hear; a tab that joins asks the leader', async () => {
    const { leader, line, follower } = await pair()
    line.say('call', { id: 7 }, '2')
    await waitUntil(() => follower.heard.length === 2)
    expect(leader.heard).to.deep.equal(['hello {"resumedFrom":null}', 'call {"id":7}'])
    expect(follower.heard[1]).to.equal('call {"id":7}')
    expect([leader.isLeader, follower.isLeader]).to.deep.equal([true, false])
    expect(follower.lines).to.have.length(0)
    expect(follower.states.at(-1)).to.equal('open')
  })

  it('POP-11 the next leader resumes behind the last event that it has seen', async () => {
    const { leader, line, follower } = await pair()
    line.say('call', { id: 7 }, '2')
    await waitUntil(() => follower.heard.length === 2)
    leader.stream.close()
    expect((await lineOf(follower)).from).to.equal('2')
    expect(line.isOpen).to.equal(false)
  })

  it('HOLD-10 what a former leader still says is not heard', async () => {
    const { line, follower } = await pair()
    const stale = channel()
    const news = { type: 'news', term: 5, to: null, state: 'waiting', since: '1', lastId: '9' }
    stale.postMessage({ ...news, events: [['call', { id: 'stale' }]] })
    line.say('call', { id: 7 }, '2')
    await waitUntil(() => follower.heard.length === 2)
    expect(follower.heard[1]).to.equal('call {"id":7}')
    expect(follower.states).to.not.include('waiting')
    stale.close()
  })

  it('HOLD-10 a leader that hears of a later one steps down and asks it for a snapshot', async () => {
    const { leader, line, follower } = await pair()
    const later = channel()
    const asked: string[] = []
    later.onmessage = ({ data }) => asked.push(data.type)
    const term = Date.now() + 60_000
    const news = { type: 'news', term, to: null, state: 'open', since: '8', lastId: '8' }
    later.postMessage({ ...news, events: [] })
    await waitUntil(() => !line.isOpen, 'its stream is closed')
    expect(leader.isLeader).to.equal(false)
    await waitUntil(() => asked.includes('ask'))
    // The lock went to the one that stood in line.
    expect((await lineOf(follower)).isOpen).to.equal(true)
    later.close()
  })

  it('HOLD-10 events that a tab has not heard are made good by a snapshot', async () => {
    const { line, follower } = await pair()
    const between = channel()
    let term = 0
    between.onmessage = ({ data }) => {
      term = Math.max(term, data.term)
    }
    line.say('call', { id: 1 }, '2')
    await waitUntil(() => term > 0)
    // As if event 3 had been lost on the way.
    const news = { type: 'news', term, to: null, state: 'open', since: '3', lastId: '4' }
    between.postMessage({ ...news, events: [['call', { id: 3 }]] })
    await waitUntil(() => follower.heard.length === 3)
    expect(follower.heard[2]).to.match(/^hello .*call.*1/)
    between.close()
  })

  it('HOLD-10 a leader that answers nobody loses the lock, and knows it', async () => {
    // Holds the lock and says nothing, as a tab that stands still.
    const stolen = new Promise((resolve) => {
      navigator.locks.request(name, () => new Promise(() => undefined)).catch(resolve)
    })
    await waitUntil(async () =>
      (await navigator.locks.query()).held?.some((one) => one.name === name),
    )
    const tab = open()
    const line = await lineOf(tab).catch(() => lineOf(tab))
    expect([tab.isLeader, line.from]).to.deep.equal([true, null])
    expect(await stolen).to.have.property('name', 'AbortError')
  })

  it('SAFE-8 a leader that is refused leaves the lead to another tab, and takes its word for the stream', async () => {
    const { leader, line, follower } = await pair()
    line.state('refused', 'refused')
    const next = await lineOf(follower)
    expect(leader.states.at(-1)).to.equal('refused')
    next.state('open')
    await waitUntil(() => leader.states.at(-1) === 'open')
    next.say('call', { id: 7 }, '2')
    await waitUntil(() => leader.heard.at(-1) === 'call {"id":7}')
    expect(leader.lines).to.have.length(1)
  })

  it('SAFE-8 where nobody has a good token no tab asks again by itself', async () => {
    const { leader, line, follower } = await pair()
    line.state('refused', 'refused')
    const next = await lineOf(follower)
    next.state('refused', 'refused')
    await waitUntil(async () => {
      const { held, pending } = await navigator.locks.query()
      return ![...(held ?? []), ...(pending ?? [])].some((one) => one.name === name)
    })
    expect([leader.states.at(-1), follower.states.at(-1)]).to.deep.equal(['refused', 'refused'])
    leader.stream.wake()
    await waitUntil(() => leader.lines.length === 2, 'a new token is tried')
  })

  it('HOLD-10 a page that is put aside lets go of the stream, and comes back as a follower', async () => {
    const { leader, line, follower } = await pair()
    const away = (name: string, persisted: boolean) =>
      window.dispatchEvent(new PageTransitionEvent(name, { persisted }))
    // Both are in this page: both go.
    away('pagehide', true)
    expect([leader.heard.at(-1), follower.heard.at(-1)]).to.deep.equal(['leaving', 'leaving'])
    expect([line.isOpen, leader.isLeader]).to.deep.equal([false, false])
    away('pageshow', true)
    await waitUntil(() => [leader, follower].filter((tab) => tab.isLeader).length === 1)
    const [again] = [leader, follower].filter((tab) => tab.isLeader)
    expect((await lineOf(again!)).from).to.equal('1')
  })

  it('HOLD-10 when the network comes back the stream is opened again, whatever it looks like', async () => {
    const { line } = await pair()
    window.dispatchEvent(new Event('online'))
    await waitUntil(() => line.woken.length === 2, 'by its own tab, and by the other')
    expect(line.woken, 'once').to.deep.equal([true, false])
  })

  it('HOLD-10 a clock that has jumped tells of a sleep', async () => {
    const { line } = await pair()
    const real = Date.now
    try {
      Date.now = () => real() + 3_600_000
      await waitUntil(() => line.woken.includes(true), 'woken')
    } finally {
      Date.now = real
    }
  })

  it('HOLD-10 a leader that stood still when it was told of a sleep is told again until it knows', async () => {
    let isHeld = false
    void navigator.locks.request(name, () => {
      isHeld = true
      return new Promise(() => undefined)
    })
    await waitUntil(() => isHeld)
    const leader = channel()
    const asked: string[] = []
    let rousedAt = 0
    leader.onmessage = ({ data: { type, from, isLate } }) => {
      asked.push(`${type} ${isLate}`)
      const events = type === 'ask' ? [['hello', hello()]] : []
      const to = type === 'ask' ? from : null
      const at = { term: 5, state: 'open', since: '1', lastId: '1' }
      leader.postMessage({ type: 'news', to, events, rousedAt, ...at })
    }
    const told = () => asked.filter((question) => question === 'wake true').length
    const follower = open()
    await waitUntil(() => follower.heard.length === 1)
    window.dispatchEvent(new Event('online'))
    await waitUntil(() => told() >= 3, 'told again')
    rousedAt = Date.now()
    await waitUntil(() => asked.at(-1) === 'ping false', 'it knows')
    expect(follower.lines).to.have.length(0)
    leader.close()
  })

  it('POP-11 where locks are refused, as in sandboxed frames, the tab has its own stream', async () => {
    const { locks } = navigator
    const refusing = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) }
    Object.defineProperty(navigator, 'locks', { configurable: true, value: refusing })
    try {
      const tab = open()
      await lineOf(tab)
      expect(tab.isLeader).to.equal(true)
    } finally {
      Reflect.deleteProperty(navigator, 'locks')
      expect(navigator.locks).to.equal(locks)
    }
  })

  it('EMBED-5 an agent whose name cannot be found out is asked for again', async () => {
    let asked = 0
    const tab = open({
      name: async () => {
        asked += 1
        if (asked === 1) throw new TypeError('Failed to fetch')
        return name
      },
    })
    await waitUntil(() => tab.states.includes('waiting'))
    await waitUntil(() => tab.isLeader, 'it leads')
  })
})
