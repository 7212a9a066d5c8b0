import { expect } from '@open-wc/testing'
import {
  able,
  answered,
  callView,
  caseView,
  type FakeServer,
  phoneView,
  userView,
} from './fake-server.ts'
import { all, one, show, texts, type, widget } from './page.ts'
import { waitUntil } from './wait-until.ts'

/** What the phone network and the helpdesk's users can put into a name. */
const HOSTILE: Readonly<Record<string, string>> = {
  long: 'Wolfeschlegelsteinhausenbergerdorff'.repeat(15),
  markup: `<img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script>`,
  emoji: '👩‍👩‍👧‍👦'.repeat(80),
  bidi: `\u202Egnp.exe\u2066\u2067\u202B مرحبا ${'\u202E'.repeat(40)} tail`,
  marks: `Z${'\u0324\u0334\u031B\u0348'.repeat(120)}algo`,
  lines: 'one\n\n\ntwo\t\u0000\u0007three\r\n'.repeat(30),
}
/** Turns the writing of what comes after it, until it is closed. */
const OPENS = /[\u202a\u202b\u202d\u202e\u2066\u2067\u2068]/g
const CLOSES = /[\u202c\u2069]/g
const ISOLATE = '\u2068'

interface Place {
  readonly name: string
  readonly host: string
  readonly open: (text: string) => Promise<FakeServer>
}

const user = (text: string) => userView({ name: text, company: text, email: text, note: text })
const phoneOf = (text: string) => ({ ...phoneView('1'), raw: text, display: text })
const world = (text: string) => ({
  me: able(),
  users: [user(text)],
  cases: [caseView({ subject: text })],
})

const PLACES: readonly Place[] = [
  {
    name: 'the pop-up',
    host: 'ringside-popup',
    open: (text) => show({ ...world(text), calls: [callView({ userId: 'user-1', queue: text })] }),
  },
  {
    name: 'the pop-up of a number',
    host: 'ringside-popup',
    open: (text) =>
      show({ ...world(text), calls: [callView({ from: phoneOf(text), queue: text })] }),
  },
  {
    name: 'the call bar',
    host: 'ringside-call-bar',
    open: async (text) => {
      const server = await show({ ...world(text), calls: [answered({ userId: 'user-1' })] })
      await one('ringside-call-bar [data-act]')
      return server
    },
  },
  {
    name: 'the profile with its cases',
    host: 'ringside-panel',
    open: async (text) => {
      const server = await show({
        ...world(text),
        calls: [answered({ userId: 'user-1', queue: text })],
      })
      await one('ringside-panel ringside-user-fields')
      await one('ringside-panel .case-line')
      return server
    },
  },
  {
    name: 'the profile of a number',
    host: 'ringside-panel',
    open: async (text) => {
      const server = await show({
        ...world(text),
        calls: [answered({ from: phoneOf(text), queue: text })],
      })
      await one('ringside-panel ringside-user h2')
      return server
    },
  },
  {
    name: 'the search',
    host: 'ringside-panel',
    open: async (text) => {
      const server = await show({
        ...world(text),
        answers: { 'GET /api/users': { items: [user(text)], next: null } },
      })
      await widget.search('x')
      await one('ringside-user-search [role=option]')
      return server
    },
  },
  {
    name: 'the transfer',
    host: 'ringside-call-bar',
    open: async (text) => {
      const agent = {
        id: 'agent-2',
        name: text,
        extensions: [{ connectionId: 'pbx', extension: '102' }],
        state: 'away' as const,
        reason: text,
        since: null,
        until: null,
      }
      const server = await show({ ...world(text), agents: [agent], calls: [answered()] })
      ;(await one('[data-act=transfer]')).click()
      await one('ringside-transfer [role=option]')
      return server
    },
  },
]

/** Every shadow root below an element, its own first. */
function roots(host: Element): ShadowRoot[] {
  const root = host.shadowRoot
  if (root === null) return []
  return [root, ...[...root.querySelectorAll('*')].flatMap(roots)]
}

/** Rows of lists reach into the padding around them by this much. */
const BLEED = 8

