import { expect } from '@open-wc/testing'
import type { CallView } from '../../server/http/schemas.ts'
import '../../widget/elements/panel.ts'
import { Alerts, toneOf } from '../../widget/alerts/alerts.ts'
import type { Audio } from '../../widget/alerts/audio.ts'
import { choose } from '../../widget/alerts/choice.ts'
import { hold } from '../../widget/alerts/locks.ts'
import { createRingSound } from '../../widget/alerts/ring-sound.ts'
import { beepSamples, ringSamples, SAMPLE_RATE } from '../../widget/alerts/tone.ts'
import { selectPopups } from '../../widget/client/select.ts'
import type { State } from '../../widget/client/state.ts'
import { answered, at, callView, type FakeServer, fakeServer, userView } from './fake-server.ts'
import { all, button, show, texts, widget } from './page.ts'
import { waitUntil } from './wait-until.ts'

const ON = { sound: true, notifications: true }
const HOSTILE = `<img src=x onerror="window.hacked=1">\u202E\n\u2066${'x'.repeat(500)}`
let undo: (() => void)[] = []

afterEach(() => {
  for (const one of undo.reverse()) one()
  undo = []
  choose('no-sound', false)
  choose('no-notifications', false)
})

/** A name of its own for each test. */
const lockName = (): string => `ringside:test:${Math.random()}:sound`

function replace(on: object, name: string, value: unknown): void {
  const own = Object.getOwnPropertyDescriptor(on, name)
  Object.defineProperty(on, name, { value, configurable: true, writable: true })
  undo.push(() => {
    if (own === undefined) Reflect.deleteProperty(on, name)
    else Object.defineProperty(on, name, own)
  })
}

describe('alerts: the sounds', () => {
  it('POP-11 a ring is quiet, has two notes and a long pause, and starts and ends in silence', () => {
    const ring = ringSamples()
    expect(Math.max(...ring.map(Math.abs))).to.be.within(0.05, 0.2)
    expect(Math.abs(ring[0]!)).to.be.below(0.001)
    expect(Math.abs(ring.at(-1)!)).to.be.below(0.001)
    expect(loudness(ring, 0, 659.25)).to.be.above(4 * loudness(ring, 0, 523.25))
    expect(loudness(ring, 0.34, 523.25)).to.be.above(loudness(ring, 0.34, 659.25))
    expect(Math.max(...ring.subarray(2 * SAMPLE_RATE).map(Math.abs))).to.be.below(0.002)
    // No step that would be heard as a click.
    const steps = ring.map((value, i) => Math.abs(value - (ring[i - 1] ?? 0)))
    expect(Math.max(...steps)).to.be.below(0.05)
  })

  it('POP-11 a beep for a waiting call is softer and short', () => {
    expect(Math.max(...beepSamples())).to.be.below(Math.max(...ringSamples()) / 2)
    expect(Math.abs(beepSamples().at(-1)!)).to.be.below(0.001)
  })
})

describe('alerts: one sound for all tabs', () => {
  it('POP-11 of the tabs that can play one rings; when it goes the next one does', async () => {
    const name = lockName()
    const [first, second] = [tab(name), tab(name)]
    for (const one of [first, second]) one.sound.set('ring')
    await waitUntil(() => first.played.length + second.played.length > 0)
    await settled()
    expect([first.played, second.played]).to.deep.equal([['ring'], []])
    expect(await holders(name)).to.equal(1)
    first.sound.close()
    await waitUntil(() => second.played.length > 0)
    expect(first.played.at(-1)).to.equal('stop')
    second.sound.set(null)
    expect(second.played).to.deep.equal(['ring', 'stop'])
    await waitUntil(async () => (await holders(name)) === 0)
  })

  it('POP-11 a tab that may not play does not queue, and rings after a gesture', async () => {
    const name = lockName()
    const mute = tab(name, false)
    mute.sound.set('ring')
    await settled()
    expect(await holders(name)).to.equal(0)
    expect(mute.played).to.deep.equal([])
    mute.allow()
    window.dispatchEvent(new PointerEvent('pointerdown'))
    await waitUntil(() => mute.played.length > 0)
    expect(mute.played).to.deep.equal(['ring'])
    mute.sound.set(null)
  })

  it('POP-11 a holder that cannot play after all lets the next one ring', async () => {
    const name = lockName()
    const [broken, next] = [tab(name, true, false), tab(name)]
    for (const one of [broken, next]) one.sound.set('ring')
    await waitUntil(() => next.played.length > 0)
    expect(broken.played).to.deep.equal([])
  })

  it('POP-11 stopped while it still queues: nothing is heard, nothing is held', async () => {
    const name = lockName()
    const one = tab(name)
    for (const tone of ['ring', null, 'ring', null]) one.sound.set(tone)
    await settled()
    expect(one.played.filter((what) => what !== 'stop')).to.deep.equal([])
    expect(await holders(name)).to.equal(0)
  })

  it('POP-11 without a secure context one of the tabs rings as well', async () => {
    replace(navigator, 'locks', undefined)
    const name = lockName()
    const tabs = [tab(name), tab(name), tab(name)]
    for (const one of tabs) one.sound.set('ring')
    const ringing = () => tabs.filter(({ played }) => played.at(-1) === 'ring')
    await waitUntil(() => ringing().length > 0)
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(ringing()).to.have.length(1)
    const [first] = ringing()
    first!.sound.close()
    await waitUntil(() => ringing().length === 1)
    expect(ringing()[0]).not.to.equal(first)
    for (const one of tabs) one.sound.close()
  })
})

