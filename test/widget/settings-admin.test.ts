import { expect } from '@open-wc/testing'
import { toCsv } from '../../server/http/csv.ts'
import { ApiError } from '../../widget/client/api.ts'
import type { RingsideSettings } from '../../widget/settings/ringside-settings.ts'
import '../../widget/settings/ringside-settings.ts'
import { at, type FakeServer, fakeServer, ME } from './fake-server.ts'
import { all as allIn, key, textOf, type } from './page.ts'
import { AUDIT, asAdmin, delivery, HOOK, list } from './scenes/settings-admin.ts'
import { waitUntil } from './wait-until.ts'

let settings: RingsideSettings
let server: FakeServer

const all = <T extends Element = HTMLElement>(selector: string): T[] =>
  allIn<T>(selector, settings.shadowRoot!)
const texts = (selector: string) => all(selector).map(textOf)
/** The rows of the table, cell by cell. */
const rows = () =>
  all('tbody tr').map((row) => [...row.children].map((cell) => textOf(cell)).join(' | '))
const sent = (line: string) => server.requests.filter((one) => one.line === line)

async function show(page: string, answers: object = {}): Promise<void> {
  server = fakeServer(asAdmin(page, answers))
  settings = document.createElement('ringside-settings')
  settings.client = server.client
  settings.page = page
  document.body.append(settings)
  server.client.start()
  await waitUntil(() => all('table, form, .note, dl, .empty').length > 0, 'no page')
  await settings.updateComplete
}

async function one<T extends Element = HTMLElement>(selector: string): Promise<T> {
  await waitUntil(() => all(selector).length > 0, `no ${selector}`)
  return all<T>(selector)[0]!
}

/** The last one with that label: what is asked over the page comes last. */
async function press(label: string): Promise<void> {
  const match = () => all<HTMLButtonElement>('button').findLast((each) => textOf(each) === label)
  await waitUntil(() => match() !== undefined, `no button ${label}`)
  match()!.click()
  await settings.updateComplete
}

