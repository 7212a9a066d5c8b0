import { expect } from '@open-wc/testing'
import { ApiError, createApi } from '../../widget/client/api.ts'
import { createClient } from '../../widget/client/client.ts'
import { selectControls } from '../../widget/client/select-controls.ts'
import { createStream } from '../../widget/client/stream.ts'
import { RingsideError } from '../../widget/errors.ts'
import {
  able,
  answered,
  at,
  callView,
  caseView,
  dialled,
  type FakeServer,
  ME,
  NOW,
  phoneView,
  QUEUES,
  refusal,
  userView,
  type World,
} from './fake-server.ts'
import { all, button, key, one, show, textOf, texts, type, widget } from './page.ts'
import { waitUntil } from './wait-until.ts'

const action = (name: string) => `POST /api/calls/call-1/actions/${name}`
const talking = answered()
const inCall: World = { me: able(), calls: [talking] }
const act = (name: string) => one<HTMLButtonElement>(`[data-act=${name}]`)
/** Behind “More”. */
async function rare(name: string): Promise<HTMLButtonElement> {
  if (all('ringside-call-bar .menu').length === 0) {
    ;(await one('ringside-call-bar .more')).click()
  }
  return act(name)
}
const acts = () => all('[data-act]').map((element) => element.dataset.act)
const bodies = (server: FakeServer, line: string) =>
  server.requests.filter((request) => request.line === line).map(({ init }) => init.body)

/** An answer that waits until it is let go. */
function gate() {
  let open = (_value?: unknown): void => undefined
  const answer = () =>
    new Promise((resolve) => {
      open = resolve
    })
  return { answer, open: (value?: unknown) => open(value) }
}

async function rejected(promise: Promise<unknown>): Promise<RingsideError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof RingsideError)) throw new Error(`not a RingsideError: ${String(error)}`)
  return error
}