describe('alerts: what is heard', () => {
  const cases: readonly (readonly [string, readonly CallView[], string | null])[] = [
    ['a call rings', [callView()], 'ring'],
    ['nothing rings', [answered()], null],
    ['a call comes while the agent talks', [answered(), waiting(2)], 'beep waiting'],
    ['that call has been waiting', [answered(), waiting(20)], null],
  ]
  for (const [what, calls, tone] of cases) {
    it(`POP-11 ${what}: ${tone ?? 'nothing'}`, async () => {
      const { client } = await started({ calls })
      const ringing = selectPopups(client.state).map(({ call }) => call)
      expect(toneOf(client.state, ringing)).to.equal(tone)
    })
  }
})

describe('alerts: notifications', () => {
  it('POP-11 while no tab is looked at one notification per call, gone when it is answered', async () => {
    const shown = permit('granted')
    const { server } = await hidden({
      calls: [callView({ userId: 'user-1', queue: 'Support' }), callView({ id: 'call-2' })],
      users: [userView()],
    })
    await waitUntil(() => shown.length === 2)
    expect(shown[0]!.title).to.equal('Maria Sokolova')
    expect(shown[0]!.options).to.include({ tag: 'call-1', requireInteraction: true })
    expect(shown[0]!.options.body).to.equal('+375 29 170-16-99\nQueue Support\nNorthwind Traders')
    expect(shown[1]!.title).to.equal('+375 29 170-16-99')
    server.push('call', answered({ userId: 'user-1' }))
    await waitUntil(() => shown[0]!.isClosed)
    expect(shown[1]!.isClosed).to.equal(false)
    server.push('dismissed', { callId: 'call-2' })
    await waitUntil(() => shown[1]!.isClosed)
    expect(shown).to.have.length(2)
  })

  it('POP-11 a click brings the agent to the call', async () => {
    const shown = permit('granted')
    const { opened } = await hidden({ calls: [callView()] })
    await waitUntil(() => shown.length === 1)
    shown[0]!.onclick?.()
    expect(opened).to.deep.equal(['call-1'])
    expect(shown[0]!.isClosed).to.equal(true)
  })

  it('POP-11 none while another tab of the browser is looked at', async () => {
    const shown = permit('granted')
    const { server, name } = await hidden({ calls: [] })
    let isHeld = false
    const release = hold(`${name}:visible`, 'shared', () => {
      isHeld = true
    })
    await waitUntil(() => isHeld)
    server.push('call', callView())
    await settled()
    expect(shown).to.have.length(0)
    release()
    await waitUntil(async () => (await holders(`${name}:visible`)) === 0)
    server.client.dispatch({ type: 'tick', now: Date.now() })
    await waitUntil(() => shown.length === 1)
  })

  it('POP-11 none of a tab that does not lead', async () => {
    const shown = permit('granted')
    const { server } = await hidden({ calls: [] })
    server.client.dispatch({ type: 'leader', isLeader: false })
    server.push('call', callView())
    await settled()
    expect(shown).to.have.length(0)
    server.client.dispatch({ type: 'leader', isLeader: true })
    await waitUntil(() => shown.length === 1)
  })

  it('POP-11 a tab that is looked at shows none, and says so to the others by a lock', async () => {
    const shown = permit('granted')
    const { server, name } = await following({ calls: [callView()] })
    await waitUntil(async () => (await holders(`${name}:visible`)) === 1)
    expect(server.client.state.isReady).to.equal(true)
    expect(shown).to.have.length(0)
  })

  it('POP-11 SAFE-1 names from the phone network are one line of bounded text', async () => {
    const shown = permit('granted')
    await hidden({
      calls: [callView({ userId: 'user-1', queue: HOSTILE })],
      users: [userView({ name: HOSTILE, company: HOSTILE })],
    })
    await waitUntil(() => shown.length === 1)
    const { title, options } = shown[0]!
    expect(title).to.match(/^<img src=x onerror="window.hacked=1"> x+…$/)
    expect(options.body?.split('\n')).to.have.length(3)
    expect(`${title}${options.body}`).not.to.match(/[\u202a-\u202e\u2066-\u2069]/)
    expect(`${title}${options.body}`.length).to.be.below(500)
  })

  it('POP-11 a caller who is looked up for long is named when it is known who it is, without a sound', async () => {
    const shown = permit('granted')
    const call = callView({ userId: null })
    const { server } = await hidden({ calls: [call], users: [userView({ name: 'Ann Late' })] })
    await waitUntil(() => shown.length === 1)
    expect(shown[0]!.title).to.match(/^\+\d/)
    server.push('call', { ...call, userId: 'user-1' })
    await waitUntil(() => shown.length === 2)
    const [first, second] = shown
    expect([second!.title, second!.options.silent]).to.deep.equal(['Ann Late', true])
    expect(second!.options.tag).to.equal(first!.options.tag)
    server.push('call', { ...call, userId: 'user-1', queue: 'support' })
    await settled()
    expect(shown).to.have.length(2)
  })

  it('POP-11 where the browser throws or refuses nothing happens', async () => {
    replace(
      window,
      'Notification',
      class {
        static permission = 'granted'
        constructor() {
          throw new TypeError('Illegal constructor')
        }
      },
    )
    const { alerts } = await hidden({ calls: [callView()] })
    await settled()
    alerts.stop()
    permit('denied')
    await hidden({ calls: [callView()] })
  })

  it('POP-11 stopped, nothing stays: no notification, no lock, no listener that acts', async () => {
    const shown = permit('granted')
    const { alerts, server, name, unsubscribe } = await hidden({ calls: [callView()] })
    await waitUntil(() => shown.length === 1)
    unsubscribe()
    alerts.stop()
    expect(shown[0]!.isClosed).to.equal(true)
    replace(document, 'visibilityState', 'visible')
    document.dispatchEvent(new Event('visibilitychange'))
    server.push('call', callView({ id: 'call-3' }))
    await settled()
    expect(await holders(`${name}:visible`)).to.equal(0)
    expect(shown).to.have.length(1)
  })
})

