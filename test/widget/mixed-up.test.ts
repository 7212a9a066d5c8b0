/** What is opened, chosen or typed for one call, case or user is never another's, whatever comes and goes meanwhile. */
import { expect } from '@open-wc/testing'
import '../../widget/elements/panel.ts'
import type { RingsideCase } from '../../widget/elements/case.ts'
import type { RingsideUserFields } from '../../widget/elements/user-fields.ts'
import { able, answered, at, callView, caseView, userView } from './fake-server.ts'
import { all, button, key, one, show, textOf, texts, type, widget } from './page.ts'
import { waitUntil } from './wait-until.ts'

const first = answered({ id: 'first', userId: 'user-1' })
const second = answered({ id: 'second', userId: 'user-2', ringingAt: at(20), answeredAt: at(5) })
const users = [userView(), userView({ id: 'user-2', name: 'Ivan Sokolov' })]

describe('two of a kind', () => {
  afterEach(() => widget.remove())

  it('CASE-13 POP-7 the choice of whom to transfer to stays with its call when another one comes', async () => {
    const server = await show({ me: able(), calls: [first], users })
    ;(await one('[data-act=transfer]')).click()
    const field = await one<HTMLInputElement>('ringside-transfer input')
    await waitUntil(() => field.matches(':focus'))
    type(field, 'elena')
    server.push('call', second)
    await waitUntil(() => all('ringside-call-bar').length === 2)
    expect(texts('ringside-call-bar')[0]).to.contain('Ivan')
    expect(all('ringside-transfer input')).to.deep.equal([field])
    expect(field.value).to.equal('elena')
    key(field, 'Enter')
    const asked = () =>
      server.requests.map(({ line }) => line).filter((line) => line.includes('/transfer'))
    await waitUntil(() => asked().length === 1)
    expect(asked()).to.deep.equal(['POST /api/calls/first/actions/transfer'])
  })

  it('CTL-4 who was chosen stays chosen while colleagues become free and busy', async () => {
    const server = await show({ me: able(), calls: [answered()], users })
    ;(await one('[data-act=transfer]')).click()
    const field = await one<HTMLInputElement>('ringside-transfer input')
    const chosen = () => texts('ringside-transfer [aria-selected=true]').join()
    expect(chosen()).to.contain('Boris')
    key(field, 'ArrowDown')
    await waitUntil(() => chosen().includes('Elena'))
    server.push('agent', {
      id: 'agent-3',
      name: 'Chiara Rossi',
      extensions: [{ connectionId: 'pbx', extension: '103' }],
      state: 'free',
      reason: null,
      since: null,
      until: null,
    })
    await waitUntil(() => texts('ringside-transfer [role=option]')[1]?.includes('Chiara'))
    expect(chosen()).to.contain('Elena')
    expect(field.getAttribute('aria-activedescendant')).to.equal(
      (await one('ringside-transfer [aria-selected=true]')).id,
    )
  })

  it('CASE-13 POP-2 the focus stays on the pop-up that has it when one above it goes', async () => {
    const later = callView({ id: 'later', ringingAt: at(3) })
    const server = await show({ calls: [callView(), later] })
    await waitUntil(() => all('ringside-popup').length === 2)
    const close = all<HTMLButtonElement>('ringside-popup button.icon')[1]!
    close.focus()
    server.push('call', answered({ legs: [] }))
    await waitUntil(() => all('ringside-popup').length === 1)
    expect(close.matches(':focus')).to.equal(true)
    close.click()
    await waitUntil(() => server.requests.some(({ line }) => line.endsWith('/dismiss')))
    const asked = server.requests.filter(({ line }) => line.endsWith('/dismiss'))
    expect(asked.map(({ line }) => line)).to.deep.equal(['POST /api/calls/later/dismiss'])
  })

  it('POP-8 a note that was begun for one case is not left in the next', async () => {
    const other = caseView({ id: 'case-2', number: 1044, subject: 'Invoice' })
    await show({ cases: [caseView(), other], users })
    await widget.openCase('case-1')
    type(await one<HTMLTextAreaElement>('#note'), 'for the first')
    await widget.openCase('case-2')
    await waitUntil(() => texts('ringside-case-head')[0]?.includes('Invoice'))
    const note = await one<HTMLTextAreaElement>('#note')
    expect(note.value).to.equal('')
    type(note, 'for the second')
    const element = await one<RingsideCase>('ringside-case')
    element.caseId = 'case-1'
    await element.updateComplete
    expect(note.value).to.equal('for the first')
  })

  it('POP-8 a note that was begun is there again after a call has opened its profile over it', async () => {
    const server = await show({ cases: [caseView()], calls: [callView({ id: 'rings' })], users })
    await widget.openCase('case-1')
    const note = await one<HTMLTextAreaElement>('#note')
    type(note, 'half a sen')
    server.push('call', answered({ id: 'rings' }))
    await waitUntil(() => all('ringside-case').length === 0)
    ;(await button('Back')).click()
    const again = await one<HTMLTextAreaElement>('#note')
    expect(again.value).to.equal('half a sen')
    ;(await button('Add a note')).click()
    await waitUntil(() => again.value === '')
    expect(server.requests.some(({ line }) => line === 'POST /api/cases/case-1/notes')).to.equal(
      true,
    )
    await widget.openCall('rings')
    await widget.openCase('case-1')
    expect((await one<HTMLTextAreaElement>('#note')).value).to.equal('')
  })

  it('POP-5 a case is written about its own call', async () => {
    await show({ calls: [first, second], users })
    widget.routes = [{ view: 'form', callId: 'first' }]
    type(await one<HTMLInputElement>('ringside-case-form #subject'), 'about the first')
    widget.routes = [{ view: 'form', callId: 'second' }]
    await widget.updateComplete
    await waitUntil(() => texts('ringside-case-form')[0]?.includes('Ivan'))
    expect((await one<HTMLInputElement>('ringside-case-form #subject')).value).to.equal('')
    widget.routes = [{ view: 'form', callId: 'first' }]
    await waitUntil(() => texts('ringside-case-form')[0]?.includes('Maria'))
    const again = await one<HTMLInputElement>('ringside-case-form #subject')
    await waitUntil(() => again.value === 'about the first')
  })

  it('POP-5 a value that was begun for one user is not left for the next', async () => {
    const [maria, ivan] = users.map((one) => ({ ...one, company: null }))
    await show({ users: [] })
    const fields = document.createElement('ringside-user-fields') as RingsideUserFields
    Object.assign(fields, { client: widget.client, user: maria })
    widget.shadowRoot!.append(fields)
    ;(await one('[data-edit=company]')).click()
    type(await one<HTMLInputElement>('[name=value]'), 'Northwind')
    fields.user = ivan!
    await fields.updateComplete
    expect(all('ringside-user-fields [name=value]')).to.deep.equal([])
    expect(textOf(fields)).to.contain('Ivan')
    fields.remove()
  })
})
