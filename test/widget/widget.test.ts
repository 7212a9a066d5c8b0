import { expect } from '@open-wc/testing'
import { ApiError } from '../../widget/client/api.ts'
import '../../widget/elements/panel.ts'
import { answered, at, callView, caseView, dialled, phoneView, userView } from './fake-server.ts'
import { all, button, key, one, show, textOf, texts, type, widget } from './page.ts'
import { waitUntil } from './wait-until.ts'

const HOSTILE = '<img src=x onerror="window.hacked=1">\u202E'.repeat(12)

describe('widget', () => {
  afterEach(() => widget.remove())

  it('POP-1 a known caller: name, number, chosen fields, queue, missed calls, last case', async () => {
    const cases = [
      caseView(),
      caseView({ id: 'red', handset: 'red', status: 'open', updatedAt: at(90_000) }),
    ]
    await show({
      calls: [callView({ userId: 'user-1', queue: 'Support' })],
      users: [userView()],
      cases,
    })
    await waitUntil(
      () =>
        all('ringside-popup .about').length > 0 ||
        texts('ringside-popup')[0]?.includes('Last case'),
    )
    const [text] = texts('ringside-popup')
    for (const part of [
      'Maria Sokolova',
      '+375 29 170-16-99',
      'Northwind Traders',
      'maria.sokolova@northwind.example',
      'Queue Support',
      '0:12',
      '1 open missed call',
      '#1043',
    ]) {
      expect(text).to.contain(part)
    }
  })

  it('POP-1 an unknown caller, an anonymous one, and several users', async () => {
    await show({
      calls: [
        callView({ id: 'a' }),
        callView({
          id: 'b',
          ringingAt: at(3),
          from: { raw: 'anonymous', e164: null, display: 'anonymous' },
        }),
        callView({ id: 'c', ringingAt: at(1), candidateUserIds: ['user-1', 'user-2'] }),
      ],
      users: [userView(), userView({ id: 'user-2', name: 'Ivan Sokolov' })],
    })
    await waitUntil(() => texts('ringside-popup')[2]?.includes('Ivan'))
    const [unknown, anonymous, several] = texts('ringside-popup')
    expect(unknown).to.contain('Unknown caller').and.contain('Personal call')
    expect(anonymous).to.contain('Anonymous caller')
    expect(several).to.contain('2 users have this number').and.contain('Maria Sokolova')
  })

  it('POP-2 closing waits for the server, then it is closed', async () => {
    let let_go = (): void => undefined
    const answer = () =>
      new Promise((resolve) => {
        let_go = () => resolve({})
      })
    await show({ calls: [callView()], answers: { 'POST /api/calls/call-1/dismiss': answer } })
    const close = await button('Close this notification')
    close.click()
    await waitUntil(() => close.ariaBusy === 'true')
    expect(all('ringside-popup')).to.have.length(1)
    let_go()
    await waitUntil(() => all('ringside-popup').length === 0)
  })

  it('POP-2 when closing fails the pop-up stays and says why', async () => {
    await show({
      calls: [callView()],
      answers: { 'POST /api/calls/call-1/dismiss': new ApiError(0, {}) },
    })
    ;(await button('Close this notification')).click()
    await waitUntil(() => texts('ringside-popup')[0]?.includes('not reached'))
  })

  it('POP-3 on answer the profile opens, the case button first, focus where it was', async () => {
    const field = document.body.appendChild(document.createElement('input'))
    field.focus()
    const server = await show({
      calls: [callView({ userId: 'user-1' })],
      users: [userView()],
      cases: [caseView()],
    })
    server.push('call', answered({ userId: 'user-1' }))
    await waitUntil(() => texts('ringside-user')[0]?.includes('Fix the call in this case'))
    expect(all('ringside-popup')).to.have.length(0)
    expect(texts('ringside-user')[0]).to.match(/^Create a case from this call/)
    expect(document.activeElement).to.equal(field)
    field.remove()
  })

  it('POP-6 when I dial the profile opens as dialling starts, and a case can be created at once', async () => {
    const server = await show({ users: [userView()], cases: [caseView()] })
    server.push('call', { ...dialled('+375 29 170-16-99'), userId: 'user-1' })
    const create = await button('Create a case from this call')
    expect(create.disabled).to.equal(false)
    await waitUntil(() => texts('ringside-user')[0]?.includes('Northwind Traders'))
    expect(texts('ringside-call-bar')[0]).to.contain('Starting')
  })

  it('POP-3 a page that prevents ringside-open-user opens the user itself', async () => {
    const server = await show({ calls: [callView({ userId: 'user-1' })], users: [userView()] })
    await waitUntil(() => server.client.state.users.get('user-1') !== undefined)
    widget.addEventListener('ringside-open-user', (event) => event.preventDefault())
    server.push('call', answered({ userId: 'user-1' }))
    await waitUntil(() => all('ringside-call-bar').length === 1)
    expect(all('ringside-panel')).to.have.length(0)
  })

  it('POP-4 unknown caller: found by typing, linked by Enter', async () => {
    const server = await show({
      calls: [answered()],
      users: [userView(), userView({ id: 'user-2', name: 'Ivan' })],
    })
    ;(await button('Find a user and link')).click()
    const field = await one<HTMLInputElement>('input[type=search]')
    await waitUntil(() => field.matches(':focus'))
    type(field, 'ivan')
    await waitUntil(() => all('[role=option]').length === 1)
    key(field, 'Enter')
    await waitUntil(() =>
      server.requests.some(({ line }) => line === 'POST /api/calls/call-1/user'),
    )
    expect(server.requests.at(-1)?.line).to.be.a('string')
    await waitUntil(() => server.client.state.calls.get('call-1')?.userId === 'user-2')
  })

  it('CASE-3 POP-5 what is typed is a draft; Ctrl+Enter creates the case and opens it', async () => {
    const made = caseView({ id: 'case-9', number: 77, subject: 'Second licence' })
    const server = await show({
      calls: [answered({ userId: 'user-1' })],
      users: [userView()],
      cases: [made],
      answers: { 'POST /api/calls/call-1/case': made },
    })
    ;(await button('Create a case from this call')).click()
    const subject = await one<HTMLInputElement>('input[name=subject]')
    type(subject, 'Second licence')
    type(await one<HTMLTextAreaElement>('textarea[name=essence]'), 'For the colleague')
    await waitUntil(() => texts('ringside-case-form')[0]?.includes('Draft saved'), 'saved')
    const draft = server.requests.find(({ line }) => line === 'PUT /api/calls/call-1/draft')
    expect(draft?.init.body).to.deep.equal({
      subject: 'Second licence',
      essence: 'For the colleague',
    })
    key(subject, 'Enter', { ctrlKey: true })
    await waitUntil(() => all('ringside-case').length === 1)
    const sent = server.requests.find(({ line }) => line === 'POST /api/calls/call-1/case')
    expect(sent?.init.body).to.deep.equal({
      subject: 'Second licence',
      essence: 'For the colleague',
    })
  })

  it('CASE-15 a stale change says so and shows the current state', async () => {
    const found = caseView({ messages: [] })
    await show({
      users: [userView()],
      cases: [found],
      answers: {
        'PATCH /api/cases/case-1': new ApiError(409, {
          current: { ...found, version: 4, status: 'closed' },
        }),
      },
    })
    await widget.openCase('case-1')
    const select = await one<HTMLSelectElement>('#status')
    select.value = 'open'
    select.dispatchEvent(new Event('change'))
    await waitUntil(() =>
      texts('ringside-case')[0]?.includes('Boris Klein has meanwhile set the status to “Closed”'),
    )
    expect(select.value).to.equal('closed')
  })

  it('POP-8 call in progress becomes the duration, then the player', async () => {
    const call = answered({ userId: 'user-1', caseId: 'case-1' })
    const message = {
      id: 'm',
      kind: 'call',
      authorId: null,
      text: '',
      createdAt: at(100),
      call,
      inProgress: true,
    } as const
    const found = caseView({ messages: [message] })
    const server = await show({ calls: [call], users: [userView()], cases: [found] })
    await widget.openCase('case-1')
    await waitUntil(() => texts('ringside-case-message')[0]?.includes('Call in progress'))
    const ended = {
      ...call,
      state: 'ended',
      outcome: 'answered',
      endedAt: at(0),
      talkSeconds: 127,
    } as const
    server.push('call', ended)
    server.push('case', {
      ...found,
      version: 4,
      message: { ...message, call: ended, inProgress: false },
      withdrawnTo: null,
    })
    await waitUntil(() => texts('ringside-case-message')[0]?.includes('Answered · 2:07'))
    expect(texts('ringside-case-message')[0]).to.contain('Recording on its way')
    server.push('recording', {
      id: 'r1',
      callId: 'call-1',
      mime: 'audio/wav',
      bytes: 5,
      seconds: 127,
      pauses: [],
    })
    await one('ringside-recording .play')
    expect(texts('ringside-case-message')[0]).not.to.contain('Recording on its way')
  })

  it('POP-10 the launcher counts missed calls; a claim waits for the server; the number can be called', async () => {
    const red = caseView({
      handset: 'red',
      status: 'open',
      assigneeId: null,
      waitingSince: at(4_000),
    })
    await show({
      cases: [red],
      users: [userView()],
      answers: { 'POST /api/cases/case-1/claim': new ApiError(409, {}) },
    })
    await waitUntil(() => texts('.count')[0] === '1')
    ;(await button('Open calls, 1 missed call')).click()
    const link = await one<HTMLAnchorElement>('a[href^="tel:"]')
    expect(link.href).to.equal('tel:+375291701699')
    ;(await button('Claim')).click()
    await waitUntil(() => texts('ringside-missed-list')[0]?.includes('Somebody else was first'))
  })

  it('POP-13 a pop-up is announced once, by name', async () => {
    sessionStorage.clear()
    const said: string[] = []
    const server = await show({ users: [userView()] })
    const live = await one('[role=alert].sr')
    new MutationObserver(() => said.push(textOf(live))).observe(live, {
      childList: true,
      characterData: true,
      subtree: true,
    })
    server.push('call', callView({ userId: 'user-1' }))
    await waitUntil(() => said.length > 0)
    server.push('call', callView({ userId: 'user-1', queue: 'Support' }))
    await waitUntil(() => texts('ringside-popup')[0]?.includes('Support'))
    expect(said).to.deep.equal(['Incoming call: Maria Sokolova, +375 29 170-16-99'])
  })

  it('POP-5 letters are shortcuts outside fields only; Escape closes', async () => {
    await show({ calls: [answered({ userId: 'user-1' })], users: [userView()] })
    key(await one('ringside-panel'), '?')
    await waitUntil(() => textOf(all('h1')[0]!) === 'Keyboard shortcuts')
    key(all('h1')[0]!, '/')
    const field = await one<HTMLInputElement>('input[type=search]')
    key(field, '?')
    await widget.updateComplete
    expect(textOf(all('h1')[0]!)).to.equal('Find a user')
    for (let step = 0; step < 3; step += 1) key(all('ringside-panel')[0]!, 'Escape')
    await waitUntil(() => all('ringside-panel').length === 0)
  })

  it('SAFE-1 hostile text stays text and inside its box', async () => {
    const user = userView({ name: HOSTILE, company: HOSTILE, note: HOSTILE })
    const cases = [caseView({ subject: HOSTILE })]
    await show({
      calls: [
        callView({ userId: 'user-1', queue: HOSTILE }),
        answered({ id: 'b', userId: 'user-1', from: phoneView(HOSTILE) }),
      ],
      users: [user],
      cases,
    })
    await waitUntil(() => texts('ringside-user')[0]?.includes('<img'))
    expect(all('img')).to.have.length(0)
    expect('hacked' in window).to.equal(false)
    for (const element of all('ringside-popup, ringside-panel')) {
      expect(element.scrollWidth).to.be.at.most(element.clientWidth + 1)
    }
  })

  it('EMBED-1 moving the element keeps its client; defining twice does not throw', async () => {
    const server = await show({ calls: [callView()] })
    document.body.prepend(widget)
    await widget.updateComplete
    expect(widget.client).to.equal(server.client)
    await import('../../widget/elements/define.ts').then(({ define }) =>
      define('ringside-widget', class extends HTMLElement {}),
    )
  })

  it('EMBED-2 an unknown value falls back with one warning that names the accepted ones', async () => {
    const lines: string[] = []
    const { warn } = console
    console.warn = (line: string) => lines.push(line)
    await show({}, { theme: 'purple' })
    widget.requestUpdate()
    await widget.updateComplete
    console.warn = warn
    expect(lines).to.deep.equal([
      'ringside-widget: theme="purple" is not known, accepted: auto, light, dark',
    ])
  })
})