describe('alerts: asking', () => {
  afterEach(() => widget.remove())

  it('POP-11 nothing is asked at load; the panel offers it once, and not now is remembered', async () => {
    const asked = permit('default')
    const server = await show({ calls: [answered()] })
    await waitUntil(() => all('ringside-panel').length === 1)
    await settled()
    expect(texts('ringside-alert-offer').join(''), 'not during a call').to.equal('')
    server.push('call', answered({ state: 'ended', endedAt: at(0) }))
    ;(await button('Not now')).click()
    await waitUntil(() => texts('ringside-alert-offer').join('') === '')
    expect(asked.requests).to.equal(0)
    widget.remove()
    await show({})
    await widget.updateComplete
    widget.shadowRoot!.querySelector<HTMLElement>('.launcher')!.click()
    await waitUntil(() => all('ringside-alert-offer').length === 1)
    expect(texts('ringside-alert-offer').join('')).to.equal('')
  })

  it('POP-11 allowed in the panel: the browser is asked, the line goes', async () => {
    const asked = permit('default')
    await openPanel()
    ;(await button('Allow')).click()
    await waitUntil(() => texts('ringside-alert-offer').join('') === '')
    expect(asked.requests).to.equal(1)
  })

  it('POP-11 denied: never again, and the menu tells the way back', async () => {
    permit('denied')
    await openPanel()
    expect(texts('ringside-alert-offer').join('')).to.equal('')
    ;(await button('My state')).click()
    await waitUntil(() => texts('ringside-alert-choice')[0]?.includes('blocks notifications'))
  })

  it('POP-11 the switch for sound in the menu is remembered, and nothing else is', async () => {
    permit('granted')
    await openPanel()
    ;(await button('My state')).click()
    const sound = await button('Ring')
    expect(sound.role).to.equal('switch')
    expect(sound.ariaChecked).to.equal('true')
    sound.click()
    await waitUntil(() => sound.ariaChecked === 'false')
    expect(localStorage.getItem('ringside-alerts')).to.equal('no-sound')
  })
})