/** Elements in which something is wider than they are: those apart that end in an ellipsis. */
function overflowing(host: Element): string[] {
  return roots(host)
    .flatMap((root) => [...root.querySelectorAll<HTMLElement>('*')])
    .filter((element) => {
      const style = getComputedStyle(element)
      const isBox = !['inline', 'contents', 'none'].includes(style.display)
      const isCut = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none'
      if (!isBox || isCut || element.matches('svg, svg *, .sr, input, textarea')) return false
      const room = style.overflowX === 'visible' ? BLEED : 0
      return element.clientWidth > 0 && element.scrollWidth > element.clientWidth + room + 1
    })
    .map((one) => `${one.localName}.${one.className} ${one.scrollWidth} > ${one.clientWidth}`)
}

/** Texts in which the direction is turned and not turned back. */
function unclosed(host: Element): string[] {
  const found: string[] = []
  for (const root of roots(host)) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent ?? ''
      const opened: readonly string[] = text.match(OPENS) ?? []
      const closed: readonly string[] = text.match(CLOSES) ?? []
      const isOurs = opened.every((one) => one === ISOLATE)
      if (!isOurs || opened.length !== closed.length) found.push(JSON.stringify(text.slice(0, 80)))
    }
  }
  return found
}

const names = Object.keys(HOSTILE)

/** Lines with an ellipsis whose direction is not that of their text: what is cut is its begin. */
function cutAtTheirBegin(host: Element): string[] {
  return roots(host)
    .flatMap((root) => [...root.querySelectorAll<HTMLElement>('*')])
    .filter((element) => element.textContent.includes('Wolfe'))
    .filter((element) => getComputedStyle(element).textOverflow === 'ellipsis')
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .filter((element) => getComputedStyle(element).direction === 'rtl')
    .map((element) => `${element.localName}.${element.className}`)
}

describe('hostile texts', () => {
  // Loading it for the first time is not what is waited for here.
  before(() => import('../../widget/elements/panel.ts'))
  beforeEach(() => sessionStorage.clear())
  afterEach(() => {
    widget.remove()
    document.documentElement.removeAttribute('dir')
  })

  for (const place of PLACES) {
    for (const name of names) {
      it(`POP-1 SAFE-1 ${place.name} shows ${name} as text, in its place`, async () => {
        for (const width of ['384px', '308px']) {
          document.documentElement.style.setProperty('--ringside-width', width)
          await place.open(HOSTILE[name]!)
          const host = await one(place.host)
          await new Promise((resolve) => requestAnimationFrame(resolve))
          expect(overflowing(host), width).to.deep.equal([])
          expect(unclosed(host)).to.deep.equal([])
          expect(
            roots(host).flatMap((root) => [...root.querySelectorAll('img, script')]),
          ).to.deep.equal([])
          expect('ran' in globalThis).to.equal(false)
          const { right, left } = host.getBoundingClientRect()
          expect(right - left).to.be.at.most(Number.parseInt(width, 10) + 1)
          widget.remove()
        }
      })
    }
  }

  for (const place of PLACES) {
    it(`EMBED-4 in ${place.name} from right to left, a text from left to right is cut at its own end`, async () => {
      document.documentElement.dir = 'rtl'
      await place.open(`Wolfe ${'und Schlegel '.repeat(30)}`)
      const host = await one(place.host)
      expect(cutAtTheirBegin(host)).to.deep.equal([])
    })
  }

  it('POP-1 a name takes two lines in the pop-up at most, whatever it is', async () => {
    for (const name of names) {
      await show({
        ...world(HOSTILE[name]!),
        calls: [callView({ userId: 'user-1', queue: HOSTILE[name]! })],
      })
      const button = await one('ringside-popup .name')
      const { lineHeight } = getComputedStyle(button)
      expect(button.clientHeight, name).to.be.at.most(
        Math.ceil(Number.parseFloat(lineHeight) * 2) + 1,
      )
      const card = await one('ringside-popup .card')
      expect(card.clientHeight, name).to.be.at.most(260)
      widget.remove()
    }
  })
})

