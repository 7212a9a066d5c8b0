import { expect } from '@open-wc/testing'
import type { RingsideWidget } from '../../widget/elements/ringside-widget.ts'
import { setLocale } from '../../widget/i18n/t.ts'
import '../../widget/elements/panel.ts'
import type { EventName } from '../../widget/events.ts'
import { answered, at, callView, caseView, ME, userView } from './fake-server.ts'
import { answerHere, place, ready, tokenOf } from './line.ts'
import { waitUntil } from './wait-until.ts'

const TAG = 'ringside-widget'
const inside = (widget: HTMLElement, selector: string) =>
  widget.shadowRoot?.querySelector<HTMLElement>(selector) ?? null

describe('embedding', () => {
  let line: ReturnType<typeof answerHere>
  const placed: HTMLElement[] = []
  const put = async (attributes: Record<string, string>) => {
    const widget = await place<RingsideWidget>(TAG, attributes)
    placed.push(widget)
    return widget
  }
  /** Console lines of one kind while something is done. */
  const warned = async (act: () => Promise<unknown>) => {
    const lines: string[] = []
    const { warn } = console
    console.warn = (line: string) => lines.push(line)
    await act().finally(() => {
      console.warn = warn
    })
    return lines.filter((each) => each.startsWith('ringside-widget: '))
  }

  beforeEach(() => {
    line = answerHere()
  })
  afterEach(async () => {
    for (const widget of placed.splice(0)) {
      widget.removeAttribute('token')
      await (widget as RingsideWidget).updateComplete
      widget.remove()
    }
    line.restore()
  })

  it('EMBED-1 an element that a framework makes anew takes up the connection and what was open', async () => {
    const first = await put({ token: tokenOf('anna') })
    const client = await ready(first)
    await first.openCase('case-1')
    first.remove()
    // The framework comes to it some turns later.
    for (const _ of [1, 2, 3]) await new Promise((resolve) => setTimeout(resolve))
    const second = await put({ token: tokenOf('anna') })
    expect(second.client).to.equal(client)
    await waitUntil(() => inside(second, 'ringside-panel') !== null)
    expect(first.client).to.equal(null)
    expect(line.lines.filter((each) => each === 'GET /api/me')).to.have.length(1)
  })

  it('EMBED-1 two elements of one server and agent are one widget; when it goes the other shows', async () => {
    const heard: string[] = []
    const listen = (event: Event) => heard.push((event.target as HTMLElement).id)
    document.addEventListener('ringside-call', listen)
    const first = await put({ token: tokenOf('anna'), id: 'first' })
    const second = await put({ token: tokenOf('anna'), id: 'second' })
    const client = await ready(first)
    client.dispatch({ type: 'call', call: callView(), now: client.now() })
    await waitUntil(() => inside(first, 'ringside-popup') !== null)
    expect(second.client).to.equal(client)
    expect(second.shadowRoot?.childElementCount).to.equal(0)
    expect(heard).to.deep.equal(['first'])
    first.remove()
    await waitUntil(() => inside(second, 'ringside-popup') !== null)
    document.removeEventListener('ringside-call', listen)
  })

  it('EMBED-1 two servers, and two agents of one, are connections of their own', async () => {
    const { port } = location
    const anna = await put({ token: tokenOf('anna') })
    const boris = await put({ token: tokenOf('boris') })
    const other = await put({ token: tokenOf('anna'), server: `http://127.0.0.2:${port}/` })
    expect(new Set([anna.client, boris.client, other.client]).size).to.equal(3)
    expect(boris.shadowRoot?.childElementCount).to.equal(1)
  })

  it('EMBED-2 a token of another agent begins anew, none ends it, the same agent’s changes nothing', async () => {
    const widget = await put({ token: tokenOf('anna') })
    const client = await ready(widget)
    widget.token = `${tokenOf('anna')}2`
    await widget.updateComplete
    expect(widget.client).to.equal(client)
    widget.token = tokenOf('boris')
    await widget.updateComplete
    expect(widget.client).not.to.equal(client)
    widget.token = null
    await widget.updateComplete
    expect(widget.client).to.equal(null)
  })

  it('EMBED-2 how it looks can be changed at any time', async () => {
    const widget = await put({ token: tokenOf('anna') })
    const client = await ready(widget, { calls: [callView({ userId: 'user-1' })] })
    client.dispatch({ type: 'user', user: userView() })
    await waitUntil(() => inside(widget, 'ringside-popup')?.shadowRoot?.querySelector('section'))
    const popup = () => inside(widget, 'ringside-popup')?.shadowRoot?.textContent ?? ''
    const change = async (name: string, value: string) => {
      widget.setAttribute(name, value)
      await widget.updateComplete
      await (inside(widget, 'ringside-popup') as RingsideWidget | null)?.updateComplete
    }
    expect(inside(widget, '.frame')?.className).to.contain('top-right').and.contain('auto')
    await change('position', 'bottom-left')
    await change('theme', 'dark')
    expect(inside(widget, '.frame')?.className).to.contain('bottom-left').and.contain('dark')
    expect(popup()).to.contain('Northwind Traders')
    await change('fields', 'email')
    expect(popup()).to.contain('maria.sokolova@').and.not.contain('Northwind Traders')
    await change('locale', 'ar')
    expect(inside(widget, '.frame')?.getAttribute('dir')).to.equal('rtl')
    await change('locale', 'en')
    await change('hide', 'popups launcher')
    expect(inside(widget, 'ringside-popup')).to.equal(null)
    expect(inside(widget, '.launcher')).to.equal(null)
  })

  it('POP-12 in a page in Arabic it is Arabic and right to left, whatever the page says of direction', async () => {
    const { lang } = document.documentElement
    try {
      document.documentElement.lang = 'ar-EG'
      const widget = await put({ token: tokenOf('anna') })
      const label = () => inside(widget, '.launcher')?.textContent ?? ''
      await waitUntil(() => /[\u0600-\u06ff]/.test(label()))
      expect(inside(widget, '.frame')?.getAttribute('dir')).to.equal('rtl')
      document.documentElement.lang = 'fa'
      widget.setAttribute('position', 'top-left')
      await widget.updateComplete
      expect(inside(widget, '.frame')?.getAttribute('dir'), 'without texts').to.equal(null)
    } finally {
      document.documentElement.lang = lang
      await setLocale('en')
    }
  })

  it('EMBED-2 what is not known falls back with one line that names what is', async () => {
    const lines = await warned(async () => {
      const widget = await put({ token: tokenOf('anna'), server: 'ftp://files.example' })
      for (const [name, value] of Object.entries({
        position: 'middle',
        sound: 'loud',
        notifications: 'yes',
        'open-on-answer': 'ticket',
        hide: 'everything',
        fields: 'name shoe-size',
        'case-url': 'javascript:alert({id})',
      }))
        widget.setAttribute(name, value)
      const client = await ready(widget)
      const built = { label: '', type: 'text', inPopup: true }
      client.dispatch({
        type: 'fields',
        items: ['name', 'email'].map((key) => ({ key, ...built })),
      })
      client.dispatch({ type: 'call', call: answered({ id: 'one' }), now: client.now() })
      await waitUntil(() => widget.routes.length > 0)
      await widget.openCase('case-1')
      await widget.openCase('case-1')
      expect(widget.routes.at(-1)).to.include({ view: 'case', caseId: 'case-1' })
    })
    const said = (name: string, accepted: string) =>
      expect(lines.filter((each) => each.includes(` ${name}=`)).join())
        .to.contain(`accepted: ${accepted}`)
        .and.not.contain(',ringside')
    said('server', 'an http or https address')
    said('position', 'top-right, top-left, bottom-right, bottom-left')
    said('sound', 'on, off')
    said('notifications', 'on, off')
    said('open-on-answer', 'user, none')
    said('hide', 'launcher, popups, call-bar, panel')
    said('fields', 'name, email')
    said('case-url', 'a template of an http or https address')
  })

  it('SAFE-11 one more call rises above what the page put over it, and else leaves the stack as it is', async () => {
    const widget = await put({ token: tokenOf('anna') })
    const client = await ready(widget)
    const ring = async (id: string) => {
      client.dispatch({ type: 'call', call: callView({ id }), now: client.now() })
      await widget.updateComplete
      for (const _ of [1, 2]) await new Promise(requestAnimationFrame)
      return widget.shadowRoot!.querySelectorAll('ringside-popup')
    }
    const isFound = (popup: Element) => {
      const { left, top } = popup.getBoundingClientRect()
      return document.elementFromPoint(left + 20, top + 20) === widget
    }
    const [first] = await ring('a')
    await waitUntil(() => inside(widget, '.frame')?.matches(':popover-open') === true)
    await waitUntil(() => isFound(first!))
    let toggled = 0
    inside(widget, '.frame')!.addEventListener('beforetoggle', () => {
      toggled += 1
    })
    expect(await ring('b')).to.have.length(2)
    expect(toggled).to.equal(0)

    const cover = document.createElement('div')
    cover.popover = 'manual'
    cover.style.cssText = 'inline-size: 100vw; block-size: 100vh'
    document.body.append(cover)
    cover.showPopover()
    expect(isFound(first!)).to.equal(false)
    expect(await ring('c')).to.have.length(3)
    expect(isFound(first!)).to.equal(true)

    // From now on the page has its own order: nothing goes above it, and nothing goes away.
    widget.style.setProperty('--ringside-z-index', '5')
    cover.hidePopover()
    cover.showPopover()
    expect(await ring('d')).to.have.length(4)
    expect(isFound(first!)).to.equal(false)
    expect(inside(widget, '.frame')?.matches(':popover-open')).to.equal(true)
    cover.remove()
  })

  it('EMBED-2 user-url and case-url lead the page there, unless it says that it does it', async () => {
    const urls = { 'user-url': '#user-{externalId}', 'case-url': '#case-{number}' }
    const widget = await put({ token: tokenOf('anna'), ...urls })
    await ready(widget)
    await widget.openUser('user-1')
    expect(location.hash).to.equal('#user-crm-77')
    await widget.openCase('case-1')
    expect(location.hash).to.equal('#case-1043')
    expect(widget.routes).to.deep.equal([])
    history.replaceState(null, '', location.pathname + location.search)
    const asked: unknown[] = []
    widget.addEventListener('ringside-open-case', (event) => {
      asked.push(event.detail)
      event.preventDefault()
    })
    await widget.openCase('case-1')
    expect([location.hash, widget.routes]).to.deep.equal(['', []])
    expect(asked).to.deep.equal([{ v: 1, caseId: 'case-1', callId: null }])
  })

  it('EMBED-3 what happens is told once each, with who should act', async () => {
    const names: EventName[] = [
      'ringside-ready',
      'ringside-call',
      'ringside-user-linked',
      'ringside-case-created',
      'ringside-case-updated',
      'ringside-recording-ready',
    ]
    const heard: [string, unknown][] = []
    const listen = (event: Event) => heard.push([event.type, (event as CustomEvent).detail])
    for (const name of names) document.addEventListener(name, listen)
    const widget = await put({ token: tokenOf('anna') })
    const client = await ready(widget)
    const take = () => heard.splice(0)
    expect(take()).to.deep.equal([['ringside-ready', { v: 1, agentId: ME.id, role: ME.role }]])

    const call = callView()
    client.dispatch({ type: 'leader', isLeader: false })
    for (const _ of [1, 2]) client.dispatch({ type: 'call', call, now: client.now() })
    expect(take()).to.deep.equal([['ringside-call', { v: 1, call, leader: false }]])

    const linked = callView({ userId: 'user-1' })
    client.dispatch({ type: 'leader', isLeader: true })
    for (const _ of [1, 2]) client.dispatch({ type: 'call', call: linked, now: client.now() })
    expect(take()).to.deep.equal([
      ['ringside-call', { v: 1, call: linked, leader: true }],
      ['ringside-user-linked', { v: 1, callId: 'call-1', userId: 'user-1' }],
    ])

    const { messages: _messages, ...rest } = caseView({ version: 1 })
    const made = { ...rest, message: null, withdrawnTo: null }
    client.dispatch({ type: 'case-loaded', case: caseView({ version: 1 }) })
    for (const version of [1, 2])
      client.dispatch({ type: 'case', case: { ...made, version, updatedAt: at(version) } })
    expect(take().map(([name]) => name)).to.deep.equal([
      'ringside-case-created',
      'ringside-case-updated',
    ])

    const recording = {
      id: 'r1',
      callId: 'call-1',
      mime: 'audio/wav',
      bytes: 5,
      seconds: 3,
      pauses: [],
    }
    client.dispatch({ type: 'recording', recording })
    expect(take()).to.deep.equal([['ringside-recording-ready', { v: 1, recording }]])

    client.dispatch({ type: 'connection', state: 'waiting' })
    client.dispatch({
      type: 'hello',
      hello: helloOf(client.state.calls.get('call-1')!),
      now: client.now(),
    })
    expect(take()).to.deep.equal([])
    for (const name of names) document.removeEventListener(name, listen)
  })

  it('EMBED-3 a method waits for the connection, and says why when there is none to come', async () => {
    const widget = await put({ token: tokenOf('anna') })
    const hanging = widget.hangUp().then(
      () => null,
      (error: unknown) => error,
    )
    await ready(widget)
    expect(await hanging).to.include({ name: 'RingsideError', code: 'no-call' })
    const gone = await widget.openCase('none').catch((error: unknown) => error)
    expect(gone).to.include({ name: 'RingsideError', code: 'not-found' })
    const bare = await put({})
    const refused = await bare.dial('112').catch((error: unknown) => error)
    expect(refused).to.include({ name: 'RingsideError', code: 'signed-out' })
  })
})

function helloOf(call: ReturnType<typeof callView>) {
  return {
    now: at(0),
    resumedFrom: '5',
    epoch: '1',
    calls: [call],
    drafts: {},
    dismissed: [],
    controls: {},
  }
}