/** How much of a frequency is in a twentieth of a second (Goertzel). */
function loudness(samples: Float32Array, fromSeconds: number, hertz: number): number {
  const from = Math.round((fromSeconds + 0.02) * SAMPLE_RATE)
  const factor = 2 * Math.cos((2 * Math.PI * hertz) / SAMPLE_RATE)
  let [last, before] = [0, 0]
  for (const value of samples.subarray(from, from + SAMPLE_RATE / 20)) {
    const next = value + factor * last - before
    before = last
    last = next
  }
  return Math.sqrt(last ** 2 + before ** 2 - factor * last * before)
}

/** What one tab does; whether it may play, and whether it then can. */
function tab(name: string, isAllowed = true, canPlay = true) {
  const played: string[] = []
  let may = isAllowed
  const audio: Audio = {
    isAllowed: async () => may,
    play: async (sound) => {
      if (canPlay) played.push(sound)
      return canPlay
    },
    stop: () => {
      if (canPlay) played.push('stop')
    },
    close: () => undefined,
  }
  const sound = createRingSound(name, audio)
  undo.push(() => sound.close())
  const allow = () => {
    may = true
  }
  return { sound, played, allow }
}

async function holders(name: string): Promise<number> {
  const { held = [] } = await navigator.locks.query()
  return held.filter((lock) => lock.name === name).length
}

/** What was asked of locks and channels has been answered. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await navigator.locks?.query()
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve))
}

function waiting(secondsAgo: number): CallView {
  return callView({ id: 'waiting', startedAt: at(secondsAgo), ringingAt: at(secondsAgo) })
}

class ShownNotice {
  readonly title: string
  readonly options: NotificationOptions
  onclick: (() => void) | null = null
  isClosed = false

  constructor(title: string, options: NotificationOptions) {
    this.title = title
    this.options = options
  }

  close(): void {
    this.isClosed = true
  }
}

/** Headless browsers refuse notifications: what the page would show is noted. */
function permit(permission: NotificationPermission): ShownNotice[] & { requests: number } {
  const shown = Object.assign<ShownNotice[], { requests: number }>([], { requests: 0 })
  class Noted extends ShownNotice {
    static permission = permission
    static async requestPermission() {
      shown.requests += 1
      Noted.permission = 'granted'
      return Noted.permission
    }

    constructor(title: string, options: NotificationOptions) {
      super(title, options)
      shown.push(this)
    }
  }
  replace(window, 'Notification', Noted)
  return shown
}

async function started(world: Parameters<typeof fakeServer>[0]): Promise<FakeServer> {
  const server = fakeServer(world)
  server.client.start()
  await waitUntil(() => server.client.state.isReady && server.client.state.me !== null)
  return server
}

/** Alerts of a client that a host follows, as the widget does. */
async function following(world: Parameters<typeof fakeServer>[0]) {
  const server = await started(world)
  const opened: string[] = []
  const host = Object.assign(document.createElement('div'), {
    openCall: async (id: string) => void opened.push(id),
  })
  const alerts = new Alerts(host)
  const follow = (_message: unknown, _before: State, _after: State) =>
    alerts.follow(server.client, ON)
  alerts.follow(server.client, ON)
  const unsubscribe = server.client.subscribe(follow)
  undo.push(unsubscribe, () => alerts.stop())
  return {
    server,
    alerts,
    opened,
    unsubscribe,
    name: `ringside:${server.client.api.resolve('/')}:agent-1`,
  }
}

async function hidden(world: Parameters<typeof fakeServer>[0]) {
  replace(document, 'visibilityState', 'hidden')
  return following(world)
}

async function openPanel(): Promise<void> {
  await show({})
  widget.shadowRoot!.querySelector<HTMLElement>('.launcher')!.click()
  await waitUntil(() => all('ringside-alert-offer').length === 1)
}