describe('the look', () => {
  beforeEach(() => sessionStorage.clear())
  afterEach(() => {
    widget.remove()
    document.documentElement.removeAttribute('style')
  })
  const calls = (count: number) =>
    Array.from({ length: count }, (_none, index) =>
      callView({ id: `call-${index}`, from: phoneView(`+49 30 90182${index}`) }),
    )

  it('POP-1 three calls are shown in full, of more the later ones only by who, where and how long', async () => {
    await show({ calls: calls(3) })
    await waitUntil(() => texts('ringside-popup').length === 3)
    const isShown = (element: Element) => element.getClientRects().length > 0
    expect(all('ringside-popup .fold').filter(isShown)).to.have.length(3)
    widget.remove()
    await show({ calls: calls(5) })
    await waitUntil(() => texts('ringside-popup').length === 5)
    expect(all('ringside-popup .fold').filter(isShown)).to.have.length(1)
    expect(all('ringside-popup .name').filter(isShown)).to.have.length(5)
  })

  it('A11Y everything that can be pressed is at least 24 px high and wide', async () => {
    await show({
      ...world('Maria'),
      calls: [callView({ id: 'call-2' }), answered({ userId: 'user-1' })],
    })
    await one('ringside-call-bar [data-act]')
    await one('ringside-panel .case-line')
    ;(await one('ringside-call-bar .more')).click()
    await one('ringside-call-bar .menu')
    const small = all('button, input, select, textarea, summary, a')
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.height > 0 && (box.height < 23.9 || box.width < 23.9))
      .map(({ element, box }) => `${element.className} ${box.width}×${box.height}`)
    expect(small).to.deep.equal([])
  })

  it('EMBED-4 a page can make it larger, denser and still', async () => {
    const { style } = document.documentElement
    style.setProperty('--ringside-font-size', '28px')
    style.setProperty('--ringside-motion', 'none')
    await show({ ...world('Maria'), calls: [callView({ userId: 'user-1', queue: 'Support' })] })
    const host = await one('ringside-popup')
    const card = await one('ringside-popup .card')
    expect(getComputedStyle(await one('ringside-popup .name')).fontSize).to.equal('36.008px')
    expect(overflowing(host)).to.deep.equal([])
    expect(card.getAnimations()).to.deep.equal([])
    expect((await one('ringside-popup .badge')).getAnimations()).to.deep.equal([])
    const wide = Number.parseFloat(getComputedStyle(card).paddingInlineStart)
    style.setProperty('--ringside-space', '3px')
    expect([wide, Number.parseFloat(getComputedStyle(card).paddingInlineStart)]).to.deep.equal([
      16, 12,
    ])
  })

  it('POP-1 what comes moves in briefly, and is announced by nothing that goes on and on', async () => {
    await show({ calls: [callView()] })
    const card = await one('ringside-popup .card')
    const times = [card, await one('ringside-popup .badge')].flatMap((element) =>
      element
        .getAnimations()
        .map((one) => Math.round(Number(one.effect?.getComputedTiming().endTime))),
    )
    // A browser that is asked for less movement has none.
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) expect(times).to.deep.equal([])
    else expect(times).to.deep.equal([160, 4800])
  })

  it('CALL-13 an internal call in the panel is a colleague, with nobody to link and no case where there is none', async () => {
    const call = answered({
      direction: 'internal',
      agentId: 'agent-1',
      uniqueId: 'ringside-7',
      from: phoneView('101'),
      to: phoneView('102'),
    })
    await show({ me: able(), calls: [call] })
    await one('ringside-panel .colleague')
    const text = texts('ringside-user').join()
    expect(text).to.contain('Boris Klein').and.contain('Free').and.contain('no case is made')
    expect(text).to.not.contain('Find a user').and.not.contain('Create a case')
    widget.remove()
    await show({ me: { ...able(), internalCalls: ['pbx'] }, calls: [call] })
    await one('ringside-panel .colleague')
    expect(texts('ringside-user').join()).to.contain('Create a case').and.not.contain('Find a user')
  })

  it('POP-7 that nothing is recorded stays in sight, with the way back to it', async () => {
    await show({ me: able(), calls: [answered()] })
    ;(await one('ringside-call-bar .more')).click()
    ;(await one('[data-act=pause-recording]')).click()
    await waitUntil(() => texts('ringside-call-bar .strip').join().includes('Recording paused'))
    expect(all('ringside-call-bar .menu')).to.deep.equal([])
    ;(await one('.strip [data-act=resume-recording]')).click()
    await waitUntil(() => all('ringside-call-bar .strip').length === 0)
  })

  it('POP-3 what is typed into the search stays in its place, from right to left too', async () => {
    document.documentElement.dir = 'rtl'
    await show({ ...world('Maria') }, { locale: 'ar' })
    await widget.search('x')
    type(await one<HTMLInputElement>('ringside-user-search input'), 'Maria')
    const field = (await one('ringside-user-search input')).getBoundingClientRect()
    const icon = all('ringside-user-search svg')[0]!.getBoundingClientRect()
    document.documentElement.removeAttribute('dir')
    expect(icon.right).to.be.greaterThan(field.left + field.width / 2)
  })
})
