import { expect } from '@open-wc/testing'
import { createStream, type Stream, type StreamOptions } from '../../widget/client/stream.ts'
import { waitUntil } from './wait-until.ts'

interface Answer {
  readonly status?: number
  readonly type?: string
  readonly chunks?: readonly string[]
  readonly stay?: boolean
}
interface Heard {
  readonly events: string[]
  readonly states: string[]
  readonly stream: Stream
  readonly log: () => Promise<{ authorization: string; last?: string }[]>
}

let number = 0
let open: Stream[] = []

/** A stream to a server that answers each attempt as written down; the last answer is repeated. */
async function listen(
  answers: readonly Answer[],
  options: Partial<StreamOptions> = {},
): Promise<Heard> {
  number += 1
  const url = `/test-stream/${number}-${crypto.randomUUID()}`
  await fetch(url, { method: 'POST', body: JSON.stringify(answers) })
  const events: string[] = []
  const states: string[] = []
  const stream = createStream({
    url,
    events: ['hello', 'call'],
    getToken: async (again) => (again ? 'second' : 'first'),
    onEvent: (event, data) => events.push(`${event} ${JSON.stringify(data)}`),
    onState: (state, reason) => states.push(reason === null ? state : `${state} ${reason}`),
    backoff: () => 5,
    ...options,
  })
  open.push(stream)
  return { events, states, stream, log: async () => (await fetch(`${url}/log`)).json() }
}

const one = 'event: hello\nid: 1\ndata: {"a":1}\n\n'
const two = 'event: call\nid: 2\ndata: {"b":2}\n\n'

describe('stream', () => {
  afterEach(() => {
    for (const stream of open) stream.close()
    open = []
  })

  it('POP-11 events come with the token sent, however the text is cut', async () => {
    const heard = await listen([
      { chunks: [one.slice(0, 9), one.slice(9), two.slice(0, -1), two.slice(-1)], stay: true },
    ])
    await waitUntil(() => heard.events.length === 2)
    expect(heard.events).to.deep.equal(['hello {"a":1}', 'call {"b":2}'])
    expect((await heard.log())[0]?.authorization).to.equal('Bearer first')
  })

  it('POP-11 after the server’s end it resumes behind the last event', async () => {
    const heard = await listen([{ chunks: [one] }, { chunks: [two], stay: true }])
    await waitUntil(() => heard.events.length === 2)
    expect((await heard.log()).map((request) => request.last)).to.deep.equal([undefined, '1'])
  })

  it('HOLD-10 half an event at the end of a stream is not an event, and is asked for again', async () => {
    const heard = await listen([
      { chunks: [one, 'event: call\nid: 2\ndata: {"half":true}'] },
      { chunks: [two], stay: true },
    ])
    await waitUntil(() => heard.events.length === 2)
    expect(heard.events).to.deep.equal(['hello {"a":1}', 'call {"b":2}'])
    expect((await heard.log())[1]?.last).to.equal('1')
  })

  it('EMBED-5 an HTML page is not taken for a stream', async () => {
    const heard = await listen([
      { type: 'text/html', chunks: [one] },
      { chunks: [two], stay: true },
    ])
    await waitUntil(() => heard.events.length === 1)
    expect(heard.events).to.deep.equal(['call {"b":2}'])
    expect(heard.states).to.include('waiting not-a-stream')
  })

  it('SAFE-8 a refused token is asked for again once, then it stops', async () => {
    const heard = await listen([{ status: 401, type: 'application/problem+json', chunks: ['{}'] }])
    await waitUntil(() => heard.states.includes('refused refused'))
    const log = await heard.log()
    expect(log.map((request) => request.authorization)).to.deep.equal([
      'Bearer first',
      'Bearer second',
    ])
  })

  it('SAFE-8 with a new token it goes on', async () => {
    const heard = await listen([{ status: 401 }, { chunks: [one], stay: true }])
    await waitUntil(() => heard.events.length === 1)
    expect(heard.states).to.deep.equal(['connecting', 'open'])
  })

  it('EMBED-5 a server that is not well is tried again', async () => {
    const heard = await listen([
      { status: 503, type: 'text/plain', chunks: ['away'] },
      { chunks: [one], stay: true },
    ])
    await waitUntil(() => heard.events.length === 1)
    expect(heard.states).to.deep.equal(['connecting', 'waiting 503', 'open'])
  })

  it('HOLD-10 a silent line is given up, heartbeats keep one alive', async () => {
    const silent = await listen(
      [
        { chunks: [one], stay: true },
        { chunks: [two], stay: true },
      ],
      { silenceMs: 80 },
    )
    await waitUntil(() => silent.events.length === 2)
    expect(silent.states).to.include('waiting silent')
    const beats = Array.from({ length: 40 }, () => ': heartbeat\n\n')
    const alive = await listen([{ chunks: [one, ...beats, two], stay: true }], { silenceMs: 150 })
    await waitUntil(() => alive.events.length === 2)
    expect(alive.states).to.deep.equal(['connecting', 'open'])
  })

  it('EMBED-5 one unreadable event does not stop those after it', async () => {
    const heard = await listen([
      { chunks: ['event: call\nid: 1\ndata: {oops\n\n', two], stay: true },
    ])
    await waitUntil(() => heard.events.length === 1)
    expect(heard.events).to.deep.equal(['call {"b":2}'])
  })
})
