import { expect } from '@open-wc/testing'
import { ApiError } from '../../widget/client/api.ts'
import { SettingsGoEvent } from '../../widget/settings/page.ts'
import type { RingsideSettings } from '../../widget/settings/ringside-settings.ts'
import '../../widget/settings/ringside-settings.ts'
import type { RingsideChecklist } from '../../widget/settings/connections/checklist.ts'
import { callView, type FakeServer, fakeServer, type World } from './fake-server.ts'
import { all as allIn, textOf, type } from './page.ts'
import {
  AMI,
  ARI,
  after,
  away,
  BAD,
  CHECKLIST,
  connectionView,
  LOG,
  linked,
  settingsWorld,
  silent,
} from './settings-world.ts'
import { waitUntil } from './wait-until.ts'

let settings: RingsideSettings
let server: FakeServer

async function open(page: string, world: World): Promise<void> {
  server = fakeServer(world)
  settings = document.createElement('ringside-settings')
  settings.client = server.client
  settings.page = page
  document.body.append(settings)
  server.client.start()
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
      (each) => textOf(each).startsWith(label) || each.ariaLabel?.startsWith(label),
    )
  await waitUntil(() => match() !== undefined, `no button ${label}`)
  return match()!
}
async function text(selector: string, part: string): Promise<void> {
  await waitUntil(
    () => all(selector).some((each) => textOf(each).includes(part)),
    `no "${part}" in ${selector}`,
  )
}
async function fill(name: string, value: string): Promise<HTMLInputElement> {
  const field = await one<HTMLInputElement>(`[name="${name}"]`)
  type(field, value)
  return field
}
async function choose(selector: string, value: string): Promise<void> {
  const select = await one<HTMLSelectElement>(selector)
  select.value = value
  select.dispatchEvent(new Event('change', { bubbles: true }))
}
const bodies = (line: string) =>
  server.requests.filter((each) => each.line === line).map(({ init }) => init.body)
const lines = () => server.requests.map(({ line }) => line)
const settled = () => settings.updateComplete.then(() => new Promise((done) => setTimeout(done)))

