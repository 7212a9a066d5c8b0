import { expect } from '@open-wc/testing'
import { ApiError } from '../../widget/client/api.ts'
import type { RingsideSettings } from '../../widget/settings/ringside-settings.ts'
import '../../widget/settings/ringside-settings.ts'
// Loaded before, so that no test waits for them.
import '../../widget/settings/connections/connections.ts'
import '../../widget/settings/fields/fields.ts'
import '../../widget/settings/general/general.ts'
import '../../widget/settings/people/people.ts'
import '../../widget/settings/users/users.ts'
import { type FakeServer, fakeServer, ME, type World } from './fake-server.ts'
import { all as allIn, key, textOf, type } from './page.ts'
import { FIELDS, LINK, PEOPLE, peopleWorld, SETTINGS } from './scenes/settings.ts'
import { waitUntil } from './wait-until.ts'

let settings: RingsideSettings
let server: FakeServer

async function open(page: string, world: World = peopleWorld(), change: object = {}) {
  server = fakeServer(world)
  settings = document.createElement('ringside-settings')
  Object.assign(settings, { client: server.client, page, ...change })
  document.body.append(settings)
  server.client.start()
  await waitUntil(() => server.client.state.me !== null)
}
const all = <T extends Element = HTMLElement>(selector: string): T[] =>
  settings.shadowRoot === null ? [] : allIn<T>(selector, settings.shadowRoot)
async function one<T extends Element = HTMLElement>(selector: string): Promise<T> {
  await waitUntil(() => all(selector).length > 0, `no ${selector}`)
  return all<T>(selector)[0]!
}
async function button(label: string): Promise<HTMLButtonElement> {
  const match = () =>
    all<HTMLButtonElement>('button').find(
      (each) => textOf(each) === label || plainLabel(each) === label,
    )
  await waitUntil(() => match() !== undefined, `no button ${label}`)
  return match()!
}
const plainLabel = (each: Element) => each.ariaLabel?.replaceAll(/[\u2068\u2069]/g, '')
async function fill(name: string, value: string): Promise<void> {
  type(await one<HTMLInputElement>(`[name="${name}"]`), value)
}
async function choose(name: string, value: string): Promise<void> {
  const select = await one<HTMLSelectElement>(`[name="${name}"]`)
  select.value = value
  select.dispatchEvent(new Event('change', { bubbles: true }))
}
const bodies = (line: string) =>
  server.requests.filter((each) => each.line === line).map(({ init }) => init.body)
const lines = () => server.requests.map(({ line }) => line)
const dialog = () => all('ringside-settings-confirm')[0]

describe('the settings', () => {
  afterEach(() => {
    settings.remove()
    history.replaceState(null, '', location.pathname + location.search)
  })

  it('ADMIN-6 say in one sentence that they are for admins, and ask the server for nothing', async () => {
    await open('people', { ...peopleWorld(), me: ME })
    await waitUntil(() => textOf(settings).includes('Settings are for admins'))
    expect(all('nav')).to.have.length(0)
    expect(lines().filter((line) => line.includes('connections'))).to.deep.equal([])
  })

  it('ADMIN-6 a page that is not there is the first one; going is by list and by address', async () => {
    await open('nowhere', peopleWorld(), { inAddress: true })
    await one('ringside-settings-connections')
    ;(await button('People')).click()
    await one('ringside-settings-people table')
    expect(location.hash).to.equal('#people')
    expect(all('[aria-current=page]').map(textOf)).to.deep.equal(['People'])
    ;(await button('Boris Klein')).click()
    await one('ringside-settings-person')
    expect(location.hash).to.equal('#people/agent-2')
    history.back()
    await waitUntil(() => all('ringside-settings-person').length === 0)
    expect(settings.page).to.equal('people')
  })

  it('ADMIN-6 leaving what is not saved is asked, and staying keeps it', async () => {
    await open('general')
    await fill('claimMinutes', '30')
    ;(await button('People')).click()
    await waitUntil(() => dialog() !== undefined)
    ;(await button('Stay here')).click()
    await settings.updateComplete
    expect((await one<HTMLInputElement>('[name=claimMinutes]')).value).to.equal('30')
    const leaving = new Event('beforeunload', { cancelable: true })
    window.dispatchEvent(leaving)
    expect(leaving.defaultPrevented).to.equal(true)
    ;(await button('People')).click()
    ;(await button('Leave without saving')).click()
    await one('ringside-settings-people table')
  })

  it('ADMIN-6 a page that could not load says so, and loads when asked again', async () => {
    let isAway = true
    await open(
      'people',
      peopleWorld({
        'GET /api/agents': () => {
          if (isAway) throw new ApiError(503, { title: 'away' })
          return { items: PEOPLE, next: null }
        },
      }),
    )
    await one('ringside-settings-people .error')
    isAway = false
    ;(await button('Try again')).click()
    await one('ringside-settings-people table')
  })
})

