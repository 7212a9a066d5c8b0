import { expect } from '@open-wc/testing'
import type { RingsideCase } from '../../widget/elements/case.ts'
import '../../widget/elements/case.ts'
import type { RingsideCaseList } from '../../widget/elements/case-list.ts'
import '../../widget/elements/case-list.ts'
import type { RingsideWidget } from '../../widget/elements/ringside-widget.ts'
import { loadLoneTags, watchPage } from '../../widget/page-watch.ts'
import { answerHere, place, ready, tokenOf } from './line.ts'
import { textOf } from './page.ts'
import { waitUntil } from './wait-until.ts'

describe('elements alone in a page', () => {
  let line: ReturnType<typeof answerHere>
  const placed: HTMLElement[] = []
  const put = async <T extends HTMLElement>(
    tag: string,
    attributes: Record<string, string> = {},
  ): Promise<T> => {
    const element = await place<T>(tag, attributes)
    placed.push(element)
    return element
  }
  const rows = (list: RingsideCaseList) => [
    ...(list.shadowRoot?.querySelectorAll<HTMLButtonElement>('[data-case]') ?? []),
  ]
  const row = async (list: RingsideCaseList) => {
    await waitUntil(() => rows(list).length > 0, 'no row')
    return rows(list)[0]!
  }

  beforeEach(() => {
    line = answerHere()
  })
  afterEach(async () => {
    for (const element of placed.splice(0)) element.remove()
    // What stays for a moment for whoever comes back is ended: the next test begins without it.
    const end = await place<RingsideWidget>('ringside-widget', { token: tokenOf('anna') })
    end.token = null
    await end.updateComplete
    end.remove()
    await new Promise((resolve) => setTimeout(resolve))
    line.restore()
  })

  it('EMBED-6 uses the connection of the page’s widget, whichever comes first, and ends with it', async () => {
    const list = await put<RingsideCaseList>('ringside-case-list')
    expect(list.client).to.equal(null)
    const widget = await put<RingsideWidget>('ringside-widget', { token: tokenOf('anna') })
    await waitUntil(() => list.client !== null)
    expect(list.client).to.equal(widget.client)
    const found = await put<RingsideCase>('ringside-case', { 'case-id': 'case-1' })
    expect(found.client).to.equal(widget.client)
    await ready(widget)
    await waitUntil(() => textOf(found).includes('Printer does not take'))
    expect(line.lines.filter((each) => each === 'GET /api/me')).to.have.length(1)
    widget.token = null
    await waitUntil(() => list.client === null && found.client === null)
  })

  it('EMBED-6 without a widget those of one agent share a connection, which ends after the last', async () => {
    const token = tokenOf('anna')
    const list = await put<RingsideCaseList>('ringside-case-list', { token })
    const found = await put<RingsideCase>('ringside-case', { token, 'case-id': 'case-1' })
    const boris = await put<RingsideCase>('ringside-case', { token: tokenOf('boris') })
    const client = list.client!
    expect(found.client).to.equal(client)
    expect(boris.client).not.to.equal(client)
    await waitUntil(() => textOf(found).includes('Printer does not take'))
    list.remove()
    await Promise.resolve()
    expect(found.client).to.equal(client)
    found.setAttribute('token', tokenOf('boris'))
    await waitUntil(() => found.client === boris.client)
    await new Promise((resolve) => setTimeout(resolve))
    // A client that is closed takes nothing in any more; the list's is waited for, should it come back.
    client.dispatch({ type: 'leader', isLeader: !client.state.isLeader })
    const { isLeader } = client.state
    await waitUntil(() => {
      client.dispatch({ type: 'leader', isLeader: !isLeader })
      const isClosed = client.state.isLeader === isLeader
      client.dispatch({ type: 'leader', isLeader })
      return isClosed
    }, 'still open')
  })

  it('EMBED-6 a case opens where the page says: by its own code, its address, its widget, else in place', async () => {
    const list = await put<RingsideCaseList>('ringside-case-list', { token: tokenOf('anna') })
    await ready(list)
    const leaked: Event[] = []
    const leak = (event: Event) => leaked.push(event)
    document.addEventListener('ringside-go', leak)
    const prevent = (event: Event) => event.preventDefault()

    list.addEventListener('ringside-open-case', prevent)
    ;(await row(list)).click()
    await Promise.resolve()
    expect(location.hash).to.equal('')
    list.removeEventListener('ringside-open-case', prevent)

    list.setAttribute('case-url', '#ticket-{number}')
    await list.updateComplete
    ;(await row(list)).click()
    await waitUntil(() => location.hash === '#ticket-1043')
    history.replaceState(null, '', location.pathname + location.search)
    list.removeAttribute('case-url')
    await list.updateComplete

    ;(await row(list)).click()
    const panel = () => list.shadowRoot?.querySelector('ringside-panel') ?? null
    await waitUntil(() => panel()?.shadowRoot?.querySelector('ringside-case'))
    expect((await row(list)).checkVisibility()).to.equal(false)
    panel()?.onClose?.()
    await waitUntil(() => panel() === null)
    expect((await row(list)).checkVisibility()).to.equal(true)

    const widget = await put<RingsideWidget>('ringside-widget', { token: tokenOf('anna') })
    await ready(widget)
    ;(await row(list)).click()
    await waitUntil(() => widget.routes.at(-1)?.view === 'case')
    expect(panel()).to.equal(null)
    expect(leaked).to.deep.equal([])
    document.removeEventListener('ringside-go', leak)
  })

  it('EMBED-6 it has theme and language of its own, and nothing of that inside the widget', async () => {
    const list = await put<RingsideCaseList>('ringside-case-list', {
      token: tokenOf('anna'),
      theme: 'dark',
      locale: 'ar',
    })
    await ready(list)
    await row(list)
    expect(getComputedStyle(list).colorScheme).to.equal('dark')
    expect(list.dir).to.equal('rtl')
    list.setAttribute('theme', 'light')
    list.setAttribute('locale', 'en')
    await list.updateComplete
    expect(getComputedStyle(list).colorScheme).to.equal('light')
    expect(list.dir).to.equal('ltr')
    const widget = await put<RingsideWidget>('ringside-widget', { token: tokenOf('anna') })
    await ready(widget)
    await widget.openCase('case-1')
    const inside = () =>
      widget.shadowRoot?.querySelector('ringside-panel')?.shadowRoot?.querySelector('ringside-case')
    await waitUntil(() => inside())
    expect(getComputedStyle(inside()!).borderTopWidth).to.equal('0px')
  })

  it('EMBED-6 tags that come later are found, and their code is loaded', async () => {
    let looks = 0
    const seen = new Promise<void>((resolve) => {
      watchPage(() => {
        looks += 1
        loadLoneTags([])
        if (document.querySelector('ringside-recording') !== null) resolve()
      })
    })
    expect(looks).to.equal(1)
    await put('ringside-recording', { 'recording-id': 'r1' })
    for (let each = 0; each < 50; each += 1) document.body.append(document.createComment('busy'))
    await seen
    await customElements.whenDefined('ringside-recording')
    expect(looks).to.be.at.most(3)
  })
})