describe('settings: webhooks, keys, audit log, privacy', () => {
  afterEach(() => settings.remove())

  it('ADMIN-6 who is no admin sees one plain sentence, and nothing is asked', async () => {
    server = fakeServer({ ...asAdmin('audit'), me: ME })
    settings = document.createElement('ringside-settings')
    settings.client = server.client
    settings.page = 'audit'
    document.body.append(settings)
    server.client.start()
    await waitUntil(() => textOf(settings).includes('Settings are for admins.'))
    expect(server.requests.filter(({ line }) => line.includes('/api/audit'))).to.deep.equal([])
  })

  it('ADMIN-7 how a webhook is stands in its row: works, tried again, failing, paused, each with the reason', async () => {
    await show('hooks')
    await one('tbody tr')
    const found = rows()
    expect(found[0]).to.contain('Works')
    expect(found[1]).to.match(/Being tried again Last tried .*: answered 503 · 7 wait/)
    expect(found[2]).to.match(/Failing Failing since .*: no answer within 15 seconds/)
    expect(found[3]).to.match(/Paused Since .*: the receiver answered 410 Gone/)
  })

  it('ADMIN-7 no event chosen is said before anything is sent; all of them is the default', async () => {
    await show('hooks', { 'GET /api/hooks': list([]) })
    type(await one<HTMLInputElement>('input[name=url]'), 'helpdesk.example/in')
    all<HTMLInputElement>('input[name=which]')[1]!.click()
    await one('input[name=event]')
    for (const box of all<HTMLInputElement>('input[name=event]')) {
      box.click()
      await settings.updateComplete
    }
    await press('Add an address')
    await waitUntil(() => texts('.bad').join().includes('Choose at least one event.'))
    expect(sent('POST /api/hooks')).to.have.length(0)
    all<HTMLInputElement>('input[name=which]')[0]!.click()
    await press('Add an address')
    await waitUntil(() => sent('POST /api/hooks').length === 1)
    expect(sent('POST /api/hooks')[0]?.init.body).to.deep.equal({ url: 'helpdesk.example/in' })
    expect((await one<HTMLInputElement>('#hook-secret')).value).to.match(/^whsec_/)
    await press('I have copied it')
    await waitUntil(() => all('#hook-secret').length === 0)
  })

  it('ADMIN-6 the delivery log fills while somebody looks, and only what is over or failed is sent again', async () => {
    let items = [
      delivery('d1', 'call.ended', { state: 'pending', attempts: 0, status: null, reason: null }),
    ]
    await show('hooks/hook-1', { 'GET /api/hooks/hook-1/deliveries': () => list(items) })
    await one('tbody tr')
    expect(rows()[0]).to.contain('On its way')
    expect(texts('tbody button')).to.deep.equal([])
    items = [
      delivery('d2', 'ping'),
      delivery('d1', 'call.ended', {
        state: 'pending',
        attempts: 2,
        status: 500,
        reason: 'answered 500',
        nextAt: at(-9),
      }),
    ]
    await waitUntil(() => all('tbody tr').length === 2, 'not live', { timeout: 6000 })
    expect(rows()[1]).to.match(/Next try .* 2 attempts \| answered 500/)
    expect(texts('tbody button')).to.deep.equal(['Send again', 'Try now'])
    await press('Try now')
    await waitUntil(() => sent('POST /api/hooks/hook-1/deliveries/d1/resend').length === 1)
  })

  it('ADMIN-6 what cannot be undone is asked first, and Escape leaves it be', async () => {
    await show('hooks/hook-1', {
      'DELETE /api/hooks/hook-1': () => new Response(null, { status: 204 }),
    })
    await press('Delete…')
    const dialog = await one<HTMLDialogElement>('dialog')
    expect(textOf(dialog)).to.contain(HOOK.url)
    dialog.dispatchEvent(new Event('cancel', { cancelable: true }))
    await waitUntil(() => all('dialog').length === 0)
    expect(sent('DELETE /api/hooks/hook-1')).to.have.length(0)
    await press('Delete…')
    await one('dialog')
    await press('Delete')
    await waitUntil(() => sent('DELETE /api/hooks/hook-1').length === 1)
    await waitUntil(() => settings.page === 'hooks')
  })

  it('EMBED-7 the embed secret is not in the page before somebody asks, nor after it is hidden', async () => {
    await show('keys')
    await one('.languages')
    expect(all('#embed-secret')).to.deep.equal([])
    expect(sent('POST /api/settings/embed-secret/reveal')).to.have.length(0)
    await press('Show the secret')
    const field = await one<HTMLInputElement>('#embed-secret')
    expect(field.value).to.match(/^jX8n/)
    await press('Hide the secret')
    await waitUntil(() => all('#embed-secret').length === 0)
  })

  it('EMBED-7 a secret of the environment has no button for another one, and says where to change it', async () => {
    const answer = {
      origin: 'environment',
      madeAt: null,
      replaced: [],
      serverUrl: 'https://x.example',
    }
    await show('keys', { 'GET /api/settings/embed-secret': answer })
    await waitUntil(() =>
      texts('p').join().includes('variable EMBED_SECRET of the telephony server'),
    )
    expect(texts('button')).to.not.include('Make a new secret…')
    expect(texts('.hint').join()).to.contain(
      'the server believes that its address is https://x.example',
    )
  })

  it('ADMIN-6 of a key one sees what it may, who made it, when it was used; a new one is shown once', async () => {
    await show('keys')
    await waitUntil(() => all('tbody tr').length === 2)
    expect(rows()[0]).to.match(/^CRM import, nightly \| ReadUsers \| Anna Petrova .* \| Revoke…$/)
    expect(rows()[1]).to.match(
      /^Set-up script \| Everything \| Another program .* \| Never \| Revoke…$/,
    )
    type(await one<HTMLInputElement>('input[name=name]'), ' Wall board ')
    await press('Make the key')
    expect((await one<HTMLInputElement>('#new-key')).value).to.match(/^rsk_/)
    expect(sent('POST /api/keys')[0]?.init.body).to.deep.equal({
      name: 'Wall board',
      scopes: ['read'],
    })
  })

  it('ADMIN-6 the audit log speaks plainly, of later versions by name, and asks as it is filtered', async () => {
    await show('audit')
    await waitUntil(() => texts('tbody').join().includes('Anna Petrova'))
    const found = rows()
    expect(found).to.have.length(AUDIT.length)
    expect(found[0]).to.match(/^Erased a person Fields: userId \| Anna Petrova \| .* \| Done/)
    expect(found[3]).to.contain('Fields: retention.recordingsDays |')
    expect(found[6]).to.match(/Changed an agent: Chiara Rossi .* Refused/)
    expect(found[8]).to.contain('A revoked API key')
    expect(found[9]).to.match(/^POST \/api\/something\/new \| agent-9/)
    const what = all<HTMLSelectElement>('select[name=what]')[0]!
    what.value = '/api/erase'
    what.dispatchEvent(new Event('change'))
    type(all<HTMLInputElement>('input[name=to]')[0]!, '2026-03-02')
    const asked = () => new URLSearchParams(server.requests.at(-1)?.line.split('?')[1])
    await waitUntil(() => asked().get('to') !== null)
    expect(asked().get('action')).to.equal('/api/erase')
    expect(new Date(asked().get('to')!)).to.deep.equal(new Date(2026, 2, 3))
  })

  it('ADMIN-6 a page of entries that comes for an old filter is not mixed into the new one', async () => {
    let release: (value: unknown) => void = () => undefined
    const answer = (_init: unknown, path: string) => {
      if (path.includes('cursor'))
        return new Promise((resolve) => {
          release = resolve
        })
      return path.includes('action') ? list([AUDIT[1]]) : list([AUDIT[0]], 'more')
    }
    await show('audit', { 'GET /api/audit': answer })
    await press('Earlier entries')
    const what = all<HTMLSelectElement>('select[name=what]')[0]!
    what.value = '/api/hooks'
    what.dispatchEvent(new Event('change'))
    await waitUntil(() => texts('tbody tr').join().includes('Added a webhook'))
    release(list([AUDIT[2]]))
    await new Promise((resolve) => setTimeout(resolve))
    await settings.updateComplete
    expect(texts('tbody tr')).to.have.length(1)
  })

  it('ADMIN-6 no cell of the file is a formula, whatever agents are called', () => {
    const hostile = [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      ' =1',
      '\n@x',
      '＝1',
      '|calc',
      '"=1"',
      '\u22121',
      '\u200b=1',
      'a,b\r\nc',
      'Anna',
    ]
    const text = toCsv([hostile])
    expect(text.startsWith('\ufeff')).to.equal(true)
    // Read back by the rules of RFC 4180.
    const cells = [...text.slice(1).matchAll(/"((?:[^"]|"")*)"(?:,|\r\n$)/g)].map(([, cell = '']) =>
      cell.replaceAll('""', '"'),
    )
    expect(cells).to.have.length(hostile.length)
    for (const [index, cell] of cells.entries()) {
      expect(cell.replaceAll("'", ''), cell).to.equal(hostile[index])
      expect(cell).to.not.match(/^[\s\p{Cc}\p{Cf}"]*[=+\-@|＝\u2212]/u)
    }
    expect(cells.slice(-3)).to.deep.equal(["'\u200b=1", 'a,b\r\nc', 'Anna'])
  })

  it('SAFE-9 a person is erased only after the name was typed, and the page then shows how far it is', async () => {
    await show('privacy')
    type(await one<HTMLInputElement>('input[type=search]'), 'Sokol')
    await press('Search')
    ;(await one<HTMLInputElement>('input[type=radio]')).click()
    await press('Erase…')
    const word = await one<HTMLInputElement>('dialog input')
    const yes = () => all<HTMLButtonElement>('dialog .danger')[0]!
    expect(yes().disabled).to.equal(true)
    key(word, 'Enter')
    word.form?.requestSubmit()
    expect(sent('POST /api/erase')).to.have.length(0)
    type(word, 'Maria Sokolova')
    await waitUntil(() => !yes().disabled)
    yes().click()
    await waitUntil(() => sent('POST /api/erase').length === 1)
    expect(sent('POST /api/erase')[0]?.init.body).to.deep.equal({ userId: 'user-1' })
    await waitUntil(() => settings.page === 'privacy/erase-1')
    await one('progress')
  })

  it('SAFE-9 a number can be erased whoever has it; a name that nobody has cannot', async () => {
    await show('privacy', { 'GET /api/users': list([]) })
    const field = await one<HTMLInputElement>('input[type=search]')
    type(field, 'Nobody')
    await press('Search')
    await waitUntil(() => texts('[role=status]').join().includes('No user was found.'))
    expect(all('input[type=radio]')).to.deep.equal([])
    type(field, '8 (029) 170-16-99')
    await press('Search')
    ;(await one<HTMLInputElement>('input[type=radio]')).click()
    await press('Erase…')
    type(await one<HTMLInputElement>('dialog input'), '8 (029) 170-16-99')
    await waitUntil(() => !all<HTMLButtonElement>('dialog .danger')[0]!.disabled)
    all<HTMLButtonElement>('dialog .danger')[0]!.click()
    await waitUntil(() => sent('POST /api/erase').length === 1)
    expect(sent('POST /api/erase')[0]?.init.body).to.deep.equal({ phone: '8 (029) 170-16-99' })
  })

  it('SAFE-9 to keep things for longer asks nothing, for a shorter time it does', async () => {
    await show('privacy', { 'PATCH /api/settings': new ApiError(503, {}) })
    const days = await one<HTMLInputElement>('input[name="retention.recordingsDays"]')
    type(days, '10')
    await press('Save')
    await one('dialog')
    await press('Cancel')
    expect(sent('PATCH /api/settings')).to.have.length(0)
    type(days, '365')
    await press('Save')
    await waitUntil(() => sent('PATCH /api/settings').length === 1)
    expect(sent('PATCH /api/settings')[0]?.init.body).to.deep.equal({
      retention: { recordingsDays: 365, eventsDays: 30 },
    })
    await waitUntil(() => texts('[role=alert]').join().includes('has a problem'))
    expect(days.value, 'what was typed stays').to.equal('365')
  })
})