describe('the settings of people', () => {
  afterEach(() => settings.remove())

  it('ADMIN-6 show state, role and extensions as they are now; who has left only when asked', async () => {
    await open('people')
    await one('tbody tr')
    expect(
      all('tbody tr')
        .map((row) => textOf(row))
        .join(),
    ).not.to.contain('Ines Vogel')
    const row = () => textOf(all('tbody tr')[4]!)
    expect(row()).to.contain('Elena').and.contain('Free').and.contain('none')
    server.push('agent', { ...PEOPLE[4], state: 'away', reason: 'Lunch' })
    await waitUntil(() => row().includes('Away: Lunch'))
    ;(await one<HTMLInputElement>('[name=hasLeft]')).click()
    await waitUntil(() => all('tbody tr').length === 8)
    type(await one<HTMLInputElement>('[type=search]'), '902')
    await waitUntil(() => all('tbody tr').length === 1)
    expect(textOf(all('tbody tr')[0]!)).to.contain('Boris')
  })

  it('ADMIN-6 changes go out as data and extensions, and say whose an extension was', async () => {
    await open(
      'people/agent-2',
      peopleWorld({
        'PATCH /api/agents/agent-2': PEOPLE[1],
        'PUT /api/agents/agent-2/extensions': PEOPLE[1],
      }),
    )
    await choose('role', 'supervisor')
    await fill('items.0.extension', '104')
    await waitUntil(() =>
      all('.hint').some((each) => textOf(each).includes('Now of Dmitri Volkov')),
    )
    ;(await button('Save')).click()
    await waitUntil(() => bodies('PUT /api/agents/agent-2/extensions').length === 1)
    expect(bodies('PATCH /api/agents/agent-2')[0]).to.include({
      role: 'supervisor',
      externalId: 'u-2',
    })
    expect(bodies('PUT /api/agents/agent-2/extensions')[0]).to.deep.equal({
      items: [
        { connectionId: 'pbx', extension: '104' },
        { connectionId: '*', extension: '902' },
      ],
    })
  })

  it('ADMIN-6 somebody new without an id of the helpdesk is known by the e-mail address', async () => {
    await open('people/new', peopleWorld({ 'POST /api/agents': PEOPLE[1] }))
    await fill('name', 'Boris Klein')
    await fill('email', 'boris@helpdesk.example')
    ;(await button('Add')).click()
    await waitUntil(() => settings.page === 'people/agent-2')
    expect(bodies('POST /api/agents')[0]).to.deep.equal({
      name: 'Boris Klein',
      email: 'boris@helpdesk.example',
      externalId: 'boris@helpdesk.example',
      role: 'agent',
    })
  })

  it('EMBED-7 a personal link is shown with its end, and browsers are signed out one by one', async () => {
    await open('people/agent-2', peopleWorld({ 'DELETE /api/agents/agent-2/sign-ins/b2': null }))
    ;(await button('Make a link')).click()
    expect((await one<HTMLInputElement>('#link')).value).to.equal(LINK.url)
    ;(await button('Sign out: Firefox, Linux')).click()
    await waitUntil(() => lines().includes('DELETE /api/agents/agent-2/sign-ins/b2'))
  })

  it('ADMIN-6 leaving is asked before, and nobody is offered to remove themselves', async () => {
    await open('people/agent-2', peopleWorld({ 'DELETE /api/agents/agent-2': null }))
    ;(await button('This person leaves')).click()
    await waitUntil(() => dialog() !== undefined)
    ;(await button('Cancel')).click()
    await waitUntil(() => dialog() === undefined)
    expect(lines()).not.to.include('DELETE /api/agents/agent-2')
    ;(await button('This person leaves')).click()
    ;(await button('Leaves')).click()
    await waitUntil(() => lines().includes('DELETE /api/agents/agent-2'))
    settings.page = 'people/agent-1'
    await waitUntil(() => textOf(settings).includes('This is you'))
    expect(all('.danger')).to.have.length(0)
  })
})