describe('the settings of connections', () => {
  afterEach(() => settings.remove())

  it('ADMIN-1 the list says of each way how it is, what is wrong, and where that is put right', async () => {
    await open('connections', settingsWorld([linked, away, silent]))
    await text('[data-connection=pbx] .state', 'connected, Asterisk 22.5.0')
    await text('[data-connection=pbx-2] .state', 'was refused')
    const troubles = all('[data-connection=pbx-2] .troubles li').map(textOf)
    expect(troubles[0]).to.contain('there is no connection')
    expect(troubles[1]).to.contain('No phone is assigned')
    expect(troubles[2]).to.contain('1 hr behind')
    expect(all('[data-connection=pbx] .troubles li')).to.have.length(0)
    await text('[data-connection=pbx-3] .troubles li', 'Nothing has come')
    ;(await button('Find out why')).click()
    await one('ringside-connection-link')
    expect(settings.page).to.equal('connections/pbx-2/link')
  })

  it('ADMIN-1 a new PBX: errors stand at their fields, nothing is lost, and the next step comes by itself', async () => {
    const made = connectionView({ id: 'new-pbx', name: 'Head office' })
    let isRefused = true
    await open('connections', {
      ...settingsWorld([made]),
      answers: {
        ...settingsWorld([made]).answers,
        'GET /api/connections': { items: [], next: null },
        'POST /api/connections': () => {
          if (!isRefused) return made
          throw new ApiError(400, { errors: [{ path: 'country', message: 'is "", expected one' }] })
        },
      },
    })
    ;(await button('Connect a PBX')).click()
    await fill('name', 'Head office')
    ;(await button('Save and continue')).click()
    await text('.bad', 'expected one')
    const country = await one<HTMLSelectElement>('[name=country]')
    expect(country.getAttribute('aria-invalid')).to.equal('true')
    expect((await one<HTMLInputElement>('[name=name]')).value).to.equal('Head office')
    isRefused = false
    await choose('[name=country]', 'BY')
    await choose('[name=timeZone]', 'Europe/Minsk')
    ;(await button('Save and continue')).click()
    await one('ringside-connection-link')
    const last = bodies('POST /api/connections').at(-1) as Record<string, unknown>
    expect([last.name, last.country, last.timeZone]).to.deep.equal([
      'Head office',
      'BY',
      'Europe/Minsk',
    ])
    expect(settings.page).to.equal('connections/new-pbx/link')
  })

  it('ADMIN-2 the test runs by itself when all of ARI is there, and the phones of the PBX appear', async () => {
    await open('connections/pbx/link', settingsWorld([connectionView()]))
    ;(await one('[name=use-ari]')).click()
    await fill('ari.url', 'pbx.example.com:8089')
    const password = await fill('ari.password', '')
    password.dispatchEvent(new Event('change', { bubbles: true }))
    await settled()
    expect(lines()).not.to.include('POST /api/connections/test')
    type(password, 'secret')
    await settled()
    password.dispatchEvent(new Event('change', { bubbles: true }))
    await text('.found.ok', 'Asterisk 22.5.0')
    expect(all('.phones li').map((each) => textOf(each))).to.deep.equal([
      '101 online',
      '102 offline',
      'boris online',
      'trunk-provider state not known',
    ])
    const [body] = bodies('POST /api/connections/test') as [Record<string, unknown>]
    expect(body).to.deep.equal({
      ari: { ...ARI, url: 'pbx.example.com:8089', password: 'secret' },
      connectionId: 'pbx',
    })
    await text('[data-test=ari] [role=status]', 'The PBX has 4 phones')
    ;(await button('Save')).click()
    await waitUntil(() => bodies('PATCH /api/connections/pbx').length === 1)
    expect(Object.keys(bodies('PATCH /api/connections/pbx')[0] as object)).to.deep.equal(['ari'])
  })

  it('ADMIN-1 a test that fails says which of the causes it is and what to do; it is said aloud', async () => {
    await open(
      'connections/pbx-2/link',
      settingsWorld([away], { 'POST /api/connections/test': { ami: BAD } }),
    )
    // What is down is tried at once, by the stored secret.
    await text('.found.bad', 'refused the user name or the password')
    await text('.found.bad', 'What to do: Check the user name')
    await text('[data-test=ami] [role=status]', 'It does not work.')
    expect(bodies('POST /api/connections/test')).to.deep.equal([
      { ami: AMI, connectionId: 'pbx-2' },
    ])
    // What it found is of what was typed then.
    await fill('ami.port', '5039')
    await waitUntil(() => all('.found').length === 0)
  })

  it('SAFE-5 another host asks for the password again, and nothing is tried without it', async () => {
    await open('connections/pbx/link', settingsWorld([linked]))
    const url = await fill('ari.url', 'https://other.example.com')
    await text('.hint', 'write it again')
    url.dispatchEvent(new Event('change', { bubbles: true }))
    await settled()
    expect((await one<HTMLButtonElement>('[data-test=ari] .try')).disabled).to.equal(true)
    expect(lines()).not.to.include('POST /api/connections/test')
    await fill('ari.url', ARI.url)
    await text('.hint', 'One is stored')
  })

  it('ADMIN-1 what is typed stays while one looks elsewhere, and leaving the page asks', async () => {
    await open('connections/pbx/link', settingsWorld([linked, away]))
    await fill('ari.url', 'https://other.example.com')
    settings.page = 'connections'
    await text('[data-connection=pbx]', 'Not saved')
    expect(settings.shown?.hasUnsaved).to.equal(true)
    settings.page = 'connections/pbx/link'
    const url = await one<HTMLInputElement>('[name="ari.url"]')
    expect(url.value).to.equal('https://other.example.com')
    settings.shown?.dispatchEvent(new SettingsGoEvent('keys', false))
    await one('ringside-settings-confirm')
  })

  it('AMI-5 the element of another integration is pasted as it is; what is wrong with it is said there', async () => {
    let isRefused = true
    await open(
      'connections/pbx/link',
      settingsWorld([connectionView()], {
        'PATCH /api/connections/pbx': () => {
          if (!isRefused) return { ...connectionView(), ami: AMI }
          const message = 'cannot be read at character 8 of its attributes, expected name="value"'
          throw new ApiError(400, { errors: [{ path: 'options', message }] })
        },
      }),
    )
    const element = '<asterisk url="pbx.example.com" userName="ringside" secret="x" />'
    await fill('options', element)
    ;(await button('Take over')).click()
    await text('.bad', 'at character 8')
    expect((await one<HTMLTextAreaElement>('[name=options]')).value).to.equal(element)
    isRefused = false
    ;(await button('Take over')).click()
    await waitUntil(() => all<HTMLInputElement>('[name="ami.host"]')[0]?.value === AMI.host)
    expect(bodies('PATCH /api/connections/pbx')).to.deep.equal([
      { options: element },
      { options: element },
    ])
  })

  it('ADMIN-2 phones are given to agents, by suggestion and by hand, and saved as one list', async () => {
    await open(
      'connections/pbx/extensions',
      settingsWorld([linked], {
        'PUT /api/connections/pbx/extensions': (init: { body: object }) => init.body,
      }),
    )
    await text('tbody th', 'boris')
    ;(await button('Take 1 suggestion')).click()
    await choose('select[aria-label="Agent: 102"]', 'chiara')
    type(await one<HTMLInputElement>('#add'), '10 9')
    ;(await button('Add')).click()
    await text('#add-bad', 'without spaces')
    type(await one<HTMLInputElement>('#add'), '109')
    ;(await button('Add')).click()
    await text('tbody th', '109')
    ;(await button('Save')).click()
    await text('.bar', 'Saved.')
    expect(bodies('PUT /api/connections/pbx/extensions')).to.deep.equal([
      {
        items: [
          { extension: '101', agentId: 'agent-1', canAnswer: true },
          { extension: '102', agentId: 'chiara', canAnswer: false },
          { extension: '109', agentId: null, canAnswer: false },
          { extension: 'boris', agentId: 'boris', canAnswer: false },
        ],
      },
    ])
  })

  it('ADMIN-2 a PBX that is not reached: why, and how to open it; phones are added by hand', async () => {
    await open('connections/pbx-2/extensions', settingsWorld([away]))
    await text('.note', 'cannot be reached from here')
    await text('.note', 'was refused')
    await text('.note', 'manager.conf')
    await text('.note', 'firewall')
    expect(lines().some((line) => line.includes('/endpoints'))).to.equal(false)
    expect(await one('#add')).to.exist
  })

  it('ADMIN-3 the webhook address is renewed after a question, and the old one’s last hour is said', async () => {
    await open(
      'connections/pbx-3/dialplan',
      settingsWorld([silent], {
        'POST /api/connections/pbx-3/rotate-token': {
          webhookToken: 'new',
          webhookUrl: 'https://calls.example.com/webhooks/asterisk/new',
          oldWorksUntil: '2026-03-03T10:15:00.000Z',
        },
      }),
    )
    await text('.note.warn', 'works only on the machine')
    await text('pre', '[ringside-notify]')
    ;(await button('New address')).click()
    ;(await one<HTMLButtonElement>('ringside-settings-confirm .danger')).click()
    await text('[role=status]', 'The old address works until')
    const url = await one<HTMLInputElement>('.copy-line input')
    expect(url.value).to.equal('https://calls.example.com/webhooks/asterisk/new')
    await choose('[name=flavour]', 'macro')
    await choose('[name=system]', 'freepbx')
    await choose('[name=encoding]', 'raw')
    await waitUntil(() =>
      lines().includes(
        'GET /api/connections/pbx-3/dialplan?flavour=macro&encoding=raw&system=freepbx',
      ),
    )
  })

  it('ADMIN-3 the checklist ticks by itself and says so, and says what to do about the rest', async () => {
    let items = CHECKLIST
    await open(
      'connections/pbx/check',
      settingsWorld([connectionView()], {
        'GET /api/connections/pbx/checklist': () => ({ items }),
      }),
    )
    await text('.flow', 'What to do: No recording has come.')
    expect(all('.flow.done')).to.have.length(1)
    const checklist = await one<RingsideChecklist>('ringside-checklist')
    items = after('record')
    checklist.refresh()
    await waitUntil(() => all('.flow.done').length === 2)
    await text(
      'ringside-checklist [role=status]',
      'Recording: Recording uploaded has come. Complete.',
    )
    items = [...CHECKLIST].flatMap((item) => ({ ...item, done: true }))
    checklist.refresh()
    await text('ringside-checklist', 'Everything has come')
  })

  it('ADMIN-3 the first call shows by itself, with who gets the pop-up, or that the phone is nobody’s', async () => {
    await open('connections/pbx/check', settingsWorld([connectionView()]))
    await text('ringside-last-call', 'Call a number of this PBX from your mobile now.')
    server.push('call', callView({ connectionId: 'another' }))
    server.push('call', callView({ id: 'call-2' }))
    await text('ringside-last-call .note.ok', 'The pop-up comes to Anna Petrova')
    const [leg] = callView().legs
    server.push(
      'call',
      callView({
        id: 'call-3',
        startedAt: '2026-03-02T10:16:00.000Z',
        legs: [{ ...leg!, extension: '199', agentId: null }],
      }),
    )
    await text('ringside-last-call .note.warn', 'assigned to nobody')
  })

  it('ADMIN-4 the log says what to do about each line, and is narrowed down by kind and text', async () => {
    await open('connections/pbx/log', settingsWorld([connectionView()]))
    await text('.log li', LOG[0]!.reason)
    await text('.log li', `What to do: ${LOG[0]!.hint}`)
    await choose('select[aria-label=Kind]', 'unmatched')
    type(await one<HTMLInputElement>('.filters input'), 'nobody & co')
    await waitUntil(() =>
      lines().includes('GET /api/connections/pbx/log?limit=50&kind=unmatched&q=nobody+%26+co'),
    )
  })

  it('SAFE-1 what comes from the PBX is text, wherever it shows', async () => {
    const evil = '<img src=x onerror="globalThis.ran=1">\u202Egnp'
    await open(
      'connections/pbx/log',
      settingsWorld([connectionView({ name: evil })], {
        'GET /api/connections/pbx/log': {
          items: [{ ...LOG[0], reason: evil, source: evil, fields: { [evil]: evil } }],
          next: null,
        },
      }),
    )
    await text('.log li', '<img src=x')
    expect(all('img')).to.have.length(0)
    expect(all('.log li').map(textOf).join()).not.to.contain('\u202E')
    expect('ran' in globalThis).to.equal(false)
  })
})