describe('call control', () => {
  beforeEach(() => sessionStorage.clear())
  afterEach(() => {
    widget.remove()
    for (const link of document.querySelectorAll('[data-test]')) link.remove()
  })

  it('POP-7 the bar offers what the connection can do; without controls it is a bar and nothing else', async () => {
    const server = await show({ ...inCall, me: { ...ME, controls: {} } })
    await one('ringside-call-bar [role=timer]')
    expect(acts()).to.deep.equal([])
    server.push('controls', { controls: { pbx: ['hangup', 'hold'] } })
    await act('hold')
    expect(acts()).to.deep.equal(['hold', 'hangup'])
  })

  it('POP-7 pressed is waiting, and on hold only when the call says so', async () => {
    const { answer, open } = gate()
    const server = await show({ ...inCall, answers: { [action('hold')]: answer } })
    const hold = await act('hold')
    hold.click()
    hold.click()
    await waitUntil(() => hold.ariaBusy === 'true')
    open()
    await waitUntil(() => server.requests.some(({ line }) => line === action('hold')))
    expect(acts()).to.include('hold').and.not.include('resume')
    // The PBX parks the caller, and the phone is free.
    const legs = talking.legs.map((leg) => ({ ...leg, endedAt: at(0) }))
    server.push('call', { ...talking, state: 'held', agentId: 'agent-1', legs })
    const resume = await act('resume')
    expect(resume.ariaBusy).to.equal('false')
    expect(texts('ringside-call-bar')[0]).to.contain('On hold')
    expect(bodies(server, action('hold'))).to.have.length(1)
  })

  it('POP-7 a PBX that is away is said in the agent’s words, not as somebody who was first', async () => {
    const away = refusal('pbx-away', 'there is no connection to the PBX just now')
    const server = await show({
      ...inCall,
      answers: { [action('park')]: away, 'POST /api/dial': away },
    })
    ;(await rare('park')).click()
    expect(textOf(await one('ringside-call-bar [role=alert]'))).to.equal(
      '“Park the call” did not work. The PBX cannot be reached at the moment.',
    )
    server.push('call', { ...talking, state: 'ended' })
    expect((await rejected(widget.dial('123'))).code).to.equal('pbx-away')
    await waitUntil(() =>
      texts('ringside-dial-note').join().includes('The PBX cannot be reached at the moment.'),
    )
  })

  it('POP-7 a refused action says why in words, by its button, and nothing has changed', async () => {
    const no = refusal('refused-by-pbx', 'No parking space is free.')
    const server = await show({ ...inCall, answers: { [action('park')]: no } })
    ;(await rare('park')).click()
    const why = await one('ringside-call-bar [role=alert]')
    expect(textOf(why)).to.equal(
      '“Park the call” did not work. The PBX refused. No parking space is free.',
    )
    const more = await one('ringside-call-bar .more')
    expect(more.getAttribute('aria-describedby')).to.equal(why.id)
    expect(more.ariaBusy).to.equal('false')
    expect((await rare('park')).ariaBusy).to.equal('false')
    server.client.dispatch({ type: 'tick', now: NOW + 9_000 })
    await waitUntil(() => all('ringside-call-bar [role=alert]').length === 0)
  })

  it('POP-7 a server that is not there is told apart from a PBX that refuses', async () => {
    await show({ ...inCall, answers: { [action('hangup')]: new ApiError(0, {}) } })
    ;(await act('hangup')).click()
    await waitUntil(() =>
      texts('[role=alert]').some((text) => text.includes('server was not reached')),
    )
  })

  it('POP-7 CTL-7 muted and recording paused after the server’s yes, and still on the next page', async () => {
    const { answer, open } = gate()
    const world = { ...inCall, answers: { [action('mute')]: answer } }
    await show(world)
    ;(await act('mute')).click()
    await waitUntil(() => all('[data-act=mute]')[0]?.ariaBusy === 'true')
    expect(texts('ringside-call-bar')[0]).not.to.contain('Muted')
    open()
    await act('unmute')
    ;(await rare('pause-recording')).click()
    await act('resume-recording')
    expect(texts('ringside-call-bar')[0]).to.contain('Muted').and.contain('Recording paused')
    widget.remove()
    await show(world)
    await act('unmute')
    await act('resume-recording')
    expect(Object.values(sessionStorage).join()).not.to.contain('Maria')
  })

  it('POP-7 keypad: typed and clicked tones go out in their order, one request at a time', async () => {
    const { answer, open } = gate()
    const server = await show({ ...inCall, answers: { [action('dtmf')]: answer } })
    ;(await act('dtmf')).click()
    const keys = await one('ringside-keypad')
    const first = await one<HTMLButtonElement>('ringside-keypad .keys button')
    await waitUntil(() => first.matches(':focus'))
    first.click()
    key(first, '2')
    key(first, '#')
    await waitUntil(() => textOf(keys).startsWith('12#'))
    expect(bodies(server, action('dtmf'))).to.deep.equal([{ digits: '1' }])
    open()
    await waitUntil(() => bodies(server, action('dtmf')).length === 2)
    expect(bodies(server, action('dtmf'))[1]).to.deep.equal({ digits: '2#' })
    open()
    key(first, 'Escape')
    await waitUntil(() => all('ringside-keypad').length === 0)
    expect((await act('dtmf')).matches(':focus')).to.equal(true)
  })

  it('CTL-4 transfer by keyboard: a name is typed, arrows choose, Enter transfers', async () => {
    const server = await show(inCall)
    ;(await act('transfer')).click()
    const field = await one<HTMLInputElement>('ringside-transfer input')
    await waitUntil(() => field.matches(':focus'))
    const options = () => texts('ringside-transfer [role=option]')
    expect(options()[0]).to.contain('Boris Klein').and.contain('102').and.contain('Free')
    expect(options().join()).to.contain('Away: Lunch').and.contain('Wrap-up 0:42')
    server.push('agent', {
      id: 'agent-2',
      name: 'Boris Klein',
      extensions: [{ connectionId: 'pbx', extension: '102' }],
      state: 'busy',
      reason: null,
      since: null,
      until: null,
    })
    await waitUntil(() => !options()[0]?.includes('Boris'))
    type(field, 'er')
    await waitUntil(() => options().length < 6)
    key(field, 'ArrowDown')
    key(field, 'ArrowUp')
    const chosen = (await one('ringside-transfer [aria-selected=true]')).textContent
    expect(chosen).to.contain('Elena')
    key(field, 'Enter')
    await waitUntil(() => bodies(server, action('transfer')).length === 1)
    expect(bodies(server, action('transfer'))).to.deep.equal([{ to: '105', mode: 'blind' }])
    await waitUntil(() => all('ringside-transfer').length === 0)
    expect((await act('transfer')).ariaBusy).to.equal('true')
    server.push('call', {
      ...talking,
      legs: talking.legs.map((leg) => ({ ...leg, endedAt: at(0) })),
    })
    await waitUntil(() => all('ringside-call-bar').length === 0)
  })

  it('CTL-4 any number can be typed; asked first: complete or take back', async () => {
    const server = await show(inCall)
    ;(await act('transfer')).click()
    const field = await one<HTMLInputElement>('ringside-transfer input')
    type(field, '+49 (30) 90-18 20')
    await waitUntil(() => texts('ringside-transfer [role=option]').join().includes('+4930901820'))
    key(field, 'Enter', { shiftKey: true })
    await act('transfer-complete')
    expect(bodies(server, action('transfer'))).to.deep.equal([
      { to: '+4930901820', mode: 'attended' },
    ])
    expect(texts('ringside-call-bar')[0]).to.contain('Asking +4930901820')
    expect(acts()).not.to.include('hangup')
    server.push(
      'call',
      callView({
        id: 'asked',
        direction: 'internal',
        agentId: 'agent-1',
        from: phoneView('101'),
        to: phoneView('102'),
        legs: [],
      }),
    )
    await waitUntil(() => texts('ringside-call-bar')[0]?.includes('Ringing +4930901820'))
    ;(await act('transfer-cancel')).click()
    await act('hold')
    expect(bodies(server, action('transfer-cancel'))).to.have.length(1)
  })

  it('CTL-4 a transfer that is refused keeps the choice and says why; Escape closes', async () => {
    const no = refusal('refused-by-pbx', 'Extension 102 is busy.')
    await show({ ...inCall, answers: { [action('transfer')]: no } })
    ;(await act('transfer')).click()
    const field = await one<HTMLInputElement>('ringside-transfer input')
    type(field, 'boris')
    await waitUntil(() => all('ringside-transfer [role=option]').length === 1)
    key(field, 'Enter')
    await waitUntil(() => texts('[role=alert]').join().includes('Extension 102 is busy.'))
    expect(field.value).to.equal('boris')
    key(field, 'Escape')
    await waitUntil(() => all('ringside-transfer').length === 0)
    expect(all('ringside-panel')).to.have.length(1)
  })

  it('POP-7 parked: the bar stays, with a way to pick up', async () => {
    const server = await show(inCall)
    ;(await rare('park')).click()
    await waitUntil(() => server.requests.some(({ line }) => line === action('park')))
    await waitUntil(() => server.client.state.marks.get('call-1')?.isParked === true)
    server.push('call', {
      ...talking,
      legs: talking.legs.map((leg) => ({ ...leg, endedAt: at(0) })),
    })
    ;(await act('retrieve')).click()
    await waitUntil(() => server.requests.some(({ line }) => line === action('retrieve')))
    server.push('call', talking)
    await act('hold')
  })

  it('CTL-3 answer in the pop-up: waits, and says why not', async () => {
    const no = refusal('refused-by-pbx', 'Phone 101 is not there.')
    await show({ me: able(), calls: [callView()], answers: { [action('answer')]: no } })
    ;(await one<HTMLButtonElement>('ringside-answer button')).click()
    await waitUntil(() =>
      texts('ringside-answer [role=alert]').join().includes('Phone 101 is not there.'),
    )
    expect(all('ringside-popup')).to.have.length(1)
  })

  it('CTL-3 a phone that cannot be told to answer has no button', async () => {
    await show({ me: { ...able(), extensions: ME.extensions }, calls: [callView()] })
    await one('ringside-popup .name')
    expect(all('ringside-answer')).to.have.length(0)
  })

  it('EMBED-3 dial(), answer() and hangUp() resolve with the server’s yes', async () => {
    const answers = { 'POST /api/dial': dialled('+375 29 170-16-99') }
    const server = await show({ me: able(), calls: [callView()], answers })
    await widget.answer()
    const call = await widget.dial(' +375 29 170-16-99 ')
    expect(call.id).to.equal('call-dialled')
    expect(bodies(server, 'POST /api/dial')).to.deep.equal([{ number: '+375 29 170-16-99' }])
    await widget.hangUp()
    expect(server.requests.map(({ line }) => line)).to.include(action('answer'))
    expect(server.requests.at(-1)?.line).to.equal('POST /api/calls/call-dialled/actions/hangup')
  })

  it('EMBED-3 their errors are typed, and the agent reads them too', async () => {
    const no = refusal('refused-by-pbx', 'Phone 101 did not answer.')
    await show({
      me: able('dial', 'hangup'),
      calls: [callView()],
      answers: { 'POST /api/dial': no },
    })
    const error = await rejected(widget.dial('123'))
    expect([error.name, error.code, error.message]).to.deep.equal([
      'RingsideError',
      'refused-by-pbx',
      'Phone 101 did not answer.',
    ])
    await waitUntil(() => texts('ringside-dial-note').join().includes('Phone 101 did not answer.'))
    expect((await rejected(widget.answer())).code).to.equal('not-supported')
    expect((await rejected(widget.hangUp())).code).to.equal('no-call')
    expect((await rejected(widget.dial('nobody'))).code).to.equal('bad-input')
    ;(await button('Close this message')).click()
    await waitUntil(() => all('ringside-dial-note').length === 0)
  })

  it('EMBED-2 intercept-tel: links of the page dial, also later ones and those in shadow roots', async () => {
    const server = await show({ me: able() }, { interceptTel: true })
    const prevented: boolean[] = []
    const seen = (event: Event) => {
      prevented.push(event.defaultPrevented)
      event.preventDefault()
    }
    window.addEventListener('click', seen)
    const host = document.body.appendChild(document.createElement('div'))
    host.dataset.test = ''
    const inside = host.attachShadow({ mode: 'open' })
    const link = (root: Node, href: string) => {
      const made = document.createElement('a')
      made.href = href
      made.dataset.test = ''
      made.innerHTML = '<b>call</b>'
      root.appendChild(made)
      return made.querySelector('b')!
    }
    const click = (target: Element, change: MouseEventInit = {}) =>
      target.dispatchEvent(
        new MouseEvent('click', { bubbles: true, composed: true, cancelable: true, ...change }),
      )
    const plain = link(document.body, 'tel:+375-29-170-16-99')
    // The listener is there as soon as its script is.
    await waitUntil(() => {
      click(plain)
      return prevented.at(-1) === true
    })
    await waitUntil(() => server.requests.some(({ line }) => line === 'POST /api/dial'))
    expect(bodies(server, 'POST /api/dial')[0]).to.deep.equal({ number: '+375291701699' })
    prevented.length = 0
    click(link(inside, 'tel:112'))
    click(plain, { ctrlKey: true })
    click(plain, { button: 1 })
    click(link(document.body, 'mailto:somebody@example.com'))
    click(link(document.body, 'tel:none'))
    server.push('controls', { controls: {} })
    click(plain)
    expect(prevented).to.deep.equal([true, false, false, false, false, false])
    server.push('controls', { controls: { pbx: ['dial'] } })
    widget.interceptTel = false
    await widget.updateComplete
    click(plain)
    expect(prevented.at(-1)).to.equal(false)
    window.removeEventListener('click', seen)
  })

  it('POP-10 call back with one click from the missed calls, the case and the user; without dial a tel: link', async () => {
    const red = caseView({
      handset: 'red',
      status: 'open',
      assigneeId: null,
      waitingSince: at(400),
      messages: [],
    })
    const no = refusal('refused-by-pbx', 'Phone 101 did not answer.')
    const world = { cases: [red], users: [userView()], answers: { 'POST /api/dial': no } }
    const server = await show({ ...world, me: able() })
    ;(await button('Open calls')).click()
    ;(await one<HTMLButtonElement>('ringside-missed-list button.call')).click()
    await waitUntil(() =>
      texts('ringside-missed-list [role=alert]').join().includes('did not answer'),
    )
    await widget.openCase('case-1')
    ;(await one<HTMLButtonElement>('ringside-case button.call')).click()
    await waitUntil(() => texts('ringside-case [role=alert]').join().includes('did not answer'))
    await widget.openUser('user-1')
    await waitUntil(() => all('ringside-user-fields button.call').length === 2)
    all<HTMLButtonElement>('ringside-user-fields button.call')[1]?.click()
    await waitUntil(() => bodies(server, 'POST /api/dial').length === 3)
    expect(bodies(server, 'POST /api/dial')).to.deep.equal(
      ['+375291701699', '+375291701699', '+375172114002'].map((number) => ({ number })),
    )
    server.push('controls', { controls: {} })
    await one('ringside-user-fields a[href="tel:+375291701699"]')
  })

  it('CTL-6 my state: away with a reason goes to the server and comes back by the stream', async () => {
    const server = await show({ me: able(), queues: QUEUES })
    ;(await button('Open calls')).click()
    const mine = await one<HTMLButtonElement>('ringside-my-state .me')
    expect(textOf(mine)).to.equal('Busy')
    mine.click()
    ;(await button('Lunch')).click()
    await waitUntil(() => bodies(server, 'PUT /api/me/state').length === 1)
    expect(bodies(server, 'PUT /api/me/state')).to.deep.equal([{ state: 'away', reason: 'Lunch' }])
    await waitUntil(() => all('ringside-my-state .menu').length === 0)
    expect(textOf(mine)).to.equal('Busy')
    const me = { id: 'agent-1', name: 'Anna', extensions: [], since: at(0), until: null }
    server.push('agent', { ...me, state: 'away', reason: 'Lunch' })
    await waitUntil(() => textOf(mine) === 'Away: Lunch')
    server.push('agent', { ...me, state: 'wrap-up', reason: null, until: at(-25) })
    await waitUntil(() => textOf(mine) === 'Wrap-up 0:25')
  })

  it('CTL-6 queues: who waits, and my pause, told to the server and shown when it is so', async () => {
    const server = await show({ me: able(), queues: QUEUES })
    ;(await button('Open calls')).click()
    await waitUntil(() => texts('ringside-queues').join().includes('3 waiting'))
    ;(await button('Pause: support')).click()
    await waitUntil(() => bodies(server, 'PUT /api/me/queues').length === 1)
    expect(bodies(server, 'PUT /api/me/queues')).to.deep.equal([{ name: 'support', paused: true }])
    const [support] = QUEUES
    const members = support?.members.map((member) => ({ ...member, paused: true }))
    server.push('queue', { ...support, waiting: 4, members })
    await button('Take calls: support')
    expect(texts('ringside-queues').join()).to.contain('4 waiting')
    ;(await one<HTMLButtonElement>('.queue[aria-expanded=false]')).click()
    await waitUntil(() => texts('ringside-queues .members').join().includes('Anna Petrova'))
  })

  it('CTL-7 paused spans of a recording are said and drawn', async () => {
    const pauses = [
      { from: 42, to: 65 },
      { from: 80, to: null },
    ]
    const recording = {
      id: 'r1',
      callId: 'call-1',
      mime: 'audio/wav',
      bytes: 5,
      seconds: 100,
      pauses,
    }
    const call = answered({
      state: 'ended',
      outcome: 'answered',
      endedAt: at(0),
      talkSeconds: 100,
      recordings: [recording],
    })
    const message = {
      id: 'm',
      kind: 'call',
      authorId: null,
      text: '',
      createdAt: at(100),
      call,
      inProgress: false,
    } as const
    await show({ cases: [caseView({ messages: [message] })], users: [userView()] })
    await widget.openCase('case-1')
    const said = () => texts('ringside-case-message').join()
    await waitUntil(() => said().includes('Recording paused 0:42–1:05, 1:20 to the end'))
    await waitUntil(() => all('rect.pause').length === 2)
    const { width } = all('ringside-waveform .slider')[0]!.getBoundingClientRect()
    const drawn = all<SVGElement>('rect.pause').flatMap((rect) =>
      ['x', 'width'].map((name) => (Number(rect.getAttribute(name)) / width) * 100),
    )
    for (const [index, share] of [42, 23, 80, 20].entries()) {
      expect(drawn[index]).to.be.closeTo(share, 0.5)
    }
  })

  it('CTL-1 controls, agents and queues come by the real stream', async () => {
    const hello = {
      now: at(0),
      resumedFrom: null,
      epoch: '1',
      calls: [talking],
      drafts: {},
      dismissed: [],
      controls: { pbx: ['hold'] },
    }
    const events = [
      ['hello', hello],
      ['controls', { controls: { pbx: ['hangup'] } }],
      [
        'agent',
        {
          id: 'agent-2',
          name: 'Boris',
          extensions: [],
          state: 'away',
          reason: 'Lunch',
          since: at(0),
          until: null,
        },
      ],
      ['queue', QUEUES[0]],
    ] as const
    const chunks = events.map(
      ([name, data], index) => `event: ${name}\nid: ${index}\ndata: ${JSON.stringify(data)}\n\n`,
    )
    const url = `/test-stream/controls-${crypto.randomUUID()}`
    await fetch(url, { method: 'POST', body: JSON.stringify([{ chunks, stay: true }]) })
    await show({})
    const client = createClient({
      api: createApi({
        server: 'https://calls.example.com',
        getToken: async () => 'token',
        fetch: async (path) =>
          Response.json(String(path).endsWith('/me') ? able('hold') : { items: [] }),
      }),
      openStream: (rest) => createStream({ url, getToken: async () => 'token', ...rest }),
      now: () => NOW,
    })
    client.start()
    await waitUntil(() => client.state.queues.size === 1)
    expect(client.state.agents.get('agent-2')?.reason).to.equal('Lunch')
    expect(client.state.controls).to.deep.equal({ pbx: ['hangup'] })
    expect(selectControls(client.state, talking)).to.deep.equal(['hangup'])
    client.close()
  })
})
