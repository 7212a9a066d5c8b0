import { expect } from '@open-wc/testing'
import { serverOf } from '../../widget/attributes.ts'
import { signInAt } from '../../widget/client/sign-in.ts'
import { watchPage } from '../../widget/client/waking.ts'
import type { RingsideWidget } from '../../widget/elements/ringside-widget.ts'
import type { RingsideError } from '../../widget/errors.ts'
import '../../widget/elements/panel.ts'
import { answered, callView } from './fake-server.ts'
import { answerHere, place, ready, tokenOf } from './line.ts'
import { waitUntil } from './wait-until.ts'

describe('clumsy pages', () => {
  let line: ReturnType<typeof answerHere>
  let widget: RingsideWidget
  const errors: unknown[] = []
  const onRejection = (event: PromiseRejectionEvent) => errors.push(event.reason)
  const { warn } = console

  beforeEach(async () => {
    console.warn = () => undefined
    addEventListener('unhandledrejection', onRejection)
    errors.length = 0
    line = answerHere()
    widget = await place<RingsideWidget>('ringside-widget', { token: tokenOf('anna') })
    await ready(widget)
  })
  afterEach(async () => {
    widget.removeAttribute('token')
    await widget.updateComplete
    widget.remove()
    line.restore()
    removeEventListener('unhandledrejection', onRejection)
    console.warn = warn
    sessionStorage.clear()
  })

  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'ok',
      ({ code }: RingsideError) => code,
    )

  it('EMBED-2 properties that frameworks set to lists, numbers or nothing are read as texts', async () => {
    for (const [name, value] of [
      ['fields', ['email', 'name']],
      ['hide', ['launcher']],
      ['hide', undefined],
      ['userUrl', { externalId: 1 }],
      ['theme', undefined],
      ['position', 3],
      ['locale', 7],
      ['locale', undefined],
    ] as const) {
      Object.assign(widget, { [name]: value })
      await widget.updateComplete
    }
    const { client } = widget
    client?.dispatch({ type: 'call', call: callView(), now: client.now() })
    await waitUntil(() => widget.shadowRoot?.querySelector('ringside-popup'))
    expect(widget.fields).to.equal('email,name')
    expect([widget.hide, widget.theme, widget.locale]).to.deep.equal([null, null, null])
    expect(errors).to.deep.equal([])
  })

  it('EMBED-2 a server without http:// is not an address on the page’s own', () => {
    // Here the script comes from the page's own origin: what was made of it shows in what the developer is told.
    const told: string[] = []
    console.warn = (text: string) => told.push(text)
    for (const server of ['calls.example.com', '/calls', 'javascript:alert(1)', 'calls:3000']) {
      expect(serverOf(server)).to.equal(serverOf(null))
      expect(told.at(-1)).to.contain(`server="${server}" is not known`)
    }
    expect(serverOf('https://calls.example.com/x')).to.equal('https://calls.example.com')
  })

  it('EMBED-3 ids that pages hand over are names and nothing else', async () => {
    for (const id of ['../me', '__proto__', 'constructor', 'a/b?c#d', '']) {
      expect(await codeOf(widget.openUser(id)), `user ${id}`).to.equal('not-found')
      expect(await codeOf(widget.openCall(id)), `call ${id}`).to.equal('not-found')
      expect(await codeOf(widget.openCase(id)), `case ${id}`).to.equal('not-found')
    }
    await widget.updateComplete
    expect(line.lines.filter((each) => each === 'GET /api/me')).to.have.length(1)
    expect(widget.shadowRoot?.querySelector('ringside-panel')).to.equal(null)
    expect(errors).to.deep.equal([])
  })

  it('EMBED-3 numbers to dial may be numbers', async () => {
    const asked = widget.dial(5551234 as unknown as string)
    expect(await codeOf(asked)).to.equal('not-found')
    expect(line.lines).to.include('POST /api/dial')
    expect(await codeOf(widget.dial(undefined as unknown as string))).to.equal('bad-input')
    await widget.updateComplete
    expect(errors).to.deep.equal([])
  })

  it('EMBED-1 moved into a frame and back it is as it was', async () => {
    const { client } = widget
    client?.dispatch({ type: 'call', call: callView(), now: client.now() })
    const popup = () => widget.shadowRoot?.querySelector('ringside-popup')
    await waitUntil(popup)
    const { parentNode } = widget
    const frame = document.createElement('iframe')
    document.body.append(frame)
    frame.contentDocument?.body.append(widget)
    client?.dispatch({ type: 'call', call: callView({ id: 'call-2' }), now: client.now() })
    await waitUntil(() => !popup())
    parentNode?.append(widget)
    frame.remove()
    await waitUntil(popup)
    expect(widget.client).to.equal(client)
    expect(widget.shadowRoot?.adoptedStyleSheets).not.to.have.length(0)
    expect(popup()?.shadowRoot?.adoptedStyleSheets).not.to.have.length(0)
    expect(errors).to.deep.equal([])
  })

  it('HOLD-10 a clock that is set back is noticed, as one that goes ahead', async () => {
    const { now } = Date
    const woken: boolean[] = []
    const ignore = () => undefined
    const stop = watchPage({
      onWake: (isLate) => woken.push(isLate),
      onLeave: ignore,
      onBack: ignore,
      onTick: ignore,
    })
    try {
      Date.now = () => now() - 86_400_000
      await waitUntil(() => woken.includes(true), 'woken')
    } finally {
      Date.now = now
      stop()
    }
  })

  it('POP-5 SAFE-9 a call that is erased while it is open leaves a word, not an empty panel', async () => {
    const { client } = widget
    for (const form of [false, true]) {
      client?.dispatch({ type: 'call', call: answered(), now: client.now() })
      await widget.openCall('call-1')
      if (form) {
        widget.routes = [{ view: 'form', callId: 'call-1' }]
        await widget.updateComplete
      }
      client?.dispatch({ type: 'call-gone', callId: 'call-1' })
      const panel = widget.shadowRoot?.querySelector('ringside-panel')
      const page = () => panel?.shadowRoot?.querySelector('.page > *')?.shadowRoot
      await waitUntil(() => page()?.textContent?.includes('not there any more'), String(form))
    }
    expect(errors).to.deep.equal([])
  })

  it('EMBED-7 a browser that hangs on its store is asked again, and nobody is signed out by it', async () => {
    const server = 'http://127.0.0.9'
    Object.defineProperty(window, 'indexedDB', { configurable: true, value: { open: () => ({}) } })
    try {
      const failed = await signInAt(server)
        .getToken(false)
        .then(String, (error: Error) => error.message)
      expect(failed).to.contain('does not answer')
      expect(signInAt(server).state).to.equal('unknown')
    } finally {
      Reflect.deleteProperty(window, 'indexedDB')
    }
    expect(await signInAt(server).getToken(false)).to.equal(null)
  })
})