describe('the settings of data fields', () => {
  afterEach(() => settings.remove())
  const names = () => all<HTMLInputElement>('[name$=".label"]').map(({ value }) => value)

  it('ADMIN-5 are ordered by Alt with the arrows, the focus stays, and the pop-up shows it', async () => {
    await open('fields', peopleWorld({ 'PUT /api/fields': { items: FIELDS, next: null } }))
    const field = await one<HTMLInputElement>('[name="items.3.label"]')
    field.focus()
    key(field, 'ArrowUp', { altKey: true })
    await waitUntil(() => names()[2] === 'Contract')
    const active = settings.shadowRoot?.querySelector('ringside-settings-fields')?.shadowRoot
      ?.activeElement
    expect(active?.getAttribute('name')).to.equal('items.2.label')
    const rows = () => all<HTMLElement>('.popup [data-key]').map((each) => each.dataset.key)
    expect(rows()).to.deep.equal(['email', 'tier', 'company'])
    ;(await one<HTMLInputElement>('[name="items.1.inPopup"]')).click()
    await waitUntil(() => rows()[0] === 'tier')
    ;(await button('Save')).click()
    await waitUntil(() => bodies('PUT /api/fields').length === 1)
    const { items } = bodies('PUT /api/fields')[0] as { items: { key: string; inPopup: boolean }[] }
    expect(items.map((each) => each.key)).to.deep.equal([
      'name',
      'email',
      'tier',
      'company',
      'phones',
      'note',
    ])
    expect(items[1]!.inPopup).to.equal(false)
  })

  it('ADMIN-5 the arrow that is of no use any more gives the focus to the other one', async () => {
    await open('fields')
    const up = await button('Move E-mail address up')
    up.focus()
    up.click()
    await waitUntil(() => names()[0] === 'E-mail address')
    const root = settings.shadowRoot?.querySelector('ringside-settings-fields')?.shadowRoot
    await waitUntil(() => plainLabel(root?.activeElement ?? up) === 'Move E-mail address down')
  })

  it('ADMIN-5 a new one gets a key by its name, and errors stand where they are', async () => {
    const refused = new ApiError(400, {
      errors: [{ path: 'items.6.options', message: 'is missing, a choice needs options' }],
    })
    await open('fields', peopleWorld({ 'PUT /api/fields': refused }))
    ;(await button('Add a field')).click()
    await fill('items.6.label', 'Customer since')
    expect((await one<HTMLInputElement>('[name="items.6.key"]')).value).to.equal('customerSince')
    await choose('items.6.type', 'choice')
    ;(await button('Save')).click()
    const area = await one<HTMLTextAreaElement>('[name="items.6.options"][aria-invalid=true]')
    await waitUntil(() => all('.bar .error').length === 1)
    expect(textOf(all('.bar .error')[0]!)).to.contain('look at the fields marked in red')
    expect(area.getAttribute('aria-describedby')).to.contain('error')
    expect(names()).to.contain('Customer since')
  })
})

describe('the import of users', () => {
  afterEach(() => settings.remove())
  const STATE = { lines: 2, created: 1, updated: 0, unchanged: 0, failed: 1 }

  it('USER-5 sends the file as it is, follows it, and reports the bad lines', async () => {
    let asked = 0
    const errors = [{ line: 3, reason: 'has 1 values, the header has 2' }]
    await open(
      'users',
      peopleWorld({
        'POST /api/users/import': { id: 'i9' },
        'GET /api/users/imports/i9': () => {
          asked += 1
          return asked === 1
            ? { ...STATE, state: 'running', lines: 1, failed: 0, errors: [] }
            : { ...STATE, state: 'done', errors }
        },
      }),
    )
    const field = await one<HTMLInputElement>('input[type=file]')
    const choice = new DataTransfer()
    choice.items.add(new File(['externalId,name\r\n1,Anna\r\n2\r\n'], 'u.csv'))
    field.files = choice.files
    field.dispatchEvent(new Event('change'))
    await waitUntil(() => settings.page === 'users/i9/2')
    const bar = await one<HTMLProgressElement>('progress')
    expect([bar.value, bar.max]).to.deep.equal([1, 2])
    await waitUntil(() => textOf(settings).includes('Done.'))
    await waitUntil(() => all('tbody tr').length === 1)
    expect(textOf(all('tbody tr')[0]!)).to.contain('has 1 values')
    const sent = server.requests.find(({ line }) => line === 'POST /api/users/import')
    expect(sent?.init.headers?.['content-type']).to.equal('text/csv')
  })

  it('USER-5 a file of another kind is refused before anything is sent; a forgotten import says so', async () => {
    await open('users/lost/100', peopleWorld())
    await waitUntil(() => textOf(settings).includes('Nothing is known of this import'))
    ;(await button('Import another file')).click()
    const field = await one<HTMLInputElement>('input[type=file]')
    const choice = new DataTransfer()
    choice.items.add(new File(['x'], 'users.xlsx'))
    field.files = choice.files
    field.dispatchEvent(new Event('change'))
    await waitUntil(() => textOf(settings).includes('is neither .csv nor .ndjson'))
    expect(lines()).not.to.include('POST /api/users/import')
  })
})

describe('the general settings', () => {
  afterEach(() => settings.remove())

  it('ADMIN-6 send only what was changed, midnight as 24:00', async () => {
    await open(
      'general',
      peopleWorld({ 'PATCH /api/settings': { ...SETTINGS, wrapUpSeconds: 45 } }),
    )
    await fill('wrapUpSeconds', '45')
    const until = await one<HTMLInputElement>('[aria-label$="Friday\u2069, to"]')
    type(until, '00:00')
    ;(await button('Remove Dec 25, 2026')).click()
    ;(await button('Save')).click()
    await waitUntil(() => bodies('PATCH /api/settings').length === 1)
    const sent = bodies('PATCH /api/settings')[0] as typeof SETTINGS
    expect(Object.keys(sent).sort()).to.deep.equal(['workingHours', 'wrapUpSeconds'])
    expect(sent.workingHours.days.at(-1)).to.deep.equal({ weekday: 5, from: '09:00', to: '24:00' })
    expect(sent.workingHours.holidays).to.deep.equal(['2026-01-01', '2026-05-01'])
    await waitUntil(() => textOf(settings).includes('Saved.'))
  })
})
